package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fashionlatent/lib/backend/backendtest"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/dataset/idxtest"
)

// asProgram is the environment variable with which the test's program is the program itself.
const asProgram = "FASHIONLATENT_OURS"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// checkGPU runs bench/gpu.py with a program and returns its page, what it said, and whether it passed.
func checkGPU(t *testing.T, program string, flags ...string) (page, said string, passed bool) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "gpu.md")
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 here")
	}
	if _, err := os.ReadFile("../gpu.py"); err != nil { // so that Go does not take the result from its cache after it has changed
		t.Fatal(err)
	}
	folder := idxtest.Folder(t, dataset.FileNames, nil)
	c := exec.Command(python, append([]string{"../gpu.py", "--program", program, "--data", folder, "--epochs", "2", "--out", out}, flags...)...)
	c.Env = append(os.Environ(), asProgram+"=1")
	output, err := c.CombinedOutput()
	content, _ := os.ReadFile(out)
	return string(content), string(output), err == nil
}

// The check of a GPU, with XLA on the processor in the place of the GPU.
func TestCheckGPU(t *testing.T) {
	backendtest.XLA(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	page, said, passed := checkGPU(t, self, "--backend", "xla:cpu", "--reference", "go", "--images", "30", "--batches", "15")
	if !passed {
		t.Fatal(said)
	}
	for _, want := range []string{
		"No GPU: this page is of a processor", "backend xla:cpu", "**The check passed.**", "with backend go",
		"| ae | 15 |", "| vae | 15 |", "| this project |",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q:\n%s", want, page)
		}
	}
}

// Planted programs: one that computes the same everywhere, and others with a fault.
func TestCheckGPUFails(t *testing.T) {
	for _, c := range []struct {
		name, loss, weights string // of the program, in the shell
		passed              bool
		page, said          string
	}{
		{"agrees", "$([ $GOMLX_BACKEND = go ] && echo 260 || echo 260.9)", "ab", true, "| vae | 4,096 | 260.9000 | 260.0000 | +0.9000 | yes | ab |", "passed"},
		{"other loss", "$([ $GOMLX_BACKEND = go ] && echo 260 || echo 261.5)", "ab", false,
			"vae, batches of 128: the loss 261.500 is 1.500 nats from the 260.000 on the processor, more than 1", "FAILED"},
		{"not a number", "$([ $GOMLX_BACKEND = go ] && echo 260 || echo NaN)", "ab", false, "the loss nan is nan nats from the 260.000", "FAILED"},
		{"other bits", "260", "$$", false, "ae, batches of 128: repeats gave other bits", "FAILED"},
		{"no plugin", "$(echo 'the plugin was not found' >&2; kill $$)", "ab", false, "", "make setup PLUGIN=gomlx"},
	} {
		t.Run(c.name, func(t *testing.T) {
			program := filepath.Join(t.TempDir(), "program")
			script := fmt.Sprintf("#!/bin/sh\necho '{\"epoch\": 1}'\necho \"{\\\"seconds\\\": [1, 1], \\\"loss\\\": %s, \\\"weights\\\": \\\"%s\\\", \\\"version\\\": \\\"backend $GOMLX_BACKEND\\\"}\"\n",
				c.loss, c.weights)
			if err := os.WriteFile(program, []byte(script), 0o755); err != nil {
				t.Fatal(err)
			}
			page, said, passed := checkGPU(t, program, "--backend", "xla:cuda", "--reference", "go")
			if passed != c.passed || !strings.Contains(page, c.page) || c.page == "" && page != "" || !strings.Contains(said, c.said) {
				t.Errorf("passed %v, want %v; want a page with %q and a message with %q, got\n%s\n%s", passed, c.passed, c.page, c.said, page, said)
			}
		})
	}
}

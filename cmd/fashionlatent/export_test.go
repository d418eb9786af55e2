package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fashionlatent/lib/fashion/fashiontest"
)

// tinyRun trains a VAE on the tiny data set. It returns the flags -results and -run.
func tinyRun(t *testing.T, more ...string) (flags []string) {
	t.Helper()
	results := t.TempDir()
	args := append([]string{"train", "-results", results, "-data", fashiontest.Folder(t), "-hidden", "16", "-batch", "20", "-epochs", "2"}, more...)
	status, folder, errOut := program(t, context.Background(), args...)
	if status != success {
		t.Fatal(errOut)
	}
	return []string{"-results", results, "-run", filepath.Base(strings.TrimSpace(folder))}
}

// must runs a command line that must succeed.
func must(t *testing.T, args ...string) (out string) {
	t.Helper()
	status, out, errOut := program(t, context.Background(), args...)
	if status != success {
		t.Fatalf("%q: status %d\n%s%s", args, status, out, errOut)
	}
	return out
}

// A run is exported in every format without its data set. By default the folder has the name of the run.
func TestExport(t *testing.T) {
	of := tinyRun(t)
	t.Chdir(t.TempDir())
	for _, c := range []struct{ format, want string }{
		{"onnx", "onnx/encoder.onnx onnx/decoder.onnx onnx/README.md"},
		{"safetensors", "safetensors/model.safetensors safetensors/README.md"},
		{"tensorboard", "tensorboard/train/events.out.tfevents."},
		{"gomlx", "gomlx/training_plot_points.json"},
	} {
		out := must(t, append([]string{"export", "-format", c.format, "-out", c.format}, of...)...)
		paths := strings.Fields(out)
		if !strings.HasPrefix(strings.Join(paths, " "), c.want) {
			t.Errorf("%s printed %q, want %q", c.format, paths, c.want)
		}
		for _, path := range paths {
			if _, err := os.Stat(path); err != nil {
				t.Error(err)
			}
		}
	}
	if out := must(t, append([]string{"export"}, of...)...); !strings.HasPrefix(out, filepath.Join(of[3], "encoder.onnx")+"\n") {
		t.Errorf("without -out it printed %s", out)
	}
	for _, c := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"export"}, wrongUse, "-run is missing"},
		{append([]string{"export", "-format", "keras"}, of...), wrongUse, `format is "keras", want one of onnx, safetensors`},
		{[]string{"export", "-results", of[1], "-run", "vae-0123456789ab"}, failure, "vae-0123456789ab"},
	} {
		if status, _, errOut := program(t, context.Background(), c.args...); status != c.status || !strings.Contains(errOut, c.says) {
			t.Errorf("%q: status %d, want %d and %q in %s", c.args, status, c.status, c.says, errOut)
		}
	}
}

// The programs of the documents read what the commands write. make test-exports runs this test, with a Python that has what
// they need in FASHIONLATENT_EXPORTS.
func TestExportsInPython(t *testing.T) {
	python := os.Getenv("FASHIONLATENT_EXPORTS")
	if python == "" {
		t.Skip("needs onnxruntime and others: make test-exports")
	}
	of, folder := tinyRun(t), t.TempDir()
	for _, c := range []struct{ command, words, before, after, prints string }{
		{"export -format onnx -out DIR", "encoder.onnx", "import numpy as np\nimages = np.zeros((3, 784), np.float32)\n", "print(codes.shape)", "(3, 2)\n"},
		{"export -format safetensors -out DIR", "model.safetensors", "", "print(weights['encoder/mean/weights'].shape)", "(16, 2)\n"},
		{"export -format tensorboard -out DIR", "EventAccumulator", "", "print([step for step, value in losses if value > 0])", "[3, 6]\n"},
	} {
		command := strings.ReplaceAll(c.command, "-out ", "-out "+folder+"/")
		must(t, append(strings.Fields(command), of...)...)
		code := strings.Replace(fromDocuments(t, "python", c.words), "safetensors.torch", "safetensors.numpy", 1) // this Python has no PyTorch
		cmd := exec.Command(python, "-c", c.before+code+c.after)
		cmd.Dir = folder
		if out, err := cmd.Output(); err != nil || string(out) != c.prints {
			t.Errorf("%s: %v\n%swant %s", c.command, err, out, c.prints)
		}
	}
}

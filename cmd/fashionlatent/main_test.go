package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fashionlatent/experiments"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/fashion/fashiontest"
)

// program runs a command line on the pure Go backend and returns its status and what it wrote.
func program(t *testing.T, ctx context.Context, args ...string) (status int, out, errOut string) {
	t.Helper()
	t.Setenv(backend.EnvVar, backend.Go)
	var o, e bytes.Buffer
	status = run(ctx, args, &o, &e)
	return status, o.String(), e.String()
}

func TestWrongUse(t *testing.T) {
	for _, c := range []struct {
		args   string
		status int
		says   string
	}{
		{"", wrongUse, "usage: fashionlatent COMMAND"},
		{"help", success, "experiment"},
		{"paint", wrongUse, `no command "paint"`},
		{"train -h", success, "example: fashionlatent train -model vae"},
		{"train -epochs many", wrongUse, `"many"`},
		{"train -model gan", wrongUse, `model is "gan", want "ae" or "vae"`},
		{"train -latent 0", wrongUse, "latent is 0"},
		{"train -hidden 512,wide", wrongUse, `"wide" is no number`},
		{"train -scale huge", wrongUse, `"huge"; it can be smoke, quick, full`},
		{"train -data /nowhere", failure, "/nowhere"},
		{"train -model ae -beta 2", wrongUse, "no KL term"},
		{"train now", wrongUse, `"now"`},
		{"embed", wrongUse, "-run is missing"},
		{"experiment surfing", wrongUse, `"surfing"`},
		{"experiment", success, "latent-size"},
		{"notebooks -scale huge", wrongUse, "huge"},
		{"backend", success, "go: GOMLX_BACKEND=go"},
	} {
		status, out, errOut := program(t, context.Background(), strings.Fields(c.args)...)
		if status != c.status || !strings.Contains(out+errOut, c.says) {
			t.Errorf("%q: status %d, want %d and %q in:\n%s%s", c.args, status, c.status, c.says, out, errOut)
		}
	}
}

// The way of a user with a data set of the same format: look, train, find, list, embed, sample.
func TestTrainAndUse(t *testing.T) {
	ctx := context.Background()
	results := t.TempDir()
	data := fashiontest.Folder(t)
	with := func(args ...string) []string { return append(args, "-results", results) }
	must := func(args ...string) (out, errOut string) {
		t.Helper()
		status, out, errOut := program(t, ctx, args...)
		if status != success {
			t.Fatalf("%q: status %d\n%s%s", args, status, out, errOut)
		}
		return out, errOut
	}
	if out, _ := must("data", "-data", data); !strings.Contains(out, "60 training and 20 test images") {
		t.Errorf("data printed %s", out)
	}
	if _, errOut := must("runs", "-results", results); !strings.Contains(errOut, "no runs") {
		t.Errorf("runs of an empty folder: %s", errOut)
	}
	arguments := with("train", "-data", data, "-hidden", "16", "-batch", "20", "-epochs", "3", "-flip", "-shift", "1")
	out, errOut := must(arguments...)
	folder := strings.TrimSpace(out)
	for _, name := range []string{"config.json", "history.csv", "measures.json", "manifest.json", "checkpoints"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Error(err)
		}
	}
	if !strings.Contains(errOut, "epoch 1 of 3") || !strings.Contains(errOut, "negative ELBO") {
		t.Errorf("training told:\n%s", errOut)
	}
	must(with("train", "-data", data, "-model", "ae", "-hidden", "", "-batch", "20", "-epochs", "1")...)
	if out, errOut := must(arguments...); strings.TrimSpace(out) != folder || !strings.Contains(errOut, "found") {
		t.Errorf("the same command again: %s%s", out, errOut)
	}
	if out, _ := must(with("runs")...); !strings.Contains(out, filepath.Base(folder)) || !strings.Contains(out, "finished") {
		t.Errorf("runs printed\n%s", out)
	}
	npz := filepath.Join(t.TempDir(), "codes.npz")
	must(with("embed", "-data", data, "-run", filepath.Base(folder), "-out", npz)...)
	for _, from := range experiments.Samplers {
		picture := filepath.Join(t.TempDir(), "samples.png")
		must(with("sample", "-data", data, "-run", folder, "-from", from, "-n", "12", "-out", picture)...)
		if content, err := os.ReadFile(picture); err != nil || !bytes.HasPrefix(content, []byte("\x89PNG")) {
			t.Errorf("samples from %s: %v", from, err)
		}
	}
	status, _, errOut := program(t, ctx, with("sample", "-data", data, "-run", folder, "-from", "dreams", "-out", npz)...)
	if status != failure || !strings.Contains(errOut, `"dreams"`) {
		t.Errorf("samples from dreams: status %d, %s", status, errOut)
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	status, _, errOut := program(t, ctx, "train", "-data", fashiontest.Folder(t), "-results", t.TempDir(), "-hidden", "8", "-batch", "20")
	if status != interrupted {
		t.Errorf("status %d, want %d: %s", status, interrupted, errOut)
	}
}

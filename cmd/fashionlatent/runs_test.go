package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"fashionlatent/lib/fashion/fashiontest"
	"fashionlatent/lib/record"
)

// A user lists runs, looks at one, compares two and removes them.
func TestRuns(t *testing.T) {
	results, data := t.TempDir(), fashiontest.Folder(t)
	do := func(want int, says string, args ...string) string {
		t.Helper()
		status, out, errOut := program(t, context.Background(), append(args, "-results", results)...)
		if status != want || !strings.Contains(out+errOut, says) {
			t.Fatalf("%q: status %d, want %d and %q in:\n%s%s", args, status, want, says, out, errOut)
		}
		return out
	}
	train := func(args ...string) string {
		t.Helper()
		out := do(success, "", append([]string{"train", "-data", data, "-hidden", "8", "-batch", "20", "-epochs", "2"}, args...)...)
		return filepath.Base(strings.TrimSpace(out))
	}
	ae := train("-model", "ae")
	vae := train("-model", "vae", "-flip")
	mse := train("-model", "ae", "-loss", "mse", "-seed", "1")
	started := train("-start", vae, "-seed", "2")

	list := do(success, "flip", "runs")
	for _, line := range strings.Split(list, "\n") {
		if utf8.RuneCountInString(line) > 80 {
			t.Errorf("a line has more than 80 characters: %s", line)
		}
	}
	if list = do(success, vae[:17], "runs", "-filter", "flip=true seed=0"); strings.Contains(list, ae[:16]) {
		t.Errorf("filtered by flip:\n%s", list)
	}
	do(success, "no run fits the filter", "runs", "-filter", "latent=99")
	do(success, "no run has state=done; the values of the runs are finished", "runs", "-filter", "state=done")

	var listed []map[string]any
	if err := json.Unmarshal([]byte(do(success, "", "runs", "-json", "-sort", "-CE")), &listed); err != nil || len(listed) != 4 {
		t.Fatalf("%d runs as JSON, %v", len(listed), err)
	}
	of := func(run map[string]any, name string) any { return run["settings"].(map[string]any)[name] }
	if of(listed[0], "hidden") != "8" || listed[0]["state"] != record.Finished || len(listed[0]["scores"].([]any)) < 2 {
		t.Errorf("the first run is %v", listed[0])
	}

	do(success, "hidden       8      512,256", "show", "vae-d2-e2-s0")
	var shown struct {
		Run     string
		History []record.Epoch
		Starts  []string `json:"starts_from"`
	}
	if err := json.Unmarshal([]byte(do(success, "", "show", started, "-json")), &shown); err != nil || shown.Run != started || len(shown.History) != 2 || len(shown.Starts) != 1 || shown.Starts[0] != vae {
		t.Errorf("shown as JSON: %+v, %v", shown, err)
	}

	picture := filepath.Join(t.TempDir(), "compare.png")
	out := do(success, picture, "compare", ae, vae, "-out", picture)
	if content, err := os.ReadFile(picture); err != nil || !strings.HasPrefix(string(content), "\x89PNG") {
		t.Errorf("the figure: %v", err)
	}
	for _, says := range []string{"model    ae", "Test loss", "cross-entropy (nats per image)"} {
		if !strings.Contains(out, says) {
			t.Errorf("no %q in the comparison:\n%s", says, out)
		}
	}
	do(success, "the losses of the models are of different kinds", "compare", ae, mse, "-out", picture)
	do(wrongUse, "1 runs are named, want 2", "compare", ae)
	do(wrongUse, "want two runs", "compare", ae, ae)
	do(wrongUse, "-out is -, want the name of a file", "compare", ae, vae, "-out", "-")
	do(failure, "2 runs in ", "show", "ae")
	do(failure, "did you mean "+vae, "show", "vae-d3-e2-s0")

	do(failure, "is kept, because other runs start from it: "+started, "remove", vae)
	run, err := record.Open(filepath.Join(results, "runs")).Load(mse)
	if err != nil {
		t.Fatal(err)
	}
	release, err := run.Lock(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	do(failure, "is being trained by process", "remove", mse)
	release()
	for _, name := range []string{mse, started, vae} {
		do(success, "removed", "remove", name)
	}
	if list = do(success, ae[:16], "runs"); strings.Contains(list, "vae-d2-e2") {
		t.Errorf("after removing them:\n%s", list)
	}
}

// The README describes every field of the JSON that commands print.
func TestJSONFields(t *testing.T) {
	published := filepath.Join(t.TempDir(), "results")
	if err := os.CopyFS(filepath.Join(published, "loss"), os.DirFS(root+"/results/loss")); err != nil {
		t.Fatal(err)
	}
	results, data, readme := t.TempDir(), fashiontest.Folder(t), read(t, "cmd/fashionlatent/README.md")
	for _, args := range [][]string{
		{"train", "-data", data, "-results", results, "-hidden", "8", "-batch", "20", "-epochs", "1", "-flip"},
		{"runs", "-json", "-results", results},
		{"show", "vae", "-json", "-results", results},
		{"data", "-json", "-data", data},
		{"backend", "-json"},
		{"experiment", "-json"},
		{"verify", "-json", "-results", published},
	} {
		status, out, errOut := program(t, context.Background(), args...)
		if args[0] == "train" {
			continue
		}
		var value any
		if err := json.Unmarshal([]byte(out), &value); err != nil {
			t.Errorf("%q: status %d, %v\n%s", args, status, err, errOut)
			continue
		}
		if all, list := value.([]any); list {
			value = all[0]
		}
		for name := range value.(map[string]any) {
			if !strings.Contains(readme, "`"+name+"`") {
				t.Errorf("%q prints the field %q, which the README does not describe", args, name)
			}
		}
	}
}

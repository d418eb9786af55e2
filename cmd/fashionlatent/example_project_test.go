package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// sources reads the files of a folder that another process will run, so that Go does not take the result of a test from its
// cache after they have changed.
func sources(t *testing.T, folder string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.*"))
	if err != nil || files == nil {
		t.Fatalf("%d files in %s, %v", len(files), folder, err)
	}
	for _, path := range files {
		if _, err := os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
}

// The project in lib/example, which has a module of its own, builds against this one and finds the clusters that it drew.
func TestSecondProject(t *testing.T) {
	sources(t, filepath.Join(root, "lib", "example"))
	c := exec.Command("go", "run", ".")
	c.Dir = filepath.Join(root, "lib", "example")
	c.Env = append(os.Environ(), "GOMLX_BACKEND=go", "GOFLAGS=-mod=readonly")
	said, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\nif modules of this project have changed: cd lib/example && go mod tidy", err, said)
	}
	if want := "8 clusters agree with the 8 classes on 100 % of the test images\n"; !strings.HasSuffix(string(said), want) {
		t.Errorf("got %q, want %q", said, want)
	}
}

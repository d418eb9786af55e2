package main

import (
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Every mend fits the version of GoNB that the project uses, and the Go that it gives can be parsed.
func TestMends(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/janpfeifer/gonb").Output()
	if err != nil {
		t.Fatal(err)
	}
	sources, folder := strings.TrimSpace(string(out)), filepath.Join(t.TempDir(), "gonb")
	if err := run(sources, folder); err != nil {
		t.Fatal(err)
	}
	for _, m := range mends {
		content, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(m.file)))
		if err == nil && filepath.Ext(m.file) == ".go" {
			_, err = format.Source(content)
		}
		if err != nil || !strings.Contains(string(content), m.new) {
			t.Errorf("%s is not mended, or no Go: %v", m.file, err)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "go.mod")); err != nil {
		t.Error(err)
	}
	if err := run(sources, folder); err != nil {
		t.Errorf("a second time: %v", err)
	}
	if _, err := mendAll(folder); err == nil || !strings.Contains(err.Error(), "see whether this fault is still there") {
		t.Errorf("sources that are mended already: %v", err)
	}
}

// Package fashiontest provides a tiny data set for tests, in the format of Fashion-MNIST.
package fashiontest

import (
	"embed"
	"os"
	"path"
	"path/filepath"
	"testing"

	"fashionlatent/lib/dataset"
	"fashionlatent/lib/fashion"
)

//go:embed testdata/tiny
var files embed.FS

// Tiny is the tiny data set: 60 training and 20 test images of 28 x 28 in ten classes of equal size. They are simple
// drawn shapes of garments with noise. The nearest class mean identifies the class. Each ten consecutive images are of
// ten classes.
func Tiny(t testing.TB) *dataset.Dataset {
	t.Helper()
	d, err := fashion.Load(t.Context(), fashion.Source{Path: Folder(t)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Folder is a temporary folder named tiny with the files of the tiny data set. It is removed at the end of the test.
func Folder(t testing.TB) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "tiny")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	entries, err := files.ReadDir("testdata/tiny")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		data, err := files.ReadFile(path.Join("testdata/tiny", entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, entry.Name()), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// Real is Fashion-MNIST itself. If it is not on this machine, the test is skipped. Nothing is fetched.
func Real(t testing.TB) *dataset.Dataset {
	t.Helper()
	d, err := fashion.Load(t.Context(), fashion.Source{Offline: true})
	if err != nil && os.Getenv("FASHION_MNIST_DIR") != "" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skip(err)
	}
	return d
}

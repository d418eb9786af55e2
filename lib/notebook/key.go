package notebook

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// fingerprint is a hash of everything that a notebook's page is made from, except the notebook itself: the project's Go
// sources and versions, the page templates, the titles of the notebooks, the scale, the data set, the kernel, the XLA
// plugins, and the environment variables that select the backend and the data.
func fingerprint(opts Options, books []book) (string, error) {
	h := sha256.New()
	err := filepath.WalkDir(opts.Root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if path != opts.Root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "results" || name == "bin") {
				return fs.SkipDir
			}
			return nil
		}
		isSource := filepath.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go")
		isVersion := name == "go.mod" || name == "go.sum" || name == "requirements.txt"
		if isPage := filepath.Base(filepath.Dir(path)) == "page"; !isSource && !isVersion && !isPage {
			return nil
		}
		return addFile(h, opts.Root, path)
	})
	if err != nil {
		return "", err
	}
	kernel := filepath.Join(opts.Root, ".venv/share/jupyter/kernels/gonb/kernel.json")
	if err := addFile(h, opts.Root, kernel); err != nil {
		return "", fmt.Errorf("the notebooks' kernel is not installed, run make setup: %w", err)
	}
	plugins, err := fs.Glob(os.DirFS(opts.Root), ".venv/lib/go-xla/*")
	if err != nil {
		return "", err
	}
	for _, p := range plugins {
		file, _ := filepath.EvalSymlinks(filepath.Join(opts.Root, p))
		fmt.Fprintf(h, "plugin %q\n", file)
	}
	fmt.Fprintf(h, "scale %q\ndata %q %q\n", opts.Scale, opts.Checksum, opts.Notice)
	for _, name := range []string{"GOMLX_BACKEND", "XLA_FLAGS", "FASHION_MNIST_DIR", "MNIST_DIR", "FASHIONLATENT_K"} {
		fmt.Fprintf(h, "%s %q\n", name, os.Getenv(name))
	}
	for _, b := range books {
		fmt.Fprintf(h, "page %q %q\n", b.page(), b.title)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// addFile hashes a file's path, size and content.
func addFile(h hash.Hash, root, path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	name, err := filepath.Rel(root, path)
	if err != nil {
		return err
	}
	fmt.Fprintf(h, "file %q %d\n", filepath.ToSlash(name), len(content))
	h.Write(content)
	return nil
}

// key identifies everything that the page of a notebook is made from.
func key(common string, content []byte) string {
	h := sha256.New()
	fmt.Fprintln(h, common)
	h.Write(content)
	return hex.EncodeToString(h.Sum(nil))
}

// Package fashionlatent contains the sources of its programs, so that a result can record from which code it was made.
package fashionlatent

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"sync"
)

//go:embed go.mod go.sum lib experiments
var sources embed.FS

// Sources identifies the code of the program. It is a SHA-256 of the files of lib and experiments, without tests, testdata and
// Markdown, of go.mod and go.sum, which hold the versions of all modules, and of Go's version.
var Sources = sync.OnceValue(func() string { return sum(sources) })

func sum(files fs.FS) string {
	h := sha256.New()
	fmt.Fprintln(h, runtime.Version())
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "testdata":
			return fs.SkipDir
		case d.IsDir() || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".md"):
			return nil
		}
		content, err := fs.ReadFile(files, path)
		fmt.Fprintf(h, "%s %d\n", path, len(content))
		h.Write(content)
		return err
	})
	if err != nil {
		panic(err) // files embedded in the program can always be read
	}
	return hex.EncodeToString(h.Sum(nil))
}

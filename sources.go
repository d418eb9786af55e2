// Package fashionlatent holds the sources that its programs are built from, so that what they make can tell from which it was made.
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

// Sources identifies the code of the program: a SHA-256 of the packages lib and experiments without their tests, of the versions of all modules,
// and of Go's version.
var Sources = sync.OnceValue(func() string {
	h := sha256.New()
	fmt.Fprintln(h, runtime.Version())
	err := fs.WalkDir(sources, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "testdata":
			return fs.SkipDir
		case d.IsDir() || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".md"):
			return nil
		}
		content, err := sources.ReadFile(path)
		fmt.Fprintf(h, "%s %d\n", path, len(content))
		h.Write(content)
		return err
	})
	if err != nil {
		panic(err) // files within the program can be read
	}
	return hex.EncodeToString(h.Sum(nil))
})

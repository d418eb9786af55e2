package fashionlatent

import (
	"io/fs"
	"testing"
)

// The program contains the sources from which its reports are made.
func TestSources(t *testing.T) {
	for _, path := range []string{"go.mod", "go.sum", "lib/latent/tsne.go", "lib/notebook/page/index.html", "experiments/comparison.go"} {
		if content, err := fs.ReadFile(sources, path); err != nil || len(content) == 0 {
			t.Errorf("%s: %d bytes, %v", path, len(content), err)
		}
	}
	if sum := Sources(); len(sum) != 64 || sum != Sources() {
		t.Errorf("identified by %q", sum)
	}
}

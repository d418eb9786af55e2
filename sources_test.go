package fashionlatent

import (
	"io/fs"
	"testing"
	"testing/fstest"
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

// The sum changes with the code and the modules, and with nothing else.
func TestSumOfSources(t *testing.T) {
	files := func(path, content string) fs.FS {
		all := fstest.MapFS{"go.mod": {}, "lib/a.go": {}, "lib/a_test.go": {}, "lib/README.md": {}, "lib/testdata/a.go": {}, "lib/page/page.js": {}}
		all[path] = &fstest.MapFile{Data: []byte(content)}
		return all
	}
	before := sum(files("go.mod", ""))
	for path, changes := range map[string]bool{"go.mod": true, "lib/a.go": true, "lib/page/page.js": true, "lib/new.go": true,
		"lib/a_test.go": false, "lib/README.md": false, "lib/testdata/a.go": false} {
		if after := sum(files(path, "new")); (after != before) != changes {
			t.Errorf("%s: the sum changes: %v, want %v", path, after != before, changes)
		}
	}
}

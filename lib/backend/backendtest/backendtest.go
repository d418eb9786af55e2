// Package backendtest opens backends for tests.
package backendtest

import (
	"os"
	"path/filepath"
	"testing"

	"fashionlatent/lib/backend"
)

// Go opens the pure Go backend, which is always available.
func Go(t testing.TB) *backend.Backend {
	t.Setenv(backend.EnvVar, backend.Go)
	b, err := backend.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// XLA opens XLA on the processor. If its plugin is not installed, the test is skipped. A plugin that is installed and
// cannot be opened is a failure.
func XLA(t testing.TB) *backend.Backend {
	t.Setenv(backend.EnvVar, backend.XLACPU)
	b, err := backend.Open()
	if err != nil {
		for _, folder := range filepath.SplitList(os.Getenv("PJRT_PLUGIN_LIBRARY_PATH")) {
			if plugins, _ := filepath.Glob(filepath.Join(folder, "*.so")); plugins != nil {
				t.Fatalf("the plugin %s is here, but: %v", plugins[0], err)
			}
		}
		t.Skipf("no XLA here: %v", err)
	}
	t.Cleanup(b.Close)
	return b
}

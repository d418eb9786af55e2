// Package backendtest opens backends for tests.
package backendtest

import (
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

// XLA opens XLA on the processor. If its plugin is not installed, the test is skipped.
func XLA(t testing.TB) *backend.Backend {
	t.Setenv(backend.EnvVar, backend.XLACPU)
	b, err := backend.Open()
	if err != nil {
		t.Skipf("no XLA here: %v", err)
	}
	t.Cleanup(b.Close)
	return b
}

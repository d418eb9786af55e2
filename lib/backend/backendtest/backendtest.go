// Package backendtest opens backends for tests.
package backendtest

import (
	"testing"

	"fashionlatent/lib/backend"
)

// Go opens the pure Go backend, which is everywhere.
func Go(t testing.TB) *backend.Backend {
	t.Setenv(backend.EnvVar, backend.Go)
	b, err := backend.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// XLA opens XLA on the processor, or skips the test where its plugin is not installed.
func XLA(t testing.TB) *backend.Backend {
	t.Setenv(backend.EnvVar, backend.XLACPU)
	b, err := backend.Open()
	if err != nil {
		t.Skipf("no XLA here: %v", err)
	}
	t.Cleanup(b.Close)
	return b
}

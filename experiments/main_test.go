package experiments_test

import (
	"os"
	"testing"

	"fashionlatent/lib/backend"
)

// TestMain lets all tests of the package use the pure Go backend, which is always available. Set once, it lets tests run
// at the same time, which those that set the environment themselves cannot.
func TestMain(m *testing.M) {
	os.Setenv(backend.EnvVar, backend.Go)
	os.Exit(m.Run())
}

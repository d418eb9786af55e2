package fashion

import (
	"path/filepath"
	"testing"

	"fashionlatent/lib/dataset/idxtest"
)

// offline is a network without any publisher, for the planted files. Its other places are empty.
func offline(t *testing.T) network {
	_, of := idxtest.Files()
	t.Setenv("FASHION_MNIST_DIR", "")
	n := worlds[Name]
	n.sums, n.debian, n.publishers, n.pack = of, filepath.Join(t.TempDir(), "debian"), nil, nil
	return n
}

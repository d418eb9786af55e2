package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fashionlatent/lib/dataset/idxtest"
)

// strict checks that the files are the planted ones.
func strict(i int, sum string) error {
	if _, sums := idxtest.Files(); sum != sums[i] {
		return fmt.Errorf("want %s, found %s", sums[i], sum)
	}
	return nil
}

func TestReadFiles(t *testing.T) {
	files, sums := idxtest.Files()
	zipped, err := ReadFiles(t.Context(), idxtest.Folder(t, FileNames, nil), strict)
	if err != nil {
		t.Fatal(err)
	}
	if zipped.Sums != sums || zipped.Train.Len() != 30 || zipped.Test.Len() != 20 || zipped.Side() != 28 {
		t.Errorf("found %d and %d images of side %d with the sums %v", zipped.Train.Len(), zipped.Test.Len(), zipped.Side(), zipped.Sums)
	}
	if !bytes.Equal(zipped.Test.Image(3), files[2][16+3*784:16+4*784]) || !bytes.Equal(zipped.FileLabels(zipped.Test), files[3][8:]) {
		t.Error("an image or the labels are not those in the file")
	}

	plain := filepath.Join(t.TempDir(), "own")
	if err := zipped.WriteFiles(plain); err != nil {
		t.Fatal(err)
	}
	d, err := Read(t.Context(), plain+"/")
	if err != nil {
		t.Fatal(err)
	}
	if d.Name != "own" || d.Checksum != zipped.Checksum {
		t.Errorf("want the name own and the checksum %s of the compressed files, found %s and %s", zipped.Checksum, d.Name, d.Checksum)
	}
}

func TestWrite(t *testing.T) {
	d, err := ReadFiles(t.Context(), idxtest.Folder(t, FileNames, nil), strict)
	if err != nil {
		t.Fatal(err)
	}
	parent := t.TempDir()
	folder := filepath.Join(parent, "new", "copy")
	var wg sync.WaitGroup
	for range 4 { // as many jobs, started at the same time
		wg.Go(func() {
			if err := d.Write(t.Context(), folder); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if found, err := Read(t.Context(), folder); err != nil || found.Checksum != d.Checksum {
		t.Errorf("%+v, %v", found, err)
	}
	if left, err := os.ReadDir(filepath.Dir(folder)); err != nil || len(left) != 1 {
		t.Errorf("left %v, %v", left, err)
	}
	empty := filepath.Join(parent, "empty")
	if err := os.Mkdir(empty, 0o755); err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut")
	for range 2 {
		if err := d.Head(20, 10).Write(t.Context(), cut); err != nil {
			t.Errorf("a data set that was cut: %v", err)
		}
	}
	if err := d.Head(19, 10).Write(t.Context(), cut); err == nil {
		t.Error("another data set was taken for it")
	}
	if err := d.Write(t.Context(), empty); err != nil {
		t.Error(err)
	}
	target, link := filepath.Join(parent, "target"), filepath.Join(parent, "link")
	if err := errors.Join(os.Mkdir(target, 0o755), os.Symlink(target, link)); err != nil {
		t.Fatal(err)
	}
	if err := d.Write(t.Context(), link+"/"); err != nil {
		t.Errorf("through a link: %v", err)
	}
	if found, err := Read(t.Context(), target); err != nil || found.Checksum != d.Checksum {
		t.Errorf("behind the link is %+v, %v", found, err)
	}
	if err := d.Write(t.Context(), filepath.Join(parent, "slash")+"/"); err != nil {
		t.Errorf("with a slash at the end: %v", err)
	}
	here := filepath.Join(parent, "here")
	if err := os.Mkdir(here, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(here)
	if err := d.Write(t.Context(), "."); err == nil || !strings.Contains(err.Error(), here+" is the working directory") {
		t.Errorf("to the working directory: %v", err)
	}
	if err := d.Write(t.Context(), "below"); err != nil {
		t.Errorf("to a relative path: %v", err)
	}
	if err := d.Write(t.Context(), parent); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("to a folder of other files: %v", err)
	}
	renamed := *d
	renamed.Classes = slices.Clone(d.Classes)
	renamed.Classes[0] = "another name"
	if err := renamed.Write(t.Context(), folder); err == nil || !strings.Contains(err.Error(), "other names of classes") {
		t.Errorf("over other names of classes: %v", err)
	}
	other := *d
	other.Checksum, other.Test.Images = "0123456789abcdef", slices.Clone(other.Test.Images)
	other.Test.Images[0]++
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
	files, _ := idxtest.Files()
	const images, labels, testLabels = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-labels-idx1-ubyte.gz"
	image := idxtest.Zip(files[0])
	own := func(values ...uint32) []byte { return idxtest.Zip(idxtest.Header(values...)) }
	for _, test := range []struct {
		name  string
		files map[string][]byte
		want  []string
	}{
		{"missing", map[string][]byte{labels: nil}, []string{"missing: train-labels-idx1-ubyte", "found t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz, train-images-idx3-ubyte.gz"}},
		{"empty", map[string][]byte{images: {}}, []string{images, "the file is empty"}},
		{"empty in gzip", map[string][]byte{images: idxtest.Zip(nil)}, []string{images, "header of 16 bytes", "found 0"}},
		{"not gzip", map[string][]byte{images: []byte("<!DOCTYPE html>\n<title>Log in")}, []string{images, "neither IDX nor gzip", "<!DOCTYPE html>"}},
		{"one byte", map[string][]byte{images: {0x1f}}, []string{images, "neither IDX nor gzip"}},
		{"gzip header cut", map[string][]byte{images: image[:5]}, []string{images, "gzip header"}},
		{"gzip cut in the header", map[string][]byte{images: image[:12]}, []string{images}},
		{"gzip cut in the middle", map[string][]byte{images: image[:len(image)/2]}, []string{images, "cut short", "30 images, 23520 bytes", "found"}},
		{"gzip cut in its checksum", map[string][]byte{images: image[:len(image)-3]}, []string{images, "want a sound end", "unexpected EOF"}},
		{"bit flipped", map[string][]byte{images: flip(image, 4*len(image))}, []string{images}},
		{"bit flipped in gzip's checksum", map[string][]byte{labels: flip(idxtest.Zip(files[1]), 8*len(idxtest.Zip(files[1]))-50)}, []string{labels, "want a sound end", "checksum"}},
		{"bytes after gzip", map[string][]byte{images: append(slices.Clone(image), "more"...)}, []string{images, "want a sound end", `not zero, "more"`}},
		{"images in the label file", map[string][]byte{labels: image}, []string{labels, "want labels", "0x00000801", "found 0x00000803, images"}},
		{"labels in the image file", map[string][]byte{images: idxtest.Zip(files[1])}, []string{images, "want images", "found 0x00000801, labels"}},
		{"test labels under the training name, own", map[string][]byte{labels: idxtest.Zip(files[3])}, []string{images + " has 30 images", labels + " has 20 labels"}},
		{"wrong magic", map[string][]byte{images: own(0x0d03, 1, 28, 28)}, []string{images, "found 0x00000d03, 32-bit floating-point numbers in 3 dimensions"}},
		{"wrong size", map[string][]byte{images: own(0x803, 1, 32, 30)}, []string{images, "found images of 32 x 30", "from 8 x 8 to 128 x 128"}},
		{"overflow", map[string][]byte{images: own(0x803, math.MaxUint32, math.MaxUint32, math.MaxUint32)}, []string{images, "found images of 4294967295 x 4294967295"}},
		{"count too great to be true", map[string][]byte{images: own(0x803, math.MaxUint32, 28, 28)}, []string{images, "4294967295 images"}},
		{"count too great", map[string][]byte{"train-labels-idx1-ubyte": append(idxtest.Header(0x801, 40), make([]byte, 30)...)}, []string{"40 labels, 40 bytes", "cut short"}},
		{"count too small", map[string][]byte{labels: idxtest.Zip(append(idxtest.Header(0x801, 25), make([]byte, 30)...))}, []string{labels, "25 labels, 25 bytes", "found 5 bytes more"}},
		{"none", map[string][]byte{labels: own(0x801, 0)}, []string{labels, "at least one"}},
		{"too small", map[string][]byte{images: own(0x803, 1, 7, 7)}, []string{images, "found images of 7 x 7"}},
		{"too large", map[string][]byte{images: own(0x803, 1, 129, 129)}, []string{images, "found images of 129 x 129"}},
		{"two sizes", map[string][]byte{images: idxtest.Zip(encodeIDX(make([]byte, 30*64), 8))}, []string{"training images are of 8 x 8", "test images of 28 x 28"}},
		{"32-bit integers", map[string][]byte{labels: own(0x0c01, 1, 0)}, []string{labels, "found 0x00000c01, 32-bit integers in 1 dimensions"}},
		{"16-bit integers", map[string][]byte{images: own(0x0b03, 1, 28, 28)}, []string{images, "16-bit integers"}},
		{"signed bytes", map[string][]byte{images: own(0x0903, 1, 28, 28)}, []string{images, "signed bytes"}},
		{"64-bit floats", map[string][]byte{images: own(0x0e03, 1, 28, 28)}, []string{images, "64-bit floating-point"}},
		{"colour", map[string][]byte{images: own(0x0804, 1, 28, 28, 3)}, []string{images, "an array of 4 dimensions"}},
		{"not IDX", map[string][]byte{images: own(0x01, 1, 28, 28)}, []string{images, "no IDX file"}},
		{"labels of training alone", map[string][]byte{testLabels: nil}, []string{"missing: t10k-labels-idx1-ubyte"}},
		{"too few names", map[string][]byte{"classes.txt": []byte("one\ntwo\n")}, []string{"a label 2", "labels from 0 to 1 have names"}},
		{"an empty name", map[string][]byte{"classes.txt": []byte("one\n\nthree\n")}, []string{"classes.txt: line 2"}},
		{"two at once", map[string][]byte{images: {}, testLabels: {}}, []string{images, testLabels}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ReadFiles(t.Context(), idxtest.Folder(t, FileNames, test.files), nil)
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

// Names of classes are read from files of any editor, and IDX files are found beside folders with the names of those of pictures.
func TestNamesAndNeighbours(t *testing.T) {
	folder := idxtest.Folder(t, FileNames, map[string][]byte{"classes.txt": []byte("\ufeffa\r\nb\r\nc\r\nd\r\ne\r\nf\r\ng\r\nh\r\ni\r\nj\r\n")})
	if err := os.Mkdir(filepath.Join(folder, "test"), 0o755); err != nil {
		t.Fatal(err)
	}
	d, err := Read(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(d.Classes, strings.Split("abcdefghij", "")) {
		t.Errorf("classes %q", d.Classes)
	}
}

func TestAbsentFolder(t *testing.T) {
	for _, folder := range []string{t.TempDir(), filepath.Join(t.TempDir(), "none")} {
		if _, err := ReadFiles(t.Context(), folder, nil); !errors.Is(err, ErrAbsent) {
			t.Errorf("want %v, found %v", ErrAbsent, err)
		}
	}
	folder := idxtest.Folder(t, FileNames, map[string][]byte{"train-images-idx3-ubyte.gz": nil})
	if err := os.Mkdir(filepath.Join(folder, "train-images-idx3-ubyte.gz"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFiles(t.Context(), folder, nil); err == nil || !strings.Contains(err.Error(), "want a file") {
		t.Errorf("want an error for a folder in place of a file, found %v", err)
	}
}

func TestReadFolderCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ReadFiles(ctx, idxtest.Folder(t, FileNames, nil), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("want %v, found %v", context.Canceled, err)
	}
}

// FuzzDecode searches for a panic, for more memory than the file justifies, and for a success that encodeIDX does not
// confirm.
func FuzzDecode(f *testing.F) {
	files, _ := idxtest.Files()
	for i, file := range files {
		f.Add(file, i%2 == 0)
		f.Add(idxtest.Zip(file), i%2 == 0)
		f.Add(append(idxtest.Zip(file), make([]byte, 64)...), i%2 == 0)
		f.Add(append(idxtest.Zip(file[:9]), idxtest.Zip(file[9:])...), i%2 == 0)
	}
	f.Add(idxtest.Header(0x803, math.MaxUint32, 28, 28), true)
	f.Add(idxtest.Header(0x803, 1<<31, 1<<31, 1<<31), true)
	f.Add(idxtest.Zip(idxtest.Header(0x803, math.MaxUint32, 28, 28)), true)
	f.Fuzz(func(t *testing.T, file []byte, images bool) {
		c, err := decode(bytes.NewReader(file), int64(len(file)), images)
		if err != nil {
			if c.data != nil {
				t.Errorf("want no data beside the error %v, found %d bytes", err, len(c.data))
			}
			return
		}
		if most := 8*len(file) + 2*len(c.data) + 2*bytes.MinRead; cap(c.data) > most {
			t.Errorf("want at most %d bytes of memory for %d bytes, found %d", most, len(file), cap(c.data))
		}
		if file[0] == 0 && !bytes.Equal(encodeIDX(c.data, c.side), file) {
			t.Errorf("encoding what was decoded does not give the file back")
		}
	})
}

func flip(data []byte, bit int) []byte {
	data = slices.Clone(data)
	data[bit/8] ^= 1 << (bit % 8)
	return data
}

// What a killed process left is removed after a day.
func TestWorkFolder(t *testing.T) {
	parent := filepath.Join(t.TempDir(), "parent")
	var made []string
	for range 3 {
		folder, err := WorkFolder(parent, ".work-")
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, folder)
		if len(made) == 1 {
			yesterday := time.Now().Add(-25 * time.Hour)
			if err := os.Chtimes(folder, yesterday, yesterday); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i, folder := range made {
		if _, err := os.Stat(folder); (err == nil) != (i > 0) {
			t.Errorf("folder %d: %v", i, err)
		}
	}
}

package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fashionlatent/lib/dataset/idxtest"
	"fashionlatent/lib/npz"

	"github.com/google/go-cmp/cmp"
)

// drawn is a split of n images of the given side with the labels. Without labels it is not labelled.
func drawn(n, side int, labels ...uint8) Split {
	s := Split{Side: side, Images: make([]uint8, n*side*side), Labels: labels}
	for i := range s.Images {
		s.Images[i] = uint8(i * i / 5)
	}
	return s
}

func TestNew(t *testing.T) {
	for _, test := range []struct {
		name         string
		train, test  Split
		names        []string
		classes      []string
		values       []uint8
		labels, says string
	}{
		{"gaps", drawn(3, 8, 1, 26, 9), drawn(2, 8, 9, 30), nil, []string{"1", "9", "26", "30"}, []uint8{1, 9, 26, 30}, "[0 2 1] [1 3]", ""},
		{"named", drawn(3, 8, 1, 0, 1), drawn(2, 8, 1, 1), []string{"cat", "dog"}, []string{"cat", "dog"}, []uint8{0, 1}, "[1 0 1] [1 1]", ""},
		{"one class", drawn(2, 128, 5, 5), drawn(1, 128, 5), nil, []string{"5"}, []uint8{5}, "[0 0] [0]", ""},
		{"without labels", drawn(3, 9), drawn(2, 9), nil, nil, nil, "[] []", ""},
		{"labels in one split", drawn(3, 9, 1, 2, 3), drawn(2, 9), nil, nil, nil, "", "one of the splits has labels"},
		{"two sizes", drawn(3, 9), drawn(2, 10), nil, nil, nil, "", "training images are of 9 x 9 and the test images of 10 x 10"},
		{"too small", drawn(3, 7), drawn(2, 7), nil, nil, nil, "", "images of 7 x 7"},
		{"too large", drawn(1, 129), drawn(1, 129), nil, nil, nil, "", "images of 129 x 129"},
		{"a class of two lines", drawn(3, 8, 1, 0, 1), drawn(2, 8, 1, 1), []string{"cat", "a\ndog"}, nil, nil, "", "the class of label 1 is \"a\\ndog\""},
		{"a class without a name", drawn(3, 8, 1, 0, 1), drawn(2, 8, 1, 1), []string{"", "dog"}, nil, nil, "", "the class of label 0"},
		{"none", drawn(3, 8), drawn(0, 8), nil, nil, nil, "", "3 training and 0 test images"},
		{"part of an image", Split{Side: 8, Images: make([]uint8, 3*64+5)}, drawn(2, 8), nil, nil, nil, "", "training images have 197 pixels"},
		{"too few labels", drawn(3, 8, 1, 2, 3), Split{Side: 8, Images: make([]uint8, 2*64), Labels: []uint8{1}}, nil, nil, nil, "", "test images have 128 pixels, and there are 1 labels"},
	} {
		d, err := New("a", test.train, test.test, test.names)
		if test.says != "" {
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%s: want an error that says %q, found %v", test.name, test.says, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(d.Classes, test.classes) || !slices.Equal(d.Values, test.values) || fmt.Sprint(d.Train.Labels, d.Test.Labels) != test.labels {
			t.Errorf("%s: found the classes %q of the labels %v, in the order %v %v", test.name, d.Classes, d.Values, d.Train.Labels, d.Test.Labels)
		}
		if test.train.Labels != nil && !slices.Equal(d.FileLabels(d.Train), test.train.Labels) {
			t.Errorf("%s: the labels %v were given back as %v", test.name, test.train.Labels, d.FileLabels(d.Train))
		}
		folder := filepath.Join(t.TempDir(), "a")
		if err := d.Write(t.Context(), folder); err != nil {
			t.Fatal(err)
		}
		again, err := Read(t.Context(), folder)
		if err != nil {
			t.Fatal(err)
		}
		again.Folder = d.Folder
		if diff := cmp.Diff(d, again); diff != "" {
			t.Errorf("%s: written and read (-want +got)\n%s", test.name, diff)
		}
	}
}

func TestHead(t *testing.T) {
	for _, labels := range [][]uint8{nil, make([]uint8, 60)} {
		train, test := drawn(60, 8, labels...), drawn(20, 8)
		if labels != nil {
			test.Labels = labels[:20]
		}
		d, err := New("a", train, test, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct{ train, test, wantTrain, wantTest int }{
			{10, 5, 10, 5}, {60, 20, 60, 20}, {1000, 1000, 60, 20}, {0, 0, 0, 0}, {-1, 3, 0, 3},
		} {
			h := d.Head(test.train, test.test)
			if h.Train.Len() != test.wantTrain || h.Test.Len() != test.wantTest || h.Labelled() != (labels != nil) ||
				len(h.Train.Images) != test.wantTrain*64 || labels != nil && len(h.Test.Labels) != test.wantTest {
				t.Errorf("Head(%d, %d) has %d and %d images", test.train, test.test, h.Train.Len(), h.Test.Len())
			}
			if whole := test.wantTrain == 60 && test.wantTest == 20; whole != (h.Checksum == d.Checksum) {
				t.Errorf("Head(%d, %d): checksum %s of %s", test.train, test.test, h.Checksum, d.Checksum)
			}
		}
		if a, b := d.Head(10, 5).Checksum, d.Head(5, 10).Checksum; a == b || len(a) != 64 {
			t.Errorf("want checksums that differ, found %s and %s", a, b)
		}
	}
}

// small is the data set of testdata/archives.py.
func small(t testing.TB) *Dataset {
	train, test := Split{Side: 8, Labels: []uint8{0, 1, 2, 0, 1, 2}}, Split{Side: 8, Labels: []uint8{2, 1, 0}}
	for i := range 6 * 64 {
		train.Images = append(train.Images, uint8(i))
	}
	for i := range 3 {
		test.Images = append(test.Images, train.Image(2-i)...)
	}
	d, err := New("small", train, test, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSorted(t *testing.T) {
	for labels, want := range map[string]bool{"": false, "\x01\x01": false, "\x00\x00\x01\x02": true, "\x00\x02\x01": false} {
		if got := (Split{Labels: []uint8(labels)}).Sorted(); got != want {
			t.Errorf("labels %v: %v, want %v", []uint8(labels), got, want)
		}
	}
}

// TestForms reads one data set in all forms and gets the same content.
func TestForms(t *testing.T) {
	want := small(t)
	check := func(form, path string) *Dataset {
		t.Helper()
		d, err := Read(t.Context(), path)
		if err != nil {
			t.Errorf("%s: %v", form, err)
			return want
		}
		if d.Checksum != want.Checksum || d.Folder != path || !slices.Equal(d.Train.Images, want.Train.Images) || !slices.Equal(d.Test.Labels, want.Test.Labels) || len(d.Classes) != 3 {
			t.Errorf("%s: found %s of %d and %d images of %d classes, checksum %s", form, d.Name, d.Train.Len(), d.Test.Len(), len(d.Classes), d.Checksum)
		}
		return d
	}
	check("Keras", "testdata/keras.npz")
	if d := check("MedMNIST", "testdata/medmnist.npz"); d.Name != "medmnist" {
		t.Errorf("want the name medmnist, found %s", d.Name)
	}
	for form, name := range map[string]func(string) (string, func([]byte) []byte){
		"plain":               func(n string) (string, func([]byte) []byte) { return n, slices.Clone },
		"gzip":                func(n string) (string, func([]byte) []byte) { return n + ".gz", idxtest.Zip },
		"gzip without ending": func(n string) (string, func([]byte) []byte) { return n, idxtest.Zip },
		"plain with ending":   func(n string) (string, func([]byte) []byte) { return n + ".gz", slices.Clone },
		"dotted": func(n string) (string, func([]byte) []byte) {
			return strings.Replace(n, "-idx", ".idx", 1), slices.Clone
		},
		"dotted gzip": func(n string) (string, func([]byte) []byte) {
			return strings.Replace(n, "-idx", ".idx", 1) + ".gz", idxtest.Zip
		},
		"zeros after gzip": func(n string) (string, func([]byte) []byte) {
			return n + ".gz", func(b []byte) []byte { return append(idxtest.Zip(b), make([]byte, 512)...) }
		},
		"two members of gzip": func(n string) (string, func([]byte) []byte) {
			return n + ".gz", func(b []byte) []byte { return append(append(idxtest.Zip(b[:9]), idxtest.Zip(b[9:])...), 0, 0) }
		},
	} {
		folder := t.TempDir()
		for i, content := range [4][]byte{
			encodeIDX(want.Train.Images, 8), encodeIDX(want.Train.Labels, 0), encodeIDX(want.Test.Images, 8), encodeIDX(want.Test.Labels, 0),
		} {
			n, packed := name(FileNames[i])
			idxtest.Put(t, filepath.Join(folder, n), packed(content))
		}
		check(form, folder)
	}
	folder := t.TempDir()
	for i, s := range []Split{want.Train, want.Test} {
		for j := range s.Len() {
			path := filepath.Join(folder, partNames[i], []string{"ant", "bee", "cow"}[s.Labels[j]], fmt.Sprintf("%03d.PNG", j))
			drawPNG(t, path, &image.Gray{Pix: s.Image(j), Stride: 8, Rect: image.Rect(0, 0, 8, 8)})
		}
	}
	idxtest.Put(t, filepath.Join(folder, ".hidden"), []byte{1})
	d, err := Read(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(d.Classes, []string{"ant", "bee", "cow"}) || d.Sums[0] != want.Sums[0] || d.Sums[1] != want.Sums[1] || fmt.Sprint(d.Test.Labels) != "[0 1 2]" {
		t.Errorf("PNG files: found the classes %q of the labels %v, %v", d.Classes, d.Train.Labels, d.Test.Labels)
	}
}

// drawPNG writes a PNG file in a folder that it creates.
func drawPNG(t testing.TB, path string, picture image.Image) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, file.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// painted is a picture in one colour.
func painted(width, height int, c color.Color) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		m.Set(i%width, i/width, c)
	}
	return m
}

func TestPictures(t *testing.T) {
	grey := color.NRGBA{90, 90, 90, 255}
	for _, test := range []struct {
		name, place string // of an additional file
		file        any
		says        string // part of the error; "": it is read
	}{
		{"as colours", "train/a/2.png", painted(9, 9, grey), ""},
		{"in a palette", "train/a/2.png", image.NewPaletted(image.Rect(0, 0, 9, 9), color.Palette{grey, color.Black}), ""},
		{"a class in test alone", "test/b/2.png", painted(9, 9, grey), ""},
		{"colour", "train/a/2.png", painted(9, 9, color.NRGBA{90, 91, 90, 255}), "train/a/2.png: the pixel in row 0, column 0 has red 90, green 91"},
		{"transparent", "train/a/2.png", painted(9, 9, color.NRGBA{90, 90, 90, 100}), "opacity 100"},
		{"16 bits", "train/a/2.png", image.NewGray16(image.Rect(0, 0, 9, 9)), "train/a/2.png: found 16 bits"},
		{"another size", "test/a/2.png", painted(10, 10, grey), "test/a/2.png: found an image of 10 x 10, want 9 x 9"},
		{"not square", "train/a/2.png", painted(10, 9, grey), "train/a/2.png: found images of 9 x 10"},
		{"too large", "train/a/2.png", painted(200, 200, grey), "found images of 200 x 200"},
		{"no PNG", "train/a/2.png", []byte("GIF89a"), `train/a/2.png: want a PNG file, found "GIF89a"`},
		{"cut", "train/a/2.png", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "train/a/2.png: want a PNG file"},
		{"another ending", "train/a/notes.txt", []byte("x"), "train/a/notes.txt: want PNG files"},
		{"a folder in a class", "train/a/b/2.png", painted(9, 9, grey), "train/a/b is a folder"},
		{"unsorted", "train/2.png", painted(9, 9, grey), "some do not"},
	} {
		folder := t.TempDir()
		for _, part := range partNames {
			drawPNG(t, filepath.Join(folder, part, "a", "1.png"), painted(9, 9, grey))
		}
		switch file := test.file.(type) {
		case image.Image:
			drawPNG(t, filepath.Join(folder, test.place), file)
		case []byte:
			idxtest.Put(t, filepath.Join(folder, test.place), file)
		}
		d, err := Read(t.Context(), folder)
		if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)) {
			t.Errorf("%s: want an error that says %q, found %v", test.name, test.says, err)
		}
		if err == nil && (d.Train.Images[0] != 90 || d.Train.Len()+d.Test.Len() != 3 || d.Side() != 9) {
			t.Errorf("%s: found %d and %d images of side %d", test.name, d.Train.Len(), d.Test.Len(), d.Side())
		}
	}
	linked, class := t.TempDir(), t.TempDir()
	drawPNG(t, filepath.Join(class, "1.png"), painted(9, 9, grey))
	for _, part := range partNames {
		if err := errors.Join(os.Mkdir(filepath.Join(linked, part), 0o755), os.Symlink(class, filepath.Join(linked, part, "a"))); err != nil {
			t.Fatal(err)
		}
	}
	if d, err := Read(t.Context(), linked); err != nil || !slices.Equal(d.Classes, []string{"a"}) {
		t.Errorf("with links to the folders of classes: %+v, %v", d, err)
	}
	folder := t.TempDir()
	for _, part := range partNames {
		drawPNG(t, filepath.Join(folder, part, "1.png"), painted(9, 9, grey))
	}
	if d, err := Read(t.Context(), folder); err != nil || d.Labelled() || d.Train.Len() != 1 {
		t.Errorf("without classes: %+v, %v", d, err)
	}
	if err := os.RemoveAll(filepath.Join(folder, "test")); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(t.Context(), folder); err == nil || !strings.Contains(err.Error(), "no folder test") {
		t.Errorf("without test images: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := os.Rename(filepath.Join(folder, "train"), filepath.Join(folder, "test")); err != nil {
		t.Fatal(err)
	}
	drawPNG(t, filepath.Join(folder, "train", "1.png"), painted(9, 9, grey))
	if _, err := Read(ctx, folder); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	// Reading from a pipe or a device would not end.
	if err := os.Symlink(os.DevNull, filepath.Join(folder, "train", "2.png")); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(t.Context(), folder); err == nil || !strings.Contains(err.Error(), "2.png: want a file, found D") {
		t.Errorf("with a device: %v", err)
	}
}

// archive is an .npz file of arrays.
func archive(t testing.TB, arrays ...npz.Array) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := npz.Write(&file, arrays...); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestArchives(t *testing.T) {
	images := func(name string, shape ...int) npz.Array {
		size := 1
		for _, n := range shape {
			size *= n
		}
		return npz.Array{Name: name, Shape: shape, Values: make([]uint8, size)}
	}
	floats := func(name string, shape ...int) npz.Array {
		a := images(name, shape...)
		a.Values = make([]float32, len(a.Values.([]uint8)))
		return a
	}
	train, test := images("x_train", 2, 8, 8), images("x_test", 1, 8, 8)
	for _, c := range []struct {
		name   string
		arrays []npz.Array
		says   string // part of the error; "": it is read
	}{
		{"without labels", []npz.Array{train, test}, ""},
		{"one channel", []npz.Array{images("train_images", 2, 9, 9, 1), images("test_images", 2, 9, 9, 1)}, ""},
		{"labels in a column", []npz.Array{train, images("y_train", 2, 1), test, images("y_test", 1, 1)}, ""},
		{"colour", []npz.Array{images("x_train", 2, 8, 8, 3), test}, "[2 8 8 3], which is that of colour images"},
		{"floats", []npz.Array{floats("x_train", 2, 8, 8), test}, `array "x_train": the images are of the type float32, want uint8`},
		{"two dimensions", []npz.Array{images("x_train", 2, 64), test}, "the shape [2 64]"},
		{"not square", []npz.Array{images("x_train", 2, 8, 9), test}, `array "x_train": found images of 8 x 9`},
		{"too small", []npz.Array{images("x_train", 2, 4, 4), test}, "found images of 4 x 4"},
		{"none", []npz.Array{images("x_train", 0, 8, 8), test}, "0 training and 1 test images"},
		{"too few labels", []npz.Array{train, images("y_train", 3), test, images("y_test", 1)}, `array "y_train": the labels have the shape [3], want [2] or [2, 1]`},
		{"several labels each", []npz.Array{train, images("y_train", 2, 14), test, images("y_test", 1, 14)}, "the shape [2 14]"},
		{"labels as floats", []npz.Array{train, floats("y_train", 2), test, floats("y_test", 1)}, "the type float32, want integers"},
		{"labels of one split", []npz.Array{train, images("y_train", 2), test}, "want both y_train and y_test or neither"},
		{"other names", []npz.Array{images("a", 1), images("b", 1)}, `found ["a" "b"]`},
	} {
		path := filepath.Join(t.TempDir(), "a.npz")
		idxtest.Put(t, path, archive(t, c.arrays...))
		d, err := Read(t.Context(), path)
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: want an error that says %q, found %v", c.name, c.says, err)
		}
		if err == nil && d.Train.Len() != 2 {
			t.Errorf("%s: %+v", c.name, d)
		}
	}
	for _, value := range []int64{-1, 256, 1 << 40} {
		if _, err := bytesOf([]int64{0, value}); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("found %d at position 1", value)) {
			t.Errorf("a label %d: %v", value, err)
		}
	}
}

// TestNotThere checks the errors that describe what was found in place of a data set.
func TestNotThere(t *testing.T) {
	folder := t.TempDir()
	idxtest.Put(t, filepath.Join(folder, "a.csv"), []byte("1,2"))
	idxtest.Put(t, filepath.Join(folder, "b.npz"), archive(t))
	for path, says := range map[string]string{
		filepath.Join(folder, "none"):  "there is no such file or folder",
		filepath.Join(folder, "a.csv"): `found "1,2"`,
		folder:                         "found a.csv, b.npz",
		filepath.Join(folder, "b.npz"): "found []",
		os.DevNull:                     "want a folder or an .npz file, found D",
		t.TempDir():                    "found an empty folder",
	} {
		if _, err := Read(t.Context(), path); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: want an error that says %q, found %v", path, says, err)
		}
	}
}

// FuzzArchive searches for a panic and for splits that contradict themselves.
func FuzzArchive(f *testing.F) {
	f.Add(archive(f, npz.Array{Name: "x_train", Shape: []int{1, 8, 8}, Values: make([]uint8, 64)}, npz.Array{Name: "x_test", Shape: []int{1, 8, 8}, Values: make([]uint8, 64)}))
	for _, name := range []string{"testdata/keras.npz", "testdata/medmnist.npz"} {
		content, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		splits, err := decodeArchive(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return
		}
		for _, s := range splits {
			if s.Len()*s.Pixels() != len(s.Images) || s.Labels != nil && len(s.Labels) != s.Len() {
				t.Errorf("%d images of side %d in %d bytes with %d labels", s.Len(), s.Side, len(s.Images), len(s.Labels))
			}
		}
	})
}

// FuzzPicture searches for a panic and for a number of pixels that does not fit the size.
func FuzzPicture(f *testing.F) {
	for _, m := range []image.Image{image.NewGray(image.Rect(0, 0, 8, 8)), painted(9, 9, color.White), image.NewPaletted(image.Rect(0, 0, 8, 8), color.Palette{color.Black})} {
		var file bytes.Buffer
		if err := png.Encode(&file, m); err != nil {
			f.Fatal(err)
		}
		f.Add(file.Bytes(), 0)
		f.Add(file.Bytes(), 8)
	}
	f.Fuzz(func(t *testing.T, content []byte, want int) {
		side, pixels, err := decodePicture(content, want)
		if err == nil && (len(pixels) != side*side || want != 0 && side != want) {
			t.Errorf("%d pixels of side %d, want %d", len(pixels), side, want)
		}
	})
}

// An .npz archive as Keras writes it.
func ExampleRead() {
	d, err := Read(context.Background(), "testdata/keras.npz")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Name, d.Train.Len(), d.Test.Len(), d.Side(), d.Classes)
	// Output: keras 6 3 8 [0 1 2]
}

// The first images alone are a data set with its own checksum.
func ExampleDataset_Head() {
	d, err := Read(context.Background(), "testdata/keras.npz")
	if err != nil {
		fmt.Println(err)
		return
	}
	few := d.Head(4, 2)
	fmt.Println(few.Train.Len(), few.Test.Len(), few.Checksum != d.Checksum)
	// Output: 4 2 true
}

func ExampleFloats() {
	fmt.Println(Floats([]uint8{0, 51, 255}))
	// Output: [0 0.2 1]
}

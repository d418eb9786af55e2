package dataset

import (
	"bytes"
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fashionlatent/lib/npz"
)

func TestReadImages(t *testing.T) {
	folder := t.TempDir()
	write := func(name string, content []byte) string {
		t.Helper()
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	grey := func(name string, side int, level uint8) string {
		path := filepath.Join(folder, name)
		drawPNG(t, path, painted(side, side, color.Gray{level}))
		return path
	}
	three := npz.Array{Name: "images", Shape: []int{3, 8, 8}, Values: append(append(make([]uint8, 64), bytes.Repeat([]byte{7}, 64)...), bytes.Repeat([]byte{9}, 64)...)}
	codes := npz.Array{Name: "codes", Shape: []int{3, 1}, Values: []float32{1, 2, 3}}
	single := three
	single.Name, single.Shape = "anything", []int{3, 8, 8, 1}
	array, err := npz.Encode(three)
	if err != nil {
		t.Fatal(err)
	}
	one := grey("one.PNG", 8, 5)
	grey("some/b.png", 9, 2)
	grey("some/a.png", 9, 1)
	write("some/notes.txt", nil)
	write("some/.hidden.png", nil)
	write("some/inner/c.png", nil)
	grey("mixed/a.png", 8, 1)
	grey("mixed/b.png", 9, 1)
	write("empty/notes.txt", nil)
	for _, c := range []struct {
		path   string
		levels []uint8 // of the first pixel of each image
		side   int
		files  string
		says   string
	}{
		{one, []uint8{5}, 8, "one.PNG", ""},
		{filepath.Join(folder, "some"), []uint8{1, 2}, 9, "a.png b.png", ""},
		{write("several.npz", archive(t, codes, three)), []uint8{0, 7, 9}, 8, "", ""},
		{write("single.npz", archive(t, single)), []uint8{0, 7, 9}, 8, "", ""},
		{write("array.npy", array), []uint8{0, 7, 9}, 8, "", ""},
		{filepath.Join(folder, "mixed"), nil, 0, "", "b.png: found an image of 9 x 9, want 8 x 8"},
		{filepath.Join(folder, "empty"), nil, 0, "", "want PNG files in the folder, found notes.txt"},
		{filepath.Join(folder, "nowhere"), nil, 0, "", "there is no such file"},
		{write("codes.npz", archive(t, codes)), nil, 0, "", "float32, want uint8"},
		{write("other.npz", archive(t, codes, single)), nil, 0, "", `no array "images"; there are ["anything" "codes"]`},
		{write("none.npz", archive(t, npz.Array{Name: "images", Shape: []int{0, 8, 8}, Values: []uint8{}})), nil, 0, "", "no images"},
		{write("text.txt", []byte("hello")), nil, 0, "", "want an .npz, .npy or .png file"},
		{write("broken.png", []byte("hello")), nil, 0, "", "want a PNG file"},
	} {
		images, files, err := ReadImages(t.Context(), c.path)
		if c.says != "" {
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), c.path) {
				t.Errorf("%s: %v, want an error that says %q", c.path, err, c.says)
			}
			continue
		}
		if err != nil || images.Side != c.side || images.Len() != len(c.levels) || images.Labels != nil || strings.Join(files, " ") != c.files {
			t.Errorf("%s: %d images of side %d, files %q, %v", c.path, images.Len(), images.Side, files, err)
			continue
		}
		for i, level := range c.levels {
			if images.Image(i)[0] != level {
				t.Errorf("%s: image %d begins with %d, want %d", c.path, i, images.Image(i)[0], level)
			}
		}
	}
}

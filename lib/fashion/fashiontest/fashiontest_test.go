package fashiontest

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"fashionlatent/lib/dataset"
)

var update = flag.Bool("update", false, "write the tiny data set anew")

const side, classes = 28, 10

// box covers the columns left to right of the rows top to bottom, both ends included.
type box struct{ left, top, right, bottom int }

// garments are the shapes, one for each class, with room for a shift by one pixel.
var garments = [classes][]box{
	{{9, 5, 18, 24}, {4, 5, 23, 10}},                                      // T-shirt: short sleeves
	{{9, 3, 18, 7}, {9, 8, 12, 25}, {15, 8, 18, 25}},                      // trouser: two legs
	{{9, 4, 18, 23}, {4, 4, 23, 8}, {4, 9, 6, 23}, {21, 9, 23, 23}},       // pullover: long sleeves
	{{11, 2, 16, 10}, {10, 11, 17, 17}, {8, 18, 19, 26}},                  // dress: widens
	{{6, 2, 11, 26}, {16, 2, 21, 26}, {3, 6, 4, 20}, {23, 6, 24, 20}},     // coat: open in front
	{{3, 21, 24, 23}, {5, 16, 7, 20}, {12, 14, 14, 20}, {20, 18, 22, 20}}, // sandal: straps
	{{8, 3, 19, 8}, {8, 11, 19, 16}, {8, 19, 19, 24}, {4, 3, 6, 14}},      // shirt: stripes
	{{3, 17, 24, 22}, {3, 14, 12, 16}},                                    // sneaker: low
	{{4, 12, 23, 24}, {8, 6, 9, 11}, {18, 6, 19, 11}, {8, 5, 19, 6}},      // bag: handle
	{{4, 3, 12, 24}, {13, 16, 24, 24}},                                    // ankle boot: high
}

// draw makes n images, each ten of them of ten classes in random order. Each is shifted by up to a pixel and has its
// own grey level and noise.
func draw(n int, rng *rand.Rand) dataset.Split {
	s := dataset.Split{Side: side, Images: make([]uint8, n*(side*side)), Labels: make([]uint8, 0, n)}
	for len(s.Labels) < n {
		for _, class := range rng.Perm(classes) {
			s.Labels = append(s.Labels, uint8(class))
		}
	}
	for i, class := range s.Labels {
		dx, dy, grey := rng.IntN(3)-1, rng.IntN(3)-1, 140+rng.IntN(80)
		image := s.Image(i)
		for _, b := range garments[class] {
			for y := b.top; y <= b.bottom; y++ {
				for x := b.left; x <= b.right; x++ {
					image[(y+dy)*side+x+dx] = uint8(grey + rng.IntN(31) - 15)
				}
			}
		}
	}
	return s
}

// TestGolden compares the uncompressed content of the files with what draw makes, because compress/gzip may differ
// between versions of Go.
func TestGolden(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	train, test := draw(60, rng), draw(20, rng)
	for _, file := range []struct {
		name   string
		header []uint32
		data   []uint8
	}{
		{"train-images-idx3-ubyte.gz", []uint32{0x803, 60, 28, 28}, train.Images},
		{"train-labels-idx1-ubyte.gz", []uint32{0x801, 60}, train.Labels},
		{"t10k-images-idx3-ubyte.gz", []uint32{0x803, 20, 28, 28}, test.Images},
		{"t10k-labels-idx1-ubyte.gz", []uint32{0x801, 20}, test.Labels},
	} {
		var want []byte
		for _, v := range file.header {
			want = binary.BigEndian.AppendUint32(want, v)
		}
		want = append(want, file.data...)
		path := filepath.Join("testdata", "tiny", file.name)
		if *update {
			write(t, path, want)
		}
		if got := read(t, path); !slices.Equal(got, want) {
			t.Errorf("%s is not what draw makes; -update writes it anew", path)
		}
	}
}

func write(t *testing.T, path string, data []byte) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(data)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestSeparable classifies every image by the nearest mean of the training classes.
func TestSeparable(t *testing.T) {
	d := Tiny(t)
	if d.Name != "tiny" || d.Train.Len() != 60 || d.Test.Len() != 20 {
		t.Fatalf("want tiny with 60 and 20 images, found %s with %d and %d", d.Name, d.Train.Len(), d.Test.Len())
	}
	var means [classes][(side * side)]float64
	var counts [classes]int
	for i, class := range d.Train.Labels {
		counts[class]++
		for p, v := range d.Train.Image(i) {
			means[class][p] += float64(v) / 6
		}
	}
	for class, n := range counts {
		if n != 6 {
			t.Fatalf("want 6 training images of class %d, found %d", class, n)
		}
	}
	for _, s := range []dataset.Split{d.Train, d.Test} {
		for i, class := range s.Labels {
			nearest, least := -1, 0.0
			for c := range means {
				var sum float64
				for p, v := range s.Image(i) {
					sum += (float64(v) - means[c][p]) * (float64(v) - means[c][p])
				}
				if nearest < 0 || sum < least {
					nearest, least = c, sum
				}
			}
			if nearest != int(class) {
				t.Errorf("image %d of %d: class %d is nearest to the mean of class %d", i, s.Len(), class, nearest)
			}
		}
	}
}

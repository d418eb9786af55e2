package explorer

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden file")

const side, pixels = 28, 28 * 28

// small is the data of a page with n images of two classes and two models with a decoder 2-3-784.
func small(n int) Data {
	random := rand.New(rand.NewPCG(1, 2))
	d := Data{Source: "Made for a test.", Side: side, Classes: []string{"Trouser", "T-shirt <top>"}, Epochs: []int{0, 5}}
	for i := range n {
		d.Labels, d.Places = append(d.Labels, uint8(i%2)), append(d.Places, 3*i)
		for range pixels {
			d.Images = append(d.Images, uint8(random.Uint32()))
		}
	}
	normal := func(n int) []float32 {
		values := make([]float32, n)
		for i := range values {
			values[i] = float32(random.NormFloat64())
		}
		return values
	}
	for _, name := range []string{"AE", "VAE"} {
		m := Model{Hidden: "silu", Name: name, About: "Run " + name + ".", Codes: [][]float32{normal(2 * n), normal(2 * n)}}
		m.Plane = Around(3, m.Codes...)
		m.Decoder = []Layer{{2, 3, normal(6), normal(3)}, {3, pixels, normal(3 * pixels), normal(pixels)}}
		m.Shades = []Shade{{"distance", "What is shaded.", []uint8{0, 128, 129, 255}}}
		d.Models = append(d.Models, m)
	}
	return d
}

func write(t *testing.T, d Data) string {
	t.Helper()
	var page bytes.Buffer
	if err := Write(&page, d); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

// part is the text between two texts of a page.
func part(t *testing.T, page, begin, end string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, begin)
	text, _, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("the page has no %s ... %s", begin, end)
	}
	return text
}

// The structure of the page, without its style, scripts and numbers, is that of testdata/page.html.
func TestPage(t *testing.T) {
	page := write(t, small(3))
	for _, cut := range []string{`(?s)(<style>).*(</style>)`, `(?s)(<script type="module">).*(</script>)`, `(id="bytes">)[^<]*(<)`} {
		page = regexp.MustCompile(cut).ReplaceAllString(page, "$1…$2")
	}
	const golden = "testdata/page.html"
	if *update {
		if err := os.WriteFile(golden, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), page); diff != "" {
		t.Errorf("the page is another (-want +got); if it should be: go test -update\n%s", diff)
	}
}

// The page holds the given data: integers unchanged, codes and weights to the promised precision.
func TestNumbers(t *testing.T) {
	d := small(5)
	page := write(t, d)
	var h head
	if err := json.Unmarshal([]byte(part(t, page, `id="head">`, `</script>`)), &h); err != nil {
		t.Fatal(err)
	}
	packed, err := base64.StdEncoding.DecodeString(part(t, page, `id="bytes">`, `</script>`))
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	uint8s := func(a array) []uint8 { return content[a.At : a.At+a.Size] }
	uint16s := func(a array) []uint16 {
		values := make([]uint16, a.Size)
		for i := range values {
			values[i] = binary.LittleEndian.Uint16(content[a.At+2*i:])
		}
		return values
	}
	halves := func(a array) []float32 {
		var values []float32
		for _, v := range uint16s(a) {
			values = append(values, single(v))
		}
		return values
	}
	if !slices.Equal(uint8s(h.Images), d.Images) || !slices.Equal(uint8s(h.Labels), d.Labels) || !slices.Equal(h.Places, d.Places) {
		t.Error("images, labels or places are others")
	}
	if !slices.Equal(h.Classes, d.Classes) || !slices.Equal(h.Epochs, d.Epochs) {
		t.Errorf("classes %q, epochs %v", h.Classes, h.Epochs)
	}
	for i, m := range d.Models {
		got := h.Models[i]
		for e, codes := range m.Codes {
			for j, q := range uint16s(got.Codes[e]) {
				low := []float32{m.Plane.X, m.Plane.Y}[j%2]
				if code := low + float32(q)/65535*m.Plane.Side; max(code-codes[j], codes[j]-code) > m.Plane.Side/65535*.6 {
					t.Errorf("%s, epoch %d: code %g became %g", m.Name, d.Epochs[e], codes[j], code)
				}
			}
		}
		for k, l := range m.Decoder {
			if !slices.Equal(halves(got.Layers[k].Weights), RoundHalf(l.Weights)) || !slices.Equal(halves(got.Layers[k].Bias), RoundHalf(l.Bias)) {
				t.Errorf("%s: the weights of layer %d are others", m.Name, k+1)
			}
		}
		if shade := got.Shades[0]; shade.Side != 2 || !slices.Equal(uint8s(shade.Values), m.Shades[0].Values) {
			t.Errorf("%s: shade %+v", m.Name, shade)
		}
	}
}

func TestSamePage(t *testing.T) {
	first := write(t, small(4))
	if write(t, small(4)) != first {
		t.Error("the same data gave two pages")
	}
}

// The page contains no address outside itself.
func TestOffline(t *testing.T) {
	page := write(t, small(2))
	if found := regexp.MustCompile(`(?i)(https?:)?//[a-z0-9.-]+\.[a-z]{2,}|<link[^>]*href="[^d#]|\bsrc=|@import|\burl\(|\bfetch\(|XMLHttpRequest`).FindAllString(page, -1); found != nil {
		t.Errorf("the page has %q", found)
	}
}

func TestSizeLimit(t *testing.T) {
	var page bytes.Buffer
	err := Write(&page, small(MaxSize/pixels)) // images that cannot be compressed; base64 makes them larger
	if err == nil || !strings.Contains(err.Error(), "at most 6000000") || page.Len() > 0 {
		t.Errorf("got %v and %d bytes", err, page.Len())
	}
}

// A page of the study's size, with numbers that cannot be compressed, is within the limit.
func TestStudySize(t *testing.T) {
	d := small(2500)
	random := rand.New(rand.NewPCG(3, 4))
	for i := range d.Models {
		m := &d.Models[i]
		for len(m.Codes) < 7 {
			m.Codes = append(m.Codes, m.Codes[0])
		}
		m.Decoder = nil
		for _, size := range [][2]int{{2, 256}, {256, 512}, {512, pixels}} {
			l := Layer{size[0], size[1], make([]float32, size[0]*size[1]), make([]float32, size[1])}
			for j := range l.Weights {
				l.Weights[j] = float32(random.NormFloat64())
			}
			m.Decoder = append(m.Decoder, l)
		}
	}
	d.Epochs = []int{0, 1, 2, 5, 10, 20, 30}
	if page := write(t, d); len(page) > MaxSize {
		t.Errorf("%d bytes", len(page))
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(d *Data)
		says   string
	}{
		{"no images", func(d *Data) { d.Images, d.Labels, d.Places = nil, nil, nil }, "0 pixel values for the positions of 0 images"},
		{"half an image", func(d *Data) { d.Images = d.Images[:1000] }, "1000 pixel values for the positions of 3 images"},
		{"places", func(d *Data) { d.Places = nil }, "2352 pixel values for the positions of 0 images"},
		{"classes", func(d *Data) { d.Classes = nil }, "0 classes"},
		{"labels", func(d *Data) { d.Labels = d.Labels[:2] }, "2 labels for 3 images"},
		{"classes without labels", func(d *Data) { d.Labels = nil }, "0 labels for 3 images"},
		{"side", func(d *Data) { d.Side = 129 }, "side 129, want 1 to 128"},
		{"label", func(d *Data) { d.Labels[1] = 7 }, "label 7, want less than the 2 classes"},
		{"no epochs", func(d *Data) { d.Epochs = nil }, "epochs []"},
		{"falling epochs", func(d *Data) { d.Epochs = []int{5, 0} }, "epochs [5 0], want one or more, rising"},
		{"no models", func(d *Data) { d.Models = nil }, "0 models"},
		{"epoch without codes", func(d *Data) { d.Models[1].Codes = d.Models[1].Codes[:1] }, "VAE: codes of 1 epochs, want 2"},
		{"codes", func(d *Data) { d.Models[0].Codes[1] = nil }, "AE: 0 values of codes"},
		{"plane", func(d *Data) { d.Models[0].Plane.Side = 0 }, "side is 0"},
		{"no decoder", func(d *Data) { d.Models[0].Decoder = nil }, "ends with 2 values, want 784"},
		{"layers that do not fit", func(d *Data) { d.Models[0].Decoder[1].In = 4 }, "layer 2 of the decoder is 4 to 784"},
		{"shades", func(d *Data) { d.Models[1].Shades = nil }, "VAE: 0 shades, want 1"},
		{"shade's name", func(d *Data) { d.Models[1].Shades[0].Name = "x" }, `shade 1 is "x", want "distance"`},
		{"shade's size", func(d *Data) { d.Models[0].Shades[0].Values = make([]uint8, 5) }, "5 values, want a square"},
	} {
		d := small(3)
		c.change(&d)
		if err := Write(io.Discard, d); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want it to say %q", c.name, err, c.says)
		}
	}
}

func TestSquare(t *testing.T) {
	s := Around(1, []float32{0, 3, 2, -1})
	if s.X > -1 || s.X+s.Side < 2 || s.Y > -1 || s.Y+s.Side < 3 || s.Side > 4.5 {
		t.Errorf("%+v is not about the codes and the disc", s)
	}
	s = Square{X: -1, Y: 2, Side: 2}
	if got, want := s.Grid(3), []float32{-1, 2, 0, 2, 1, 2, -1, 3, 0, 3, 1, 3, -1, 4, 0, 4, 1, 4}; !slices.Equal(got, want) {
		t.Errorf("grid %v, want %v", got, want)
	}
	if got, want := s.quantise([]float32{-1, 4, 0, 3, -9, 9}), []uint16{0, 65535, 32768, 32768, 0, 65535}; !slices.Equal(got, want) {
		t.Errorf("quantised %v, want %v", got, want)
	}
}

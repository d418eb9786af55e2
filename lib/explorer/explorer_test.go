package explorer

import (
	"bytes"
	"compress/gzip"
	"encoding/ascii85"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/x448/float16"
)

var update = flag.Bool("update", false, "rewrite the golden file")

const side, pixels = 28, 28 * 28

// small is the data of a page with n images of two classes, and AE and VAE with 2 and with 3 dimensions.
func small(n int) Data {
	random := rand.New(rand.NewPCG(1, 2))
	d := Data{Source: "Made for a test.", Back: "index.html", Side: side, Classes: []string{"Trouser", "T-shirt <top>"}, Far: 3}
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
	network := func(sizes ...int) Network {
		of := Network{Hidden: "silu"}
		for i, out := range sizes[1:] {
			of.Layers = append(of.Layers, Layer{In: sizes[i], Out: out, Weights: normal(sizes[i] * out), Bias: normal(out)})
		}
		return of
	}
	classifier := network(9, 2, 2)
	classifier.Layers[1].In, classifier.Layers[1].Weights = 13*13*2, normal(13*13*2*2)
	classifier.Round(16)
	d.Classifier = &Classifier{Convolutions: classifier.Layers[:1], Layers: classifier.Layers[1:], Accuracy: .9}
	for _, dim := range []int{2, 3} {
		s := Space{Name: fmt.Sprint(dim, " dimensions"), Dim: dim}
		for _, name := range []string{"AE", "VAE"} {
			m := Model{Name: name, About: "Run " + name + ".", Codes: normal(dim * n), Encoder: network(pixels, 3, dim), Decoder: network(dim, 3, pixels),
				Clusters: []Clusters{{"kmeans", make([]uint8, n)}},
				Sources:  []Source{{"N(0, I)", []float32{1}, make([]float32, dim), normal(dim * dim)}},
				Epochs:   []Epoch{{0, 300.5, .25, make([]uint8, 4*pixels)}}, LastEpoch: Epoch{Number: 5, Loss: 250, Accuracy: -1}}
			m.Encoder.Round(8)
			m.Decoder.RoundDecoder(m.Codes)
			before := normal(2 * n)
			if dim == 2 {
				m.Maps = []Map{{Name: "plane", Kind: Identity, Plane: Around(3, m.Codes, before), Shown: m.Codes, Until: [][]float32{before}}}
			} else {
				shown := normal(2 * n)
				m.Maps = []Map{
					{Name: "components", Kind: Linear, Plane: Around(3, shown, before), Shown: shown, Until: [][]float32{before}, Origin: normal(dim), Axes: normal(dim * dim), Spread: normal(dim)},
					{Name: "layout", Kind: Layout, Plane: Around(3, shown), Shown: shown},
				}
			}
			s.Models = append(s.Models, m)
		}
		d.Spaces = append(d.Spaces, s)
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

// On light and on dark ground, the rims of points have a contrast of 3 (WCAG 2.2, criterion 1.4.11), whatever their class.
func TestRimsAreVisible(t *testing.T) {
	css, err := os.ReadFile("page/style.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, found := strings.Cut(string(css), "@media (prefers-color-scheme: dark)")
	rim := regexp.MustCompile(`--rim: (\d+)%;`).FindStringSubmatch(light)
	if !found || rim == nil {
		t.Fatal("no colours for dark, or no --rim")
	}
	share, _ := strconv.ParseFloat(rim[1], 64)
	colours := map[string][3]float64{} // red, green and blue, 0 to 1
	for _, part := range []struct{ name, css string }{{"light", light}, {"dark", dark}} {
		for _, m := range regexp.MustCompile(`--([a-z0-9-]+): #([0-9a-f]{6});`).FindAllStringSubmatch(part.css, -1) {
			v, _ := strconv.ParseUint(m[2], 16, 32)
			colours[m[1]] = [3]float64{float64(v>>16) / 255, float64(v>>8&255) / 255, float64(v&255) / 255}
		}
		luminance := func(c [3]float64) (sum float64) {
			for i, weight := range []float64{.2126, .7152, .0722} {
				v := c[i] / 12.92
				if c[i] > .04045 {
					v = math.Pow((c[i]+.055)/1.055, 2.4)
				}
				sum += weight * v
			}
			return sum
		}
		for class := range 10 {
			name := fmt.Sprint("class-", class)
			of, known := colours[name]
			if !known {
				t.Fatalf("%s: no colour --%s", part.name, name)
			}
			for i, text := range colours["text"] {
				of[i] = of[i]*share/100 + text*(1-share/100)
			}
			a, b := luminance(of), luminance(colours["ground"])
			if c := (max(a, b) + .05) / (min(a, b) + .05); c < 3 {
				t.Errorf("%s: the rim of %s has the contrast %.2f, want 3", part.name, name, c)
			}
		}
	}
}

// The page holds the given data: whole numbers and single precision unchanged, the others to the promised precision.
func TestNumbers(t *testing.T) {
	d := small(5)
	page := write(t, d)
	var h head
	if err := json.Unmarshal([]byte(part(t, page, `id="head">`, `</script>`)), &h); err != nil {
		t.Fatal(err)
	}
	packed := make([]byte, len(page))
	n, _, err := ascii85.Decode(packed, []byte(strings.ReplaceAll(part(t, page, `id="bytes">`, `</script>`), "v", "<")), true)
	if err != nil || n < h.Bytes || n > h.Bytes+3 {
		t.Fatalf("%d bytes, want %d and at most 3 more (%v)", n, h.Bytes, err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed[:h.Bytes]))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	uint8s := func(a array) []uint8 { return content[a.At : a.At+a.Size] }
	uint16s := func(a array) (values []uint16) {
		for i := range a.Size {
			values = append(values, binary.LittleEndian.Uint16(content[a.At+2*i:]))
		}
		return values
	}
	halves := func(a array) (values []float32) {
		for _, v := range uint16s(a) {
			values = append(values, float16.Frombits(v).Float32())
		}
		return values
	}
	singles := func(a array) (values []float32) {
		for i := range a.Size {
			values = append(values, math.Float32frombits(binary.LittleEndian.Uint32(content[a.At+4*i:])))
		}
		return values
	}
	same := func(what string, got []headLayer, want []Layer) {
		for i, l := range want {
			steps := singles(got[i].Steps)
			for j, w := range l.Weights {
				at := got[i].Weights.At + j
				folded := int(content[at]) | int(content[at+len(l.Weights)])<<8
				if whole := folded>>1 ^ -(folded & 1); float32(whole)*steps[j%l.Out] != w {
					t.Fatalf("%s, layer %d: weight %d is %d steps of %g, want %g", what, i+1, j, whole, steps[j%l.Out], w)
				}
			}
			if !slices.Equal(singles(got[i].Bias), l.Bias) {
				t.Errorf("%s, layer %d: other biases", what, i+1)
			}
		}
	}
	if !slices.Equal(uint8s(h.Images), d.Images) || !slices.Equal(uint8s(h.Labels), d.Labels) || !slices.Equal(h.Places, d.Places) || h.Far != d.Far {
		t.Error("images, labels, places or the distance are others")
	}
	same("convolutions", h.Classifier.Convolutions, d.Classifier.Convolutions)
	same("classifier", h.Classifier.Layers, d.Classifier.Layers)
	for i, s := range d.Spaces {
		for j, m := range s.Models {
			got := h.Spaces[i].Models[j]
			same(m.Name+"'s encoder", got.Encoder.Layers, m.Encoder.Layers)
			same(m.Name+"'s decoder", got.Decoder.Layers, m.Decoder.Layers)
			for k, v := range halves(got.Codes) {
				if want := m.Codes[k]; max(v-want, want-v) > max(want, -want)/2048 {
					t.Errorf("%s: code %g became %g", m.Name, want, v)
				}
			}
			if got.Epochs[0].Number != 0 || got.Epochs[1].Number != 5 || !slices.Equal(uint8s(got.Epochs[0].Pictures), m.Epochs[0].Pictures) {
				t.Errorf("%s: epochs %+v", m.Name, got.Epochs)
			}
			for k, shown := range m.Maps {
				points := append(slices.Clone(shown.Until), shown.Shown)
				for e, q := range got.Maps[k].Points {
					for l, v := range uint16s(q) {
						low := []float32{shown.Plane.X, shown.Plane.Y}[l%2]
						if place := low + float32(v)/65535*shown.Plane.Side; max(place-points[e][l], points[e][l]-place) > shown.Plane.Side/65535*.6 {
							t.Errorf("%s, %s: place %g became %g", m.Name, shown.Name, points[e][l], place)
						}
					}
				}
				if !slices.Equal(singles(got.Maps[k].Axes), shown.Axes) {
					t.Errorf("%s, %s: other axes", m.Name, shown.Name)
				}
			}
		}
	}
}

// The layers compute products of matrices, with activations only between them. The values are computed by hand.
func TestApply(t *testing.T) {
	layers := []Layer{{In: 2, Out: 2, Weights: []float32{1, 2, 3, -4}, Bias: []float32{0, 1}}, {In: 2, Out: 1, Weights: []float32{2, 10}, Bias: []float32{-1}}}
	for hidden, want := range map[string]float64{ // the inputs of the second layer are 4 and -1
		"relu": 2*4 - 1,
		"silu": 2*4/(1+math.Exp(-4)) - 10/(1+math.E) - 1,
		"tanh": 2*math.Tanh(4) + 10*math.Tanh(-1) - 1,
	} {
		got := Network{layers, hidden}.Apply([]float32{1, 1, 0, 0})
		if len(got) != 2 || math.Abs(float64(got[0])-want) > 1e-5 {
			t.Errorf("%s: got %v, want %g and the output of a second row", hidden, got, want)
		}
	}
}

// Rounding a decoder changes hardly any grey level by more than one.
func TestRoundDecoder(t *testing.T) {
	exact, rounded := small(60).Spaces[1].Models[0], small(60).Spaces[1].Models[0]
	random := rand.New(rand.NewPCG(7, 8))
	for i, l := range exact.Decoder.Layers {
		for j := range l.Weights {
			l.Weights[j] = float32(random.NormFloat64())
		}
		rounded.Decoder.Layers[i].Weights = slices.Clone(l.Weights)
	}
	rounded.Decoder.RoundDecoder(exact.Codes)
	before, after := exact.Decoder.Apply(exact.Codes), rounded.Decoder.Apply(exact.Codes)
	changed, more := 0, 0
	for i := range before {
		difference := 255 * math.Abs(logistic(float64(before[i]))-logistic(float64(after[i])))
		if before[i] != after[i] {
			changed++
		}
		if difference > 1 {
			more++
		}
	}
	if changed < len(before)/2 || more > len(before)/1000 {
		t.Errorf("of %d pixel values %d changed, %d by more than one level; want most of them to change, and at most one in a thousand by more", len(before), changed, more)
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
	page = strings.Replace(page, part(t, page, `id="bytes">`, `</script>`), "", 1) // coded numbers may look like anything
	if found := regexp.MustCompile(`(?i)(https?:)?//[a-z0-9.-]+\.[a-z]{2,}|<link[^>]*href="[^d#]|\bsrc=|@import|\burl\(|\bfetch\(|XMLHttpRequest`).FindAllString(page, -1); found != nil {
		t.Errorf("the page has %q", found)
	}
}

func TestSizeLimit(t *testing.T) {
	var page bytes.Buffer
	err := Write(&page, small(MaxSize/pixels)) // images that cannot be compressed; Ascii85 makes them larger
	if err == nil || !strings.Contains(err.Error(), "at most 8000000") || page.Len() > 0 {
		t.Errorf("got %v and %d bytes", err, page.Len())
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
		{"no spaces", func(d *Data) { d.Spaces = nil }, "nothing to show"},
		{"no models", func(d *Data) { d.Spaces[0].Models = nil }, "0 models"},
		{"other models", func(d *Data) { d.Spaces[1].Models = d.Spaces[1].Models[:1] }, "1 models, want 1 to 12, as many"},
		{"model's name", func(d *Data) { d.Spaces[1].Models[1].Name = "x" }, `model 2 is "x", want "VAE"`},
		{"codes", func(d *Data) { d.Spaces[0].Models[0].Codes = nil }, "2 dimensions: AE: 0 values of codes"},
		{"activation", func(d *Data) { d.Spaces[0].Models[0].Encoder.Hidden = "gelu" }, `activation of the encoder is "gelu"`},
		{"no encoder", func(d *Data) { d.Spaces[0].Models[0].Encoder.Layers = nil }, "the encoder ends with 784 values, want 2"},
		{"no decoder", func(d *Data) { d.Spaces[0].Models[0].Decoder.Layers = nil }, "ends with 2 values, want 784"},
		{"layers that do not fit", func(d *Data) { d.Spaces[0].Models[0].Decoder.Layers[1].In = 4 }, "layer 2 of the decoder is 4 to 784"},
		{"clusters", func(d *Data) { d.Spaces[0].Models[0].Clusters[0].Of = nil }, "0 clusters by kmeans for 3 images"},
		{"source", func(d *Data) { d.Spaces[0].Models[0].Sources[0].Means = nil }, `source "N(0, I)" has 1 weights, 0 means`},
		{"no maps", func(d *Data) { d.Spaces[0].Models[1].Maps = nil }, "VAE: 0 maps"},
		{"map's name", func(d *Data) { d.Spaces[0].Models[1].Maps[0].Name = "x" }, `map 1 is "x", want "plane"`},
		{"kind of map", func(d *Data) { d.Spaces[1].Models[0].Maps[1].Kind = "x" }, `kind "x"`},
		{"epochs", func(d *Data) { d.Spaces[0].Models[1].Epochs = nil }, "0 epochs before the last, want 1"},
		{"loss", func(d *Data) { d.Spaces[0].Models[0].LastEpoch.Loss = math.NaN() }, "the loss NaN"},
		{"pictures of an epoch", func(d *Data) { d.Spaces[0].Models[0].Epochs[0].Pictures = make([]uint8, 2*784) }, "1568 pixels of pictures"},
		{"classifier of other classes", func(d *Data) { d.Classifier.Layers[0].Out = 3 }, "layer 1 of the classifier is 338 to 3"},
		{"a classifier that is not rounded", func(d *Data) { d.Classifier.Layers[0].Steps = nil }, "0 steps"},
		{"convolution", func(d *Data) { d.Classifier.Convolutions[0].In = 8 }, "layer 1 of the classifier's convolutions is 8 to 2"},
		{"no layers after the convolutions", func(d *Data) { d.Classifier.Layers = nil }, "the classifier ends with 338 values, want 2"},
		{"too many convolutions", func(d *Data) {
			d.Classifier.Convolutions = slices.Repeat([]Layer{{In: 9, Out: 1, Weights: make([]float32, 9), Bias: make([]float32, 1), Steps: []float32{1}}}, 5)
		}, "5 convolutions leave nothing"},
		{"accuracy", func(d *Data) { d.Classifier.Accuracy = math.NaN() }, "accuracy is NaN"},
		{"distance", func(d *Data) { d.Far = float32(math.Inf(1)) }, "at the distance +Inf"},
		{"no sources", func(d *Data) { d.Spaces[0].Models[0].Sources = nil }, "no source to draw codes from"},
		{"sources of one model", func(d *Data) { d.Spaces[1].Models[1].Sources[0].Name = "Gaussian" }, `3 dimensions: VAE has ["Gaussian" "kmeans"] to draw from`},
		{"clusters of one model", func(d *Data) { d.Spaces[0].Models[1].Clusters = nil }, `VAE has ["N(0, I)"] to draw from`},
		{"plane", func(d *Data) { d.Spaces[0].Models[0].Maps[0].Plane.Side = 0 }, "side is 0"},
		{"plane of a space", func(d *Data) { d.Spaces[1].Models[0].Maps[1].Kind = Identity }, "a plane cannot be a space of 3 dimensions"},
		{"axes", func(d *Data) { d.Spaces[1].Models[0].Maps[0].Axes = nil }, "3 numbers of the origin, 0 of the axes"},
		{"epoch without points", func(d *Data) { d.Spaces[0].Models[0].Maps[0].Until = [][]float32{} }, "points of 0 epochs, want 1"},
		{"points", func(d *Data) { d.Spaces[0].Models[0].Maps[0].Shown = nil }, "0 numbers of points"},
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

// Each cluster has a colour of its own, also if there are more than classes.
func TestColoursOfClusters(t *testing.T) {
	d := small(3)
	d.Spaces[0].Models[1].Clusters[0].Of[2] = 11
	page := write(t, d)
	if !strings.Contains(page, "--class-11:") || strings.Contains(page, "--class-12:") {
		t.Error("the page does not have the colours of 12 clusters")
	}
}

package figure

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the pictures in testdata anew")

var (
	names = []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"}
	long  = []string{"T-shirt or top with short sleeves", "Trouser", "Donaudampfschifffahrtsgesellschaftskapitänsmütze",
		"Bag, handbag or clutch without a shoulder strap", "unpronounceably/long_class-name/with_separators"}
)

// discs are n images of side x side, each with a disc of its own size.
func discs(n, side int) []uint8 {
	pix := make([]uint8, 0, n*side*side)
	for i := range n {
		r := float64(side) * (0.15 + 0.3*float64(i%7)/6)
		for y := range side {
			for x := range side {
				d := math.Hypot(float64(x)-float64(side-1)/2, float64(y)-float64(side-1)/2)
				pix = append(pix, uint8(255*min(max(r-d+0.5, 0), 1)))
			}
		}
	}
	return pix
}

// cloud is n points of some classes, each class around its own centre.
func cloud(n, classes int, scale float64) (points []float32, labels []uint8, centres []float64) {
	r := rand.New(rand.NewPCG(1, 2))
	for k := range classes {
		a := 2 * math.Pi * float64(k) / float64(classes)
		centres = append(centres, scale*3*math.Cos(a), scale*2*math.Sin(a))
	}
	for i := range n {
		k := i % classes
		points = append(points, float32(centres[2*k]+0.5*r.NormFloat64()), float32(centres[2*k+1]+0.4*r.NormFloat64()))
		labels = append(labels, uint8(k))
	}
	return points, labels, centres
}

func decay(n int, from, to float64) (x, y, spread []float64) {
	for i := range n {
		x = append(x, float64(i+1))
		y = append(y, to+(from-to)/float64(i+1))
		spread = append(spread, (from-to)/20)
	}
	return x, y, spread
}

// pictures are compared with testdata: pictures of every kind, with plain and with long names.
var pictures = map[string]func() (*Figure, error){
	"samples": func() (*Figure, error) {
		return Samples(discs(14, 12), []uint8{0, 1, 2, 3, 4, 0, 1, 2, 3, 0, 1, 2, 0, 0}, SamplesOptions{Names: long, PerClass: 4, Side: 12})
	},
	"grid": func() (*Figure, error) {
		return Grid(discs(8, 28), GridOptions{Columns: 4, Rows: []string{"prior", "Gaussian"}, Heads: long[:4], Scale: 2})
	},
	"reconstructions": func() (*Figure, error) {
		rows := []Row{{"original", discs(7, 12)}, {"AE, d = 2", discs(7, 12)}, {"VAE, d = 2, with a name that needs more than one line", discs(7, 12)}}
		return Reconstructions(rows, ReconstructionsOptions{PerRow: 4, Side: 12, Heads: names[:7]})
	},
	"manifold": func() (*Figure, error) {
		return Manifold(discs(20, 12), ManifoldOptions{X: []float64{-1.28, -0.52, 0, 0.52, 1.28}, Y: []float64{1.15, 0.32, -0.32, -1.15}, XName: "code 1", YName: "code 2", Side: 12})
	},
	"scatter": func() (*Figure, error) {
		p, l, c := cloud(300, 5, 1)
		return Scatter(Panel{Points: p, Labels: l, Centres: c, X: "PC 1 (43 % of variance)", Y: "PC 2 (11 % of variance)"}, ScatterOptions{Names: long, NameClasses: true, Equal: true, PanelWidth: 300})
	},
	"multiples": func() (*Figure, error) {
		var panels []Panel
		for i, scale := range []float64{0.3, 1, 1.5} {
			p, l, c := cloud(80, 4, scale)
			panels = append(panels, Panel{Title: fmt.Sprintf("epoch %d\nACC .52  NMI .50  test 251.3", i*5+1), Points: p, Labels: l, Centres: c, X: "code 1", Y: "code 2"})
		}
		return SmallMultiples(panels, ScatterOptions{Names: names, Common: true, Columns: 2, PanelWidth: 210})
	},
	"trimmed": func() (*Figure, error) {
		var panels []Panel
		for i, scale := range []float64{0.5, 1} {
			p, l, c := cloud(200, 4, scale)
			p[0], p[3] = 40, -40 // far from all other points
			panels = append(panels, Panel{Title: fmt.Sprint("epoch ", i), Points: p, Labels: l, Centres: append(c, 30, 30), X: "code 1", Y: "code 2"})
		}
		return SmallMultiples(panels, ScatterOptions{Names: names, Common: true, Trim: 0.01, PanelWidth: 210})
	},
	"limits": func() (*Figure, error) {
		p, _, _ := cloud(100, 4, 1)
		return Scatter(Panel{Points: p, X: "code 1", Y: "code 2"}, ScatterOptions{Limits: &Limits{-2, 2, -2, 2}, PanelWidth: 220})
	},
	"curves": func() (*Figure, error) {
		x, train, spread := decay(30, 300, 240)
		_, test, _ := decay(30, 305, 245)
		return Curves(Chart{X: "epoch", Y: "negative ELBO (nats per image)",
			Series:     []Series{{Name: "train", X: x, Y: train, Spread: spread, Colour: 1}, {Name: "test, with a long name of a series", X: x, Y: test, Variant: 1, Colour: 1}},
			References: []Reference{{"PCA, two components", 283}, {"mean image", 284.5}}})
	},
	"panels": func() (*Figure, error) {
		d := []float64{2, 4, 8, 16, 32}
		loss := []Series{{Name: "AE", X: d, Y: []float64{250, 240, 232, 228, 224}, Spread: []float64{3, 2, 2, 1, 1}}, {Name: "VAE", X: d, Y: []float64{255, 246, 240, 238, 238}}}
		score := []Series{{Name: "VAE", X: d, Y: []float64{0.46, 0.52, 0.58, 0.56, 0.51}, Spread: []float64{.03, .02, .02, .01, .03}, Band: true}}
		return Panels([]Chart{{Title: "Reconstruction of images that were never seen", X: "code size", Y: "test loss", LogX: true, Series: loss},
			{Title: "Clustering", X: "code size", Y: "ACC", LogX: true, Series: score, References: []Reference{{"k-means on pixels", 0.474}}}}, PanelsOptions{Width: 250})
	},
	"logarithmic": func() (*Figure, error) {
		d := []float64{1, 2, 4, 8}
		var all []Series
		for i := range 7 {
			s := Series{Name: fmt.Sprint("source ", i), X: d, Variant: i % 2}
			for _, x := range d {
				s.Y, s.Spread = append(s.Y, math.Pow(10, float64(i)/3)*x), append(s.Spread, x*float64(i)/2)
			}
			all = append(all, s)
		}
		return Panels([]Chart{{X: "code size", Y: "distance to all of the test images", LogX: true, LogY: true, Series: all, References: []Reference{{"training images", 0.5}}}}, PanelsOptions{Width: 300})
	},
	"dots": func() (*Figure, error) {
		none := math.NaN()
		return DotCharts([]DotChart{
			{Title: "Accuracy", X: "ACC", Rows: []string{"pixels", long[0], "AE, 16"}, Dots: []Dots{
				{Name: "k-means", Values: []float64{.51, .53, .55}, Spread: []float64{.01, .02, 0}},
				{Name: "mixture", Values: []float64{none, .58, .61}, Spread: []float64{0, .03, .04}}}},
			{Title: "Information", X: "NMI", Rows: []string{"pixels", "PCA"}, Dots: []Dots{{Name: "k-means", Values: []float64{.4, .5}}}, Lines: []Reference{{"N2D .44", .44}, {"SPC .45", .45}, {At: .3}}},
		}, 2)
	},
	"matrix": func() (*Figure, error) {
		return Matrix([][]int{{812, 20, 168, 0}, {5, 950, 40, 5}, {400, 10, 590, 0}}, MatrixOptions{Rows: long[:3], Columns: []string{"Coat", "Bag", long[3], "4"}, Y: "class", X: "cluster that stands for"})
	},
	"diagram-ae": func() (*Figure, error) {
		return Diagram(DiagramOptions{Kind: "ae", Latent: 2, Hidden: []int{512, 256}, Activation: "relu", Output: "sigmoid", Loss: "binary cross-entropy"})
	},
	"diagram-vae": func() (*Figure, error) {
		return Diagram(DiagramOptions{Kind: "vae", Latent: 128, Hidden: []int{128}, Activation: "leaky_relu", Output: "sigmoid", Loss: "squared error, summed over all the pixels of an image", Beta: 0.5})
	},
	"beside": func() (*Figure, error) {
		a, err := Grid(discs(4, 12), GridOptions{Columns: 2, Side: 12})
		if err != nil {
			return nil, err
		}
		b, err := Grid(discs(6, 12), GridOptions{Columns: 3, Side: 12})
		if err != nil {
			return nil, err
		}
		return Beside([]*Figure{a, b}, BesideOptions{Titles: []string{"AE", "VAE, with a long title"}})
	},
}

// drawn is the picture of that name, drawn only once.
func drawn(t *testing.T, name string) *Figure {
	t.Helper()
	if f, ok := cache[name]; ok {
		return f
	}
	f, err := pictures[name]()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	cache[name] = f
	return f
}

var cache = map[string]*Figure{}

// Spreads of shares end at 0 and 1, and on a logarithmic axis at a tenth of the value.
func TestExtent(t *testing.T) {
	for _, c := range []struct {
		chart                   Chart
		y, spread, below, above float64
	}{
		{Chart{}, .1, .2, -.1, .3}, {Chart{Shares: true}, .1, .2, 0, .3}, {Chart{Shares: true}, .9, .2, .7, 1},
		{Chart{LogY: true}, 1, 2, .1, 3}, {Chart{LogY: true, Shares: true}, .8, .9, .08, 1},
	} {
		if below, above := c.chart.extent(c.y, c.spread); math.Abs(below-c.below) > 1e-12 || math.Abs(above-c.above) > 1e-12 {
			t.Errorf("%v ± %v in %+v: %v to %v, want %v to %v", c.y, c.spread, c.chart, below, above, c.below, c.above)
		}
	}
}

func TestPictures(t *testing.T) {
	for name := range pictures {
		t.Run(name, func(t *testing.T) {
			f := drawn(t, name)
			path := filepath.Join("testdata", name+".png")
			b, err := (&Figure{Image: halved(f.Image)}).PNG()
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(path, b, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v; go test -update writes it", err)
			}
			if diff := compare(b, want); diff != "" {
				wrong := filepath.Join(os.TempDir(), "wrong-"+name+".png")
				_ = os.WriteFile(wrong, b, 0o644)
				t.Errorf("%s; the picture drawn is %s; go test -update accepts it", diff, wrong)
			}
			if w := f.Image.Bounds().Dx(); w != 2*f.Width {
				t.Errorf("image %d wide for a display width of %d, want twice as many", w, f.Width)
			}
			if len(f.Alt) < 20 || !strings.HasSuffix(f.Alt, ".") || f.Caption == "" {
				t.Errorf("alt %q, caption %q", f.Alt, f.Caption)
			}
		})
	}
}

// halved is the picture at its display size, which makes testdata small.
func halved(m image.Image) image.Image {
	src := m.(*image.RGBA) // opaque
	half := image.NewRGBA(image.Rect(0, 0, m.Bounds().Dx()/2, m.Bounds().Dy()/2))
	for y := range half.Rect.Dy() {
		for x := range half.Rect.Dx() {
			from, to := src.PixOffset(2*x, 2*y), half.PixOffset(x, y)
			for c := range 4 {
				sum := int(src.Pix[from+c]) + int(src.Pix[from+4+c]) + int(src.Pix[from+src.Stride+c]) + int(src.Pix[from+src.Stride+4+c])
				half.Pix[to+c] = uint8(sum / 4)
			}
		}
	}
	return half
}

// compare describes the difference between two pictures. Small differences of antialiasing are ignored.
func compare(got, want []byte) string {
	a, errA := png.Decode(bytes.NewReader(got))
	b, errB := png.Decode(bytes.NewReader(want))
	if errA != nil || errB != nil {
		return fmt.Sprintf("no PNG: %v, %v", errA, errB)
	}
	if a.Bounds() != b.Bounds() {
		return fmt.Sprintf("size %v, want %v", a.Bounds().Size(), b.Bounds().Size())
	}
	different := 0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			if distance(a.At(x, y), b.At(x, y)) > sameColour {
				different++
			}
		}
	}
	if limit := a.Bounds().Dx() * a.Bounds().Dy() / 2000; different > limit {
		return fmt.Sprintf("%d pixels differ, at most %d may", different, limit)
	}
	return ""
}

func TestSame(t *testing.T) {
	f := drawn(t, "beside")
	content, err := f.PNG()
	if err != nil {
		t.Fatal(err)
	}
	// changed encodes the figure with another compression, after a change of one pixel.
	changed := func(by uint8, caption string) []byte {
		other := image.NewRGBA(f.Image.Bounds())
		picture, err := png.Decode(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		draw.Draw(other, other.Rect, picture, image.Point{}, draw.Src)
		other.Pix[other.PixOffset(50, 60)] -= by
		var plain bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.NoCompression}).Encode(&plain, other); err != nil {
			t.Fatal(err)
		}
		all := appendChunk(plain.Bytes()[:headLength:headLength], "iTXt", []byte(keyAlt+"\x00\x00\x00\x00\x00"+f.Alt))
		all = appendChunk(all, "iTXt", []byte(keyCaption+"\x00\x00\x00\x00\x00"+caption))
		return append(all, plain.Bytes()[headLength:]...)
	}
	other, err := drawn(t, "curves").PNG()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		content []byte
		want    bool
	}{
		{"itself", content, true},
		{"another compression", changed(0, f.Caption), true},
		{"rounding", changed(2, f.Caption), true},
		{"another colour", changed(40, f.Caption), false},
		{"another caption", changed(0, f.Caption+"!"), false},
		{"another figure", other, false},
	} {
		if same, err := f.Same(c.content); err != nil || same != c.want {
			t.Errorf("%s: %v, %v; want %v", c.name, same, err, c.want)
		}
	}
	if _, err := f.Same(content[:100]); err == nil {
		t.Error("half a file is a figure")
	}
}

func TestSameDataSameBytes(t *testing.T) {
	for name, draw := range pictures {
		again, err := draw()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again.Image.(*image.RGBA).Pix, drawn(t, name).Image.(*image.RGBA).Pix) {
			t.Errorf("%s: another picture the second time", name)
		}
	}
	one, other := drawn(t, "beside"), drawn(t, "beside")
	a, errA := one.PNG()
	b, errB := (&Figure{Image: other.Image, Alt: other.Alt, Caption: other.Caption, Width: other.Width}).PNG()
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		t.Errorf("other bytes the second time, errors %v, %v", errA, errB)
	}
}

// A picture is encoded once, and again if its texts change.
func TestPNGIsMadeOnce(t *testing.T) {
	drawing := drawn(t, "beside")
	f := &Figure{Image: drawing.Image, Alt: "Before.", Width: drawing.Width}
	before, err := f.PNG()
	if err != nil {
		t.Fatal(err)
	}
	read, err := Read(before)
	if err != nil {
		t.Fatal(err)
	}
	for _, of := range []*Figure{f, read} {
		if same, err := of.PNG(); err != nil || !bytes.Equal(same, before) {
			t.Errorf("other bytes the second time, %v", err)
		}
		of.Alt = "After."
		after, err := of.PNG()
		if err != nil {
			t.Fatal(err)
		}
		if found, err := Read(after); err != nil || found.Alt != "After." {
			t.Errorf("changed, it is read as %+v, %v", found, err)
		}
	}
}

// The texts of a figure and its size are stored in its PNG.
func TestRead(t *testing.T) {
	f := drawn(t, "beside")
	b, err := f.PNG()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Read(b)
	if err != nil || again.Alt != f.Alt || again.Caption != f.Caption || again.Width != f.Width || again.Image.Bounds() != f.Image.Bounds() {
		t.Errorf("%+v, %v", again, err)
	}
	if want := []byte("pHYs\x00\x00\x1d\x87\x00\x00\x1d\x87\x01"); !bytes.Contains(b, want) { // 7559 pixels a metre are 192 an inch
		t.Error("the picture does not say that it has two pixels for each CSS pixel")
	}
	if longer, err := Read(append(bytes.Clone(b), bytes.Repeat([]byte{0xff}, 12)...)); err != nil || longer.Alt != f.Alt {
		t.Errorf("bytes behind the picture: %+v, %v", longer, err)
	}
	var plain bytes.Buffer
	if err := png.Encode(&plain, f.Image); err != nil {
		t.Fatal(err)
	}
	large := bytes.Clone(b)
	binary.BigEndian.PutUint32(large[16:], 60_000) // the width; then the checksum of the chunk
	binary.BigEndian.PutUint32(large[20:], 60_000)
	binary.BigEndian.PutUint32(large[29:], crc32.ChecksumIEEE(large[12:29]))
	for want, content := range map[string][]byte{"unexpected EOF": b[:100], "60000 x 60000 pixels, want at most 67108864": large, "png": []byte("none at all"), "without alternative text": plain.Bytes()} {
		if _, err := Read(content); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}

// A picture with few colours keeps them. A picture with many is close to the original.
func TestCompact(t *testing.T) {
	for name, limit := range map[string]float64{"manifold": 0, "scatter": 1.5} {
		m := drawn(t, name).Image
		less := compact(m)
		if p, ok := less.(*image.Paletted); ok != (name == "scatter") || ok && len(p.Palette) > 256 {
			t.Errorf("%s: %T", name, less)
		}
		sum, most := 0, 0
		for y := range m.Bounds().Dy() {
			for x := range m.Bounds().Dx() {
				d := distance(m.At(x, y), less.At(x, y))
				sum, most = sum+d, max(most, d)
			}
		}
		if mean := float64(sum) / float64(m.Bounds().Dx()*m.Bounds().Dy()); mean > limit || most > 64 {
			t.Errorf("%s: colours differ by %.2f of 255 in the mean, at most %d", name, mean, most)
		}
	}
}

// Every figure has a white border. Anything that reached into it would be cut off.
func TestNothingReachesTheEdge(t *testing.T) {
	more := map[string]func() (*Figure, error){
		"many classes": func() (*Figure, error) {
			p, l, c := cloud(600, 60, 1)
			return Scatter(Panel{Title: strings.Repeat("a long title ", 10), Points: p, Labels: l, Centres: c, X: strings.Repeat("axis ", 40), Y: strings.Repeat("axis ", 40)}, ScatterOptions{})
		},
		"many images": func() (*Figure, error) {
			return Grid(discs(120, 8), GridOptions{Columns: 60, Side: 8, Heads: []string{long[2], long[3]}, Rows: long[:2]})
		},
		"narrow manifold": func() (*Figure, error) {
			return Manifold(discs(6, 8), ManifoldOptions{X: []float64{-12345}, Y: []float64{3, 2, 1, 0, -1, -2}, Side: 8, Scale: 2, XName: long[2], YName: long[3]})
		},
	}
	for kind, hidden := range map[string][]int{"ae": nil, "vae": {2000, 1000, 500, 250, 100}} {
		more["diagram "+kind] = func() (*Figure, error) {
			return Diagram(DiagramOptions{Kind: kind, Hidden: hidden, Latent: 4096, Activation: "a_very_long_activation", Output: "hard_sigmoid", Loss: strings.Repeat("many words of loss ", 9), Beta: 1e-5})
		}
	}
	for name, draw := range more {
		f, err := draw()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		checkBorder(t, name, f)
	}
	for name := range pictures {
		checkBorder(t, name, drawn(t, name))
	}
}

func checkBorder(t *testing.T, name string, f *Figure) {
	t.Helper()
	b := f.Image.Bounds()
	inner := b.Inset(4)
	for y := range b.Dy() {
		for x := 0; x < b.Dx(); x++ {
			if image.Pt(x, y).In(inner) {
				x = inner.Max.X // there is nothing inside
			}
			if distance(f.Image.At(x, y), color.White) > 0 {
				t.Errorf("%s: something at %d, %d of %v", name, x, y, b.Size())
				return
			}
		}
	}
}

func TestBadInput(t *testing.T) {
	img := discs(4, 28)
	pts := []float32{0, 0, 1, 1}
	nan := float32(math.NaN())
	one := []Series{{Name: "s", X: []float64{1, 2}, Y: []float64{1, 2}}}
	figureOf := func(f *Figure, err error) error { return err }
	for want, err := range map[string]error{
		"no images":                            figureOf(Grid(nil, GridOptions{})),
		"3135 bytes":                           figureOf(Grid(img[1:], GridOptions{})),
		"-1 columns":                           figureOf(Grid(img, GridOptions{Columns: -1})),
		"3 names of rows":                      figureOf(Grid(img, GridOptions{Columns: 2, Rows: names[:3]})),
		"side of an image -2":                  figureOf(Grid(img, GridOptions{Side: -2})),
		"cannot be drawn":                      figureOf(Grid(make([]uint8, 1<<22), GridOptions{Side: 2, Columns: 1, Scale: 100})),
		"4 images and 2 labels":                figureOf(Samples(img, []uint8{0, 1}, SamplesOptions{Names: names})),
		"label 9 of image 3":                   figureOf(Samples(img, []uint8{0, 1, 2, 9}, SamplesOptions{Names: names[:9]})),
		"no class names":                       figureOf(Samples(img, []uint8{0, 1, 2, 9}, SamplesOptions{})),
		"no rows":                              figureOf(Reconstructions(nil, ReconstructionsOptions{})),
		`row "AE" has 784`:                     figureOf(Reconstructions([]Row{{"original", img}, {"AE", img[:784]}}, ReconstructionsOptions{})),
		"3 names for 4":                        figureOf(Reconstructions([]Row{{"original", img}}, ReconstructionsOptions{Heads: names[:3]})),
		"4 images for a manifold of 2 columns": figureOf(Manifold(img, ManifoldOptions{X: []float64{0, 1}, Y: []float64{1}})),
		"code value NaN":                       figureOf(Manifold(img, ManifoldOptions{X: []float64{0, math.NaN()}, Y: []float64{1, 0}})),
		"0 columns":                            figureOf(Manifold(img, ManifoldOptions{})),
		"no panels":                            figureOf(SmallMultiples(nil, ScatterOptions{})),
		"panel 1: 3 numbers":                   figureOf(Scatter(Panel{Points: pts[:3]}, ScatterOptions{})),
		"2 points and 1 labels":                figureOf(Scatter(Panel{Points: pts, Labels: []uint8{0}}, ScatterOptions{})),
		"label 3 of point 1":                   figureOf(Scatter(Panel{Points: pts, Labels: []uint8{0, 3}}, ScatterOptions{Names: names[:2]})),
		"coordinate 2 of point 0 is NaN":       figureOf(Scatter(Panel{Points: []float32{0, nan}}, ScatterOptions{})),
		"coordinate 1 of centre 0 is +Inf":     figureOf(Scatter(Panel{Points: pts, Centres: []float64{math.Inf(1), 0}}, ScatterOptions{})),
		"two coordinates for each centre":      figureOf(Scatter(Panel{Points: pts, Centres: []float64{0}}, ScatterOptions{})),
		"limits {XMin:1 XMax:1":                figureOf(Scatter(Panel{Points: pts}, ScatterOptions{Limits: &Limits{1, 1, 0, 1}})),
		"a share of 0.5 of the points":         figureOf(Scatter(Panel{Points: pts}, ScatterOptions{Trim: 0.5})),
		"panels 20 wide":                       figureOf(Scatter(Panel{Points: pts}, ScatterOptions{PanelWidth: 20})),
		"no charts":                            figureOf(Panels(nil, PanelsOptions{})),
		"no series":                            figureOf(Curves(Chart{})),
		`series "s" has 1 x, 0 y`:              figureOf(Curves(Chart{Series: []Series{{Name: "s", X: []float64{1}}}})),
		`point 0 of series "s" is (0, 1)`:      figureOf(Curves(Chart{LogX: true, Series: []Series{{Name: "s", X: []float64{0}, Y: []float64{1}}}})),
		"point 0 of series \"low\" is (1, 0)":  figureOf(Curves(Chart{LogY: true, Series: []Series{{Name: "low", X: []float64{1}, Y: []float64{0}}}})),
		`reference "r" at 0`:                   figureOf(Curves(Chart{LogY: true, Series: one, References: []Reference{{"r", 0}}})),
		"spread 0 of series":                   figureOf(Curves(Chart{Series: []Series{{X: []float64{1}, Y: []float64{1}, Spread: []float64{-1}}}})),
		`reference "r" at NaN`:                 figureOf(Curves(Chart{Series: one, References: []Reference{{"r", math.NaN()}}})),
		"charts 9 wide":                        figureOf(Panels([]Chart{{Series: one}}, PanelsOptions{Width: 9})),
		`kind of model "cae"`:                  figureOf(Diagram(DiagramOptions{Kind: "cae", Latent: 2})),
		"code size 0":                          figureOf(Diagram(DiagramOptions{Kind: "ae"})),
		"hidden layer 2 has size 0":            figureOf(Diagram(DiagramOptions{Kind: "ae", Latent: 2, Hidden: []int{4, 0}})),
		"9 hidden layers":                      figureOf(Diagram(DiagramOptions{Kind: "ae", Latent: 2, Hidden: make([]int, 9)})),
		"beta -1":                              figureOf(Diagram(DiagramOptions{Kind: "vae", Latent: 2, Beta: -1})),
		"no figures":                           figureOf(Beside(nil, BesideOptions{})),
		"no dot charts":                        figureOf(DotCharts(nil, 0)),
		"-2 columns of dot charts":             figureOf(DotCharts([]DotChart{{}}, -2)),
		"0 rows and 0 sets of dots":            figureOf(DotCharts([]DotChart{{}}, 0)),
		`"k" has 1 values and 0 spreads for 2`: figureOf(DotCharts([]DotChart{{Rows: names[:2], Dots: []Dots{{Name: "k", Values: []float64{1}}}}}, 0)),
		`value 0 of "k" is +Inf`:               figureOf(DotCharts([]DotChart{{Rows: names[:1], Dots: []Dots{{Name: "k", Values: []float64{math.Inf(1)}}}}}, 0)),
		`line "l" at NaN`:                      figureOf(DotCharts([]DotChart{{Rows: names[:1], Dots: []Dots{{Values: []float64{1}}}, Lines: []Reference{{"l", math.NaN()}}}}, 0)),
		"no value in any row":                  figureOf(DotCharts([]DotChart{{Rows: names[:1], Dots: []Dots{{Name: "k", Values: []float64{math.NaN()}}}}}, 0)),
		"no counts":                            figureOf(Matrix(nil, MatrixOptions{})),
		"0 names of rows and 1 of columns":     figureOf(Matrix([][]int{{1}}, MatrixOptions{Columns: names[:1]})),
		"row 2 of a matrix has 0 counts":       figureOf(Matrix([][]int{{1}, {}}, MatrixOptions{Rows: names[:2], Columns: names[:1]})),
		"has the count -1":                     figureOf(Matrix([][]int{{-1}}, MatrixOptions{Rows: names[:1], Columns: names[:1]})),
		"figure 1 of 1 has no image":           figureOf(Beside([]*Figure{{}}, BesideOptions{})),
		"1 titles for 2 figures":               figureOf(Beside([]*Figure{{}, {}}, BesideOptions{Titles: []string{"a"}})),
		"-1 columns of 1":                      figureOf(Beside([]*Figure{{}}, BesideOptions{Columns: -1})),
	} {
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "figure: ") {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
	if _, err := (&Figure{}).PNG(); err == nil {
		t.Error("no error for a figure without an image")
	}
}

// Data without extent, and very large data, are drawn nevertheless.
func TestOddData(t *testing.T) {
	for name, points := range map[string][]float32{"one point": {3, 4}, "equal points": {1e6, -1, 1e6, -1}, "large": {-3e38, 3e38, 3e38, -3e38}, "a line": {0, 5, 1e-30, 5}} {
		if _, err := Scatter(Panel{Points: points, Labels: make([]uint8, len(points)/2)}, ScatterOptions{Equal: true, NameClasses: true}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, s := range map[string]Series{"one point": {X: []float64{5}, Y: []float64{0}}, "constant": {X: []float64{1, 2}, Y: []float64{7, 7}}, "large": {X: []float64{1, 1e15}, Y: []float64{-1e290, 1e290}}} {
		for _, log := range []bool{false, true} {
			if _, err := Curves(Chart{LogX: log, Series: []Series{s}}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func ExampleScatter() {
	f, err := Scatter(Panel{
		Points: []float32{0, 0, 1, 0.5, 4, 2, 5, 3},
		Labels: []uint8{0, 0, 1, 1},
		X:      "code 1", Y: "code 2",
	}, ScatterOptions{Names: []string{"Bag", "Coat"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.Alt)
	fmt.Println(f.Caption)
	// Output:
	// Scatter of 4 points, code 1 from 0 to 5 across, code 2 from 0 to 3 upwards. Medians of the classes: Bag (0.5, 0.25); Coat (4.5, 2.5).
	// 4 points coloured by class.
}

func ExampleDiagram() {
	f, err := Diagram(DiagramOptions{Kind: "ae", Hidden: []int{512, 256}, Latent: 2, Activation: "relu", Output: "sigmoid", Loss: "binary cross-entropy"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.Alt)
	// Output:
	// Block diagram of an autoencoder. The encoder leads from 784 inputs over hidden layers of 512, 256 to a code of 2; the decoder mirrors it over hidden layers of 256, 512 to 784 outputs. Input and output enter the reconstruction loss, binary cross-entropy.
}

func BenchmarkPNG(b *testing.B) {
	p, l, c := cloud(10_000, 10, 1)
	f, err := Scatter(Panel{Points: p, Labels: l, Centres: c}, ScatterOptions{Names: names})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := f.PNG(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkScatter(b *testing.B) {
	p, l, c := cloud(10_000, 10, 1)
	for b.Loop() {
		if _, err := Scatter(Panel{Points: p, Labels: l, Centres: c}, ScatterOptions{Names: names, NameClasses: true}); err != nil {
			b.Fatal(err)
		}
	}
}

// Figures that are put together without titles keep the letters of their panels and get no letters of their own.
func TestBesideWithoutTitles(t *testing.T) {
	part, err := Grid(make([]uint8, 2*28*28), GridOptions{Columns: 2})
	if err != nil {
		t.Fatal(err)
	}
	plain, err := Beside([]*Figure{part, part}, BesideOptions{Columns: 1})
	if err != nil {
		t.Fatal(err)
	}
	titled, err := Beside([]*Figure{part, part}, BesideOptions{Columns: 1, Titles: []string{"one", "two"}})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(plain.Alt, "(a)") || plain.Image.Bounds().Dy() != 2*part.Image.Bounds().Dy() {
		t.Errorf("without titles: %d pixels high of parts of %d, %q", plain.Image.Bounds().Dy(), part.Image.Bounds().Dy(), plain.Alt)
	}
	if !strings.Contains(titled.Alt, "(a) one: ") || !strings.Contains(titled.Alt, "(b) two: ") {
		t.Errorf("with titles: %q", titled.Alt)
	}
}

func TestChartsOfOneQuantityShareTheirRange(t *testing.T) {
	chart := func(axis string, y ...float64) Chart {
		return Chart{Y: axis, Series: []Series{{X: []float64{1, 2}, Y: y}}}
	}
	got := commonY([]Chart{chart("loss", 3, 5), chart("share", .2, .4), chart("loss", 4, 9)})
	if want := (map[string]span{"loss": {3, 9}, "share": {.2, .4}}); !maps.Equal(got, want) {
		t.Errorf("the ranges are %v, want %v", got, want)
	}
}

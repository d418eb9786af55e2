package figure

import (
	"image/color"
	"math"

	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// All lengths in this package are in CSS pixels. The image has two of its own pixels for each of them.
const (
	density = 2 // image pixels per CSS pixel
	dpi     = 72 * density
	margin  = 10 // white border around every figure
	leading = 1.25

	sizeSmall = 10.5 // ticks, marks
	sizeText  = 12   // labels, legends
	sizeTitle = 13   // panel titles

	lineThin  = 0.8
	lineCurve = 1.8
)

var (
	inkText  = color.NRGBA{0x22, 0x22, 0x22, 0xff}
	inkSoft  = color.NRGBA{0x5c, 0x5c, 0x5c, 0xff}
	inkAxis  = color.NRGBA{0x9a, 0x9a, 0x9a, 0xff}
	inkGrid  = color.NRGBA{0xea, 0xea, 0xea, 0xff}
	inkPaper = color.NRGBA{0xff, 0xff, 0xff, 0xff}
)

// palette is Petroff's sequence of ten colours. Readers with any of the common colour vision deficiencies can tell them
// apart (M. A. Petroff, "Accessible color sequences for data visualization", arXiv 2107.02270, 2021). Its second grey
// is darkened here, because its two greys are hard to tell apart in small points.
var palette = [10]color.NRGBA{
	{0x3f, 0x90, 0xda, 0xff}, {0xff, 0xa9, 0x0e, 0xff}, {0xbd, 0x1f, 0x01, 0xff}, {0x94, 0xa4, 0xa2, 0xff}, {0x83, 0x2d, 0xb6, 0xff},
	{0xa9, 0x6b, 0x59, 0xff}, {0xe7, 0x63, 0x00, 0xff}, {0xb9, 0xac, 0x70, 0xff}, {0x36, 0x3a, 0x45, 0xff}, {0x92, 0xda, 0xdd, 0xff},
}

// hue returns the colour of class or series i: the palette, then the palette darkened, then lightened, then again from
// the start. Lines and the rims of points are strong forms of it.
func hue(i int) color.NRGBA {
	c := palette[i%len(palette)]
	switch i / len(palette) % 3 {
	case 1:
		return mix(c, inkText, 0.45)
	case 2:
		return mix(c, inkPaper, 0.5)
	}
	return c
}

// visible is the least contrast with the paper of the colours of points and lines. It leaves a contrast of 3 (WCAG 2.2, criterion
// 1.4.11) where the rim of a small point covers no pixel wholly.
const visible = 3.3

// strong is the colour of lines, of marks and of the rims of points: c, darkened if its contrast is below visible.
func strong(c color.NRGBA) color.NRGBA {
	darker := c
	for share := 0.02; contrast(darker) < visible; share += 0.02 {
		darker = mix(c, inkText, share)
	}
	return darker
}

// contrast is the contrast of an opaque colour with white paper, 1 to 21 (WCAG 2.2, "contrast ratio").
func contrast(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 1.05 / (0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B) + 0.05)
}

// marks are the shapes that tell curves apart where colours do not, in print and for colour-blind readers.
var marks = [7]draw.GlyphDrawer{draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, diamond{}, draw.RingGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}}

// mark returns the mark of series i, in the colour of hue(i).
func mark(i int) draw.GlyphStyle {
	return draw.GlyphStyle{Color: strong(hue(i)), Radius: 3.2, Shape: marks[i%len(marks)]}
}

// rimmed is a disc with a rim, by which pale colours are seen on white.
type rimmed struct{ rim color.NRGBA }

const rimWidth = 0.6

func (d rimmed) DrawGlyph(c *draw.Canvas, s draw.GlyphStyle, at vg.Point) {
	circle := func(r vg.Length) vg.Path {
		var p vg.Path
		p.Move(vg.Point{X: at.X + r, Y: at.Y})
		p.Arc(at, r, 0, 2*math.Pi)
		p.Close()
		return p
	}
	c.SetColor(s.Color)
	c.Fill(circle(s.Radius - rimWidth))
	c.SetLineStyle(draw.LineStyle{Color: d.rim, Width: rimWidth})
	c.Stroke(circle(s.Radius - rimWidth/2))
}

// diamond is a square that stands on one corner.
type diamond struct{}

func (diamond) DrawGlyph(c *draw.Canvas, s draw.GlyphStyle, at vg.Point) {
	r := s.Radius * 1.3
	var p vg.Path
	p.Move(vg.Point{X: at.X, Y: at.Y + r})
	p.Line(vg.Point{X: at.X + r, Y: at.Y})
	p.Line(vg.Point{X: at.X, Y: at.Y - r})
	p.Line(vg.Point{X: at.X - r, Y: at.Y})
	p.Close()
	c.Fill(p)
}

// mix goes from a to b by the given share.
func mix(a, b color.NRGBA, share float64) color.NRGBA {
	m := func(x, y uint8) uint8 { return uint8(float64(x)*(1-share) + float64(y)*share + 0.5) }
	return color.NRGBA{m(a.R, b.R), m(a.G, b.G), m(a.B, b.B), 0xff}
}

// shade goes from white to a dark blue by the given share. Its lightness falls throughout, so it can be read in grey
// print.
func shade(share float64) color.NRGBA {
	return mix(inkPaper, color.NRGBA{0x0b, 0x3d, 0x6e, 0xff}, share)
}

// faint is the colour with the given opacity, 0 to 1.
func faint(c color.NRGBA, opacity float64) color.NRGBA {
	c.A = uint8(opacity*255 + 0.5)
	return c
}

// tone is the grey in which an image's value is shown.
func tone(v uint8) uint8 { return 255 - v }

// ink is a style of text.
type ink struct {
	size         float64
	bold, italic bool
	colour       color.Color
	align        float64 // share of the text's width that lies left of the anchor: 0 starts there, 1/2 is centred, 1 ends there
	halo         bool    // a white rim that separates the text from what is under it
}

var (
	textInk  = ink{size: sizeText, colour: inkText}
	smallInk = ink{size: sizeSmall, colour: inkSoft}
	titleInk = ink{size: sizeTitle, colour: inkText, bold: true}
)

func (k ink) aligned(a float64) ink { k.align = a; return k }

func (k ink) font() font.Font {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Length(k.size)}
	if k.bold {
		f.Weight = stdfont.WeightBold
	}
	if k.italic {
		f.Style = stdfont.StyleItalic
	}
	return f
}

// newPlot returns an empty plot in the style of this package.
func newPlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil // the page is white already; a plot must not paint over its neighbours
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.LineStyle = draw.LineStyle{Color: inkAxis, Width: lineThin}
		a.Padding = 0
		a.Tick.LineStyle = a.LineStyle
		a.Tick.Length = 4
		axisText(&a.Tick.Label, smallInk)
		axisText(&a.Label.TextStyle, textInk)
		a.Label.Padding = 4
	}
	return p
}

func axisText(s *text.Style, k ink) {
	s.Font, s.Color = k.font(), k.colour
}

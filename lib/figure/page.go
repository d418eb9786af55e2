package figure

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// maxPixels is the largest size of a picture, in its own pixels.
const maxPixels = 1 << 26

// page is a white page in CSS pixels, with the origin at the top left and y pointing down.
type page struct {
	img  *vgimg.Canvas
	c    draw.Canvas // the same page for gonum/plot, with y pointing up
	w, h float64
}

func newPage(w, h float64) (*page, error) {
	w, h = math.Ceil(w), math.Ceil(h)
	if !(w >= 1 && h >= 1 && w*h*density*density <= maxPixels) {
		return nil, fmt.Errorf("figure: a picture of %.0f x %.0f pixels cannot be drawn, at most %d pixels in all: draw fewer parts", w*density, h*density, maxPixels)
	}
	img := vgimg.NewWith(vgimg.UseWH(vg.Length(w), vg.Length(h)), vgimg.UseDPI(dpi))
	return &page{img: img, c: draw.New(img), w: w, h: h}, nil
}

func (p *page) figure(alt, caption string) *Figure {
	return &Figure{Image: p.img.Image(), Alt: alt, Caption: caption, Width: int(p.w)}
}

func (p *page) at(x, y float64) vg.Point { return vg.Point{X: vg.Length(x), Y: vg.Length(p.h - y)} }

// box is a rectangle on a page.
type box struct{ x0, y0, x1, y1 float64 }

func (b box) overlaps(o box) bool { return b.x0 < o.x1 && o.x0 < b.x1 && b.y0 < o.y1 && o.y0 < b.y1 }

func (b box) inside(o box) bool { return b.x0 >= o.x0 && b.x1 <= o.x1 && b.y0 >= o.y0 && b.y1 <= o.y1 }

// boxOf is the place on the page of a part of gonum/plot's canvas.
func (p *page) boxOf(c draw.Canvas) box {
	return box{float64(c.Min.X), p.h - float64(c.Max.Y), float64(c.Max.X), p.h - float64(c.Min.Y)}
}

func (p *page) polygon(fill color.Color, xy ...float64) {
	pts := make([]vg.Point, 0, len(xy)/2)
	for i := 0; i < len(xy); i += 2 {
		pts = append(pts, p.at(xy[i], xy[i+1]))
	}
	p.c.FillPolygon(fill, pts)
}

func (p *page) line(colour color.Color, width float64, variant int, xy ...float64) {
	pts := make([]vg.Point, 0, len(xy)/2)
	for i := 0; i < len(xy); i += 2 {
		pts = append(pts, p.at(xy[i], xy[i+1]))
	}
	p.c.StrokeLines(lineStyle(colour, width, variant), pts)
}

// dashes are the lines that tell variants apart; the first is solid. They are short enough to be seen beside the mark of a legend.
var dashes = [6][]vg.Length{nil, {5, 3}, {1.5, 2.5}, {4, 1.5, 1.2, 1.5}, {7, 2}, {2.5, 1.5, 1.2, 1.2, 1.2, 1.5}}

func lineStyle(colour color.Color, width float64, variant int) draw.LineStyle {
	return draw.LineStyle{Color: colour, Width: vg.Length(width), Dashes: dashes[variant%len(dashes)]}
}

func (p *page) disc(colour color.Color, x, y, radius float64) {
	p.c.DrawGlyphNoClip(draw.GlyphStyle{Color: colour, Radius: vg.Length(radius), Shape: draw.CircleGlyph{}}, p.at(x, y))
}

// glyph draws a mark, or nothing if it has no shape.
func (p *page) glyph(s draw.GlyphStyle, x, y float64) {
	if s.Shape != nil {
		p.c.DrawGlyphNoClip(s, p.at(x, y))
	}
}

// write writes lines of text, the first with its baseline at y.
func (p *page) write(k ink, x, y float64, s string) {
	face := font.DefaultCache.Lookup(k.font(), vg.Length(k.size))
	for i, line := range strings.Split(s, "\n") {
		at := p.at(x-k.align*width(k, line), y+float64(i)*k.size*leading)
		if k.halo {
			p.c.SetColor(faint(inkPaper, 0.8))
			for a := 0.0; a < 2*math.Pi; a += math.Pi / 4 {
				p.c.FillString(face, vg.Point{X: at.X + vg.Length(1.6*math.Cos(a)), Y: at.Y + vg.Length(1.6*math.Sin(a))}, line)
			}
		}
		p.c.SetColor(k.colour)
		p.c.FillString(face, at, line)
	}
}

// writeMid writes lines of text with their middle at y.
func (p *page) writeMid(k ink, x, y float64, s string) {
	p.write(k, x, y+0.36*k.size-float64(strings.Count(s, "\n"))*k.size*leading/2, s)
}

// writeUp writes lines of text that read upwards, centred on y, with their left edge at x.
func (p *page) writeUp(k ink, x, y float64, s string) {
	face := font.DefaultCache.Lookup(k.font(), vg.Length(k.size))
	p.c.SetColor(k.colour)
	for i, line := range strings.Split(s, "\n") {
		p.c.Push()
		p.c.Translate(p.at(x+k.size*(0.8+float64(i)*leading), y+width(k, line)/2))
		p.c.Rotate(math.Pi / 2)
		p.c.FillString(face, vg.Point{}, line)
		p.c.Pop()
	}
}

// width is the width of the longest line.
func width(k ink, s string) float64 {
	face := font.DefaultCache.Lookup(k.font(), vg.Length(k.size))
	var w float64
	for line := range strings.SplitSeq(s, "\n") {
		w = max(w, float64(face.Width(line)))
	}
	return w
}

// height is the height of all lines, from the top of the first to the foot of the last.
func height(k ink, s string) float64 {
	if s == "" {
		return 0
	}
	return k.size * (1 + leading*float64(strings.Count(s, "\n")))
}

// wrap breaks lines at spaces so that none is wider than limit. It breaks a word only if the word alone is too long.
func wrap(k ink, limit float64, s string) string {
	var lines []string
	for paragraph := range strings.SplitSeq(s, "\n") {
		if width(k, paragraph) <= limit {
			lines = append(lines, paragraph)
			continue
		}
		line := ""
		for _, word := range strings.Fields(paragraph) {
			if line != "" && width(k, line+" "+word) <= limit {
				line += " " + word
				continue
			}
			if line != "" {
				lines = append(lines, line)
			}
			for line = word; width(k, line) > limit; {
				head := fitting(k, limit, line)
				lines, line = append(lines, line[:head]), line[head:]
			}
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// fitting is the number of bytes of the longest part at the start of word that fits, at least one letter. The part ends
// after a slash, hyphen or underscore if it has one.
func fitting(k ink, limit float64, word string) int {
	fit, nice, letters := 0, 0, 0
	for i, r := range word {
		end := i + len(string(r))
		if letters > 0 && width(k, word[:end]) > limit {
			break
		}
		fit = end
		letters++
		if r == '/' || r == '-' || r == '_' {
			nice = end
		}
	}
	if nice > 0 {
		return nice
	}
	return fit
}

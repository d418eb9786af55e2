package figure

import (
	"image/color"

	"gonum.org/v1/plot/vg/draw"
)

// entry explains one colour, line or mark.
type entry struct {
	name    string
	colour  color.NRGBA
	line    bool            // a line, not a dot
	variant int             // of the line
	mark    draw.GlyphStyle // on the line, or alone; without a shape there is none
	cross   bool            // a cross, as for cluster centres
}

const legendRoom = 150 // width at which names are broken into lines

func (e entry) thumb() float64 {
	if e.line {
		return 30
	}
	return 16
}

// legend is a list of entries in columns.
type legend struct {
	columns []legendColumn
	w, h    float64
}

type legendColumn struct {
	entries []entry
	w       float64
}

const legendGap = 7 // between entries

// newLegend puts the entries into as many columns as the height requires.
func newLegend(entries []entry, tall float64) legend {
	var l legend
	var c legendColumn
	y := 0.0
	flush := func() {
		if len(c.entries) > 0 {
			l.columns = append(l.columns, c)
			l.w += c.w
			if len(l.columns) > 1 {
				l.w += 14
			}
		}
		c, y = legendColumn{}, 0
	}
	for _, e := range entries {
		e.name = wrap(textInk, legendRoom, e.name)
		h := height(textInk, e.name) + legendGap
		if y > 0 && y+h-legendGap > tall {
			flush()
		}
		y += h
		l.h = max(l.h, y)
		c.entries = append(c.entries, e)
		c.w = max(c.w, e.thumb()+width(textInk, e.name))
	}
	flush()
	return l
}

// draw draws the legend with its top left corner at x, y.
func (l legend) draw(p *page, x, y float64) {
	for _, c := range l.columns {
		at := y
		for _, e := range c.entries {
			mid := at + sizeText/2
			switch {
			case e.line:
				p.line(e.colour, lineCurve, e.variant, x, mid, x+22, mid)
				p.glyph(e.mark, x+11, mid)
			case e.mark.Shape != nil:
				p.glyph(e.mark, x+5, mid)
			case e.cross:
				p.cross(x+5, mid)
			default:
				p.glyph(draw.GlyphStyle{Color: e.colour, Radius: 4.5, Shape: rimmed{strong(e.colour)}}, x+5, mid)
			}
			p.writeMid(textInk, x+e.thumb(), mid+float64(lines(e.name)-1)*sizeText*leading/2, e.name)
			at += height(textInk, e.name) + legendGap
		}
		x += c.w + 14
	}
}

// cross draws the mark of a cluster centre: black with a white rim.
func (p *page) cross(x, y float64) {
	stroke := func(c color.Color, w, r float64) {
		p.line(c, w, 0, x-r, y-r, x+r, y+r)
		p.line(c, w, 0, x-r, y+r, x+r, y-r)
	}
	stroke(inkPaper, 4, 5.2)
	stroke(color.Black, 1.8, 4.2)
}

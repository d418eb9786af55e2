package figure

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// DotChart compares values for items without an order, one row for each item.
type DotChart struct {
	Title string   // above the chart: the first line is bold, the text after "\n" plain
	X     string   // name of the axis of the values
	Rows  []string // names of the rows, from the top
	Dots  []Dots
	Lines []Reference
}

// Dots are one value for each row, all in one colour and mark.
type Dots struct {
	Name   string    // in the legend
	Colour int       // as of a Series; 0: by the place among the Dots
	Values []float64 // [rows]; NaN: no value in that row
	Spread []float64 // [rows], such as a standard deviation, drawn from Values-Spread to Values+Spread; nil: none
}

// mark is the mark of the dots at a place, from 0: the shape is that of the place.
func (d Dots) mark(place int) draw.GlyphStyle {
	m := mark(place)
	if d.Colour > 0 {
		m.Color = mark(d.Colour - 1).Color
	}
	return m
}

// spread is the spread of a row; 0: none.
func (d Dots) spread(row int) float64 {
	if d.Spread == nil {
		return 0
	}
	return d.Spread[row]
}

const (
	dotPitch = 13  // between the dots of a row
	rowGap   = 10  // between rows
	rowRoom  = 170 // width at which names are broken into lines
)

// DotCharts shows dot charts with one legend. columns is the number of charts per row; 0: up to 2.
func DotCharts(charts []DotChart, columns int) (*Figure, error) {
	if len(charts) == 0 {
		return nil, errors.New("figure: no dot charts to draw")
	}
	if columns < 0 {
		return nil, fmt.Errorf("figure: %d columns of dot charts, want 0 or more", columns)
	}
	if columns == 0 {
		columns = 2
	}
	b := board{columns: min(columns, len(charts))}
	b.w = []float64{640, 400, 330}[min(b.columns, 3)-1]
	for i, c := range charts {
		if err := c.check(); err != nil {
			return nil, fmt.Errorf("figure: dot chart %d: %w", i+1, err)
		}
		q, rows, err := c.plot(b.w)
		if err != nil {
			return nil, fmt.Errorf("figure: dot chart %d: %w", i+1, err)
		}
		b.h = max(b.h, rows+50)
		b.plots, b.titles = append(b.plots, q), append(b.titles, c.Title)
	}
	listed := map[string]bool{}
	for _, c := range charts {
		for i, d := range c.Dots {
			if d.Name != "" && !listed[d.Name] {
				listed[d.Name] = true
				b.entries = append(b.entries, entry{name: d.Name, mark: d.mark(i)})
			}
		}
	}
	p, places, err := b.draw()
	if err != nil {
		return nil, err
	}
	for i, c := range charts {
		p.nameLines(c, b.plots[i], places[i], c.pitch(b.w))
	}
	alt, caption := dotsWords(charts)
	return p.figure(alt, caption), nil
}

func (c DotChart) check() error {
	if len(c.Rows) == 0 || len(c.Dots) == 0 {
		return fmt.Errorf("%d rows and %d sets of dots, want 1 or more of both", len(c.Rows), len(c.Dots))
	}
	seen := false
	for _, d := range c.Dots {
		if len(d.Values) != len(c.Rows) || d.Spread != nil && len(d.Spread) != len(c.Rows) {
			return fmt.Errorf("%q has %d values and %d spreads for %d rows", d.Name, len(d.Values), len(d.Spread), len(c.Rows))
		}
		for i, v := range d.Values {
			if math.IsNaN(v) {
				continue
			}
			seen = true
			if !finite(v) || d.Spread != nil && !(finite(d.Spread[i]) && d.Spread[i] >= 0) {
				return fmt.Errorf("value %d of %q is %v, want finite numbers, and spreads of 0 or more", i, d.Name, v)
			}
		}
	}
	for _, r := range c.Lines {
		if !finite(r.At) {
			return fmt.Errorf("line %q at %v, want a finite number", r.Name, r.At)
		}
	}
	if !seen {
		return errors.New("no value in any row")
	}
	return nil
}

// plot draws the rows from the top, row i at the height -i. It also returns the height of all rows.
func (c DotChart) plot(w float64) (q *plot.Plot, tall float64, err error) {
	q = newPlot()
	q.X.Label.Text = c.X
	pitch := c.pitch(w)
	var names []plot.Tick
	for i, name := range c.Rows {
		name = wrap(smallInk, min(rowRoom, w/2.5), name)
		names = append(names, plot.Tick{Value: -float64(i), Label: name})
	}
	x := noSpan()
	for k, d := range c.Dots {
		var at plotter.XYs
		var bars plotter.XErrors
		for i, v := range d.Values {
			if math.IsNaN(v) {
				continue
			}
			spread := d.spread(i)
			x.add(v - spread)
			x.add(v + spread)
			at = append(at, plotter.XY{X: v, Y: c.heightOf(i, k, pitch)})
			bars = append(bars, struct{ Low, High float64 }{spread, spread})
		}
		if len(at) == 0 {
			continue
		}
		across, err := plotter.NewXErrorBars(struct {
			plotter.XYs
			plotter.XErrors
		}{at, bars})
		if err != nil {
			return nil, 0, err
		}
		across.LineStyle, across.CapWidth = lineStyle(d.mark(k).Color, 1.2, 0), 6
		dots, err := plotter.NewScatter(at)
		if err != nil {
			return nil, 0, err
		}
		dots.GlyphStyle = d.mark(k)
		q.Add(across, dots)
	}
	q.Add(between(len(c.Rows)))
	for _, r := range c.Lines {
		x.add(r.At)
		q.Add(upright(r.At))
	}
	x = x.padded(0.05)
	q.X.Min, q.X.Max = x.lo, x.hi
	q.Y.Min, q.Y.Max = -float64(len(c.Rows))+0.5, 0.5
	q.X.Tick.Marker, q.Y.Tick.Marker = niceTicks{about: int(w / 110)}, plot.ConstantTicks(names)
	q.Y.Tick.Length = 0
	return q, pitch * float64(len(c.Rows)), nil
}

// pitch is the height of a row in a chart of width w.
func (c DotChart) pitch(w float64) float64 {
	pitch := dotPitch*float64(len(c.Dots)) + rowGap
	for _, name := range c.Rows {
		pitch = max(pitch, height(smallInk, wrap(smallInk, min(rowRoom, w/2.5), name))+rowGap)
	}
	return pitch
}

// heightOf is the y coordinate of dot k of a row.
func (c DotChart) heightOf(row, k int, pitch float64) float64 {
	return -float64(row) - (float64(k)-float64(len(c.Dots)-1)/2)*dotPitch/pitch
}

// between draws thin lines between that many rows.
type between int

func (n between) Plot(c draw.Canvas, q *plot.Plot) {
	for i := range int(n) - 1 {
		y := c.Y(q.Y.Norm(-float64(i) - 0.5))
		c.StrokeLine2(draw.LineStyle{Color: inkGrid, Width: vg.Length(lineThin)}, c.Min.X, y, c.Max.X, y)
	}
}

// upright is a vertical line across the whole plot.
type upright float64

func (v upright) Plot(c draw.Canvas, q *plot.Plot) {
	x := c.X(q.X.Norm(float64(v)))
	c.StrokeLine2(referenceStyle, x, c.Min.Y, x, c.Max.Y)
}

// nameLines writes the name of each line beside it, at the highest place without dots. pitch is that of the rows when the dots
// were placed.
func (p *page) nameLines(c DotChart, q *plot.Plot, at box, pitch float64) {
	across := func(v float64) float64 { return at.x0 + q.X.Norm(v)*(at.x1-at.x0) }
	texts := placer{bounds: at}
	for _, r := range c.Lines {
		texts.taken = append(texts.taken, box{across(r.At) - 0.5, at.y0, across(r.At) + 0.5, at.y1})
	}
	for k, d := range c.Dots {
		for row, v := range d.Values {
			if math.IsNaN(v) {
				continue
			}
			spread := d.spread(row)
			y := at.y1 - q.Y.Norm(c.heightOf(row, k, pitch))*(at.y1-at.y0)
			texts.taken = append(texts.taken, box{across(v-spread) - 4, y - 4, across(v+spread) + 4, y + 4})
		}
	}
	k := smallInk
	k.halo = true
	for _, r := range c.Lines {
		if r.Name == "" {
			continue
		}
		w, h, x := width(k, r.Name), height(k, r.Name)+2, across(r.At)
		var candidates []box
		for y := at.y0 + 1; y+h < at.y1; y += 4 {
			candidates = append(candidates, box{x + 3, y, x + 3 + w, y + h}, box{x - 3 - w, y, x - 3, y + h})
		}
		b := texts.put(candidates, func(i int, _ box) float64 { return float64(i) })
		p.writeMid(k, b.x0, (b.y0+b.y1)/2, r.Name)
	}
}

func dotsWords(charts []DotChart) (alt, caption string) {
	var s strings.Builder
	var shown []string
	for i, c := range charts {
		s.WriteString(titled(c.Title, i, len(charts)))
		fmt.Fprintf(&s, "%s of %s.", cmp.Or(c.X, "values"), count(len(c.Rows), "row"))
		for r, name := range c.Rows {
			var values []string
			for _, d := range c.Dots {
				if !math.IsNaN(d.Values[r]) {
					values = append(values, strings.TrimSpace(d.Name+" "+short(d.Values[r])))
				}
			}
			if values != nil {
				fmt.Fprintf(&s, " %s: %s.", name, strings.Join(values, ", "))
			}
		}
		for _, r := range c.Lines {
			if r.Name != "" {
				fmt.Fprintf(&s, " Line %s: %s.", r.Name, short(r.At))
			}
		}
		s.WriteString(" ")
		shown = append(shown, cmp.Or(c.X, "values"))
	}
	return capital(strings.TrimSpace(s.String())), capital(strings.Join(slices.Compact(shown), "; ")) + "."
}

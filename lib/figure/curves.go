package figure

import (
	"cmp"
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Series is one curve.
type Series struct {
	Name    string    // in the legend; series with the same name have the same colour and mark in all panels
	X, Y    []float64 // [n] each, drawn in this order
	Spread  []float64 // [n], such as a standard deviation, drawn from Y-Spread to Y+Spread; nil: none
	Labels  []string  // [n], written above the points; nil: none
	Band    bool      // the spread is a band, however few the points are
	Colour  int       // index in the palette from 1, to give several series the same colour; 0: the next unused one, with a mark of its own
	Variant int       // line and mark, to tell series of the same colour apart: 0 for a solid line, from 1 on dashes and dots
}

// Chart is a set of curves on common axes.
type Chart struct {
	Title      string // above the chart: the first line is bold, the text after "\n" plain
	X, Y       string // names of the axes
	Series     []Series
	References []Reference
	LogX, LogY bool // logarithmic axes; all values on them must be above 0
	Shares     bool // values of y lie between 0 and 1; spreads are shown no further
}

// PanelsOptions says how several charts are laid out.
type PanelsOptions struct {
	Columns int  // charts per row; 0: up to 3
	CommonY bool // charts whose axis of y has the same name show the same range
	Width   int  // width of a chart in CSS pixels; 0: chosen from the number of columns
}

// markedUpTo is the largest number of points of which each has a mark. Of more points, about markedOf have one.
const (
	markedUpTo = 20
	markedOf   = 6
)

// Curves shows training curves or a sweep. Up to 20 points have marks, with bars for their spread, or a band if the
// series asks for it. Of more points some have marks, and the spread is a band.
func Curves(c Chart) (*Figure, error) { return Panels([]Chart{c}, PanelsOptions{}) }

// Panels shows several charts with one legend.
func Panels(charts []Chart, o PanelsOptions) (*Figure, error) {
	if len(charts) == 0 {
		return nil, errors.New("figure: no charts to draw")
	}
	if o.Columns < 0 || o.Width != 0 && o.Width < narrowest {
		return nil, fmt.Errorf("figure: %d columns of charts %d wide, want 0 or more, and a width of 0 or %d and more", o.Columns, o.Width, narrowest)
	}
	b := board{columns: columnsFor(o.Columns, len(charts))}
	b.w = float64(o.Width)
	if o.Width == 0 {
		b.w = []float64{560, 390, 310, 260}[min(b.columns, 4)-1]
	}
	b.h = math.Round(b.w * 0.66)
	if b.columns > 1 {
		b.h = math.Round(b.w * 0.8)
	}
	for i, c := range charts {
		if err := c.check(); err != nil {
			return nil, fmt.Errorf("figure: chart %d: %w", i+1, err)
		}
	}
	common := commonY(charts)
	colours := coloursOf(charts)
	listed := map[string]bool{}
	for _, c := range charts {
		x, y := c.spans()
		if o.CommonY {
			y = common[c.Y]
		}
		if c.LogY {
			y = y.paddedLog(0.06)
		} else {
			y = y.padded(0.06)
		}
		q, err := c.plot(x, y, colours, b.w, b.h)
		if err != nil {
			return nil, fmt.Errorf("figure: %w", err)
		}
		b.plots, b.titles = append(b.plots, q), append(b.titles, c.Title)
		for _, s := range c.Series {
			key := fmt.Sprintf("%s\x00%d\x00%d", s.Name, s.Variant, s.Colour)
			if s.Name != "" && !listed[key] {
				listed[key] = true
				b.entries = append(b.entries, entry{name: s.Name, colour: colours.of(s), line: true, variant: s.Variant, mark: colours.mark(s)})
			}
		}
	}
	p, places, err := b.draw()
	if err != nil {
		return nil, err
	}
	for i, c := range charts {
		p.nameReferences(c, b.plots[i], places[i])
	}
	return p.figure(curvesAlt(charts), curvesCaption(charts)), nil
}

// commonY returns the range of all charts with the same name of the y axis, by that name.
func commonY(charts []Chart) map[string]span {
	common := map[string]span{}
	for _, c := range charts {
		_, y := c.spans()
		if other, ok := common[c.Y]; ok {
			y.add(other.lo)
			y.add(other.hi)
		}
		common[c.Y] = y
	}
	return common
}

func (c Chart) check() error {
	if len(c.Series) == 0 {
		return errors.New("no series to draw")
	}
	for _, s := range c.Series {
		if len(s.X) == 0 || len(s.X) != len(s.Y) || s.Spread != nil && len(s.Spread) != len(s.X) || s.Labels != nil && len(s.Labels) != len(s.X) {
			return fmt.Errorf("series %q has %d x, %d y, %d spreads and %d labels, want as many of each", s.Name, len(s.X), len(s.Y), len(s.Spread), len(s.Labels))
		}
		if s.Colour < 0 || s.Variant < 0 {
			return fmt.Errorf("series %q has colour %d and variant %d, want 0 or more", s.Name, s.Colour, s.Variant)
		}
		for i := range s.X {
			if !finite(s.X[i]) || !finite(s.Y[i]) || c.LogX && s.X[i] <= 0 || c.LogY && s.Y[i] <= 0 {
				return fmt.Errorf("point %d of series %q is (%v, %v), want finite numbers, above 0 on a logarithmic axis", i, s.Name, s.X[i], s.Y[i])
			}
			if s.Spread != nil && !(finite(s.Spread[i]) && s.Spread[i] >= 0) {
				return fmt.Errorf("spread %d of series %q is %v, want 0 or more", i, s.Name, s.Spread[i])
			}
		}
	}
	for _, r := range c.References {
		if !finite(r.At) || c.LogY && r.At <= 0 {
			return fmt.Errorf("reference %q at %v, want a finite number, above 0 on a logarithmic axis", r.Name, r.At)
		}
	}
	return nil
}

// spans returns the ranges of x and y that the chart covers.
func (c Chart) spans() (x, y span) {
	x, y = noSpan(), noSpan()
	for _, s := range c.Series {
		for i := range s.X {
			x.add(s.X[i])
			spread := 0.0
			if s.Spread != nil {
				spread = s.Spread[i]
			}
			below, above := c.extent(s.Y[i], spread)
			y.add(below)
			y.add(above)
		}
	}
	for _, r := range c.References {
		y.add(r.At)
	}
	return x, y
}

// extent is where a spread around y is shown to begin and to end. On a logarithmic axis it begins at a tenth of y at the
// lowest.
func (c Chart) extent(y, spread float64) (below, above float64) {
	below, above = y-spread, y+spread
	if c.LogY {
		below = max(below, 0.1*y)
	}
	if c.Shares {
		below, above = max(below, min(0, y)), min(above, max(1, y))
	}
	return below, above
}

// colouring gives series with the same name the same colour.
type colouring map[string]int

func coloursOf(charts []Chart) colouring {
	taken := map[int]bool{}
	for _, c := range charts {
		for _, s := range c.Series {
			if s.Colour > 0 {
				taken[s.Colour-1] = true
			}
		}
	}
	colours, next := colouring{}, 0
	for _, c := range charts {
		for _, s := range c.Series {
			if _, known := colours[s.Name]; known || s.Colour > 0 {
				continue
			}
			for taken[next] {
				next++
			}
			colours[s.Name] = next
			next++
		}
	}
	return colours
}

func (c colouring) of(s Series) color.NRGBA { return strong(hue(c.place(s))) }

// mark is the mark of a series. Its shape goes with the colour and the variant: no two series of the same colour, and
// no two colours of the same variant, share one (up to seven of each).
func (c colouring) mark(s Series) draw.GlyphStyle {
	m := mark(c.place(s))
	m.Shape = marks[(c.place(s)+3*s.Variant)%len(marks)]
	return m
}

// place is the index of a series' colour, from 0.
func (c colouring) place(s Series) int {
	if s.Colour > 0 {
		return s.Colour - 1
	}
	return c[s.Name]
}

func (c Chart) plot(x, y span, colours colouring, w, h float64) (*plot.Plot, error) {
	q := newPlot()
	q.X.Label.Text, q.Y.Label.Text = c.X, c.Y
	var xs []float64
	whole := true
	for _, s := range c.Series {
		for _, v := range s.X {
			xs = append(xs, v)
			whole = whole && v == math.Trunc(v)
		}
	}
	n := len(c.barred())
	aside := dodge(n) * float64(n-1) / 2 // how far the outermost series are moved
	if c.LogX {
		x = x.paddedLog(max(0.04, aside+.01))
		q.X.Scale = plot.LogScale{}
		q.X.Tick.Marker = logTicks(x.lo, x.hi, w-60, distinct(xs))
	} else {
		x = x.padded(max(0.03, aside+.01))
		q.X.Tick.Marker = niceTicks{about: int(w / 75), whole: whole}
	}
	q.Y.Tick.Marker = niceTicks{about: int(h / 50)}
	if c.LogY { // the logarithms are plotted, because gonum/plot leaves too much room for the label of a logarithmic y axis
		ticks := logTicks(y.lo, y.hi, h, nil).Ticks(y.lo, y.hi)
		for i := range ticks {
			ticks[i].Value = c.up(ticks[i].Value)
		}
		q.Y.Tick.Marker = plot.ConstantTicks(ticks)
	}
	grid := plotter.NewGrid()
	grid.Vertical.Width = 0
	grid.Horizontal = draw.LineStyle{Color: inkGrid, Width: lineThin}
	q.Add(grid)
	drawn := c.dodged(x)
	for _, s := range drawn {
		if err := c.addSpread(q, s, colours.of(s)); err != nil {
			return nil, fmt.Errorf("series %q: %w", s.Name, err)
		}
	}
	for _, r := range c.References {
		q.Add(reference{c.up(r.At)})
	}
	for _, s := range drawn {
		if err := c.addCurve(q, s, colours); err != nil {
			return nil, fmt.Errorf("series %q: %w", s.Name, err)
		}
	}
	q.X.Min, q.X.Max, q.Y.Min, q.Y.Max = x.lo, x.hi, c.up(y.lo), c.up(y.hi)
	return q, nil
}

// dodged are the series, those with bars moved a little to the left or to the right, so that the bars do not hide each other.
func (c Chart) dodged(x span) []Series {
	all, barred := slices.Clone(c.Series), c.barred()
	for k, i := range barred {
		share := dodge(len(barred)) * (float64(k) - float64(len(barred)-1)/2)
		moved := make([]float64, len(all[i].X))
		for j, v := range all[i].X {
			if c.LogX {
				moved[j] = v * math.Pow(x.hi/x.lo, share)
			} else {
				moved[j] = v + share*(x.hi-x.lo)
			}
		}
		all[i].X = moved
	}
	return all
}

// spreads says whether the series has a spread to draw.
func (s Series) spreads() bool { return s.Spread != nil && slices.Max(s.Spread) > 0 }

// bars says whether a spread of the series is drawn as bars, and not as a band.
func (s Series) bars() bool { return len(s.X) <= markedUpTo && !s.Band }

// barred are the places of the series with bars.
func (c Chart) barred() (places []int) {
	for i, s := range c.Series {
		if s.spreads() && s.bars() {
			places = append(places, i)
		}
	}
	return places
}

// dodge is the distance between neighbours of n series with bars, as a share of the range of x.
func dodge(n int) float64 { return min(.012, .06/float64(max(1, n-1))) }

// up is the plotted value of y.
func (c Chart) up(y float64) float64 {
	if c.LogY {
		return math.Log10(y)
	}
	return y
}

func (c Chart) points(s Series) plotter.XYs {
	xys := make(plotter.XYs, len(s.X))
	for i := range xys {
		xys[i] = plotter.XY{X: s.X[i], Y: c.up(s.Y[i])}
	}
	return xys
}

func (c Chart) addSpread(q *plot.Plot, s Series, colour color.NRGBA) error {
	if !s.spreads() {
		return nil
	}
	if s.bars() {
		var of struct {
			plotter.XYs
			plotter.YErrors
		}
		for i, at := range c.points(s) {
			if s.Spread[i] == 0 {
				continue // such as the point of one seed: a bar without length would be a line through the mark
			}
			below, above := c.extent(s.Y[i], s.Spread[i])
			of.XYs = append(of.XYs, at)
			of.YErrors = append(of.YErrors, struct{ Low, High float64 }{at.Y - c.up(below), c.up(above) - at.Y})
		}
		bars, err := plotter.NewYErrorBars(of)
		if err != nil {
			return err
		}
		bars.LineStyle = lineStyle(colour, 1.2, 0)
		bars.CapWidth = 6
		q.Add(bars)
		return nil
	}
	var outline plotter.XYs
	for i := range s.X {
		_, above := c.extent(s.Y[i], s.Spread[i])
		outline = append(outline, plotter.XY{X: s.X[i], Y: c.up(above)})
	}
	for i := len(s.X) - 1; i >= 0; i-- {
		below, _ := c.extent(s.Y[i], s.Spread[i])
		outline = append(outline, plotter.XY{X: s.X[i], Y: c.up(below)})
	}
	band, err := plotter.NewPolygon(outline)
	if err != nil {
		return err
	}
	band.Color = faint(colour, 0.22)
	band.LineStyle.Width = 0
	q.Add(band)
	return nil
}

func (c Chart) addCurve(q *plot.Plot, s Series, colours colouring) error {
	place := colours.place(s)
	all := c.points(s)
	line, err := plotter.NewLine(all)
	if err != nil {
		return err
	}
	line.LineStyle = lineStyle(colours.of(s), lineCurve, s.Variant)
	dots, err := plotter.NewScatter(marked(all, place))
	if err != nil {
		return err
	}
	dots.GlyphStyle = colours.mark(s)
	q.Add(line, dots)
	if s.Labels == nil {
		return nil
	}
	labels, err := plotter.NewLabels(plotter.XYLabels{XYs: all, Labels: s.Labels})
	if err != nil {
		return err
	}
	labels.Offset = vg.Point{Y: 6}
	for i := range labels.TextStyle {
		labels.TextStyle[i].Font, labels.TextStyle[i].Color, labels.TextStyle[i].XAlign = smallInk.font(), smallInk.colour, draw.XCenter
	}
	q.Add(labels)
	return nil
}

// marked returns the points of a curve that have a mark: all if they are few, otherwise some. Which ones depends on the
// curve's index in the palette, so that the marks of curves that coincide are all visible.
func marked(all plotter.XYs, place int) plotter.XYs {
	if len(all) <= markedUpTo {
		return all
	}
	every := len(all) / markedOf
	var some plotter.XYs
	for i := (every/2 + place*max(1, every/4)) % every; i < len(all); i += every {
		some = append(some, all[i])
	}
	return some
}

func curvesAlt(charts []Chart) string {
	var s strings.Builder
	if len(charts) > 1 {
		fmt.Fprintf(&s, "%d charts. ", len(charts))
	}
	for i, c := range charts {
		s.WriteString(titled(c.Title, i, len(charts)))
		fmt.Fprintf(&s, "%s against %s.", cmp.Or(c.Y, "curves"), cmp.Or(c.X, "x"))
		for _, line := range c.Series {
			last := len(line.X) - 1
			if last == 0 {
				fmt.Fprintf(&s, " %s: %s at %s.", cmp.Or(line.Name, "one point"), short(line.Y[0]), short(line.X[0]))
				continue
			}
			fmt.Fprintf(&s, " %s: from %s at %s to %s at %s.", cmp.Or(line.Name, "curve"), short(line.Y[0]), short(line.X[0]), short(line.Y[last]), short(line.X[last]))
		}
		for _, r := range c.References {
			fmt.Fprintf(&s, " Reference %s: %s.", r.Name, short(r.At))
		}
		s.WriteString(" ")
	}
	return capital(strings.TrimSpace(s.String()))
}

func curvesCaption(charts []Chart) string {
	var parts []string
	for _, c := range charts {
		part := fmt.Sprintf("%s against %s", cmp.Or(c.Y, "y"), cmp.Or(c.X, "x"))
		if len(parts) == 0 || parts[len(parts)-1] != part {
			parts = append(parts, part)
		}
	}
	return capital(strings.Join(parts, "; ")) + "."
}

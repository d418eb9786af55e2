package figure

import (
	"cmp"
	"errors"
	"fmt"
	"image/color"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Panel is one scatter plot of points in the plane.
type Panel struct {
	Title   string    // above the panel: the first line is bold, the text after "\n" plain
	Points  []float32 // [n, 2]
	Labels  []uint8   // class of each point, [n], or its cluster if the figure's caption is then replaced; nil: all points have one colour
	Centres []float64 // cluster centres, [k, 2], numbered from 1; nil: none
	X, Y    string    // names of the axes
}

// Limits is a rectangle in the plane.
type Limits struct{ XMin, XMax, YMin, YMax float64 }

// ScatterOptions says how panels are drawn.
type ScatterOptions struct {
	Names       []string // class names in the order of the labels
	NameClasses bool     // also write the name of each class at the median of its points
	Equal       bool     // a unit has the same length on both axes
	Limits      *Limits  // range of every panel; nil: that of the points. The number of points outside is written in the panel
	Common      bool     // all panels of SmallMultiples have the same range, that of all their points
	Trim        float64  // share of a panel's points left out of its range at each end of each axis, below 1/2. Their number is written in the panel
	Columns     int      // panels per row; 0: up to 3
	PanelWidth  int      // width of a panel in CSS pixels; 0: chosen from the number of columns
}

// Scatter shows points coloured by class, with a legend at the right.
func Scatter(panel Panel, o ScatterOptions) (*Figure, error) {
	o.Columns = 1
	return SmallMultiples([]Panel{panel}, o)
}

// SmallMultiples shows several scatter plots with one legend, from the top left. The points of all classes are drawn in
// mixed order, so that no class hides another.
func SmallMultiples(panels []Panel, o ScatterOptions) (*Figure, error) {
	p, _, _, err := drawPanels(panels, o)
	if err != nil {
		return nil, err
	}
	return p.figure(scatterAlt(panels, o), scatterCaption(panels)), nil
}

// drawPanels also returns the plots and the place of each plot's data on the page.
func drawPanels(panels []Panel, o ScatterOptions) (*page, []*plot.Plot, []box, error) {
	if len(panels) == 0 {
		return nil, nil, nil, errors.New("figure: no panels to draw")
	}
	if l := o.Limits; l != nil && !(l.XMin < l.XMax && l.YMin < l.YMax && finite(l.XMin) && finite(l.XMax) && finite(l.YMin) && finite(l.YMax)) {
		return nil, nil, nil, fmt.Errorf("figure: limits %+v, want each minimum below its maximum", *l)
	}
	if o.Columns < 0 || o.PanelWidth != 0 && o.PanelWidth < narrowest {
		return nil, nil, nil, fmt.Errorf("figure: %d columns of panels %d wide, want 0 or more, and a width of 0 or %d and more", o.Columns, o.PanelWidth, narrowest)
	}
	if !(o.Trim >= 0 && o.Trim < 0.5) {
		return nil, nil, nil, fmt.Errorf("figure: a share of %v of the points left out at either end, want 0 or more and below 1/2", o.Trim)
	}
	b := board{columns: columnsFor(o.Columns, len(panels)), equal: o.Equal}
	b.w = float64(o.PanelWidth)
	if o.PanelWidth == 0 {
		b.w = []float64{500, 370, 300, 250}[min(b.columns, 4)-1]
	}
	everywhere := plane{noSpan(), noSpan()}
	planes := make([]plane, len(panels))
	used := map[uint8]bool{}
	centres := false
	for i, panel := range panels {
		if err := panel.check(o.Names); err != nil {
			return nil, nil, nil, fmt.Errorf("figure: panel %d: %w", i+1, err)
		}
		planes[i] = planeOf(panel, o.Trim)
		everywhere.join(planes[i])
		for _, l := range panel.Labels {
			used[l] = true
		}
		centres = centres || len(panel.Centres) > 0
	}
	tallest := 0.0 // height of the tallest panel as a share of its width
	for i, panel := range panels {
		at := planes[i]
		if o.Common {
			at = everywhere
		}
		at = plane{at.x.padded(0.04), at.y.padded(0.04)}
		if l := o.Limits; l != nil {
			at = plane{span{l.XMin, l.XMax}, span{l.YMin, l.YMax}}
		}
		tallest = max(tallest, (at.y.hi-at.y.lo)/(at.x.hi-at.x.lo))
		q, err := panel.plot(at, b.w)
		if err != nil {
			return nil, nil, nil, fmt.Errorf("figure: panel %d: %w", i+1, err)
		}
		b.plots = append(b.plots, q)
		b.titles = append(b.titles, panel.Title)
	}
	b.h = b.w
	if o.Equal {
		b.h = max(b.w*min(max(tallest, 0.5), 1.2), narrowest)
	}
	for _, c := range classesIn(used) {
		b.entries = append(b.entries, entry{name: className(o.Names, c), colour: hue(c)})
	}
	if centres {
		b.entries = append(b.entries, entry{name: "cluster centre", cross: true})
	}
	p, places, err := b.draw()
	if err != nil {
		return nil, nil, nil, err
	}
	for i, panel := range panels {
		p.annotate(panel, b.plots[i], places[i], o)
	}
	return p, b.plots, places, nil
}

// plane is the part of the plane that points cover.
type plane struct{ x, y span }

func (a *plane) join(b plane) {
	a.x.add(b.x.lo)
	a.x.add(b.x.hi)
	a.y.add(b.y.lo)
	a.y.add(b.y.hi)
}

// planeOf is the range of a panel's points. With trim above 0 it leaves out that share of the points at each end of
// each axis, and ignores the centres. Otherwise it includes the centres.
func planeOf(panel Panel, trim float64) plane {
	at := plane{noSpan(), noSpan()}
	for i := 0; i < len(panel.Points); i += 2 {
		at.x.add(float64(panel.Points[i]))
		at.y.add(float64(panel.Points[i+1]))
	}
	if trim > 0 {
		return plane{middle(panel.Points, 0, trim), middle(panel.Points, 1, trim)}
	}
	for i := 0; i < len(panel.Centres); i += 2 {
		at.x.add(panel.Centres[i])
		at.y.add(panel.Centres[i+1])
	}
	return at
}

// middle is the range of one coordinate of points, [n, 2], without a share of the points at each end.
func middle(points []float32, coordinate int, trim float64) span {
	values := make([]float64, 0, len(points)/2)
	for i := coordinate; i < len(points); i += 2 {
		values = append(values, float64(points[i]))
	}
	slices.Sort(values)
	out := int(trim * float64(len(values)))
	return span{values[out], values[len(values)-1-out]}
}

func (panel Panel) check(names []string) error {
	if len(panel.Points) == 0 || len(panel.Points)%2 != 0 {
		return fmt.Errorf("%d numbers, want two coordinates for each point", len(panel.Points))
	}
	if len(panel.Centres)%2 != 0 {
		return fmt.Errorf("%d numbers, want two coordinates for each centre", len(panel.Centres))
	}
	n := len(panel.Points) / 2
	if panel.Labels != nil && len(panel.Labels) != n {
		return fmt.Errorf("%d points and %d labels, want as many of both", n, len(panel.Labels))
	}
	for i, v := range panel.Points {
		if !finite(float64(v)) {
			return fmt.Errorf("coordinate %d of point %d is %v, want a finite number", i%2+1, i/2, v)
		}
	}
	for i, v := range panel.Centres {
		if !finite(v) {
			return fmt.Errorf("coordinate %d of centre %d is %v, want a finite number", i%2+1, i/2, v)
		}
	}
	for i, l := range panel.Labels {
		if names != nil && int(l) >= len(names) {
			return fmt.Errorf("label %d of point %d has no name, there are %d names", l, i, len(names))
		}
	}
	return nil
}

// plot draws the points. They are smaller the more there are, and in narrow panels.
func (panel Panel) plot(at plane, w float64) (*plot.Plot, error) {
	n := len(panel.Points) / 2
	xys := make(plotter.XYs, n)
	order := rand.New(rand.NewPCG(0, 0)).Perm(n)
	for i, j := range order {
		xys[i] = plotter.XY{X: float64(panel.Points[2*j]), Y: float64(panel.Points[2*j+1])}
	}
	s, err := plotter.NewScatter(xys)
	if err != nil {
		return nil, err
	}
	radius := 3.0
	switch {
	case n > 5000:
		radius = 1.25
	case n > 1000:
		radius = 1.7
	case n > 200:
		radius = 2.2
	}
	if w < 350 {
		radius *= 0.8
	}
	s.GlyphStyleFunc = func(i int) draw.GlyphStyle {
		c := hue(0)
		if panel.Labels != nil {
			c = hue(int(panel.Labels[order[i]]))
		}
		return draw.GlyphStyle{Color: c, Radius: vg.Length(radius), Shape: rimmed{strong(c)}}
	}
	q := newPlot()
	q.Add(s)
	q.X.Min, q.X.Max, q.Y.Min, q.Y.Max = at.x.lo, at.x.hi, at.y.lo, at.y.hi
	q.X.Label.Text, q.Y.Label.Text = panel.X, panel.Y
	q.X.Tick.Marker, q.Y.Tick.Marker = niceTicks{about: int(w / 75)}, niceTicks{about: int(w / 60)}
	return q, nil
}

// annotate writes on a drawn panel: the centres and their numbers, class names, and the number of points outside.
func (p *page) annotate(panel Panel, q *plot.Plot, at box, o ScatterOptions) {
	place := func(x, y float64) (float64, float64) {
		return at.x0 + q.X.Norm(x)*(at.x1-at.x0), at.y1 - q.Y.Norm(y)*(at.y1-at.y0)
	}
	texts := placer{bounds: at}
	var outside int
	for i := 0; i < len(panel.Points); i += 2 {
		x, y := float64(panel.Points[i]), float64(panel.Points[i+1])
		if x < q.X.Min || x > q.X.Max || y < q.Y.Min || y > q.Y.Max {
			outside++
		}
	}
	if outside > 0 {
		note := count(outside, "point") + " outside"
		k := smallInk.aligned(1)
		k.halo = true
		p.write(k, at.x1-3, at.y0+sizeSmall, note)
		texts.taken = append(texts.taken, box{at.x1 - 5 - width(k, note), at.y0, at.x1, at.y0 + sizeSmall + 3})
	}
	type written struct {
		k    ink
		at   box
		name string
	}
	var names []written // written last, so that no line runs through a text
	write := func(k ink, x, y float64, name string, w, h float64) box {
		b := texts.put(texts.around(x, y, w, h), func(i int, _ box) float64 { return float64(i) })
		names = append(names, written{k, b, name})
		return b
	}
	numberInk := ink{size: sizeSmall + 0.5, bold: true, colour: color.Black, align: 0.5, halo: true}
	type centre struct {
		x, y float64
		name string
	}
	var centres []centre
	for i := 0; i < len(panel.Centres); i += 2 {
		x, y := place(panel.Centres[i], panel.Centres[i+1])
		if x < at.x0 || x > at.x1 || y < at.y0 || y > at.y1 {
			continue
		}
		texts.taken = append(texts.taken, box{x - 5, y - 5, x + 5, y + 5})
		centres = append(centres, centre{x, y, strconv.Itoa(i/2 + 1)})
	}
	for _, c := range centres {
		write(numberInk, c.x, c.y, c.name, width(numberInk, c.name)+2, numberInk.size+1)
	}
	k := ink{size: sizeText, bold: true, colour: inkText, align: 0.5, halo: true}
	if at.x1-at.x0 < 300 {
		k.size = sizeSmall - 0.5
	}
	for _, m := range medians(panel) {
		if !o.NameClasses {
			break
		}
		x, y := place(m.x, m.y)
		if x < at.x0 || x > at.x1 || y < at.y0 || y > at.y1 {
			continue
		}
		name := wrap(k, min(120, (at.x1-at.x0)/2.5), className(o.Names, m.class))
		b := write(k, x, y, name, width(k, name)+4, height(k, name)+3)
		if y < b.y0-4 || y > b.y1+4 || x < b.x0-4 || x > b.x1+4 {
			// Too far away to be understood by itself: a thin line leads to the median.
			p.line(inkPaper, 2.4, 0, x, y, min(max(x, b.x0), b.x1), min(max(y, b.y0), b.y1))
			p.line(inkText, lineThin, 0, x, y, min(max(x, b.x0), b.x1), min(max(y, b.y0), b.y1))
			p.disc(inkText, x, y, 1.8)
		}
	}
	for _, c := range centres {
		p.cross(c.x, c.y)
	}
	for _, n := range names {
		p.writeMid(n.k, (n.at.x0+n.at.x1)/2, (n.at.y0+n.at.y1)/2, n.name)
	}
}

type median struct {
	class int
	x, y  float64
}

// medians returns the median of each class, for each coordinate separately.
func medians(panel Panel) []median {
	xs, ys := map[uint8][]float64{}, map[uint8][]float64{}
	used := map[uint8]bool{}
	for i, l := range panel.Labels {
		xs[l] = append(xs[l], float64(panel.Points[2*i]))
		ys[l] = append(ys[l], float64(panel.Points[2*i+1]))
		used[l] = true
	}
	halfway := func(v []float64) float64 {
		slices.Sort(v)
		return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
	}
	var m []median
	for _, c := range classesIn(used) {
		m = append(m, median{c, halfway(xs[uint8(c)]), halfway(ys[uint8(c)])})
	}
	return m
}

func classesIn(used map[uint8]bool) []int {
	var classes []int
	for c := range 256 {
		if used[uint8(c)] {
			classes = append(classes, c)
		}
	}
	return classes
}

func className(names []string, c int) string {
	if c < len(names) {
		return names[c]
	}
	return fmt.Sprintf("class %d", c)
}

func columnsFor(wanted, n int) int {
	if wanted > 0 {
		return min(wanted, n)
	}
	if n == 4 {
		return 2
	}
	return min(n, 3)
}

func scatterAlt(panels []Panel, o ScatterOptions) string {
	var s strings.Builder
	if len(panels) > 1 {
		fmt.Fprintf(&s, "%d scatter plots. ", len(panels))
	}
	for i, panel := range panels {
		at := planeOf(Panel{Points: panel.Points}, 0)
		s.WriteString(titled(panel.Title, i, len(panels)))
		fmt.Fprintf(&s, "scatter of %s, %s from %s to %s across, %s from %s to %s upwards",
			count(len(panel.Points)/2, "point"), cmp.Or(panel.X, "first coordinate"), short(at.x.lo), short(at.x.hi),
			cmp.Or(panel.Y, "second coordinate"), short(at.y.lo), short(at.y.hi))
		if k := len(panel.Centres) / 2; k > 0 {
			fmt.Fprintf(&s, ", with %s", count(k, "cluster centre"))
		}
		if panel.Labels != nil && len(panels) == 1 {
			s.WriteString(". Medians of the classes:")
			for j, m := range medians(panel) {
				if j > 0 {
					s.WriteString(";")
				}
				fmt.Fprintf(&s, " %s (%s, %s)", className(o.Names, m.class), short(m.x), short(m.y))
			}
		}
		s.WriteString(". ")
	}
	return capital(strings.TrimSpace(s.String()))
}

func scatterCaption(panels []Panel) string {
	n, labelled := len(panels[0].Points)/2, panels[0].Labels != nil
	for _, p := range panels {
		if len(p.Points)/2 != n {
			n = -1
		}
		labelled = labelled && p.Labels != nil
	}
	switch {
	case n < 0 && labelled:
		return "Points coloured by class."
	case n < 0:
		return ""
	case labelled && len(panels) > 1:
		return fmt.Sprintf("%s in each panel, coloured by class.", count(n, "point"))
	case labelled:
		return fmt.Sprintf("%s coloured by class.", count(n, "point"))
	}
	return count(n, "point") + "."
}

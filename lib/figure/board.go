package figure

import (
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// board draws plots in rows and columns, each with a title above it, and one legend at the right. If there are several
// plots, each title starts with a letter.
type board struct {
	plots   []*plot.Plot
	titles  []string
	columns int
	w, h    float64 // of each plot with its axes but without its title
	equal   bool    // a unit has the same length on both axes
	entries []entry
}

const (
	boardGap  = 18  // between plots, and before the legend
	narrowest = 150 // smallest width of a plot with its axes
)

// draw returns the page and the place of each plot's data on it.
func (b *board) draw() (*page, []box, error) {
	rows := (len(b.plots) + b.columns - 1) / b.columns
	titleHeight := 0.0
	titles := make([]title, len(b.plots))
	for i, t := range b.titles {
		titles[i] = newTitle(lettered(t, i, len(b.titles)), b.w-60)
		titleHeight = max(titleHeight, titles[i].height())
	}
	body := float64(rows)*(titleHeight+b.h) + float64(rows-1)*boardGap
	l := newLegend(b.entries, body-40)
	paper := float64(b.columns)*b.w + float64(b.columns-1)*boardGap
	wide := paper
	if len(b.entries) > 0 {
		wide += boardGap + l.w
	}
	p, err := newPage(wide+2*margin, body+2*margin)
	if err != nil {
		return nil, nil, err
	}
	grid := make([][]*plot.Plot, rows)
	for i := range grid {
		grid[i] = make([]*plot.Plot, b.columns)
		copy(grid[i], b.plots[i*b.columns:min((i+1)*b.columns, len(b.plots))])
	}
	for _, q := range b.plots {
		q.X.Label.Text = wrap(textInk, b.w-60, q.X.Label.Text)
		q.Y.Label.Text = wrap(textInk, b.h-50, q.Y.Label.Text)
	}
	tiles := draw.Tiles{Rows: rows, Cols: b.columns, PadX: boardGap, PadY: vg.Length(boardGap + titleHeight), PadTop: vg.Length(titleHeight)}
	area := draw.Crop(p.c, margin, vg.Length(margin+paper)-p.c.Max.X, vg.Length(p.h-margin-body), -margin)
	canvases := plot.Align(grid, tiles, area)
	if b.equal {
		// The ticks change with the ranges, and the room for the ticks changes with them. Two rounds are enough.
		for range 2 {
			for i, q := range b.plots {
				equalise(q, q.DataCanvas(canvases[i/b.columns][i%b.columns]))
			}
			canvases = plot.Align(grid, tiles, area)
		}
	}
	places := make([]box, len(b.plots))
	for i, q := range b.plots {
		c := canvases[i/b.columns][i%b.columns]
		q.Draw(c)
		places[i] = p.boxOf(q.DataCanvas(c))
		titles[i].draw(p, places[i].x0, places[i].y0)
	}
	l.draw(p, margin+paper+boardGap, places[0].y0)
	return p, places, nil
}

// title is the text above a plot or figure: a bold paragraph, then plain text.
type title struct{ bold, plain string }

func newTitle(text string, limit float64) title {
	bold, plain, _ := strings.Cut(text, "\n")
	return title{wrap(titleInk, limit, bold), wrap(textInk, limit, plain)}
}

const titleGap = 8 // between the last line and the plot

func (t title) height() float64 {
	if t.bold == "" && t.plain == "" {
		return 0
	}
	h := height(titleInk, t.bold) + titleGap
	if t.plain != "" {
		h += height(textInk, t.plain) + 5
	}
	return h
}

// draw writes the title above y.
func (t title) draw(p *page, x, y float64) {
	y -= titleGap
	if t.plain != "" {
		y -= float64(lines(t.plain)-1) * sizeText * leading
		p.write(textInk, x, y, t.plain)
		y -= sizeText + 5
	}
	p.write(titleInk, x, y-float64(lines(t.bold)-1)*sizeTitle*leading, t.bold)
}

// equalise widens the range of one axis until a unit has the same length on both.
func equalise(p *plot.Plot, c draw.Canvas) {
	size := c.Size()
	perX := (p.X.Max - p.X.Min) / float64(size.X)
	perY := (p.Y.Max - p.Y.Min) / float64(size.Y)
	widen := func(a *plot.Axis, length, per float64) {
		mid := (a.Min + a.Max) / 2
		a.Min, a.Max = mid-per*length/2, mid+per*length/2
	}
	if perX < perY {
		widen(&p.X, float64(size.X), perY)
	} else {
		widen(&p.Y, float64(size.Y), perX)
	}
}

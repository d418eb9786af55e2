package figure

import (
	"fmt"
	"image/draw"
	"slices"

	"gonum.org/v1/plot"
)

// Map is a picture of several scatter plots that is drawn once, so that places and ways can be marked on it many times.
type Map struct {
	page   *page
	plots  []*plot.Plot
	places []box // place of each plot's data on the page
	alt    string
}

// NewMap draws the scatter plots as [SmallMultiples] does.
func NewMap(panels []Panel, o ScatterOptions) (*Map, error) {
	p, plots, places, err := drawPanels(panels, o)
	if err != nil {
		return nil, err
	}
	return &Map{p, plots, places, scatterAlt(panels, o)}, nil
}

// Mark returns the map with marks in each panel: a line along the panel's way, points [n, 2], if it has any, and a ring
// at its place, [2]. Points outside the panel are drawn at its edge. Numbers that are not finite are an error.
func (m *Map) Mark(ways [][]float32, places [][]float32) (*Figure, error) {
	if len(ways) != len(m.plots) || len(places) != len(m.plots) {
		return nil, fmt.Errorf("figure: %d paths and %d points for a map of %d panels, want one of each per panel", len(ways), len(places), len(m.plots))
	}
	p, err := newPage(m.page.w, m.page.h)
	if err != nil {
		return nil, err
	}
	draw.Draw(p.img.Image(), p.img.Image().Bounds(), m.page.img.Image(), m.page.img.Image().Bounds().Min, draw.Src)
	for i, at := range m.places {
		if len(ways[i])%2 != 0 || len(places[i]) != 2 {
			return nil, fmt.Errorf("figure: %d numbers for a path and %d for a point, want two for each point", len(ways[i]), len(places[i]))
		}
		for _, v := range slices.Concat(ways[i], places[i]) {
			if !finite(float64(v)) {
				return nil, fmt.Errorf("figure: a path or a point of panel %d has the coordinate %g, want finite numbers", i+1, v)
			}
		}
		onPage := func(point []float32) (x, y float64) {
			x = at.x0 + m.plots[i].X.Norm(float64(point[0]))*(at.x1-at.x0)
			y = at.y1 - m.plots[i].Y.Norm(float64(point[1]))*(at.y1-at.y0)
			return min(max(x, at.x0), at.x1), min(max(y, at.y0), at.y1)
		}
		var way []float64
		for j := 0; j < len(ways[i]); j += 2 {
			x, y := onPage(ways[i][j : j+2])
			way = append(way, x, y)
		}
		if len(way) > 2 {
			p.line(inkPaper, 3.5, 0, way...)
			p.line(inkText, 1.5, 0, way...)
		}
		x, y := onPage(places[i])
		p.disc(inkPaper, x, y, 7.5)
		p.disc(inkText, x, y, 6)
		p.disc(inkPaper, x, y, 3)
	}
	return p.figure(m.alt, ""), nil
}

package figure

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Reference is a line that values are compared with: horizontal among curves, vertical in a dot chart.
type Reference struct {
	Name string  // written at the line; "": nothing
	At   float64 // its value
}

// referenceStyle is the line that values are compared with.
var referenceStyle = draw.LineStyle{Color: inkSoft, Width: 1, Dashes: []vg.Length{2, 2.5}}

// reference is a horizontal line across the whole plot.
type reference struct{ y float64 }

func (r reference) Plot(c draw.Canvas, q *plot.Plot) {
	y := c.Y(q.Y.Norm(r.y))
	c.StrokeLine2(referenceStyle, c.Min.X, y, c.Max.X, y)
}

// nameReferences writes the name of each reference above or below its line, where it covers least of the curves.
func (p *page) nameReferences(c Chart, q *plot.Plot, at box) {
	var track [][2]float64 // points along the curves
	for _, s := range c.Series {
		for i := range s.X {
			x, y := at.x0+q.X.Norm(s.X[i])*(at.x1-at.x0), at.y1-q.Y.Norm(c.up(s.Y[i]))*(at.y1-at.y0)
			if i > 0 {
				last := track[len(track)-1]
				for steps, k := int(math.Hypot(x-last[0], y-last[1])/4), 1; k < steps; k++ {
					t := float64(k) / float64(steps)
					track = append(track, [2]float64{last[0] + t*(x-last[0]), last[1] + t*(y-last[1])})
				}
			}
			track = append(track, [2]float64{x, y})
		}
	}
	texts := placer{bounds: at}
	k := smallInk
	k.halo = true
	lineAt := func(r Reference) float64 { return at.y1 - q.Y.Norm(c.up(r.At))*(at.y1-at.y0) }
	for _, r := range c.References {
		texts.taken = append(texts.taken, box{at.x0, lineAt(r) - 0.5, at.x1, lineAt(r) + 0.5})
	}
	for _, r := range c.References {
		if r.Name == "" {
			continue
		}
		name := wrap(k, (at.x1-at.x0)*0.9, r.Name)
		w, h, y := width(k, name), height(k, name)+3, lineAt(r)
		var candidates []box
		for _, x := range []float64{at.x1 - 4 - w, at.x0 + 4, (at.x0 + at.x1 - w) / 2, at.x0 + (at.x1-at.x0)*0.75 - w/2, at.x0 + (at.x1-at.x0)*0.25 - w/2} {
			candidates = append(candidates, box{x, y - 2 - h, x + w, y - 1}, box{x, y + 1, x + w, y + 2 + h})
		}
		b := texts.put(candidates, func(i int, b box) float64 {
			cost := float64(i) * 0.1
			for _, t := range track {
				if t[0] > b.x0-3 && t[0] < b.x1+3 && t[1] > b.y0-2 && t[1] < b.y1+2 {
					cost++
				}
			}
			return cost
		})
		p.writeMid(k, b.x0, (b.y0+b.y1)/2, name)
	}
}

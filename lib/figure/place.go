package figure

import (
	"cmp"
	"math"
	"slices"
)

// placer finds places for texts within bounds where they do not overlap.
type placer struct {
	bounds box
	taken  []box
}

// put chooses the candidate with the least cost among those that are free and within bounds. If there is none, it
// chooses the one with the fewest conflicts.
func (p *placer) put(candidates []box, cost func(i int, b box) float64) box {
	best, least := 0, math.Inf(1)
	for i, c := range candidates {
		v := cost(i, c)
		if !c.inside(p.bounds) {
			v += 1e12
		}
		for _, t := range p.taken {
			if c.overlaps(t) {
				v += 1e9
			}
		}
		if v < least {
			best, least = i, v
		}
	}
	p.taken = append(p.taken, candidates[best])
	return candidates[best]
}

// around returns places for a text of size w x h all over the bounds, the nearest to x, y first.
func (p *placer) around(x, y, w, h float64) []box {
	places := []box{{x - w/2, y - h/2, x + w/2, y + h/2}}
	stepX, stepY := min(w/3, 12), min(h/2, 6)
	for cy := y - stepY*math.Floor((y-p.bounds.y0)/stepY); cy < p.bounds.y1; cy += stepY {
		for cx := x - stepX*math.Floor((x-p.bounds.x0)/stepX); cx < p.bounds.x1; cx += stepX {
			places = append(places, box{cx - w/2, cy - h/2, cx + w/2, cy + h/2})
		}
	}
	distance := func(b box) float64 { return math.Hypot((b.x0+b.x1)/2-x, 1.5*((b.y0+b.y1)/2-y)) }
	slices.SortStableFunc(places, func(a, b box) int { return cmp.Compare(distance(a), distance(b)) })
	return places
}

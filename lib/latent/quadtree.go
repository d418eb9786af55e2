package latent

import (
	"cmp"
	"math"
	"slices"
)

// quadtree is a tree of cells over points in the plane. Each cell comes before the cells inside it.
type quadtree []cell

// cell is a square that holds points.
type cell struct {
	u, v  float64 // mean of its points
	count float64 // of its points
	width float64
	after int  // index of the first cell after those inside this one
	leaf  bool // no cell is inside this one
}

// placed is a point with its place on the Z-order curve. Each pair of bits of the place says which quarter of a square the point is in.
type placed struct {
	place uint64
	u, v  float64
}

// levels is the largest depth of the tree. Points that share a cell at this depth are not told apart.
const levels = 31

// newQuadtree builds the tree of points, [n, 2].
func newQuadtree(y []float64) quadtree {
	low, high := [2]float64{y[0], y[1]}, [2]float64{y[0], y[1]}
	for i, v := range y {
		low[i%2], high[i%2] = min(low[i%2], v), max(high[i%2], v)
	}
	width := max(high[0]-low[0], high[1]-low[1])
	if width == 0 {
		width = 1 // all points are one
	}
	all := make([]placed, len(y)/2)
	for i := range all {
		u, v := y[2*i], y[2*i+1]
		step := math.Ldexp(1, levels) / width
		last := uint64(1)<<levels - 1
		all[i] = placed{spread(min(uint64((u-low[0])*step), last)) | spread(min(uint64((v-low[1])*step), last))<<1, u, v}
	}
	slices.SortFunc(all, func(a, b placed) int { return cmp.Compare(a.place, b.place) })
	t := make(quadtree, 0, 2*len(all))
	t.add(all, levels, width)
	return t
}

// spread puts a zero before each of the lower 32 bits of x.
func spread(x uint64) uint64 {
	x = (x | x<<16) & 0x0000ffff0000ffff
	x = (x | x<<8) & 0x00ff00ff00ff00ff
	x = (x | x<<4) & 0x0f0f0f0f0f0f0f0f
	x = (x | x<<2) & 0x3333333333333333
	return (x | x<<1) & 0x5555555555555555
}

// add appends the cell of some points, which are sorted by their places, and the cells inside it. levels is the number of levels below it.
func (t *quadtree) add(some []placed, levels int, width float64) {
	for levels > 0 && len(some) > 1 && some[0].place>>(2*levels-2) == some[len(some)-1].place>>(2*levels-2) {
		levels, width = levels-1, width/2 // all are in one quarter
	}
	at := len(*t)
	c := cell{count: float64(len(some)), width: width, leaf: levels == 0 || len(some) == 1}
	for _, p := range some {
		c.u += p.u / c.count
		c.v += p.v / c.count
	}
	*t = append(*t, c)
	if !c.leaf {
		for len(some) > 0 {
			quarter := some[0].place >> (2*levels - 2)
			n := 1
			for n < len(some) && some[n].place>>(2*levels-2) == quarter {
				n++
			}
			t.add(some[:n], levels-1, width/2)
			some = some[n:]
		}
	}
	(*t)[at].after = len(*t)
}

// repulsion returns two sums over the points other than (u, v), which is one of them: of q = 1 / (1 + d^2), where d is the distance
// to the other point, and of q^2 times the vector from the other point. A cell that is narrower than theta times its distance counts
// as if all its points were at their mean.
func (t quadtree) repulsion(u, v, theta float64) (total, pushU, pushV float64) {
	theta *= theta
	for at := 0; at < len(t); {
		c := &t[at]
		du, dv := u-c.u, v-c.v
		d := du*du + dv*dv
		if !c.leaf && c.width*c.width >= theta*d {
			at++
			continue
		}
		q := 1 / (1 + d)
		total += c.count * q
		push := c.count * q * q
		pushU += push * du
		pushV += push * dv
		at = c.after
	}
	return total - 1, pushU, pushV // without itself
}

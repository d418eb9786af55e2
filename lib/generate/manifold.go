package generate

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// neighbours is k: the ball about a point reaches to its k-th nearest neighbour (Naeem et al., arXiv 2002.09797).
const neighbours = 5

// block is how many points of each side are compared at a time: of 256 features they stay in a core's cache.
const block = 64

// manifold is the union of the balls about points.
type manifold struct {
	n, dim int
	points []float64 // [n, dim]
	radii  []float64 // [n], squared radii of the balls
}

// newManifold takes the balls of points, [n, dim], over all pairs of points, exactly.
func newManifold(ctx context.Context, points []float64, dim int) (*manifold, error) {
	m := &manifold{n: len(points) / dim, dim: dim, points: points}
	if m.n <= neighbours {
		return nil, fmt.Errorf("generate: %d images; want at least %d", m.n, neighbours+1)
	}
	m.radii = make([]float64, m.n)
	return m, forBlocks(ctx, m.n, func(lo, hi int) {
		nearest := make([][neighbours]float64, hi-lo) // squared distances, rising
		for i := range nearest {
			for k := range nearest[i] {
				nearest[i][k] = math.Inf(1)
			}
		}
		m.pairs(lo, hi, m, func(i, j int) {
			list := nearest[i-lo][:]
			squared, near := m.within(list[neighbours-1], i, m, j)
			if !near || i == j {
				return
			}
			at, _ := slices.BinarySearch(list, squared)
			copy(list[at+1:], list[at:])
			list[at] = squared
		})
		for i := range nearest {
			m.radii[lo+i] = nearest[i][neighbours-1]
		}
	})
}

// within is the squared distance of point i of m and point j of o where it is at most limit. It adds up coordinate after
// coordinate, and stops at the limit: for most pairs early, where the first coordinates have most of the variance.
func (m *manifold) within(limit float64, i int, o *manifold, j int) (squared float64, ok bool) {
	p, q := m.points[i*m.dim:(i+1)*m.dim], o.points[j*o.dim:(j+1)*o.dim]
	for len(p) >= 4 && len(q) >= 4 && squared <= limit {
		d0, d1, d2, d3 := p[0]-q[0], p[1]-q[1], p[2]-q[2], p[3]-q[3]
		squared += (d0*d0 + d1*d1) + (d2*d2 + d3*d3)
		p, q = p[4:], q[4:]
	}
	if squared > limit {
		return 0, false
	}
	for c, v := range p {
		d := v - q[c]
		squared += d * d
	}
	return squared, squared <= limit
}

// pairs visits all pairs of a point [lo, hi) of m and a point of o.
func (m *manifold) pairs(lo, hi int, o *manifold, visit func(i, j int)) {
	for first := 0; first < o.n; first += block {
		for i := lo; i < hi; i++ {
			for j := first; j < min(first+block, o.n); j++ {
				visit(i, j)
			}
		}
	}
}

// forBlocks calls work for the blocks [lo, hi) of n points on as many cores as there are.
func forBlocks(ctx context.Context, n int, work func(lo, hi int)) error {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for lo := 0; lo < n; lo += block {
		group.Go(func() error {
			if ctx.Err() == nil {
				work(lo, min(lo+block, n))
			}
			return ctx.Err()
		})
	}
	return group.Wait()
}

// compare takes, of the balls about real and about generated points, all but the Fréchet distance.
func compare(ctx context.Context, real, generated *manifold) (q Quality, err error) {
	var precise, balls atomic.Int64 // counts, so that the order of adding does not matter
	recalled, covered := make([]atomic.Bool, real.n), make([]atomic.Bool, real.n)
	err = forBlocks(ctx, generated.n, func(lo, hi int) {
		inside := make([]int64, hi-lo) // real balls around a generated point
		generated.pairs(lo, hi, real, func(i, j int) {
			squared, near := generated.within(max(generated.radii[i], real.radii[j]), i, real, j)
			if !near {
				return
			}
			if squared <= real.radii[j] {
				inside[i-lo]++
				covered[j].Store(true)
			}
			if squared <= generated.radii[i] {
				recalled[j].Store(true)
			}
		})
		for _, count := range inside {
			precise.Add(min(1, count))
			balls.Add(count)
		}
	})
	share := func(flags []atomic.Bool) float64 {
		count := 0
		for i := range flags {
			if flags[i].Load() {
				count++
			}
		}
		return float64(count) / float64(len(flags))
	}
	return Quality{
		Precision: float64(precise.Load()) / float64(generated.n),
		Recall:    share(recalled),
		Density:   float64(balls.Load()) / float64(neighbours*generated.n),
		Coverage:  share(covered),
	}, err
}

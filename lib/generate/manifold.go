package generate

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
	"gonum.org/v1/gonum/blas/blas64"
)

// neighbours is k: the ball about a point reaches to its k-th nearest neighbour (Naeem et al., arXiv 2002.09797).
const neighbours = 5

// block is how many points of each side are compared at a time: of 256 features they stay in a core's cache.
const block = 64

// manifold is the union of the balls about points.
type manifold struct {
	n, dim  int
	points  []float64 // [n, dim]
	squares []float64 // [n], squared lengths of the points
	radii   []float64 // [n], squared radii of the balls
}

// newManifold takes the balls of x, [n, dim], over all pairs of points, exactly.
func newManifold(ctx context.Context, x []float32, dim int) (*manifold, error) {
	n, err := countFeatures(x, dim, neighbours+1)
	if err != nil {
		return nil, err
	}
	m := &manifold{n: n, dim: dim, points: float64s(x), squares: make([]float64, n), radii: make([]float64, n)}
	for i := range n {
		m.squares[i] = blas64.Dot(m.point(i), m.point(i))
	}
	return m, forBlocks(ctx, n, func(lo, hi int) {
		nearest := make([][neighbours]float64, hi-lo) // squared distances, rising
		for i := range nearest {
			for k := range nearest[i] {
				nearest[i][k] = math.Inf(1)
			}
		}
		m.pairs(lo, hi, m, func(i, j int, squared float64) {
			list := nearest[i-lo][:]
			if i == j || squared >= list[neighbours-1] {
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

func (m *manifold) point(i int) blas64.Vector {
	return blas64.Vector{N: m.dim, Inc: 1, Data: m.points[i*m.dim : (i+1)*m.dim]}
}

// pairs visits all pairs of a point [lo, hi) of m and a point of o, with their squared distance. It has the same bits
// whichever point comes first, and is 0 between equal points.
func (m *manifold) pairs(lo, hi int, o *manifold, visit func(i, j int, squared float64)) {
	for first := 0; first < o.n; first += block {
		for i := lo; i < hi; i++ {
			p := m.point(i)
			for j := first; j < min(first+block, o.n); j++ {
				visit(i, j, max(0, m.squares[i]+o.squares[j]-2*blas64.Dot(p, o.point(j))))
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
		generated.pairs(lo, hi, real, func(i, j int, squared float64) {
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

// countFeatures checks that x is an [n, dim] array of finite numbers with n at least least, and returns n.
func countFeatures(x []float32, dim, least int) (int, error) {
	switch {
	case dim < 1:
		return 0, fmt.Errorf("generate: features of dimension %d; want at least 1", dim)
	case len(x)%dim != 0:
		return 0, fmt.Errorf("generate: %d values are no whole number of rows of %d features", len(x), dim)
	case len(x) < least*dim:
		return 0, fmt.Errorf("generate: features of %d images; want at least %d", len(x)/dim, least)
	}
	for i, v := range x {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return 0, fmt.Errorf("generate: feature %d of image %d is %v; want a finite number", i%dim, i/dim, v)
		}
	}
	return len(x) / dim, nil
}

func float64s(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// sqrt is the root of a number that rounding may have made negative.
func sqrt(v float64) float64 { return math.Sqrt(max(0, v)) }

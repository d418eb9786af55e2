package latent

import (
	"context"
	"fmt"
	"sync/atomic"

	"fashionlatent/lib/points"
)

// Manifold is an estimate of where the data lie: the union of the balls around the rows, each with the row's k-th
// nearest other row on its surface (Kynkäänniemi et al. 2019, arXiv 1904.06991).
type Manifold struct{ balls *points.Balls }

// NewManifold computes the balls around the rows of x, [n, dim], which must not be changed afterwards. Time grows with
// n^2. A usual k is 5.
func NewManifold(ctx context.Context, x []float32, dim, k int) (*Manifold, error) {
	balls, err := points.NewBalls(ctx, points.Matrix{X: x, Dim: dim}, k)
	if err != nil {
		return nil, err
	}
	return &Manifold{balls}, nil
}

// Contains says which rows of y, [m, dim], lie in at least one ball, [m].
func (m *Manifold) Contains(ctx context.Context, y []float32) ([]bool, error) {
	rows, err := points.New(y, m.balls.Dim)
	if err != nil {
		return nil, err
	}
	held := make([]atomic.Bool, rows.N())
	if err := m.balls.Hold(ctx, rows, func(_, row int) { held[row].Store(true) }); err != nil {
		return nil, err
	}
	inside := make([]bool, len(held))
	for i := range held {
		inside[i] = held[i].Load()
	}
	return inside, nil
}

// Midpoints is the share of points midway between two codes, each [n, dim], that decode to an image in the manifold of the
// data. It says whether codes between two codes have a meaning.
func Midpoints(ctx context.Context, decode Decoder, m *Manifold, from, to []float32, dim int) (float64, error) {
	n, err := countPairs(from, to, dim)
	if err != nil {
		return 0, err
	}
	codes := make([]float32, n*dim)
	for i := range n {
		Linear(codes[i*dim:][:dim], from[i*dim:][:dim], to[i*dim:][:dim], 0.5)
	}
	images, pixels, err := decoded(ctx, decode, codes, dim)
	if err != nil {
		return 0, err
	}
	if pixels != m.balls.Dim {
		return 0, fmt.Errorf("latent: decoded images of %d values, data of %d; want the same", pixels, m.balls.Dim)
	}
	inside, err := m.Contains(ctx, images)
	if err != nil {
		return 0, err
	}
	count := 0
	for _, in := range inside {
		if in {
			count++
		}
	}
	return float64(count) / float64(n), nil
}

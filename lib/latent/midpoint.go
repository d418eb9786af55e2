package latent

import (
	"context"
	"fmt"
)

// Manifold is where data are, estimated: the balls about each row that reach its k-th nearest other row
// (Kynkäänniemi et al. 2019, arXiv 1904.06991).
type Manifold struct {
	rows  *table
	radii []float64 // [n], squared
}

// NewManifold measures the balls about the rows of x, [n, dim], which it keeps. Time grows with n^2. A usual k is 5.
func NewManifold(ctx context.Context, x []float32, dim, k int) (*Manifold, error) {
	h, err := NeighboursWithin(ctx, x, dim, k)
	if err != nil {
		return nil, err
	}
	m := &Manifold{radii: make([]float64, len(x)/dim)}
	if m.rows, err = newTable(x, dim); err != nil {
		return nil, err
	}
	for i := range m.radii {
		m.radii[i] = squaredDistance(m.rows.row(i), m.rows.row(h.Indices[(i+1)*k-1]))
	}
	return m, nil
}

// Contains says which rows of y, [m, dim], lie in at least one ball.
func (m *Manifold) Contains(ctx context.Context, y []float32) ([]bool, error) {
	a, err := newTable(y, m.rows.dim)
	if err != nil {
		return nil, err
	}
	inside := make([]bool, a.n)
	err = products(ctx, a, m.rows, func(i, first int, products []float32) {
		low, radii := m.rows.low[first:][:len(products)], m.radii[first:][:len(products)]
		for t, p := range products {
			if inside[i] {
				return
			}
			if !(a.low[i]+low[t]-2*float64(p) > radii[t]) {
				inside[i] = squaredDistance(a.row(i), m.rows.row(first+t)) <= radii[t]
			}
		}
	})
	return inside, err
}

// Midpoints is the share of the points half way from one code to another, [n, dim], that decode into the manifold of the data:
// whether what lies between two codes means something.
func Midpoints(ctx context.Context, decode Decoder, m *Manifold, from, to []float32, dim int, along Interpolation) (float64, error) {
	n, err := countPairs(from, to, dim)
	if err != nil {
		return 0, err
	}
	codes := make([]float32, n*dim)
	for i := range n {
		along(codes[i*dim:][:dim], from[i*dim:][:dim], to[i*dim:][:dim], 0.5)
	}
	images, pixels, err := decoded(ctx, decode, codes, dim)
	if err != nil {
		return 0, err
	}
	if pixels != m.rows.dim {
		return 0, fmt.Errorf("latent: decoded images of %d values, data of %d; want the same", pixels, m.rows.dim)
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

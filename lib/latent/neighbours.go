package latent

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// Neighbourhood holds the k nearest rows of each of n rows, nearest first; of equally near ones, the earlier row first.
type Neighbourhood struct {
	K         int
	Indices   []int     // [n, k]
	Distances []float64 // [n, k], Euclidean
}

// Neighbours finds, for each row of x, [n, dim], its k nearest among the rows of points, [m, dim]. It is exact: products in float32
// only rule out rows that cannot be near, by a bound on their rounding errors; the rest is compared in float64.
func Neighbours(ctx context.Context, x, points []float32, dim, k int) (*Neighbourhood, error) {
	a, b, err := newTables(x, points, dim)
	if err != nil {
		return nil, err
	}
	if k < 1 || k > b.n {
		return nil, fmt.Errorf("latent: %d neighbours among %d rows; want 1 to %d", k, b.n, b.n)
	}
	return nearest(ctx, a, b, k)
}

// NeighboursWithin finds, for each row of x, [n, dim], its k nearest among the other rows.
func NeighboursWithin(ctx context.Context, x []float32, dim, k int) (*Neighbourhood, error) {
	a, err := newTable(x, dim)
	if err != nil {
		return nil, err
	}
	if k < 1 || k >= a.n {
		return nil, fmt.Errorf("latent: %d neighbours of a row among %d others; want 1 to %d", k, a.n-1, a.n-1)
	}
	return nearest(ctx, a, a, k)
}

// nearest finds the k rows of b nearest to each row of a; where they are one table, a row is no neighbour of itself.
func nearest(ctx context.Context, a, b *table, k int) (*Neighbourhood, error) {
	h := &Neighbourhood{K: k, Indices: make([]int, a.n*k), Distances: make([]float64, a.n*k)}
	for i := range h.Distances {
		h.Distances[i] = math.Inf(1)
	}
	err := products(ctx, a, b, func(i, first int, products []float32) {
		indices, distances := h.Indices[i*k:(i+1)*k], h.Distances[i*k:(i+1)*k] // squared, for now
		worst := distances[k-1]
		low := b.low[first:][:len(products)]
		for t, p := range products {
			if a.low[i]+low[t]-2*float64(p) >= worst || (a == b && i == first+t) {
				continue
			}
			d := squaredDistance(a.row(i), b.row(first+t))
			if !(d < worst) {
				continue
			}
			at := k - 1
			for ; at > 0 && distances[at-1] > d; at-- {
				indices[at], distances[at] = indices[at-1], distances[at-1]
			}
			indices[at], distances[at] = first+t, d
			worst = distances[k-1]
		}
	})
	if err != nil {
		return nil, err
	}
	for i, d := range h.Distances {
		h.Distances[i] = math.Sqrt(d)
	}
	return h, nil
}

// A table is rows with bounds for their distances from rows of another. The float32 product p of rows i and j of tables a and b,
// summed in any order, is within dim*2^-24*|i|*|j| of the exact one, to first order (Higham 2002, section 3.1); so the squared
// distance lies between a.low[i]+b.low[j]-2p and a.high[i]+b.high[j]-2p.
type table struct {
	x         []float32 // [n, dim]
	n, dim    int
	low, high []float64 // [n], the squared length of a row, made smaller or larger by that error
}

func newTable(x []float32, dim int) (*table, error) {
	n, err := countFinite(x, dim)
	if err != nil {
		return nil, err
	}
	t := &table{x: x, n: n, dim: dim, low: make([]float64, n), high: make([]float64, n)}
	share := 1.1 * float64(dim+4) * 0x1p-24 // also covers what float64 rounds off
	for i := range n {
		var squared float64
		for _, v := range t.row(i) {
			squared += float64(v) * float64(v)
		}
		if squared > math.MaxFloat32 {
			return nil, fmt.Errorf("latent: row %d is of length %.3g, beyond float32 once squared; want smaller numbers", i, math.Sqrt(squared))
		}
		t.low[i], t.high[i] = squared*(1-share)-0x1p-120, squared*(1+share)+0x1p-120 // the constant: products too small for float32
	}
	return t, nil
}

func newTables(x, points []float32, dim int) (a, b *table, err error) {
	if a, err = newTable(x, dim); err == nil {
		b, err = newTable(points, dim)
	}
	return a, b, err
}

func (t *table) row(i int) []float32 { return t.x[i*t.dim : (i+1)*t.dim] }

// products calls visit with the float32 products of each row i of a with the rows of b from first on. All calls for one i come from
// one goroutine, with first rising.
func products(ctx context.Context, a, b *table, visit func(i, first int, products []float32)) error {
	const rows, columns = 64, 128 // below the size that Gemm would split among goroutines of its own
	return parallel(ctx, (a.n+rows-1)/rows, func(task int) {
		from, to := task*rows, min(a.n, (task+1)*rows)
		results := make([]float32, rows*columns)
		for first := 0; first < b.n && ctx.Err() == nil; first += columns {
			last := min(b.n, first+columns)
			c := blas32.General{Rows: to - from, Cols: last - first, Stride: last - first, Data: results}
			blas32.Gemm(blas.NoTrans, blas.Trans, 1, a.general(from, to), b.general(first, last), 0, c)
			for i := from; i < to; i++ {
				visit(i, first, results[(i-from)*c.Cols:][:c.Cols])
			}
		}
	})
}

func (t *table) general(from, to int) blas32.General {
	return blas32.General{Rows: to - from, Cols: t.dim, Stride: t.dim, Data: t.x[from*t.dim : to*t.dim]}
}

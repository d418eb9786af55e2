package latent

import (
	"context"
	"fmt"
)

// Trustworthiness says whether rows near each other as codes, [n, dim], are near each other as data, x, [n, features]: 1 if the k nearest
// in the code are the k nearest in the data, less by how far down the data's ranks the others come (Venna and Kaski 2001).
// Time and memory grow with n^2 and n*k: take a Subsample of at most 5,000.
func Trustworthiness(ctx context.Context, x []float32, features int, codes []float32, dim, k int) (float64, error) {
	a, err := newTable(x, features)
	if err != nil {
		return 0, err
	}
	b, err := newTable(codes, dim)
	if err != nil {
		return 0, err
	}
	n := a.n
	switch {
	case b.n != n:
		return 0, fmt.Errorf("latent: %d codes for %d rows; want one each", b.n, n)
	case k < 1 || 2*k >= n:
		return 0, fmt.Errorf("latent: %d neighbours of %d rows; want at least 1 and fewer than half of the rows", k, n)
	}
	near, err := nearest(ctx, b, b, k)
	if err != nil {
		return 0, err
	}
	ranks, err := ranks(ctx, a, near)
	if err != nil {
		return 0, err
	}
	var intruders float64
	for _, rank := range ranks {
		intruders += float64(max(0, rank-k))
	}
	return 1 - intruders*2/(float64(n)*float64(k)*float64(2*n-3*k-1)), nil
}

// Continuity says whether rows near each other as data stay near each other as codes: Trustworthiness with data and codes exchanged.
func Continuity(ctx context.Context, x []float32, features int, codes []float32, dim, k int) (float64, error) {
	return Trustworthiness(ctx, codes, dim, x, features, k)
}

// ranks says the how-manieth nearest row of a, from 1, each neighbour is to its row, [n, k]; of equally near rows the earlier is nearer.
func ranks(ctx context.Context, a *table, near *Neighbourhood) ([]int, error) {
	k := near.K
	ranks := make([]int, a.n*k)
	distances := make([]float64, a.n*k) // squared
	for i := range a.n {
		for t, j := range near.Indices[i*k : (i+1)*k] {
			ranks[i*k+t] = 1
			distances[i*k+t] = squaredDistance(a.row(i), a.row(j))
		}
	}
	err := products(ctx, a, a, func(i, first int, products []float32) {
		indices, distances, ranks := near.Indices[i*k:(i+1)*k], distances[i*k:(i+1)*k], ranks[i*k:(i+1)*k]
		for l, p := range products {
			l += first
			if l == i {
				continue
			}
			low, high := a.low[i]+a.low[l]-2*float64(p), a.high[i]+a.high[l]-2*float64(p)
			for t, d := range distances {
				switch {
				case high < d:
					ranks[t]++
				case !(low > d): // too close for float32
					if exact := squaredDistance(a.row(i), a.row(l)); exact < d || exact == d && l < indices[t] {
						ranks[t]++
					}
				}
			}
		}
	})
	return ranks, err
}

package latent

import (
	"context"
	"fmt"
	"math"

	"fashionlatent/lib/points"
)

// Trustworthiness says whether rows that are near each other as codes, [n, dim], are also near each other as data, x,
// [n, features]. It is 1 - 2/(n k (2n - 3k - 1)) times the sum of max(0, r - k) over the k nearest codes of each row,
// where r is the rank of their distance in the data (Venna and Kaski 2001). 1 is perfect. k must be less than n/2. Time
// grows with n^2 and memory with n k, so take a Subsample of at most 5,000.
func Trustworthiness(ctx context.Context, x []float32, features int, codes []float32, dim, k int) (float64, error) {
	a, err := points.New(x, features)
	if err != nil {
		return 0, err
	}
	b, err := points.New(codes, dim)
	if err != nil {
		return 0, err
	}
	n := a.N()
	switch {
	case b.N() != n:
		return 0, fmt.Errorf("latent: %d codes for %d rows; want one each", b.N(), n)
	case k < 1 || 2*k >= n:
		return 0, fmt.Errorf("latent: %d neighbours of %d rows; want at least 1 and fewer than half of the rows", k, n)
	}
	near, err := points.NearestOthers(ctx, b, k)
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

// Continuity says whether rows that are near each other as data stay near each other as codes. It is Trustworthiness
// with data and codes exchanged.
func Continuity(ctx context.Context, x []float32, features int, codes []float32, dim, k int) (float64, error) {
	return Trustworthiness(ctx, codes, dim, x, features, k)
}

// ranks returns, for each neighbour, [n, k], its rank by distance among all other rows of a, from 1. Of equally distant
// rows the earlier comes first.
func ranks(ctx context.Context, a points.Matrix, near *points.Neighbours) ([]int, error) {
	k := near.K
	ranks, distances := make([]int, a.N()*k), make([]float64, a.N()*k) // squared
	farthest := make([]float64, a.N())
	for i := range a.N() {
		for t, j := range near.Of(i) {
			ranks[i*k+t] = 1
			distances[i*k+t] = points.SquaredDistance(a.Row(i), a.Row(int(j)))
			farthest[i] = max(farthest[i], distances[i*k+t])
		}
	}
	err := points.Near(ctx, a, a, farthest, func(i, l int, low, high float64) {
		if l == i {
			return
		}
		indices, ranks := near.Of(i), ranks[i*k:(i+1)*k]
		exact := math.NaN() // computed only when needed
		for t, d := range distances[i*k : (i+1)*k] {
			switch {
			case high < d:
				ranks[t]++
			case !(low > d): // too close to decide in float32
				if math.IsNaN(exact) {
					exact = points.SquaredDistance(a.Row(i), a.Row(l))
				}
				if exact < d || exact == d && l < int(indices[t]) {
					ranks[t]++
				}
			}
		}
	})
	return ranks, err
}

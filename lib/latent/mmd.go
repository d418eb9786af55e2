package latent

import (
	"context"
	"fmt"

	"fashionlatent/lib/points"
)

// MMD is the squared maximum mean discrepancy between two samples, [n, dim] and [m, dim], with the inverse multiquadric
// kernel C/(C + d^2), C = 2 dim. It says how far the aggregate posterior is from the prior (Tolstikhin et al. 2017,
// arXiv 1711.01558). The estimate is unbiased: for two samples of one distribution its expectation is 0, so it can be
// negative. Fewer than 2 rows are an error.
func MMD(ctx context.Context, x, y []float32, dim int) (float64, error) {
	n, err := points.Count(x, dim)
	if err != nil {
		return 0, err
	}
	m, err := points.Count(y, dim)
	if err != nil {
		return 0, err
	}
	if n < 2 || m < 2 {
		return 0, fmt.Errorf("latent: samples of %d and %d rows; want at least 2 of each", n, m)
	}
	c := 2 * float64(dim)
	kernel := func(a, b []float32, from func(i int) int) (float64, error) {
		rows, columns := len(a)/dim, len(b)/dim
		totals := make([]float64, rows)
		err := points.Parallel(ctx, rows, func(i int) {
			row := a[i*dim : (i+1)*dim]
			for j := from(i); j < columns; j++ {
				totals[i] += c / (c + points.SquaredDistance(row, b[j*dim:]))
			}
		})
		return points.Sum(totals), err
	}
	above := func(i int) int { return i + 1 } // each pair once
	all := func(int) int { return 0 }
	within, err := kernel(x, x, above)
	if err != nil {
		return 0, err
	}
	withinY, err := kernel(y, y, above)
	if err != nil {
		return 0, err
	}
	between, err := kernel(x, y, all)
	if err != nil {
		return 0, err
	}
	return 2*within/float64(n*(n-1)) + 2*withinY/float64(m*(m-1)) - 2*between/float64(n*m), nil
}

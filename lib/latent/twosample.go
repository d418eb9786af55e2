package latent

import (
	"context"
	"fmt"

	"fashionlatent/lib/points"
)

// TwoSample is the share of rows of x and y, both [n, dim], whose nearest other row is of the same set: 0.5 where the sets cannot be told
// apart, 1 where they lie apart, 0 where each row of one copies a row of the other (leave-one-out accuracy of one nearest neighbour,
// Lopez-Paz and Oquab 2016, arXiv 1610.06545; as a score of generated images: Xu et al. 2018, arXiv 1806.07755).
func TwoSample(ctx context.Context, x, y []float32, dim int) (float64, error) {
	if len(x) != len(y) {
		return 0, fmt.Errorf("latent: sets of %d and %d values; want as many, for 0.5 to mean alike", len(x), len(y))
	}
	both := append(append(make([]float32, 0, 2*len(x)), x...), y...)
	h, err := points.NearestOthers(ctx, points.Matrix{X: both, Dim: dim}, 1)
	if err != nil {
		return 0, err
	}
	n, same := len(h.Indices)/2, 0
	for i, j := range h.Indices {
		if (i < n) == (int(j) < n) {
			same++
		}
	}
	return float64(same) / float64(2*n), nil
}

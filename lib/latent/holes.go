package latent

import (
	"context"
	"fmt"
	"math"
	"slices"

	"fashionlatent/lib/points"
)

// NearestDistances are the Euclidean distances, [n], from each row of x, [n, dim], to the nearest row of data, [m,
// dim].
func NearestDistances(ctx context.Context, x, data []float32, dim int) ([]float64, error) {
	h, err := points.Nearest(ctx, points.Matrix{X: x, Dim: dim}, points.Matrix{X: data, Dim: dim}, 1)
	if err != nil {
		return nil, err
	}
	return h.Distances, nil
}

// Holes is the share of decoded samples that lie in holes: further from the training images than a share level, such as
// 0.99, of the test images. threshold is that distance. samples and test are NearestDistances to the training images.
// If samples are distributed like test images, the share is about 1 - level.
func Holes(samples, test []float64, level float64) (share, threshold float64, err error) {
	if len(samples) == 0 {
		return 0, 0, fmt.Errorf("latent: no distances of samples")
	}
	if threshold, err = quantile(test, level); err != nil {
		return 0, 0, err
	}
	for _, d := range samples {
		if !(d <= threshold) {
			share++
		}
	}
	return share / float64(len(samples)), threshold, nil
}

// quantile is the value that a share level of the values lies below, interpolated between the two nearest values (type
// 7 of Hyndman and Fan 1996, NumPy's default).
func quantile(values []float64, level float64) (float64, error) {
	if len(values) == 0 || !(level >= 0 && level <= 1) {
		return 0, fmt.Errorf("latent: quantile %v of %d values; want a share in 0 to 1 and at least one value", level, len(values))
	}
	sorted := slices.Sorted(slices.Values(values))
	if math.IsNaN(sorted[0]) {
		return 0, fmt.Errorf("latent: a quantile of values of which some are NaN; want numbers")
	}
	whole, part := math.Modf(level * float64(len(sorted)-1))
	i := int(whole)
	if part == 0 {
		return sorted[i], nil
	}
	return sorted[i]*(1-part) + sorted[i+1]*part, nil
}

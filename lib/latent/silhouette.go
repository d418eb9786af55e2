package latent

import (
	"context"
	"fmt"
	"math"
	"slices"

	"fashionlatent/lib/points"
)

// Silhouette is the mean over rows of (b-a)/max(a, b), from -1 to 1 (Rousseeuw 1987). a is the mean distance from a row
// of x, [n, dim], to the other rows of its group, and b the mean distance to the rows of the nearest other group. A row
// that is alone in its group counts as 0. Distances become more alike with more dimensions, so values in spaces of
// different dimension cannot be compared (arXiv 2403.14830). Fewer than 2 groups are an error.
func Silhouette[L uint8 | int](ctx context.Context, x []float32, labels []L, dim int) (float64, error) {
	n, err := points.Count(x, dim)
	if err != nil {
		return 0, err
	}
	if len(labels) != n {
		return 0, fmt.Errorf("latent: %d labels for %d rows; want one each", len(labels), n)
	}
	names := slices.Clone(labels)
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) < 2 {
		return 0, fmt.Errorf("latent: %d group; want at least 2", len(names))
	}
	group, size := make([]int, n), make([]float64, len(names))
	for i, label := range labels {
		group[i], _ = slices.BinarySearch(names, label)
		size[group[i]]++
	}

	values := make([]float64, n)
	err = points.Parallel(ctx, n, func(i int) {
		own := group[i]
		if size[own] == 1 {
			return
		}
		total := make([]float64, len(names))
		row := x[i*dim : (i+1)*dim]
		for j, g := range group {
			total[g] += math.Sqrt(points.SquaredDistance(row, x[j*dim:]))
		}
		a, b := total[own]/(size[own]-1), math.Inf(1)
		for g, t := range total {
			if g != own {
				b = min(b, t/size[g])
			}
		}
		if larger := max(a, b); larger > 0 {
			values[i] = (b - a) / larger
		}
	})
	return points.Sum(values) / float64(n), err
}

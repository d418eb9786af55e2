package latent

import "fashionlatent/lib/points"

// ActiveUnits counts the active units: the dimensions of codes, [n, dim], whose posterior mean has a variance above
// 0.01 over the images (Burda et al. 2015, arXiv 1509.00519). It also returns the variance of each dimension, [dim],
// over n. The threshold assumes a prior of variance 1. For an AE, whose codes have no fixed scale, the count says
// little.
func ActiveUnits(codes []float32, dim int) (count int, variance []float64, err error) {
	n, err := points.Count(codes, dim)
	if err != nil {
		return 0, nil, err
	}
	mean := columnMeans(codes, dim)
	variance = make([]float64, dim)
	for i, v := range codes {
		d := float64(v) - mean[i%dim]
		variance[i%dim] += d * d
	}
	for j := range variance {
		variance[j] /= float64(n)
		if variance[j] > 0.01 {
			count++
		}
	}
	return count, variance, nil
}

package latent

import (
	"fmt"
	"math"

	"fashionlatent/lib/points"
)

// KL is the divergence of posteriors from the prior N(0, 1), for each dimension.
type KL struct {
	Mean      []float64 // [dim], nats per image; their sum is the KL of the ELBO
	Collapsed []float64 // [dim], share of images whose KL is below epsilon (Lucas et al. 2019, arXiv 1911.02469)
}

// MeasureKL computes the KL of N(mean, exp(logVariance)) from N(0, 1) for each dimension, in closed form (Kingma and
// Welling 2013, arXiv 1312.6114, appendix B). means and logVariances are [n, dim]. A usual epsilon is 0.01 nats.
func MeasureKL(means, logVariances []float32, dim int, epsilon float64) (*KL, error) {
	n, err := points.Count(means, dim)
	if err != nil {
		return nil, err
	}
	if _, err := points.Count(logVariances, dim); err != nil {
		return nil, fmt.Errorf("log-variances: %w", err)
	}
	if len(logVariances) != len(means) {
		return nil, fmt.Errorf("latent: %d log-variances for %d means; want as many", len(logVariances), len(means))
	}
	kl := &KL{Mean: make([]float64, dim), Collapsed: make([]float64, dim)}
	for i, m := range means {
		if i%1024 == 0 {
			points.ClearUpper()
		}
		mean, logVariance := float64(m), float64(logVariances[i])
		v := (mean*mean + math.Expm1(logVariance) - logVariance) / 2
		kl.Mean[i%dim] += v
		if v < epsilon {
			kl.Collapsed[i%dim]++
		}
	}
	for j := range dim {
		kl.Mean[j] /= float64(n)
		kl.Collapsed[j] /= float64(n)
	}
	return kl, nil
}

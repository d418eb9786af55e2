// Package generate draws the codes that images are decoded from, and scores the decoded images.
//
// Codes and features are float32, row-major [n, dim]. Arithmetic is in float64, except that distances in float32 rule out
// rows that cannot be near (lib/points). The same input and seed give the same bits, whatever the number of cores.
package generate

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"fashionlatent/lib/cluster"
	"fashionlatent/lib/points"

	"gonum.org/v1/gonum/stat"
)

// A Sampler draws codes from a distribution over a latent space.
type Sampler interface {
	// Sample draws n independent codes, [n, dim]. The same seed gives the same codes.
	Sample(n int, seed uint64) []float32
}

// Prior is the standard normal distribution N(0, I) on a latent space with that number of dimensions.
type Prior int

// Sample draws n codes, [n, dim].
func (p Prior) Sample(n int, seed uint64) []float32 {
	rng := rand.New(rand.NewPCG(seed, 0))
	codes := make([]float32, max(0, n)*max(0, int(p)))
	for i := range codes {
		if i%1024 == 0 {
			points.ClearUpper()
		}
		codes[i] = float32(rng.NormFloat64())
	}
	return codes
}

// PosteriorSamples draws one code for each image from its posterior N(mean, exp(logVariance)), both [n, dim]. A
// distribution is fitted to these samples rather than to the posterior means, which spread less than the aggregate
// posterior. For an AE logVariances is nil, and the codes themselves are returned.
func PosteriorSamples(means, logVariances []float32, seed uint64) ([]float32, error) {
	if logVariances == nil {
		return means, nil
	}
	if len(means) != len(logVariances) {
		return nil, fmt.Errorf("generate: %d means and %d log-variances; want as many", len(means), len(logVariances))
	}
	rng := rand.New(rand.NewPCG(seed, 1)) // a stream other than that of Prior
	codes := make([]float32, len(means))
	for i, mean := range means {
		if i%1024 == 0 {
			points.ClearUpper()
		}
		codes[i] = float32(float64(mean) + math.Exp(float64(logVariances[i])/2)*rng.NormFloat64())
	}
	return codes, nil
}

// Empirical draws from codes, [n, Width], with replacement.
type Empirical struct {
	Codes []float32
	Width int
}

// Sample draws n codes, [n, Width]. It is nil if there are none to draw from.
func (e Empirical) Sample(n int, seed uint64) []float32 {
	if e.Width < 1 || len(e.Codes) < e.Width {
		return nil
	}
	rng := rand.New(rand.NewPCG(seed, 3)) // a stream other than those of the others
	rows := make([]int, max(0, n))
	for i := range rows {
		rows[i] = rng.IntN(len(e.Codes) / e.Width)
	}
	return points.Rows(e.Codes, e.Width, rows)
}

// Diagonal draws codes from a mixture of Gaussians with diagonal covariances.
type Diagonal struct {
	Weights          []float64 // [components], summing to 1
	Means, Variances []float64 // [components, Width]
	Width            int
}

// Sample draws n codes, [n, Width]. They are those of a [cluster.Mixture] with the same Gaussians.
func (d Diagonal) Sample(n int, seed uint64) []float32 {
	rng := rand.New(rand.NewPCG(seed, 0))
	codes := make([]float32, 0, max(0, n)*d.Width)
	for i := range n {
		if i%64 == 0 {
			points.ClearUpper()
		}
		c := cluster.DrawComponent(rng, d.Weights)
		for j := range d.Width {
			at := c*d.Width + j
			codes = append(codes, float32(d.Means[at]+math.Sqrt(d.Variances[at])*rng.NormFloat64()))
		}
	}
	return codes
}

// SelectMixture fits mixtures of Gaussians with rising numbers of components to nine tenths of the codes, [n, dim], and
// returns the one under which the other codes are most likely. It stops at the first mixture that cannot be fitted, or under
// which they are less likely than under the one before. The tenth is chosen at random with the seed of the configuration,
// whose K is ignored. If the first mixture cannot be fitted, that is an error, and so are no numbers of components, and one below 1.
func SelectMixture(ctx context.Context, codes []float32, dim int, components []int, cfg cluster.MixtureConfig) (*cluster.Mixture, error) {
	n, err := points.Count(codes, dim)
	if err != nil {
		return nil, err
	}
	if len(components) == 0 || slices.Min(components) < 1 {
		return nil, fmt.Errorf("generate: numbers of components %v; want at least one number, and 1 or more", components)
	}
	order := rand.New(rand.NewPCG(cfg.Seed, 2)).Perm(n) // a stream other than those of Prior and PosteriorSamples
	held := points.Rows(codes, dim, order[:(n+9)/10])
	fitted := points.Rows(codes, dim, order[(n+9)/10:])
	var best *cluster.Mixture
	var most float64
	for i, k := range components {
		cfg.K = k
		m, likelihood, err := heldOut(ctx, fitted, held, dim, cfg)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil && i == 0:
			return nil, err
		case err != nil || i > 0 && !(likelihood > most):
			return best, nil
		}
		best, most = m, likelihood
	}
	return best, nil
}

// heldOut fits a mixture to some codes and returns the mean log-likelihood of others, in nats per code.
func heldOut(ctx context.Context, fitted, held []float32, dim int, cfg cluster.MixtureConfig) (*cluster.Mixture, float64, error) {
	m, err := cluster.FitMixture(ctx, fitted, dim, cfg)
	if err != nil {
		return nil, 0, err
	}
	density, err := m.LogDensity(held)
	if err != nil {
		return nil, 0, err
	}
	return m, stat.Mean(density, nil), nil
}

// FitGaussian fits one Gaussian to codes, [n, dim]: their mean and their full covariance (over n, plus a ridge of 1e-6
// on its diagonal). It is a mixture of one component.
func FitGaussian(ctx context.Context, codes []float32, dim int) (*cluster.Mixture, error) {
	return cluster.FitMixture(ctx, codes, dim, cluster.MixtureConfig{K: 1})
}

package latent

import (
	"context"
	"fmt"
	"math"

	"fashionlatent/lib/points"
)

// TSNEConfig says how to lay out rows by t-SNE. Zero fields take the default.
type TSNEConfig struct {
	Perplexity float64 // how many neighbours a row has, in effect; 30
	Iterations int     // 1000
}

// maxTSNE bounds the rows laid out: every pair is computed in every iteration.
const maxTSNE = 10000

// TSNE lays out the rows of x, [n, dim], in the plane, [n, 2], so that near rows stay near (van der Maaten and Hinton 2008). Distances
// between far groups, and the groups' sizes, mean nothing. It starts from the first two principal components (Kobak and Berens 2019,
// arXiv 1812.11118), so nothing is random. Time grows with n^2: a Subsample of 2,500 takes seconds.
func TSNE(ctx context.Context, x []float32, dim int, cfg TSNEConfig) ([]float32, error) {
	n, err := points.Count(x, dim)
	if err != nil {
		return nil, err
	}
	if cfg.Perplexity == 0 {
		cfg.Perplexity = 30
	}
	if cfg.Iterations == 0 {
		cfg.Iterations = 1000
	}
	switch {
	case n > maxTSNE:
		return nil, fmt.Errorf("latent: t-SNE of %d rows; want at most %d", n, maxTSNE)
	case !(cfg.Perplexity >= 1 && cfg.Perplexity < float64(n)):
		return nil, fmt.Errorf("latent: perplexity %v for %d rows; want it from 1 to below the number of rows", cfg.Perplexity, n)
	case cfg.Iterations < 0:
		return nil, fmt.Errorf("latent: %d iterations; want a positive number, or 0 for the default", cfg.Iterations)
	}
	p, err := affinities(ctx, x, dim, cfg.Perplexity)
	if err != nil {
		return nil, err
	}
	y, err := startTSNE(x, dim)
	if err != nil {
		return nil, err
	}

	// Gradient descent with momentum and a gain for each coordinate (Jacobs 1988); attraction is exaggerated at first, so that groups form.
	const exaggeration, exaggerated = 12, 250
	rate := max(float64(n)/exaggeration/4, 50) // Belkina et al. 2019
	gradient, velocity, gain := make([]float64, 2*n), make([]float64, 2*n), make([]float64, 2*n)
	for i := range gain {
		gain[i] = 1
	}
	for iteration := range cfg.Iterations {
		attraction, momentum := 1., 0.8
		if iteration < exaggerated {
			attraction, momentum = exaggeration, 0.5
		}
		if err := gradientTSNE(ctx, gradient, p, y, attraction); err != nil {
			return nil, err
		}
		points.ClearUpper()
		for i, g := range gradient {
			if g*velocity[i] < 0 {
				gain[i] += 0.2
			} else {
				gain[i] = max(0.01, gain[i]*0.8)
			}
			velocity[i] = momentum*velocity[i] - rate*gain[i]*g
			y[i] += velocity[i]
		}
	}
	layout := make([]float32, len(y))
	for i, v := range y {
		layout[i] = float32(v)
	}
	return layout, nil
}

// affinities are the joint probabilities of rows as neighbours, [n, n]: Gaussian about each row, as wide as gives its distribution over the
// others that perplexity, then made symmetric.
func affinities(ctx context.Context, x []float32, dim int, perplexity float64) ([]float32, error) {
	n := len(x) / dim
	p := make([]float32, n*n)
	err := points.Parallel(ctx, n, func(i int) {
		distances, weights := make([]float64, n), make([]float64, n) // squared, beyond the nearest other row
		nearest := math.Inf(1)
		for j := range distances {
			distances[j] = points.SquaredDistance(x[i*dim:(i+1)*dim], x[j*dim:])
			if j != i {
				nearest = min(nearest, distances[j])
			}
		}
		low, high, precision := 0., math.Inf(1), 1.
		var total float64
		for range 200 {
			total = 0
			var moment float64
			for j, d := range distances {
				if j%1024 == 0 {
					points.ClearUpper()
				}
				if j == i {
					continue
				}
				weights[j] = math.Exp(-precision * (d - nearest))
				total += weights[j]
				moment += weights[j] * (d - nearest)
			}
			entropy := math.Log(total) + precision*moment/total
			excess := entropy - math.Log(perplexity)
			switch {
			case math.Abs(excess) < 1e-6:
				low, high = precision, precision
			case excess > 0:
				low = precision
			default:
				high = precision
			}
			if low == high {
				break
			}
			if math.IsInf(high, 1) {
				precision *= 2
			} else {
				precision = (low + high) / 2
			}
		}
		for j, w := range weights {
			p[i*n+j] = float32(w / total)
		}
	})
	if err != nil {
		return nil, err
	}
	for i := range n {
		for j := range i {
			v := (p[i*n+j] + p[j*n+i]) / float32(2*n)
			p[i*n+j], p[j*n+i] = v, v
		}
	}
	return p, nil
}

// startTSNE is the rows' first two principal components, [n, 2], the first of deviation 1e-4; the second is 0 where there is one feature.
func startTSNE(x []float32, dim int) ([]float64, error) {
	pca, err := FitPCA(x, dim, min(2, dim))
	if err != nil {
		return nil, err
	}
	codes, err := pca.Transform(x)
	if err != nil {
		return nil, err
	}
	y := make([]float64, len(x)/dim*2)
	if pca.Variance[0] > 0 {
		for i, c := range codes {
			y[i/pca.Dim*2+i%pca.Dim] = float64(c) * 1e-4 / math.Sqrt(pca.Variance[0])
		}
	}
	return y, nil
}

// gradientTSNE fills gradient, [n, 2], with that of the divergence of the layout's affinities from attraction times p.
func gradientTSNE(ctx context.Context, gradient []float64, p []float32, y []float64, attraction float64) error {
	n := len(y) / 2
	totals, repulsion := make([]float64, n), make([]float64, 2*n)
	err := points.Parallel(ctx, n, func(i int) {
		u, v := y[2*i], y[2*i+1]
		var total, pullU, pullV, pushU, pushV float64
		for j, p := range p[i*n : (i+1)*n] {
			du, dv := u-y[2*j], v-y[2*j+1]
			q := 1 / (1 + du*du + dv*dv)
			total += q
			pull, push := float64(p)*q, q*q
			pullU += pull * du
			pullV += pull * dv
			pushU += push * du
			pushV += push * dv
		}
		totals[i] = total - 1 // without itself
		gradient[2*i], gradient[2*i+1] = attraction*pullU, attraction*pullV
		repulsion[2*i], repulsion[2*i+1] = pushU, pushV
	})
	total := points.Sum(totals)
	for i, r := range repulsion {
		gradient[i] = 4 * (gradient[i] - r/total)
	}
	return err
}

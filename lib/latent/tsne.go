package latent

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"fashionlatent/lib/points"
)

// TSNEConfig says how to lay out rows by t-SNE. Zero fields take the default.
type TSNEConfig struct {
	Perplexity float64 // effective number of neighbours of a row; default DefaultPerplexity
	Iterations int     // default 1000; in the first quarter, but not more than 250, attraction is exaggerated
}

// TSNEVersion is the version of what TSNE computes. It rises when the same rows get another layout with the default iterations.
const TSNEVersion = 1

// DefaultPerplexity is the perplexity for n rows: 30, or less for fewer than 91 rows, so that each row has the neighbours that
// attract it.
func DefaultPerplexity(n int) float64 { return min(30, float64(n-1)/3) }

// MaxTSNE is the largest number of rows that TSNE takes. It bounds the time: 10,000 rows take about 15 seconds on 2 cores.
const MaxTSNE = 20000

// theta bounds the width of a cell over its distance from a point. Below it, the points of the cell are taken together, at their mean.
const theta = .5

// TSNE lays out the rows of x, [n, dim], in the plane, [n, 2], so that rows that are near each other stay near (van der Maaten
// and Hinton 2008). The distances between groups that are far apart and the sizes of groups have no meaning. Each row is attracted
// by its 3 * Perplexity nearest rows. The repulsion of far rows is approximated with a tree (Barnes-Hut; van der Maaten 2014).
// The layout starts from the first two principal components (Kobak and Berens 2019, Nature Communications 10, 5416), so nothing is random, and
// the number of cores does not change the result. More than 20,000 rows are an error, of which a Subsample can be taken, and so is
// a perplexity below 1 or not below the number of rows.
func TSNE(ctx context.Context, x []float32, dim int, cfg TSNEConfig) ([]float32, error) {
	n, err := points.Count(x, dim)
	if err != nil {
		return nil, err
	}
	if cfg.Perplexity == 0 {
		cfg.Perplexity = DefaultPerplexity(n)
	}
	if cfg.Iterations == 0 {
		cfg.Iterations = 1000
	}
	switch {
	case n > MaxTSNE:
		return nil, fmt.Errorf("latent: t-SNE of %d rows; want at most %d", n, MaxTSNE)
	case !(cfg.Perplexity >= 1 && cfg.Perplexity < float64(n)):
		return nil, fmt.Errorf("latent: perplexity %v for %d rows; want it from 1 to below the number of rows", cfg.Perplexity, n)
	case cfg.Iterations < 0:
		return nil, fmt.Errorf("latent: %d iterations; want a positive number, or 0 for the default", cfg.Iterations)
	}
	p, err := affinities(ctx, x, dim, cfg.Perplexity)
	if err != nil {
		return nil, err
	}
	y, err := startTSNE(ctx, x, dim)
	if err != nil {
		return nil, err
	}

	// Gradient descent with momentum and a gain for each coordinate (Jacobs 1988); attraction is exaggerated at first, so that groups form.
	const exaggeration = 12
	exaggerated := min(250, cfg.Iterations/4)
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
		if err := gradientTSNE(ctx, gradient, p, y, attraction, theta); err != nil {
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

// graph is a symmetric matrix of which most is zero: row i has the values from start[i] to before start[i+1].
type graph struct {
	start []int
	to    []int32
	value []float64
}

// affinities are the joint probabilities of rows as neighbours, [n, n]: Gaussian about each row over its nearest others, as wide as gives
// the distribution that perplexity, then made symmetric.
func affinities(ctx context.Context, x []float32, dim int, perplexity float64) (*graph, error) {
	n := len(x) / dim
	near, err := points.NearestOthers(ctx, points.Matrix{X: x, Dim: dim}, min(n-1, int(3*perplexity)))
	if err != nil {
		return nil, err
	}
	k := near.K
	p := make([]float64, n*k)
	err = points.Parallel(ctx, n, func(i int) { conditional(p[i*k:(i+1)*k], near.Distances[i*k:(i+1)*k], perplexity) })
	if err != nil {
		return nil, err
	}

	// Each pair stands twice in the graph; where each row is near the other, both add to the two.
	type entry struct {
		to    int32
		value float64
	}
	rows := make([][]entry, n)
	for i := range n {
		for j, to := range near.Of(i) {
			v := p[i*k+j] / float64(2*n)
			rows[i] = append(rows[i], entry{to, v})
			rows[to] = append(rows[to], entry{int32(i), v})
		}
	}
	g := &graph{start: make([]int, 1, n+1)}
	for _, row := range rows {
		slices.SortStableFunc(row, func(a, b entry) int { return cmp.Compare(a.to, b.to) })
		for j, e := range row {
			if j > 0 && row[j-1].to == e.to {
				g.value[len(g.value)-1] += e.value
				continue
			}
			g.to, g.value = append(g.to, e.to), append(g.value, e.value)
		}
		g.start = append(g.start, len(g.to))
	}
	return g, nil
}

// conditional fills p with the probabilities of neighbours at distances that rise: Gaussian, and as wide as gives them a perplexity.
func conditional(p, distances []float64, perplexity float64) {
	nearest := distances[0] * distances[0]
	low, high, precision := 0., math.Inf(1), 1.
	var total float64
	for range 200 {
		points.ClearUpper()
		total = 0
		var moment float64
		for j, d := range distances {
			beyond := d*d - nearest
			p[j] = math.Exp(-precision * beyond)
			total += p[j]
			moment += p[j] * beyond
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
	for j := range p {
		p[j] /= total
	}
}

// startTSNE is the rows' first two principal components, [n, 2], the first of deviation 1e-4; the second is 0 where there is one feature.
func startTSNE(ctx context.Context, x []float32, dim int) ([]float64, error) {
	pca, err := FitPCA(ctx, x, dim, min(2, dim))
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

// gradientTSNE fills gradient, [n, 2], with that of the divergence of the layout's affinities from attraction times p. With a theta of 0 it
// is exact.
func gradientTSNE(ctx context.Context, gradient []float64, p *graph, y []float64, attraction, theta float64) error {
	n := len(y) / 2
	tree := newQuadtree(y)
	totals, repulsion := make([]float64, n), make([]float64, 2*n)
	err := points.Parallel(ctx, n, func(i int) {
		u, v := y[2*i], y[2*i+1]
		var pullU, pullV float64
		for at := p.start[i]; at < p.start[i+1]; at++ {
			j := p.to[at]
			du, dv := u-y[2*j], v-y[2*j+1]
			pull := p.value[at] / (1 + du*du + dv*dv)
			pullU += pull * du
			pullV += pull * dv
		}
		gradient[2*i], gradient[2*i+1] = attraction*pullU, attraction*pullV
		totals[i], repulsion[2*i], repulsion[2*i+1] = tree.repulsion(u, v, theta)
	})
	total := points.Sum(totals)
	for i, r := range repulsion {
		gradient[i] = 4 * (gradient[i] - r/total)
	}
	return err
}

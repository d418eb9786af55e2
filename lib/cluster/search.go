package cluster

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"fashionlatent/lib/points"

	"gonum.org/v1/gonum/mat"
)

// SearchConfig says how to search for a mixture. Zero fields stand for the defaults.
type SearchConfig struct {
	MixtureConfig     // with other defaults for Restarts, 10, on the sample, and for Tolerance, 1e-4, which is also the smallest gain of an accepted move
	Rounds        int // largest number of moves; default 8
	Sample        int // number of randomly drawn points on which the search works; default 20,000
}

// SearchMixture fits a mixture to x, [n, dim], and leaves poor local maxima of the likelihood by split-and-merge EM in
// the manner of Ueda, Nakano, Ghahramani and Hinton (2000). It starts from the most likely of the restarts on a sample.
// Each round tries every move that deletes one component and splits another in two along its longest axis, for a few
// iterations of EM. It continues the most promising moves for more iterations, and accepts the first that makes the
// sample more likely. A move that leads to a covariance that is not positive definite is passed over. The search ends with a round without such a move, or after Rounds moves. At last EM runs on all
// points.
func SearchMixture(ctx context.Context, x []float32, dim int, cfg SearchConfig) (*Mixture, error) {
	if err := checkOptions(option{"Rounds", float64(cfg.Rounds)}, option{"Sample", float64(cfg.Sample)}); err != nil {
		return nil, err
	}
	if cfg.Tolerance == 0 { // below 0 it stands for 0
		cfg.Tolerance = 1e-4
	}
	full, err := newEM(x, dim, cfg.MixtureConfig)
	if err != nil {
		return nil, err
	}
	e, err := newEM(sample(x, dim, max(full.k, or(cfg.Sample, 20000)), cfg.Seed), dim, cfg.MixtureConfig)
	if err != nil {
		return nil, err
	}
	m, err := e.best(ctx, or(cfg.Restarts, 10), cfg.Seed)
	if err != nil {
		return nil, err
	}
	for range or(cfg.Rounds, 8) {
		better, err := e.exchange(ctx, m)
		if err != nil {
			return nil, err
		}
		if better == nil {
			break
		}
		m = better
	}
	m.Iterations, m.Converged = 0, false
	return m, full.climb(ctx, m)
}

// sample draws size of the points without replacement and keeps their order. If there are no more than size, it returns
// all points.
func sample(x []float32, dim, size int, seed uint64) []float32 {
	n := len(x) / dim
	if size >= n {
		return x
	}
	drawn := rand.New(rand.NewPCG(seed, math.MaxUint64)).Perm(n)[:size]
	slices.Sort(drawn)
	return points.Rows(x, dim, drawn)
}

// exchange returns a mixture that is more likely than m, in which one component of m is deleted and another split; nil
// if it finds none.
func (e *em) exchange(ctx context.Context, m *Mixture) (*Mixture, error) {
	const (
		glance = 4  // iterations for every move
		look   = 40 // further iterations for the most promising moves
		tried  = 6  // number of the most promising moves
	)
	var moves []*Mixture
	brief := *e
	brief.maxIterations, brief.tolerance = glance, 0
	for split := range m.K {
		a, b, ok := m.halves(split)
		if !ok || m.Weights[split] == 0 {
			continue
		}
		for deleted := range m.K {
			if deleted == split {
				continue
			}
			moved := m.clone()
			moved.put(split, a)
			moved.put(deleted, b)
			if !e.equalWeights {
				moved.Weights[deleted] = m.Weights[split] / 2
				moved.Weights[split] = m.Weights[split] / 2
				share := points.Sum(moved.Weights)
				for c := range moved.Weights {
					moved.Weights[c] /= share
				}
			}
			if err := brief.climb(ctx, moved); ctx.Err() != nil {
				return nil, ctx.Err()
			} else if err == nil { // otherwise the move has led to a covariance that is not positive definite
				moves = append(moves, moved)
			}
		}
	}
	slices.SortStableFunc(moves, func(a, b *Mixture) int { return cmp.Compare(b.LogLikelihood, a.LogLikelihood) })
	longer := *e
	longer.maxIterations = glance + look
	for _, moved := range moves[:min(tried, len(moves))] {
		if err := longer.climb(ctx, moved); ctx.Err() != nil {
			return nil, ctx.Err()
		} else if err == nil && moved.LogLikelihood > m.LogLikelihood+e.tolerance {
			return moved, nil
		}
	}
	return nil, nil
}

// gaussian is a component without its weight.
type gaussian struct{ mean, covariance []float64 }

func (m *Mixture) clone() *Mixture {
	return &Mixture{K: m.K, Dim: m.Dim, Weights: slices.Clone(m.Weights), EqualWeights: m.EqualWeights, Means: slices.Clone(m.Means), Covariances: slices.Clone(m.Covariances)}
}

func (m *Mixture) put(c int, g gaussian) {
	copy(m.Means[c*m.Dim:(c+1)*m.Dim], g.mean)
	copy(m.Covariances[c*m.Dim*m.Dim:(c+1)*m.Dim*m.Dim], g.covariance)
}

// halves returns the mean and the covariance of each of the two parts into which a plane through the mean of a
// component, perpendicular to its longest axis, cuts it. Half of a standard normal distribution has mean sqrt(2/pi) and
// variance 1 - 2/pi.
func (m *Mixture) halves(c int) (a, b gaussian, ok bool) {
	covariance := m.Covariances[c*m.Dim*m.Dim : (c+1)*m.Dim*m.Dim]
	var eigen mat.EigenSym
	if !eigen.Factorize(mat.NewSymDense(m.Dim, slices.Clone(covariance)), true) {
		return a, b, false
	}
	var axes mat.Dense
	eigen.VectorsTo(&axes)
	longest := m.Dim - 1 // they are in rising order
	variance := eigen.Values(nil)[longest]
	if !(variance > 0) {
		return a, b, false
	}
	a, b = gaussian{slices.Clone(m.Means[c*m.Dim : (c+1)*m.Dim]), slices.Clone(covariance)}, gaussian{}
	b.mean = slices.Clone(a.mean)
	for i := range m.Dim {
		shift := math.Sqrt(2/math.Pi*variance) * axes.At(i, longest)
		a.mean[i] += shift
		b.mean[i] -= shift
		for j := range m.Dim {
			a.covariance[i*m.Dim+j] -= 2 / math.Pi * variance * axes.At(i, longest) * axes.At(j, longest)
		}
	}
	b.covariance = a.covariance
	return a, b, true
}

package cluster

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"fashionlatent/lib/points"
)

// MixtureConfig says how to fit a Gaussian mixture. Zero fields stand for the defaults.
type MixtureConfig struct {
	K             int     // number of components; default 10
	Restarts      int     // fits from different starts, of which the most likely is kept; default 1
	MaxIterations int     // of EM, per restart; default 100
	Tolerance     float64 // stop when an iteration changes the mean log-likelihood by less than this, in nats per point; default 1e-3; below 0: 0
	Ridge         float64 // added to the diagonal of every covariance, in squared units of the points; default 1e-6; below 0: 0
	EqualWeights  bool    // keep every weight at 1/K
	Seed          uint64
}

// Mixture is a mixture of Gaussians with full covariances.
type Mixture struct {
	K, Dim        int
	Weights       []float64 // [k], their sum is 1
	EqualWeights  bool      // the weights were kept at 1/k
	Means         []float64 // [k, dim]
	Covariances   []float64 // [k, dim, dim]
	LogLikelihood float64   // of the fitted points, mean nats per point
	Iterations    int       // of EM, in the kept restart
	Converged     bool      // within MaxIterations
}

// FitMixture fits a mixture to x, [n, dim], by expectation-maximisation (Dempster, Laird and Rubin 1977). Each restart
// begins with the partition of a k-means fit from its own start. Fewer points than components are an error, and so are
// covariances that are not positive definite, if every restart leads to one.
func FitMixture(ctx context.Context, x []float32, dim int, cfg MixtureConfig) (*Mixture, error) {
	e, err := newEM(x, dim, cfg)
	if err != nil {
		return nil, err
	}
	return e.best(ctx, or(cfg.Restarts, 1), cfg.Seed)
}

func newEM(x []float32, dim int, cfg MixtureConfig) (*em, error) {
	if err := checkOptions(option{"K", float64(cfg.K)}, option{"Restarts", float64(cfg.Restarts)},
		option{"MaxIterations", float64(cfg.MaxIterations)}); err != nil {
		return nil, err
	}
	if err := checkFinite(option{"Tolerance", cfg.Tolerance}, option{"Ridge", cfg.Ridge}); err != nil {
		return nil, err
	}
	kmeans, err := newKMeansFit(x, dim, KMeansConfig{K: cfg.K})
	if err != nil {
		return nil, err
	}
	e := &em{kmeans: kmeans, x: x, n: kmeans.n, dim: dim, k: kmeans.k, equalWeights: cfg.EqualWeights,
		maxIterations: or(cfg.MaxIterations, 100), tolerance: or(cfg.Tolerance, 1e-3), ridge: or(cfg.Ridge, 1e-6)}
	e.chunks = chunkCount(e.n, e.size())
	return e, nil
}

// best returns the most likely of the mixtures fitted from several starts. A start that leads to a covariance that is not positive
// definite is an error only if all do.
func (e *em) best(ctx context.Context, restarts int, seed uint64) (*Mixture, error) {
	var best *Mixture
	var failed error
	for restart := range restarts {
		centres, err := e.kmeans.start(ctx, rand.New(rand.NewPCG(seed, uint64(restart))))
		if err != nil {
			return nil, err
		}
		cells, err := e.kmeans.lloyd(ctx, centres)
		if err != nil {
			return nil, err
		}
		m, err := e.fromPartition(ctx, cells)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			failed = err
		case best == nil || m.LogLikelihood > best.LogLikelihood:
			best = m
		}
	}
	if best == nil {
		return nil, failed
	}
	return best, nil
}

// Predict returns the most probable component of each point of x, [n, dim]: [n].
func (m *Mixture) Predict(x []float32) ([]int, error) {
	labels := make([]int, len(x)/max(1, m.Dim))
	err := m.each(x, func(i int, joint []float64) {
		for c, l := range joint {
			if l > joint[labels[i]] {
				labels[i] = c
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return labels, nil
}

// Margins returns how much more probable the most probable component of each point of x, [n, dim], is than the second:
// the difference of the logs of their posterior probabilities, [n] nats. It is +Inf if there is only one component.
func (m *Mixture) Margins(x []float32) ([]float64, error) {
	margins := make([]float64, len(x)/max(1, m.Dim))
	err := m.each(x, func(i int, joint []float64) {
		first, second := math.Inf(-1), math.Inf(-1)
		for _, l := range joint {
			first, second = max(first, l), max(second, min(first, l))
		}
		margins[i] = first - second
	})
	if err != nil {
		return nil, err
	}
	return margins, nil
}

// LogDensity returns the log-density of the mixture at each point of x, [n, dim]: [n] nats.
func (m *Mixture) LogDensity(x []float32) ([]float64, error) {
	density := make([]float64, len(x)/max(1, m.Dim))
	err := m.each(x, func(i int, joint []float64) {
		density[i] = posterior(joint)
	})
	if err != nil {
		return nil, err
	}
	return density, nil
}

// Sample draws n points, [n, dim]. The component of each point is drawn independently. It returns nil for a mixture
// that was made by hand and whose covariances are not positive definite.
func (m *Mixture) Sample(n int, seed uint64) []float32 {
	factor := make([]float64, m.K*m.Dim*m.Dim)
	for c := range m.K {
		if !cholesky(factor[c*m.Dim*m.Dim:], m.Covariances[c*m.Dim*m.Dim:], m.Dim) {
			return nil
		}
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	x := make([]float32, 0, max(0, n)*m.Dim)
	normal := make([]float64, m.Dim)
	for i := range n {
		if i%1024 == 0 {
			points.ClearUpper()
		}
		c := DrawComponent(rng, m.Weights)
		for j := range normal {
			normal[j] = rng.NormFloat64()
		}
		for i := range m.Dim {
			v := m.Means[c*m.Dim+i]
			for j, l := range factor[(c*m.Dim+i)*m.Dim:][:i+1] {
				v += l * normal[j]
			}
			x = append(x, float32(v))
		}
	}
	return x
}

// DrawComponent draws the component of a point of a mixture with these weights, which sum to 1.
func DrawComponent(rng *rand.Rand, weights []float64) int {
	c, left := 0, rng.Float64()
	for c < len(weights)-1 && left >= weights[c] {
		left -= weights[c]
		c++
	}
	return c
}

// BIC is the Bayesian information criterion (Schwarz 1978) of a mixture fitted to n points: -2 times the log-likelihood
// in nats plus the number of parameters times log n. Lower is better.
func (m *Mixture) BIC(n int) float64 {
	parameters := m.K*m.Dim + m.K*m.Dim*(m.Dim+1)/2
	if !m.EqualWeights {
		parameters += m.K - 1
	}
	return -2*m.LogLikelihood*float64(n) + float64(parameters)*math.Log(float64(n))
}

// BICs fits mixtures with each number of components to x, [n, dim], and returns their BIC. K of the configuration is
// ignored.
func BICs(ctx context.Context, x []float32, dim int, components []int, cfg MixtureConfig) ([]float64, error) {
	bics := make([]float64, len(components))
	for i, k := range components {
		if k < 1 {
			return nil, fmt.Errorf("cluster: a mixture of %d components; want at least 1", k)
		}
		cfg.K = k
		m, err := FitMixture(ctx, x, dim, cfg)
		if err != nil {
			return nil, err
		}
		bics[i] = m.BIC(len(x) / dim)
	}
	return bics, nil
}

// each calls visit for every point of x, from several goroutines, with the logs of the joint density of the point and
// each component, [k].
func (m *Mixture) each(x []float32, visit func(i int, joint []float64)) error {
	n, err := points.Count(x, m.Dim)
	if err != nil {
		return err
	}
	g, err := m.gaussians()
	if err != nil {
		return err
	}
	return points.Split(context.Background(), n, chunkCount(n, 1), func(_, lo, hi int) {
		b := newBatch(m.K, m.Dim)
		for i := lo; i < hi; i += lanes {
			b.count = b.point.load(x, i, hi)
			g.jointDensities(b) // leaves the vector registers as points.ClearUpper does
			for l := range b.count {
				visit(i+l, b.joint[l])
			}
		}
	})
}

// gaussians is a mixture in a form from which densities are quick to compute.
type gaussians struct {
	dim     int
	means   []float64 // [k, dim]
	whiten  []float64 // [k, dim*(dim+1)/2], rows of the inverse of each covariance's Cholesky factor, up to the diagonal
	offsets []float64 // [k], log of the weight plus log of the normalisation
}

func (m *Mixture) gaussians() (*gaussians, error) {
	triangle := m.Dim * (m.Dim + 1) / 2
	g := &gaussians{dim: m.Dim, means: m.Means, whiten: make([]float64, m.K*triangle), offsets: make([]float64, m.K)}
	factor := make([]float64, m.Dim*m.Dim)
	for c := range m.K {
		if !cholesky(factor, m.Covariances[c*m.Dim*m.Dim:], m.Dim) {
			return nil, fmt.Errorf("cluster: the covariance of component %d is not positive definite; want a larger Ridge", c)
		}
		logDeterminant := invertTriangle(g.whiten[c*triangle:], factor, m.Dim)
		g.offsets[c] = math.Log(m.Weights[c]) - logDeterminant/2 - float64(m.Dim)/2*math.Log(2*math.Pi)
	}
	return g, nil
}

// batch holds up to lanes points and the work on them.
type batch struct {
	count        int              // number of points
	point, delta block            // the points, and a buffer for the points minus a mean
	joint        [lanes][]float64 // [k], log of the joint density with each component, later the posterior
}

func newBatch(k, dim int) *batch {
	b := &batch{point: make(block, dim), delta: make(block, dim)}
	for l := range b.joint {
		b.joint[l] = make([]float64, k)
	}
	return b
}

// jointDensities sets joint to log(weight) + log N(point; mean, covariance) for every component.
func (g *gaussians) jointDensities(b *batch) {
	triangle := g.dim * (g.dim + 1) / 2
	for c, offset := range g.offsets {
		mahalanobis := squaredNorms(g.whiten[c*triangle:(c+1)*triangle], b.point, g.means[c*g.dim:(c+1)*g.dim], b.delta)
		for l, q := range mahalanobis {
			b.joint[l][c] = offset - q/2
		}
	}
}

// posterior turns the logs of joint densities into the probabilities of the components. It returns the log of the sum
// of the joint densities.
func posterior(joint []float64) float64 {
	most := math.Inf(-1)
	for _, l := range joint {
		most = max(most, l)
	}
	var total float64
	for c, l := range joint {
		p := 0.0
		if l > most-40 { // a smaller term would be lost in the rounding of the sum; 0 saves work
			p = math.Exp(l - most)
		}
		joint[c] = p
		total += p
	}
	for c := range joint {
		joint[c] /= total
	}
	return most + math.Log(total)
}

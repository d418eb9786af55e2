package cluster

import (
	"context"
	"math"

	"fashionlatent/lib/points"
)

// em holds what the restarts of one fit share.
type em struct {
	kmeans           *kmeansFit
	x                []float32
	n, dim, k        int
	maxIterations    int
	tolerance, ridge float64
	equalWeights     bool
	chunks           int
}

// moments are sums over points, weighted by the posterior of a component, of the point minus the component's mean and
// of its products.
type moments struct {
	weight []float64 // [k]
	first  []float64 // [k, stride]
	second []float64 // [k, dim, stride], valid up to the diagonal
}

func (e *em) size() int { return e.k * (1 + (1+e.dim)*strideOf(e.dim)) }

// moments divides size() values into the arrays of moments.
func (e *em) moments(values []float64) moments {
	first, second := e.k, e.k*(1+strideOf(e.dim))
	return moments{values[:first], values[first:second], values[second:]}
}

// strideOf is dim rounded up to whole vectors.
func strideOf(dim int) int { return (dim + width - 1) / width * width }

// rows are points that are waiting to be added to the moments of a component.
type rows struct {
	count           int
	delta, weighted []float64 // [lanes, stride], the points minus the mean, padded with zeros, and the same times the posterior
}

func newRows(k, dim int) []rows {
	r := make([]rows, k)
	for c := range r {
		r[c] = rows{0, make([]float64, lanes*strideOf(dim)), make([]float64, lanes*strideOf(dim))}
	}
	return r
}

// add adds the batch, given its posteriors, to the moments, as soon as enough points are waiting.
func (s moments) add(b *batch, waiting []rows, means []float64) {
	dim := len(b.point)
	stride := strideOf(dim)
	for l := range b.count {
		for c, p := range b.joint[l] {
			if p == 0 {
				continue
			}
			s.weight[c] += p
			r := &waiting[c]
			delta := r.delta[r.count*stride:][:dim]
			weighted := r.weighted[r.count*stride:][:dim]
			for j, m := range means[c*dim : (c+1)*dim] {
				d := b.point[j][l] - m
				delta[j], weighted[j] = d, p*d
			}
			if r.count++; r.count == lanes {
				s.count(c, r)
			}
		}
	}
}

// count adds the waiting points to the moments of component c.
func (s moments) count(c int, r *rows) {
	stride := len(r.delta) / lanes
	clear(r.weighted[r.count*stride:])
	size := len(s.second) / len(s.weight)
	addProducts(s.first[c*stride:(c+1)*stride], s.second[c*size:(c+1)*size], r.weighted, r.delta)
	r.count = 0
}

// pass sums the moments about means over all points. expect must leave the posteriors in the batch. pass also returns
// the sum of its results.
func (e *em) pass(ctx context.Context, partial, means []float64, expect func(b *batch, i int) float64) (moments, float64, error) {
	size := e.size()
	totals := make([]float64, e.chunks)
	err := points.Split(ctx, e.n, e.chunks, func(chunk, lo, hi int) {
		values := partial[chunk*size : (chunk+1)*size]
		clear(values)
		s := e.moments(values)
		b, waiting := newBatch(e.k, e.dim), newRows(e.k, e.dim)
		for i := lo; i < hi; i += lanes {
			b.count = b.point.load(e.x, i, hi)
			totals[chunk] += expect(b, i)
			s.add(b, waiting, means)
		}
		for c := range waiting {
			s.count(c, &waiting[c])
		}
	})
	if err != nil {
		return moments{}, 0, err
	}
	for chunk := 1; chunk < e.chunks; chunk++ {
		for j, v := range partial[chunk*size : (chunk+1)*size] {
			partial[j] += v
		}
	}
	return e.moments(partial[:size]), points.Sum(totals), nil
}

// fromPartition fits a mixture by EM, starting with one component for each cell of a partition.
func (e *em) fromPartition(ctx context.Context, cells *KMeans) (*Mixture, error) {
	m := &Mixture{K: e.k, Dim: e.dim, EqualWeights: e.equalWeights, Weights: make([]float64, e.k), Means: append([]float64(nil), cells.Centres...), Covariances: make([]float64, e.k*e.dim*e.dim)}
	s, _, err := e.pass(ctx, make([]float64, e.chunks*e.size()), m.Means, func(b *batch, i int) float64 {
		for l := range b.count {
			clear(b.joint[l])
			b.joint[l][cells.Labels[i+l]] = 1
		}
		return 0
	})
	if err != nil {
		return nil, err
	}
	e.maximise(m, s)
	return m, e.climb(ctx, m)
}

// climb improves m by EM until its likelihood settles, and records the iterations, the convergence and the likelihood
// in m.
func (e *em) climb(ctx context.Context, m *Mixture) error {
	partial := make([]float64, e.chunks*e.size())
	expect := func() (moments, float64, error) {
		g, err := m.gaussians()
		if err != nil {
			return moments{}, 0, err
		}
		s, total, err := e.pass(ctx, partial, m.Means, func(b *batch, _ int) (total float64) {
			g.jointDensities(b)
			for l := range b.count {
				total += posterior(b.joint[l])
			}
			return total
		})
		return s, total / float64(e.n), err
	}
	before := math.Inf(-1)
	for m.Iterations < e.maxIterations && !m.Converged {
		m.Iterations++
		s, likelihood, err := expect()
		if err != nil {
			return err
		}
		e.maximise(m, s)
		m.Converged = math.Abs(likelihood-before) < e.tolerance
		before = likelihood
	}
	var err error
	_, m.LogLikelihood, err = expect()
	return err
}

// maximise sets m to the most likely mixture given the moments about its current means.
func (e *em) maximise(m *Mixture, s moments) {
	total := points.Sum(s.weight)
	stride := strideOf(e.dim)
	for c, weight := range s.weight {
		if m.Weights[c] = weight / total; e.equalWeights {
			m.Weights[c] = 1 / float64(e.k)
		}
		covariance := m.Covariances[c*e.dim*e.dim : (c+1)*e.dim*e.dim]
		if weight <= 0 {
			// The component has no points left. It keeps its mean and covariance, and its weight is 0 unless weights
			// are kept equal.
			for i := range e.dim {
				covariance[i*e.dim+i] = max(covariance[i*e.dim+i], e.ridge)
			}
			continue
		}
		shift := s.first[c*stride:][:e.dim]
		for i := range shift {
			shift[i] /= weight
			m.Means[c*e.dim+i] += shift[i]
		}
		for i := range e.dim {
			second := s.second[(c*e.dim+i)*stride:][:i+1]
			for j, v := range second {
				v = v/weight - shift[i]*shift[j]
				covariance[i*e.dim+j], covariance[j*e.dim+i] = v, v
			}
			covariance[i*e.dim+i] += e.ridge
		}
	}
}

// cholesky sets the lower triangle of factor to L, where L times its transpose is a, [dim, dim]. It returns false if a
// is not positive definite.
func cholesky(factor, a []float64, dim int) bool {
	for i := range dim {
		for j := range i + 1 {
			v := a[i*dim+j]
			for l := range j {
				v -= factor[i*dim+l] * factor[j*dim+l]
			}
			switch {
			case i != j:
				factor[i*dim+j] = v / factor[j*dim+j]
			case v > 0 && !math.IsInf(v, 1):
				factor[i*dim+i] = math.Sqrt(v)
			default:
				return false
			}
		}
	}
	return true
}

// invertTriangle sets packed to the rows, up to the diagonal, of the inverse of a lower triangular factor, [dim, dim].
// It returns the log of the factor's squared determinant.
func invertTriangle(packed, factor []float64, dim int) (logDeterminant float64) {
	at := func(i, j int) int { return i*(i+1)/2 + j }
	for i := range dim {
		d := factor[i*dim+i]
		logDeterminant += 2 * math.Log(d)
		packed[at(i, i)] = 1 / d
		for j := range i {
			var v float64
			for l := j; l < i; l++ {
				v -= factor[i*dim+l] * packed[at(l, j)]
			}
			packed[at(i, j)] = v / d
		}
	}
	return logDeterminant
}

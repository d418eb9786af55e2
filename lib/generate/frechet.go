package generate

import (
	"errors"
	"fmt"
	"math"

	"fashionlatent/lib/points"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// Frechet is the Fréchet distance between the Gaussians with the means and covariances (over n-1) of two sets of
// features, [n, dim] and [m, dim]: |mean1 - mean2|^2 + tr(C1 + C2 - 2 (C1 C2)^1/2) (Dowson and Landau 1982; on the
// features of a classifier, Heusel et al., arXiv 1706.08500). As usual it is the square of a length. In the features of an
// Inception network it is called FID. In those of a classifier of the data set's own classes, it is the Fréchet classifier
// distance. The estimate falls with n towards its limit, so only distances from equally many rows can be compared. Fewer than
// 2 rows are an error.
func Frechet(x, y []float32, dim int) (float64, error) {
	to, err := FrechetTo(y, dim)
	if err != nil {
		return 0, err
	}
	return to(x)
}

// FrechetTo returns the function that is Frechet of its argument and y, [m, dim]. What depends only on y is computed once.
func FrechetTo(y []float32, dim int) (func(x []float32) (float64, error), error) {
	b, err := fitGaussian(y, dim)
	if err != nil {
		return nil, err
	}
	return func(x []float32) (float64, error) {
		a, err := fitGaussian(x, dim)
		if err != nil {
			return 0, err
		}
		return a.frechet(b)
	}, nil
}

// gaussian is a Gaussian in a form from which Fréchet distances are quick to compute.
type gaussian struct {
	mean  []float64
	root  *mat.Dense // [dim, dim], of the covariance, symmetric
	trace float64    // of the covariance
}

// fitGaussian computes the mean and the covariance (over n-1) of x, [n, dim].
func fitGaussian(x []float32, dim int) (*gaussian, error) {
	n, err := points.Count(x, dim)
	if err != nil {
		return nil, err
	}
	if n < 2 {
		return nil, fmt.Errorf("generate: features of %d image; want at least 2", n)
	}
	rows := mat.NewDense(n, dim, float64s(x))
	g := &gaussian{mean: make([]float64, dim), root: new(mat.Dense)}
	for i := range n {
		floats.Add(g.mean, rows.RawRowView(i))
	}
	floats.Scale(1/float64(n), g.mean)
	var covariance mat.SymDense
	stat.CovarianceMatrix(&covariance, rows, nil)
	g.trace = mat.Trace(&covariance)

	var eigen mat.EigenSym
	if !eigen.Factorize(&covariance, true) {
		return nil, errors.New("generate: the eigenvalues of the features' covariance did not converge")
	}
	var axes mat.Dense
	eigen.VectorsTo(&axes)
	roots := mat.NewDiagDense(dim, nil)
	for i, v := range eigen.Values(nil) {
		roots.SetDiag(i, sqrt(v))
	}
	g.root.Product(&axes, roots, axes.T())
	return g, nil
}

// frechet needs the trace of (C1 C2)^1/2. It is the sum of the singular values of C1^1/2 C2^1/2, because their squares
// are the eigenvalues of C1^1/2 C2 C1^1/2, which are also those of C1 C2.
func (g *gaussian) frechet(o *gaussian) (float64, error) {
	var product mat.Dense
	product.Mul(g.root, o.root)
	var svd mat.SVD
	if !svd.Factorize(&product, mat.SVDNone) {
		return 0, errors.New("generate: the singular values of a product of covariances did not converge")
	}
	apart := floats.Distance(g.mean, o.mean, 2)
	return max(0, apart*apart+g.trace+o.trace-2*floats.Sum(svd.Values(nil))), nil
}

func float64s(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// sqrt is the square root of v, or 0 if rounding made v negative.
func sqrt(v float64) float64 { return math.Sqrt(max(0, v)) }

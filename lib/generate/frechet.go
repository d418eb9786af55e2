package generate

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// Frechet is the Fréchet distance of the Gaussians with the means and covariances (over n-1) of two sets of features,
// [n, dim] and [m, dim]: |mean1 - mean2|^2 + tr(C1 + C2 - 2 (C1 C2)^1/2) (Dowson and Landau 1982; on the features of a
// classifier, Heusel et al., arXiv 1706.08500). It is the square of a length, as is usual. It falls with n towards its
// limit, so that only distances from equally many rows compare.
func Frechet(x, y []float32, dim int) (float64, error) {
	a, err := fitGaussian(x, dim)
	if err != nil {
		return 0, err
	}
	b, err := fitGaussian(y, dim)
	if err != nil {
		return 0, err
	}
	return a.frechet(b)
}

// gaussian is a Gaussian in the form in which Fréchet distances are quick to compute.
type gaussian struct {
	mean  []float64
	root  *mat.Dense // of the covariance, symmetric
	trace float64    // of the covariance
	axes  *mat.Dense // [dim, dim], columns: the principal axes, by rising variance
}

// fitGaussian takes the moments of x, [n, dim].
func fitGaussian(x []float32, dim int) (*gaussian, error) {
	n, err := countFeatures(x, dim)
	if err != nil {
		return nil, err
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
	g.axes = new(mat.Dense)
	eigen.VectorsTo(g.axes)
	roots := mat.NewDiagDense(dim, nil)
	for i, v := range eigen.Values(nil) {
		roots.SetDiag(i, sqrt(v))
	}
	g.root.Product(g.axes, roots, g.axes.T())
	return g, nil
}

// frechet needs the trace of (C1 C2)^1/2, which is the sum of the singular values of C1^1/2 C2^1/2: their squares are the
// eigenvalues of C1^1/2 C2 C1^1/2, and those are the eigenvalues of C1 C2.
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

// along returns the coordinates of x, [n, dim], along the principal axes, by falling variance. Distances stay as they are.
func (g *gaussian) along(x []float32) []float64 {
	dim := len(g.mean)
	var turned mat.Dense
	turned.Mul(mat.NewDense(len(x)/dim, dim, float64s(x)), g.axes)
	points := turned.RawMatrix().Data
	for i := 0; i < len(points); i += dim {
		slices.Reverse(points[i : i+dim])
	}
	return points
}

// countFeatures checks that x is an [n, dim] array of finite numbers with n at least 2, and returns n.
func countFeatures(x []float32, dim int) (int, error) {
	switch {
	case dim < 1:
		return 0, fmt.Errorf("generate: features of dimension %d; want at least 1", dim)
	case len(x)%dim != 0:
		return 0, fmt.Errorf("generate: %d values are no whole number of rows of %d features", len(x), dim)
	case len(x) < 2*dim:
		return 0, fmt.Errorf("generate: features of %d images; want at least 2", len(x)/dim)
	}
	for i, v := range x {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return 0, fmt.Errorf("generate: feature %d of image %d is %v; want a finite number", i%dim, i/dim, v)
		}
	}
	return len(x) / dim, nil
}

func float64s(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// sqrt is the root of a number that rounding may have made negative.
func sqrt(v float64) float64 { return math.Sqrt(max(0, v)) }

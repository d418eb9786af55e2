// Package latent computes what a latent space keeps of the data and how its codes are arranged.
//
// Data are float32, row-major [n, features], and codes are float32, row-major [n, dim]. Sums and distances are computed in
// float64 and codes are rounded to float32. There is one exception: distances in float32, with a bound of their rounding
// error, decide comparisons that are clear (lib/points).
package latent

import (
	"context"
	"errors"
	"fmt"
	"math"

	"fashionlatent/lib/points"

	"gonum.org/v1/gonum/mat"
)

// PCA is a principal component analysis: the linear code with the least squared reconstruction error (Pearson 1901).
type PCA struct {
	Dim        int
	Mean       []float64 // [features]
	Components []float64 // [dim, features], orthonormal rows in the order of falling variance; in each, the entry of largest absolute value is positive
	Variance   []float64 // [dim], variance of the codes of the fitted data, over n-1
	Share      []float64 // [dim], Variance divided by the total variance of the data
}

// FitPCA finds the first dim principal components of x, [n, features]. The result is the same to the bit, whatever the
// number of cores. Fewer than 2 rows are an error.
func FitPCA(ctx context.Context, x []float32, features, dim int) (*PCA, error) {
	n, err := points.Count(x, features)
	switch {
	case err != nil:
		return nil, err
	case n < 2:
		return nil, errors.New("latent: one row has no variance; want at least 2")
	case dim < 1 || dim > features:
		return nil, fmt.Errorf("latent: %d components of %d features; want 1 to %d", dim, features, features)
	}

	mean := columnMeans(x, features)
	sums, err := scatter(ctx, x, mean)
	if err != nil {
		return nil, err
	}
	covariance := mat.NewSymDense(features, sums)
	covariance.ScaleSym(1/float64(n-1), covariance)
	var eigen mat.EigenSym
	if !eigen.Factorize(covariance, true) {
		return nil, errors.New("latent: the eigenvalues of the covariance did not converge")
	}
	values := eigen.Values(nil) // in rising order
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)

	p := &PCA{Dim: dim, Mean: mean, Components: make([]float64, dim*features), Variance: make([]float64, dim), Share: make([]float64, dim)}
	total := mat.Trace(covariance)
	for c := range dim {
		column := features - 1 - c
		p.Variance[c] = max(0, values[column])
		if total > 0 {
			p.Share[c] = p.Variance[c] / total
		}
		row := p.Components[c*features : (c+1)*features]
		largest := 0
		for j := range row {
			row[j] = vectors.At(j, column)
			if math.Abs(row[j]) > math.Abs(row[largest]) {
				largest = j
			}
		}
		if row[largest] < 0 {
			for j := range row {
				row[j] = -row[j]
			}
		}
	}
	return p, nil
}

// Head is the analysis with only the first dim components. It equals what FitPCA gives for that dim on the same data.
func (p *PCA) Head(dim int) (*PCA, error) {
	if dim < 1 || dim > p.Dim {
		return nil, fmt.Errorf("latent: the first %d of %d components; want 1 to %d", dim, p.Dim, p.Dim)
	}
	return &PCA{Dim: dim, Mean: p.Mean, Components: p.Components[:dim*len(p.Mean)], Variance: p.Variance[:dim], Share: p.Share[:dim]}, nil
}

// Transform returns the codes, [n, dim], of x, [n, features].
func (p *PCA) Transform(x []float32) ([]float32, error) {
	n, err := points.Count(x, len(p.Mean))
	if err != nil {
		return nil, err
	}
	codes := make([]float32, n*p.Dim)
	p.each(n, func(i int, centred, code []float64) {
		p.encode(x, i, centred, code)
		for c, v := range code {
			codes[i*p.Dim+c] = float32(v)
		}
	})
	return codes, nil
}

// Inverse returns the rows, [n, features], that codes, [n, dim], stand for.
func (p *PCA) Inverse(codes []float32) ([]float32, error) {
	n, err := points.Count(codes, p.Dim)
	if err != nil {
		return nil, err
	}
	features := len(p.Mean)
	x := make([]float32, n*features)
	p.each(n, func(i int, row, code []float64) {
		for c := range code {
			code[c] = float64(codes[i*p.Dim+c])
		}
		copy(row, p.Mean)
		for c, v := range code {
			addScaled(row, v, p.Components[c*features:])
		}
		for j, v := range row {
			x[i*features+j] = float32(v)
		}
	})
	return x, nil
}

// ReconstructionMSE is the mean squared error per feature between x, [n, features], and its reconstruction by the
// components.
func (p *PCA) ReconstructionMSE(x []float32) (float64, error) {
	features := len(p.Mean)
	n, err := points.Count(x, features)
	if err != nil {
		return 0, err
	}
	squared := make([]float64, n)
	p.each(n, func(i int, rest, code []float64) {
		p.encode(x, i, rest, code)
		for c, v := range code {
			addScaled(rest, -v, p.Components[c*features:])
		}
		for _, v := range rest {
			squared[i] += v * v
		}
	})
	return points.Sum(squared) / float64(len(x)), nil
}

// encode sets centred, [features], to row i minus the mean, and code, [dim], to its components.
func (p *PCA) encode(x []float32, i int, centred, code []float64) {
	features := len(p.Mean)
	for j, v := range x[i*features : (i+1)*features] {
		centred[j] = float64(v) - p.Mean[j]
	}
	for c := range code {
		code[c] = dot(centred, p.Components[c*features:])
	}
}

// each calls work for each of n rows, from several goroutines, with buffers for one row and one code.
func (p *PCA) each(n int, work func(i int, row, code []float64)) {
	const block = 256
	points.Parallel(context.Background(), (n+block-1)/block, func(b int) {
		row, code := make([]float64, len(p.Mean)), make([]float64, p.Dim)
		for i := b * block; i < min(n, (b+1)*block); i++ {
			work(i, row, code)
		}
	})
}

func columnMeans(x []float32, features int) []float64 {
	mean := make([]float64, features)
	for i := 0; i < len(x); i += features {
		for j, v := range x[i : i+features] {
			mean[j] += float64(v)
		}
	}
	for j := range mean {
		mean[j] /= float64(len(x) / features)
	}
	return mean
}

const tile = 112 // features along a side of a tile, a multiple of 4; 784 features are 7 tiles

// scatter returns the sum over the rows of x of the outer product of the row minus the mean with itself, [features,
// features]. Only the upper triangle is filled.
//
// The matrix is cut into square tiles. One goroutine sums a tile over all rows in order, so that the sums do not depend
// on the number of goroutines.
func scatter(ctx context.Context, x []float32, mean []float64) ([]float64, error) {
	const rows = 256 // rows taken at a time: two panels of rows x tile values stay in the cache
	features := len(mean)
	n := len(x) / features
	result := make([]float64, features*features)

	type pair struct{ left, top int }
	var tiles []pair
	for top := 0; top < features; top += tile {
		for left := top; left < features; left += tile {
			tiles = append(tiles, pair{left, top})
		}
	}
	err := points.Parallel(ctx, len(tiles), func(t int) {
		left, top := tiles[t].left, tiles[t].top
		var sums [tile][tile]float64
		a, b := make([][4]float64, rows*tile/4), make([][4]float64, rows*tile/4)
		for from := 0; from < n; from += rows {
			count := min(rows, n-from)
			pack(a, x, mean, from, count, top)
			pack(b, x, mean, from, count, left)
			for i := 0; i < tile; i += 4 {
				for j := 0; j < tile; j += 4 {
					multiply(&sums, i, j, a[i/4*count:(i/4+1)*count], b[j/4*count:(j/4+1)*count])
				}
			}
		}
		for i := range min(tile, features-top) {
			copy(result[(top+i)*features+left:], sums[i][:min(tile, features-left)])
		}
	})
	return result, err
}

// pack copies the features of a tile, from first on, of count rows, minus the mean, into panels of four features each,
// [tile/4, count]. It fills missing features with zeros.
func pack(panels [][4]float64, x []float32, mean []float64, from, count, first int) {
	features := len(mean)
	for j := 0; j < tile; j += 4 {
		panel := panels[j/4*count : (j/4+1)*count]
		for l := range 4 {
			f := first + j + l
			for r := range panel {
				panel[r][l] = 0
				if f < features {
					panel[r][l] = float64(x[(from+r)*features+f]) - mean[f]
				}
			}
		}
	}
}

// multiplyPlain adds to sums, at rows i to i+3 and columns j to j+3, the products of the features of two panels, summed over
// the rows of the data.
func multiplyPlain(sums *[tile][tile]float64, i, j int, a, b [][4]float64) {
	b = b[:len(a)]
	for half := 0; half < 4; half += 2 { // eight sums fit in the registers
		var s00, s01, s10, s11, s20, s21, s30, s31 float64
		for r := range a {
			p, q := &a[r], &b[r]
			q0, q1 := q[half&2], q[half&2|1]
			// The conversions keep processors from fusing the product and the sum, as multiply does not.
			s00 += float64(p[0] * q0)
			s01 += float64(p[0] * q1)
			s10 += float64(p[1] * q0)
			s11 += float64(p[1] * q1)
			s20 += float64(p[2] * q0)
			s21 += float64(p[2] * q1)
			s30 += float64(p[3] * q0)
			s31 += float64(p[3] * q1)
		}
		sums[i][j+half] += s00
		sums[i][j+half+1] += s01
		sums[i+1][j+half] += s10
		sums[i+1][j+half+1] += s11
		sums[i+2][j+half] += s20
		sums[i+2][j+half+1] += s21
		sums[i+3][j+half] += s30
		sums[i+3][j+half+1] += s31
	}
}

// dot is the inner product of a and the first len(a) values of b.
func dot(a, b []float64) float64 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(a); i += 4 {
		p, q := a[i:i+4:i+4], b[i:i+4:i+4]
		s0 += p[0] * q[0]
		s1 += p[1] * q[1]
		s2 += p[2] * q[2]
		s3 += p[3] * q[3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return (s0 + s1) + (s2 + s3)
}

// addScaled adds scale times the first len(into) values of v to into.
func addScaled(into []float64, scale float64, v []float64) {
	v = v[:len(into)]
	for i := range into {
		into[i] += scale * v[i]
	}
}

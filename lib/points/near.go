package points

import (
	"context"
	"fmt"
	"math"
)

// Near calls visit for every pair of a row i of x, [n, Dim], and a row j of among, [m, Dim], whose squared distance may
// be at most within[i]. Pairs that are certainly further apart are left out. The squared distance is computed in
// float32 and lies between low and high, which are the computed value minus and plus the bound of its rounding error.
// If they do not decide a comparison, use SquaredDistance. All calls for one i come from one goroutine, with j rising.
func Near(ctx context.Context, x, among Matrix, within []float64, visit func(i, j int, low, high float64)) error {
	if err := checkPair(x, among); err != nil {
		return err
	}
	if len(within) != x.N() {
		return fmt.Errorf("points: %d distances for %d points; want one each", len(within), x.N())
	}
	r := roundingOf(x.Dim)
	bounds := make([]float32, len(within))
	for i, w := range within {
		bounds[i] = r.bound(w)
	}
	return pairs(ctx, x, among, func(i int) float32 { return bounds[i] }, func(i, j int, d float32) float32 {
		low, high := r.around(d)
		visit(i, j, low, high)
		return bounds[i]
	})
}

// checkPair returns an error for points whose squared distances do not fit float32, or whose dimensions differ.
func checkPair(x, among Matrix) error {
	if err := x.Check(); err != nil {
		return err
	}
	if err := among.Check(); err != nil {
		return err
	}
	if x.Dim != among.Dim {
		return fmt.Errorf("points: dimension %d and dimension %d; want the same", x.Dim, among.Dim)
	}
	for _, m := range []Matrix{x, among} {
		for i := range m.N() {
			var squared float64
			for _, v := range m.Row(i) {
				squared += float64(v) * float64(v)
			}
			if squared > math.MaxFloat32/8 { // two such points are at most twice that length apart
				return fmt.Errorf("points: point %d is of length %.3g; want at most %.3g, for squared distances in float32", i, math.Sqrt(squared), math.Sqrt(math.MaxFloat32/8))
			}
		}
	}
	return nil
}

// rounding bounds the error of squared distances in float32. A difference, its square and the sum of dim terms that are
// not negative are each rounded by a factor of at most 1+2^-24 (Higham 2002, section 3.1). A square that is too small
// for float32 is rounded by at most 2^-150.
type rounding struct{ relative, absolute float64 }

func roundingOf(dim int) rounding {
	return rounding{1.1 * float64(dim+2) * 0x1p-24, float64(dim) * 0x1p-149} // a tenth more, for terms of higher order
}

// around returns bounds of the squared distance whose computed value is d.
func (r rounding) around(d float32) (low, high float64) {
	return float64(d)*(1-r.relative) - r.absolute, float64(d)*(1+r.relative) + r.absolute
}

// bound returns a value that is above the computed value of every squared distance of at most limit.
func (r rounding) bound(limit float64) float32 {
	return math.Nextafter32(float32((limit+r.absolute)/(1-r.relative)), float32(math.Inf(1)))
}

// pairs calls visit for the pairs of a row i of x and a row j of among whose squared distance, computed in float32, is
// below the bound of row i. begin returns the current bound of row i, and visit its new bound. All calls for one i come
// from one goroutine, with j rising.
func pairs(ctx context.Context, x, among Matrix, begin func(i int) float32, visit func(i, j int, distance float32) float32) error {
	const (
		parts, least = 64, 64  // number of parts of x, and least number of rows in a part: with more parts, among would be read more often
		blockValues  = 1 << 14 // values of among that are compared with a whole part at a time, so that they stay in the cache
	)
	t, err := tilesOf(ctx, among)
	if err != nil {
		return err
	}
	dim, n := x.Dim, x.N()
	count := len(t) / (dim * tileWidth)
	block := max(1, blockValues/(dim*tileWidth))
	return Split(ctx, n, max(1, min(parts, n/least)), func(_, lo, hi int) {
		last := make([]float32, queries*dim) // the last rows, followed by zeros
		copy(last, x.X[(hi-(hi-lo)%queries)*dim:hi*dim])
		var distances [queries][tileWidth]float32
		for from := 0; from < count && ctx.Err() == nil; from += block {
			for first := lo; first < hi; first += queries {
				present, rows := min(queries, hi-first), last
				if present == queries {
					rows = x.X[first*dim:]
				}
				var bounds [queries]float32 // a row that is not there has the bound 0, and no distance is below that
				for q := range present {
					bounds[q] = begin(first + q)
				}
				for tile := from; tile < min(count, from+block); tile++ {
					if !tileDistances(t[tile*dim*tileWidth:(tile+1)*dim*tileWidth], rows, &bounds, &distances) {
						continue
					}
					for q := range present {
						for l, d := range distances[q] {
							if d < bounds[q] {
								bounds[q] = visit(first+q, tile*tileWidth+l, d)
							}
						}
					}
				}
			}
		}
	})
}

// tilesOf arranges points in tiles, [n/tileWidth, dim, tileWidth]. The last tile is filled up with points at infinity,
// which are never near.
func tilesOf(ctx context.Context, m Matrix) ([]float32, error) {
	n, count := m.N(), (m.N()+tileWidth-1)/tileWidth
	values := make([]float32, count*m.Dim*tileWidth)
	err := Split(ctx, count, min(64, count), func(_, lo, hi int) {
		for i := lo * tileWidth; i < hi*tileWidth; i++ {
			tile := values[i/tileWidth*m.Dim*tileWidth:]
			for j := range m.Dim {
				v := float32(math.Inf(1))
				if i < n {
					v = m.X[i*m.Dim+j]
				}
				tile[j*tileWidth+i%tileWidth] = v
			}
		}
	})
	return values, err
}

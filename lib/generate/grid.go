package generate

import (
	"fmt"
	"math"
	"slices"
)

// PriorGrid returns codes, [side*side, 2], on a grid over N(0, I) with equal probability between the lines: along each
// axis they lie at the quantiles (i + 1/2)/side of N(0, 1). The first coordinate rises along a row. Row 0 is the top,
// with the largest second coordinate.
func PriorGrid(side int) []float32 {
	axis := make([]float32, max(0, side))
	for i := range axis {
		axis[i] = float32(math.Sqrt2 * math.Erfinv(2*share(i, side)-1))
	}
	return grid(axis, axis)
}

// CodeGrid returns codes, [side*side, 2], on a grid as in PriorGrid, but at the quantiles (i + 1/2)/side of the given
// codes, [n, 2], for each axis separately. Quantiles are interpolated linearly between neighbouring values. dim must be
// 2.
func CodeGrid(codes []float32, dim, side int) ([]float32, error) {
	switch {
	case dim != 2:
		return nil, fmt.Errorf("generate: a grid over %d dimensions; want 2", dim)
	case len(codes) == 0 || len(codes)%2 != 0:
		return nil, fmt.Errorf("generate: %d values; want two for each of at least one code", len(codes))
	case side < 1:
		return nil, fmt.Errorf("generate: a grid of side %d; want at least 1", side)
	}
	var axes [2][]float32
	for a := range axes {
		sorted := make([]float32, 0, len(codes)/2)
		for i := a; i < len(codes); i += 2 {
			if v := float64(codes[i]); math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("generate: value %d of code %d is %v; want a finite number", a, i/2, v)
			}
			sorted = append(sorted, codes[i])
		}
		slices.Sort(sorted)
		for i := range side {
			axes[a] = append(axes[a], quantile(sorted, share(i, side)))
		}
	}
	return grid(axes[0], axes[1]), nil
}

// share is the middle of the i-th of side equal parts of the interval from 0 to 1.
func share(i, side int) float64 { return (float64(i) + 0.5) / float64(side) }

// quantile interpolates between the values next to position p*(n-1) (type 7 of Hyndman and Fan 1996).
func quantile(sorted []float32, p float64) float32 {
	place := p * float64(len(sorted)-1)
	i := int(place)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	low, high := float64(sorted[i]), float64(sorted[i+1])
	return float32(low + (place-float64(i))*(high-low))
}

// grid combines the values of two rising axes, row by row from the top, [len(second)*len(first), 2].
func grid(first, second []float32) []float32 {
	codes := make([]float32, 0, 2*len(first)*len(second))
	for _, y := range slices.Backward(second) {
		for _, x := range first {
			codes = append(codes, x, y)
		}
	}
	return codes
}

package figure

import (
	"math"
	"slices"
)

// Bins are the edges of n bins, [n+1], over all values. There must be at least one value and one bin. Equal values
// have bins around them. If the first edge is above 0, the edges have equal ratios, for a logarithmic axis. Otherwise the
// bins are equally wide.
func Bins(values []float64, n int) []float64 {
	low, high := slices.Min(values), slices.Max(values)
	if low == high {
		low, high = low-.5*math.Abs(low)-.1, high+.5*math.Abs(high)+.1
	}
	edges := make([]float64, n+1)
	for i := range edges {
		share := float64(i) / float64(n)
		if low > 0 {
			edges[i] = low * math.Pow(high/low, share)
		} else {
			edges[i] = low + share*(high-low)
		}
	}
	return edges
}

// Histogram is the outline of a histogram as a curve: the share of the values in each bin. There must be at least two edges. A value at an edge is in the
// bin above it. Values beyond the first or the last edge are in the first or the last bin.
func Histogram(values, edges []float64) Series {
	shares := make([]float64, len(edges)-1)
	for _, v := range values {
		bin := 0
		for bin+1 < len(shares) && v >= edges[bin+1] {
			bin++
		}
		shares[bin] += 1 / float64(len(values))
	}
	var s Series
	for i, share := range shares {
		s.X, s.Y = append(s.X, edges[i], edges[i+1]), append(s.Y, share, share)
	}
	return s
}

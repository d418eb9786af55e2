package figure

import (
	"math"
	"slices"
	"testing"
)

func TestBins(t *testing.T) {
	for _, c := range []struct {
		values, want []float64
	}{
		{[]float64{1, 16, 4}, []float64{1, 2, 4, 8, 16}},
		{[]float64{-1, 3}, []float64{-1, 0, 1, 2, 3}},
		{[]float64{0, 0}, []float64{-.1, -.05, 0, .05, .1}},
	} {
		got := Bins(c.values, 4)
		if !slices.EqualFunc(got, c.want, func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }) {
			t.Errorf("%v: %v, want %v", c.values, got, c.want)
		}
	}
	for _, v := range []float64{7, -7} {
		if edges := Bins([]float64{v}, 3); !(edges[0] < v && v < edges[3]) || !slices.IsSorted(edges) {
			t.Errorf("bins around %v are %v", v, edges)
		}
	}
}

func TestHistogram(t *testing.T) {
	s := Histogram([]float64{-5, 0, .5, 1, 2.5, 3, 3, 9}, []float64{0, 1, 2, 3})
	if !slices.Equal(s.X, []float64{0, 1, 1, 2, 2, 3}) || !slices.Equal(s.Y, []float64{.375, .375, .125, .125, .5, .5}) {
		t.Errorf("outline %v, %v", s.X, s.Y)
	}
}

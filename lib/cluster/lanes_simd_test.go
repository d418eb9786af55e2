//go:build goexperiment.simd && amd64

package cluster

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Vector instructions give the same results to the bit.
func TestVectors(t *testing.T) {
	if !vectors {
		t.Skip("this processor has no AVX2")
	}
	rng := rand.New(rand.NewPCG(1, 1))
	random := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = rng.NormFloat64()
		}
		return v
	}
	for dim := 1; dim <= 17; dim++ {
		points, k := make(block, dim), 1+dim%4
		for j := range points {
			copy(points[j][:], random(lanes))
		}
		centres := random(k * dim)
		copy(centres[(k-1)*dim:], centres[:dim]) // a tie
		if squaredDistances(points, centres) != squaredDistancesPlain(points, centres) {
			t.Errorf("squared distances differ in %d dimensions", dim)
		}
		var got, want nearest
		got.find(points, centres)
		want.findPlain(points, centres)
		if got != want {
			t.Errorf("nearest of %d centres in %d dimensions: %v, want %v", k, dim, got, want)
		}
		triangle, delta := random(dim*(dim+1)/2), make(block, dim)
		if squaredNorms(triangle, points, centres[:dim], delta) != squaredNormsPlain(triangle, points, centres[:dim], delta) {
			t.Errorf("squared norms differ in %d dimensions", dim)
		}
		stride := strideOf(dim)
		first, second, weighted, rows := random(stride), random(dim*stride), random(lanes*stride), random(lanes*stride)
		firstPlain, secondPlain := slices.Clone(first), slices.Clone(second)
		addProducts(first, second, weighted, rows)
		addProductsPlain(firstPlain, secondPlain, weighted, rows)
		if !slices.Equal(first, firstPlain) {
			t.Errorf("sums differ in %d dimensions", dim)
		}
		for i := range dim {
			if !slices.Equal(second[i*stride:][:i+1], secondPlain[i*stride:][:i+1]) {
				t.Errorf("row %d of the products differs in %d dimensions", i, dim)
			}
		}
	}
}

//go:build goexperiment.simd && amd64

package points

import "testing"

// Vector instructions give the same results to the bit.
func TestTileVectors(t *testing.T) {
	if !vectors {
		t.Skip("this processor has no AVX2")
	}
	for dim := 1; dim <= 17; dim++ {
		tile, queried, bounds := normal(dim*tileWidth, 1), normal(queries*dim, 2), [queries]float32{1e9, 0, 1, 1e9}
		var near, plain [queries][tileWidth]float32
		if !tileDistances(tile, queried, &bounds, &near) || !tileDistancesPlain(tile, queried, &bounds, &plain) || near != plain {
			t.Errorf("distances from a tile differ in %d dimensions", dim)
		}
		bounds = [queries]float32{}
		if tileDistances(tile, queried, &bounds, &near) || tileDistancesPlain(tile, queried, &bounds, &plain) {
			t.Errorf("distances below 0 in %d dimensions", dim)
		}
	}
}

//go:build goexperiment.simd && amd64

package latent

import "testing"

// Vectors give the same bits as the plain loop.
func TestMultiply(t *testing.T) {
	values := normal(2*4*100, 5)
	a, b := make([][4]float64, 100), make([][4]float64, 100)
	for i, v := range values[:400] {
		a[i/4][i%4], b[i/4][i%4] = float64(v), float64(values[400+i])
	}
	var plain, vector [tile][tile]float64
	for range 2 {
		multiplyPlain(&plain, 4, 8, a, b)
		multiply(&vector, 4, 8, a, b)
	}
	if plain != vector || plain[7][11] == 0 || plain[8][8] != 0 {
		t.Errorf("got %v, want %v", vector[4:8], plain[4:8])
	}
}

//go:build !(goexperiment.simd && amd64)

package latent

func multiply(sums *[tile][tile]float64, i, j int, a, b [][4]float64) {
	multiplyPlain(sums, i, j, a, b)
}

//go:build !(goexperiment.simd && amd64)

package cluster

func squaredDistances(points block, centre []float64) [lanes]float64 {
	return squaredDistancesPlain(points, centre)
}

func (n *nearest) find(points block, centres []float64) { n.findPlain(points, centres) }

func squaredNorms(triangle []float64, points block, mean []float64, delta block) [lanes]float64 {
	return squaredNormsPlain(triangle, points, mean, delta)
}

func addProducts(first, second, weighted, delta []float64) {
	addProductsPlain(first, second, weighted, delta)
}

//go:build !(goexperiment.simd && amd64)

package points

func tileDistances(tile, points []float32, bounds *[queries]float32, distances *[queries][tileWidth]float32) bool {
	return tileDistancesPlain(tile, points, bounds, distances)
}

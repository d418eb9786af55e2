//go:build !(goexperiment.simd && amd64)

package points

// ClearUpper does nothing in this build. The build with GOEXPERIMENT=simd on amd64 explains it.
func ClearUpper() {}

//go:build !(goexperiment.simd && amd64)

package points

// ClearUpper does nothing in this build; see the one for GOEXPERIMENT=simd on amd64.
func ClearUpper() {}

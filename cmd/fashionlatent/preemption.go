//go:build !(goexperiment.simd && amd64 && unix)

package main

// withoutPreemption does nothing in this build. The build with GOEXPERIMENT=simd on amd64 explains it.
func withoutPreemption() {}

//go:build goexperiment.simd && amd64

package points

import "simd/archsimd"

// ClearUpper clears the upper halves of the vector registers, so that scalar float code runs at its full speed.
//
// Go compiles float64 arithmetic to SSE instructions, and so is the assembly of math.Exp. On some of Intel's processors they are slow while
// the upper halves of the vector registers are in use: math.Exp was seen to take 80 times as long. Functions that use vectors
// clear the halves when they are done. But in a program built with GOEXPERIMENT=simd the runtime saves and restores the whole registers of
// a goroutine that it preempts asynchronously (runtime/preempt_amd64.s), and by restoring puts the upper halves in use, whether the
// goroutine used them before or not. Nor does it clear them before it runs another goroutine. So any goroutine can find them in use at any time, and
// they stay so until the next VZEROUPPER, which is all that this function is: a few cycles, and no value of a vector is lost, for the compiler
// keeps none in a register across the call.
//
// Parallel calls it before each task. Inside a task, and where there is none, long loops of scalar float code call it every some thousand
// calls of math.Exp or math.Log: the runtime preempts a goroutine about every 10 ms, in which there is time for several hundred thousand.
func ClearUpper() {
	if hasAVX {
		archsimd.ClearAVXUpperBits()
	}
}

var hasAVX = archsimd.X86.AVX()

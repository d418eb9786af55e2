//go:build goexperiment.simd && amd64

package points

import "simd/archsimd"

// ClearUpper clears the upper halves of the vector registers, so that scalar float code runs at full speed.
//
// Go compiles float64 arithmetic to SSE instructions, and the assembly of math.Exp uses them too. On some Intel
// processors they are slow while the upper halves of the vector registers are in use: math.Exp took 80 times as long.
// Functions with vector instructions clear the upper halves at their end. But in a program built with GOEXPERIMENT=simd
// the runtime saves and restores the whole registers of a goroutine that it preempts asynchronously
// (runtime/preempt_amd64.s). Restoring them puts the upper halves in use, whether the goroutine used them or not. The
// runtime does not clear them before it runs another goroutine either. So any goroutine can find them in use at any
// time, and they stay in use until the next VZEROUPPER instruction. ClearUpper executes that instruction, which takes a
// few cycles. No vector value is lost, because the compiler keeps none in a register across the call.
//
// Parallel calls ClearUpper before each task. Long loops of scalar float code call it every few thousand calls of
// math.Exp or math.Log. The runtime preempts a goroutine about every 10 ms, which is time for several hundred thousand
// of those calls.
func ClearUpper() {
	if hasAVX {
		archsimd.ClearAVXUpperBits()
	}
}

var hasAVX = archsimd.X86.AVX()

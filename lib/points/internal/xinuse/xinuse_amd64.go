// Package xinuse tells tests whether the upper halves of the vector registers are in use.
package xinuse

func cpuid(leaf, subleaf uint32) (a, c uint32)

func xgetbv(register uint32) uint32

// Known says whether the processor can tell: XGETBV with ECX = 1 returns XINUSE, the parts of the processor state that
// are in use (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, sections 13.2 and 13.6).
func Known() bool {
	const osxsave, xinuse = 1 << 27, 1 << 2
	if _, c := cpuid(1, 0); c&osxsave == 0 {
		return false
	}
	if most, _ := cpuid(0, 0); most < 13 {
		return false
	}
	a, _ := cpuid(13, 1)
	return a&xinuse != 0
}

// Upper says whether the upper half of one of the registers Y0 to Y15 is in use. It may only be called if Known is
// true.
func Upper() bool {
	const avx = 1 << 2
	return xgetbv(1)&avx != 0
}

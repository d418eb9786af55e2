//go:build goexperiment.simd && amd64

package latent

import "simd/archsimd"

// vectors says whether the processor has the instructions used here.
var vectors = archsimd.X86.AVX2()

// multiply is multiplyPlain with vectors. It adds in the same order, so the sums have the same bits.
func multiply(sums *[tile][tile]float64, i, j int, a, b [][4]float64) {
	if !vectors {
		multiplyPlain(sums, i, j, a, b)
		return
	}
	b = b[:len(a)]
	var s0, s1, s2, s3 archsimd.Float64x4 // of a feature of a with the four of b
	for r := range a {
		p, q := &a[r], archsimd.LoadFloat64x4(&b[r])
		s0 = s0.Add(q.Mul(archsimd.BroadcastFloat64x4(p[0])))
		s1 = s1.Add(q.Mul(archsimd.BroadcastFloat64x4(p[1])))
		s2 = s2.Add(q.Mul(archsimd.BroadcastFloat64x4(p[2])))
		s3 = s3.Add(q.Mul(archsimd.BroadcastFloat64x4(p[3])))
	}
	for k, s := range [4]archsimd.Float64x4{s0, s1, s2, s3} {
		into := (*[4]float64)(sums[i+k][j:])
		archsimd.LoadFloat64x4(into).Add(s).Store(into)
	}
	archsimd.ClearAVXUpperBits()
}

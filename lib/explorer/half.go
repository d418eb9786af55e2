package explorer

import "math"

// half rounds x to half precision (IEEE 754 binary16), to the nearest value, with ties to even. Too large values become
// infinite.
func half(x float32) uint16 {
	bits := math.Float32bits(x)
	sign := uint16(bits >> 16 & 0x8000)
	size := bits & 0x7fffffff
	switch {
	case size > 0x7f800000: // NaN
		return sign | 0x7e00
	case size >= 0x477ff000: // it would round to 65536 or more
		return sign | 0x7c00
	case size < 0x38800000: // below 2^-14, halves are multiples of 2^-24
		return sign | uint16(math.RoundToEven(math.Abs(float64(x))*(1<<24)))
	}
	// 13 bits of the fraction are removed. A carry correctly moves into the exponent. The bias falls from 127 to 15.
	size += 0xfff + size>>13&1
	return sign | uint16(size>>13-(127-15)<<10)
}

// single is the value of a half.
func single(h uint16) float32 {
	exponent, fraction := int(h>>10&0x1f), float64(h&0x3ff)
	var size float64
	switch exponent {
	case 0:
		size = math.Ldexp(fraction, -24)
	case 0x1f:
		size = math.Inf(1)
		if fraction != 0 {
			size = math.NaN()
		}
	default:
		size = math.Ldexp(1024+fraction, exponent-25)
	}
	return float32(math.Copysign(size, 1-2*float64(h>>15)))
}

// RoundHalf returns the values after rounding to half precision, as the page uses them.
func RoundHalf(values []float32) []float32 {
	rounded := make([]float32, len(values))
	for i, v := range values {
		rounded[i] = single(half(v))
	}
	return rounded
}

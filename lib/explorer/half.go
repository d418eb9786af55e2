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

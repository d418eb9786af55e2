//go:build goexperiment.simd && amd64

package points

import "simd/archsimd"

// vectors says whether the processor has the vector instructions used here.
var vectors = archsimd.X86.AVX2()

// glance is the number of coordinates between two checks. If no sum is below its bound at a check, the tile is
// abandoned, because further coordinates can only increase the sums.
const glance = 32

func tileDistances(tile, points []float32, bounds *[queries]float32, distances *[queries][tileWidth]float32) bool {
	if !vectors {
		return tileDistancesPlain(tile, points, bounds, distances)
	}
	dim := len(tile) / tileWidth
	b0, b1 := archsimd.BroadcastFloat32x8(bounds[0]), archsimd.BroadcastFloat32x8(bounds[1])
	b2, b3 := archsimd.BroadcastFloat32x8(bounds[2]), archsimd.BroadcastFloat32x8(bounds[3])
	var s0, s1, s2, s3 archsimd.Float32x8
	for from := 0; from < dim; from += glance {
		to := min(dim, from+glance)
		part, p0 := tile[from*tileWidth:to*tileWidth], points[from:to]
		p1, p2, p3 := points[dim+from:][:len(p0)], points[2*dim+from:][:len(p0)], points[3*dim+from:][:len(p0)]
		for j := range p0 {
			c := archsimd.LoadFloat32x8((*[tileWidth]float32)(part[j*tileWidth:]))
			d0, d1 := archsimd.BroadcastFloat32x8(p0[j]).Sub(c), archsimd.BroadcastFloat32x8(p1[j]).Sub(c)
			d2, d3 := archsimd.BroadcastFloat32x8(p2[j]).Sub(c), archsimd.BroadcastFloat32x8(p3[j]).Sub(c)
			s0, s1 = s0.Add(d0.Mul(d0)), s1.Add(d1.Mul(d1))
			s2, s3 = s2.Add(d2.Mul(d2)), s3.Add(d3.Mul(d3))
		}
		if s0.Less(b0).Or(s1.Less(b1)).Or(s2.Less(b2).Or(s3.Less(b3))).ToInt32x8().IsZero() {
			archsimd.ClearAVXUpperBits()
			return false
		}
	}
	s0.Store(&distances[0])
	s1.Store(&distances[1])
	s2.Store(&distances[2])
	s3.Store(&distances[3])
	archsimd.ClearAVXUpperBits()
	return true
}

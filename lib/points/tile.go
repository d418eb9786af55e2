package points

// Distances in float32 are computed from a few points to a tile, which is several points side by side. If the program
// is built with GOEXPERIMENT=simd, tile_simd.go does so with the vector instructions of the processor. Both versions
// add in the same order and never fuse a product into a sum, so their results are the same to the bit.

const (
	tileWidth = 8 // points in a tile
	queries   = 4 // points whose distances to a tile are computed together
)

// tileDistancesPlain computes the squared distances from some points, [queries, dim], to those of a tile, [dim,
// tileWidth]. It returns whether any of them is below the bound of its point. If none is, the distances need not be
// right.
func tileDistancesPlain(tile, points []float32, bounds *[queries]float32, distances *[queries][tileWidth]float32) bool {
	dim, below := len(tile)/tileWidth, false
	for q := range distances {
		for h := 0; h < tileWidth; h += 4 {
			var s0, s1, s2, s3 float32
			for j, p := range points[q*dim : (q+1)*dim] {
				c := (*[4]float32)(tile[j*tileWidth+h:])
				d0, d1, d2, d3 := p-c[0], p-c[1], p-c[2], p-c[3]
				s0 += float32(d0 * d0)
				s1 += float32(d1 * d1)
				s2 += float32(d2 * d2)
				s3 += float32(d3 * d3)
			}
			*(*[4]float32)(distances[q][h:]) = [4]float32{s0, s1, s2, s3}
			b := bounds[q]
			below = below || s0 < b || s1 < b || s2 < b || s3 < b
		}
	}
	return below
}

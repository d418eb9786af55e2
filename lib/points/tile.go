package points

// Distances in float32 are computed from a few points to a tile, which is points side by side. tile_simd.go does so with the vector
// instructions of the processor, where the program is built with GOEXPERIMENT=simd. Both add in the same order, with no product
// fused into a sum, and so give the same bits.

const (
	tileWidth = 8 // points of a tile
	queries   = 4 // points whose distances to a tile are computed at once
)

// tileDistancesPlain fills the squared distances from some points, [queries, dim], to those of a tile, [dim, tileWidth],
// and says whether any is below its point's bound; where none is, they need not be right.
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

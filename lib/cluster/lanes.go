package cluster

import "math"

// The inner loops of k-means and of mixtures work on eight points side by side. If the program is built with
// GOEXPERIMENT=simd, lanes_simd.go does so with the vector instructions of the processor. Both versions add in the same
// order and never fuse a product into a sum, so their results are the same to the bit.

const (
	width = 4         // numbers in a vector
	lanes = 2 * width // points in a block: enough to keep the arithmetic units of a core busy
)

// block is points side by side, [dim][lanes].
type block [][lanes]float64

// set puts a point into a lane.
func (b block) set(lane int, point []float32) {
	for j, v := range point[:len(b)] {
		b[j][lane] = float64(v)
	}
}

// load puts the points from i on, up to end, into the lanes, and returns how many they are.
func (b block) load(x []float32, i, end int) int {
	count := min(lanes, end-i)
	for l := range count {
		b.set(l, x[(i+l)*len(b):])
	}
	return count
}

// nearest holds, for each point of a block, the nearest centre (the first of several), its squared distance, and the
// squared distance of the second nearest centre, +Inf for a single centre.
type nearest struct {
	label      [lanes]int64
	own, other [lanes]float64
}

// squaredDistancesPlain returns the squared distances of the points to a centre.
func squaredDistancesPlain(points block, centre []float64) (distances [lanes]float64) {
	centre = centre[:len(points)]
	for h := 0; h < lanes; h += width {
		var s0, s1, s2, s3 float64
		for j, c := range centre {
			p := (*[width]float64)(points[j][h:])
			d0, d1, d2, d3 := p[0]-c, p[1]-c, p[2]-c, p[3]-c
			s0 += float64(d0 * d0)
			s1 += float64(d1 * d1)
			s2 += float64(d2 * d2)
			s3 += float64(d3 * d3)
		}
		*(*[width]float64)(distances[h:]) = [width]float64{s0, s1, s2, s3}
	}
	return distances
}

// findPlain finds the nearest centres of the points among centres, [k, dim].
func (n *nearest) findPlain(points block, centres []float64) {
	for l := range lanes {
		n.label[l], n.own[l], n.other[l] = 0, math.Inf(1), math.Inf(1)
	}
	for c := 0; c < len(centres); c += len(points) {
		for l, d := range squaredDistancesPlain(points, centres[c:]) {
			switch {
			case d < n.own[l]:
				n.label[l], n.own[l], n.other[l] = int64(c/len(points)), d, n.own[l]
			case d < n.other[l]:
				n.other[l] = d
			}
		}
	}
}

// squaredNormsPlain returns the squared norm, for each point, of the product of a lower triangular matrix and the point
// minus mean. The rows of the matrix are stored one after another, each up to the diagonal. delta is a buffer.
func squaredNormsPlain(triangle []float64, points block, mean []float64, delta block) (norms [lanes]float64) {
	for j, m := range mean {
		for l, v := range points[j] {
			delta[j][l] = v - m
		}
	}
	for h := 0; h < lanes; h += width {
		rest := triangle
		var q0, q1, q2, q3 float64
		for i := range delta {
			var s0, s1, s2, s3 float64
			delta := delta[:i+1]
			for j, w := range rest[:i+1] {
				d := (*[width]float64)(delta[j][h:])
				s0 += float64(w * d[0])
				s1 += float64(w * d[1])
				s2 += float64(w * d[2])
				s3 += float64(w * d[3])
			}
			q0 += float64(s0 * s0)
			q1 += float64(s1 * s1)
			q2 += float64(s2 * s2)
			q3 += float64(s3 * s3)
			rest = rest[i+1:]
		}
		*(*[width]float64)(norms[h:]) = [width]float64{q0, q1, q2, q3}
	}
	return norms
}

// addProductsPlain adds to first, [stride], the sum of the rows of weighted, [lanes, stride]. It adds to the lower
// triangle of second, [dim, stride], the sum of their products with the rows of delta, [lanes, stride]. Values above
// the diagonal have no meaning.
func addProductsPlain(first, second []float64, weighted, delta []float64) {
	stride := len(first)
	for h := 0; h < lanes; h += width {
		w0, w1, w2, w3 := four(weighted[h*stride:], stride)
		d0, d1, d2, d3 := four(delta[h*stride:], stride)
		for j := range first {
			first[j] += (w0[j] + w1[j]) + (w2[j] + w3[j])
		}
		for i := range len(second) / stride {
			row := second[i*stride:][:i+1]
			w0, w1, w2, w3 := w0[i], w1[i], w2[i], w3[i]
			d0, d1, d2, d3 := d0[:len(row)], d1[:len(row)], d2[:len(row)], d3[:len(row)]
			for j := range row {
				row[j] += (float64(w0*d0[j]) + float64(w1*d1[j])) + (float64(w2*d2[j]) + float64(w3*d3[j]))
			}
		}
	}
}

// four returns the first four rows of a matrix.
func four(rows []float64, stride int) (r0, r1, r2, r3 []float64) {
	return rows[:stride], rows[stride:][:stride], rows[2*stride:][:stride], rows[3*stride:][:stride]
}

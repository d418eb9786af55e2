//go:build goexperiment.simd && amd64

package cluster

import (
	"math"
	"simd/archsimd"
)

// vectors says whether the processor has the vector instructions used here.
var vectors = archsimd.X86.AVX2()

type vector = archsimd.Float64x4

// load reads the first numbers of values into a vector.
func load(values []float64) vector { return archsimd.LoadFloat64x4((*[width]float64)(values)) }

// low and high are the two halves of a block's lanes.
func low(values *[lanes]float64) vector  { return load(values[:width]) }
func high(values *[lanes]float64) vector { return load(values[width:]) }

func store(into *[lanes]float64, low, high vector) {
	low.StoreSlice(into[:width])
	high.StoreSlice(into[width:])
}

func squaredDistances(points block, centre []float64) (distances [lanes]float64) {
	if !vectors {
		return squaredDistancesPlain(points, centre)
	}
	l, h := distancesTo(points, centre)
	store(&distances, l, h)
	archsimd.ClearAVXUpperBits()
	return distances
}

func distancesTo(points block, centre []float64) (l, h vector) {
	centre = centre[:len(points)]
	for j := range points {
		p, c := &points[j], archsimd.BroadcastFloat64x4(centre[j])
		dl, dh := low(p).Sub(c), high(p).Sub(c)
		l, h = l.Add(dl.Mul(dl)), h.Add(dh.Mul(dh))
	}
	return l, h
}

func (n *nearest) find(points block, centres []float64) {
	if !vectors {
		n.findPlain(points, centres)
		return
	}
	far := archsimd.BroadcastFloat64x4(math.Inf(1))
	ownLow, ownHigh, otherLow, otherHigh := far, far, far, far
	var labelLow, labelHigh archsimd.Int64x4
	for c := 0; c*len(points) < len(centres); c++ {
		l, h := distancesTo(points, centres[c*len(points):])
		label := archsimd.BroadcastInt64x4(int64(c))
		labelLow, labelHigh = label.Merge(labelLow, l.Less(ownLow)), label.Merge(labelHigh, h.Less(ownHigh))
		otherLow, otherHigh = otherLow.Min(ownLow.Max(l)), otherHigh.Min(ownHigh.Max(h))
		ownLow, ownHigh = ownLow.Min(l), ownHigh.Min(h)
	}
	labelLow.StoreSlice(n.label[:width])
	labelHigh.StoreSlice(n.label[width:])
	store(&n.own, ownLow, ownHigh)
	store(&n.other, otherLow, otherHigh)
	archsimd.ClearAVXUpperBits()
}

func squaredNorms(triangle []float64, points block, mean []float64, delta block) (norms [lanes]float64) {
	if !vectors {
		return squaredNormsPlain(triangle, points, mean, delta)
	}
	points, mean = points[:len(delta)], mean[:len(delta)]
	for j := range delta {
		m := archsimd.BroadcastFloat64x4(mean[j])
		store(&delta[j], low(&points[j]).Sub(m), high(&points[j]).Sub(m))
	}
	var normLow, normHigh vector
	for i := range delta {
		row, d := triangle[:i+1], delta[:i+1]
		var l, h vector
		for j, w := range row {
			v := archsimd.BroadcastFloat64x4(w)
			l, h = l.Add(v.Mul(low(&d[j]))), h.Add(v.Mul(high(&d[j])))
		}
		normLow, normHigh = normLow.Add(l.Mul(l)), normHigh.Add(h.Mul(h))
		triangle = triangle[i+1:]
	}
	store(&norms, normLow, normHigh)
	archsimd.ClearAVXUpperBits()
	return norms
}

func addProducts(first, second, weighted, delta []float64) {
	if !vectors {
		addProductsPlain(first, second, weighted, delta)
		return
	}
	stride := len(first)
	for h := 0; h < lanes; h += width {
		w0, w1, w2, w3 := four(weighted[h*stride:], stride)
		d0, d1, d2, d3 := four(delta[h*stride:], stride)
		for j := 0; j < stride; j += width {
			sum := load(w0[j:]).Add(load(w1[j:])).Add(load(w2[j:]).Add(load(w3[j:])))
			load(first[j:]).Add(sum).StoreSlice(first[j:])
		}
		for i := range len(second) / stride {
			row := second[i*stride:][:stride]
			w0, w1, w2, w3 := archsimd.BroadcastFloat64x4(w0[i]), archsimd.BroadcastFloat64x4(w1[i]), archsimd.BroadcastFloat64x4(w2[i]), archsimd.BroadcastFloat64x4(w3[i])
			for j := 0; j <= i; j += width {
				sum := w0.Mul(load(d0[j:])).Add(w1.Mul(load(d1[j:]))).Add(w2.Mul(load(d2[j:])).Add(w3.Mul(load(d3[j:]))))
				load(row[j:]).Add(sum).StoreSlice(row[j:])
			}
		}
	}
	archsimd.ClearAVXUpperBits()
}

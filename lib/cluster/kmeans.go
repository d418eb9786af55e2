package cluster

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"fashionlatent/lib/points"
)

// KMeansConfig says how to fit k-means. Zero fields stand for the defaults.
type KMeansConfig struct {
	K             int     // number of clusters; default 10
	Restarts      int     // fits from different starts, of which the one with the smallest inertia is kept; default 10
	MaxIterations int     // per restart; default 300
	Tolerance     float64 // stop when the sum of the centres' squared movements is at most this share of the mean variance of a coordinate; default 1e-4; below 0: 0
	Seed          uint64
}

// KMeans is a fitted partition into the cells around K centres.
type KMeans struct {
	K, Dim     int
	Centres    []float64 // [k, dim]
	Labels     []int     // [n], the nearest centre of each fitted point
	Inertia    float64   // sum over points of the squared distance to the nearest centre
	Iterations int       // of the kept restart
}

// FitKMeans clusters x, [n, dim], with Lloyd's algorithm from greedy k-means++ starts (Arthur and Vassilvitskii 2007).
// Hamerly's bounds (Hamerly 2010) avoid most distances without changing the result. Fewer points than clusters are an
// error.
func FitKMeans(ctx context.Context, x []float32, dim int, cfg KMeansConfig) (*KMeans, error) {
	f, err := newKMeansFit(x, dim, cfg)
	if err != nil {
		return nil, err
	}
	var best *KMeans
	for restart := range or(cfg.Restarts, 10) {
		start, err := f.start(ctx, rand.New(rand.NewPCG(cfg.Seed, uint64(restart))))
		if err != nil {
			return nil, err
		}
		m, err := f.lloyd(ctx, start)
		if err != nil {
			return nil, err
		}
		if best == nil || m.Inertia < best.Inertia {
			best = m
		}
	}
	return best, nil
}

// Predict returns the nearest centre of each point of x, [n, dim]: [n].
func (m *KMeans) Predict(x []float32) ([]int, error) {
	n, err := points.Count(x, m.Dim)
	if err != nil {
		return nil, err
	}
	labels := make([]int, n)
	err = points.Split(context.Background(), n, chunkCount(n, 1), func(_, lo, hi int) {
		eachNearest(x, m.Centres, m.Dim, lo, hi, func(i, label int, _ float64) { labels[i] = label })
	})
	return labels, err
}

// kmeansFit holds what the restarts of one fit share.
type kmeansFit struct {
	x             []float32
	n, dim, k     int
	maxIterations int
	tolerance     float64 // limit of the centres' squared movement, in squared units of x
	chunks        int
}

func newKMeansFit(x []float32, dim int, cfg KMeansConfig) (*kmeansFit, error) {
	n, err := points.Count(x, dim)
	if err != nil {
		return nil, err
	}
	if err := checkOptions(option{"K", float64(cfg.K)}, option{"Restarts", float64(cfg.Restarts)},
		option{"MaxIterations", float64(cfg.MaxIterations)}); err != nil {
		return nil, err
	}
	if err := checkFinite(option{"Tolerance", cfg.Tolerance}); err != nil {
		return nil, err
	}
	f := &kmeansFit{x: x, n: n, dim: dim, k: or(cfg.K, 10), maxIterations: or(cfg.MaxIterations, 300)}
	if n < f.k {
		return nil, fmt.Errorf("cluster: %d points for %d clusters; want at least as many points as clusters", n, f.k)
	}
	f.tolerance = or(cfg.Tolerance, 1e-4) * meanVariance(x, dim)
	f.chunks = chunkCount(n, f.k*(dim+1))
	return f, nil
}

// start chooses K points as centres, [k, dim]. The first is any point. For each further centre several points are
// drawn, with probability proportional to the squared distance to the nearest centre so far. The draw that leaves the
// smallest inertia is kept.
func (f *kmeansFit) start(ctx context.Context, rng *rand.Rand) ([]float64, error) {
	draws := 2 + int(math.Log(float64(f.k)))
	// The squared distance of each point to its nearest centre: so far, and if a draw were kept.
	closest, candidates := make([]float64, f.n), make([][]float64, draws)
	for t := range candidates {
		candidates[t] = make([]float64, f.n)
	}
	for i := range closest {
		closest[i] = math.Inf(1)
	}
	partial := make([]float64, draws*f.chunks) // inertia, [draws, chunks]
	total := make([]float64, f.chunks)         // inertia of the centres so far

	centres := make([]float64, 0, f.k*f.dim)
	chosen := make([]int, draws)
	places := make([]float64, draws*f.dim) // the drawn points
	for c := range f.k {
		tried := draws
		if c == 0 {
			tried = 1
		}
		for t := range tried {
			chosen[t] = f.draw(rng, closest, total)
			widen(places[t*f.dim:(t+1)*f.dim], f.x[chosen[t]*f.dim:])
		}
		err := points.Split(ctx, f.n, f.chunks, func(chunk, lo, hi int) {
			b := make(block, f.dim)
			inertia := make([]float64, tried)
			for i := lo; i < hi; i += lanes {
				count := b.load(f.x, i, hi)
				for t, candidate := range candidates[:tried] {
					distances := squaredDistances(b, places[t*f.dim:])
					for l, d := range distances[:count] {
						if c := closest[i+l]; c < d {
							d = c
						}
						candidate[i+l] = d
						inertia[t] += d
					}
				}
			}
			for t, v := range inertia {
				partial[t*f.chunks+chunk] = v
			}
		})
		if err != nil {
			return nil, err
		}
		best := 0
		for t := 1; t < tried; t++ {
			if points.Sum(partial[t*f.chunks:(t+1)*f.chunks]) < points.Sum(partial[best*f.chunks:(best+1)*f.chunks]) {
				best = t
			}
		}
		closest, candidates[best] = candidates[best], closest
		copy(total, partial[best*f.chunks:(best+1)*f.chunks])
		centres = append(centres, places[best*f.dim:(best+1)*f.dim]...)
	}
	return centres, nil
}

// draw returns a point with probability proportional to weight. total holds the sums of weight over the chunks. If all
// weights are zero, at the beginning or when every point is a centre already, each point is equally likely.
func (f *kmeansFit) draw(rng *rand.Rand, weight, total []float64) int {
	all := points.Sum(total)
	if all == 0 {
		return rng.IntN(f.n)
	}
	left := rng.Float64() * all
	chunk := 0
	for chunk < f.chunks-1 && left >= total[chunk] {
		left -= total[chunk]
		chunk++
	}
	last := -1 // last point of positive weight, in case rounding runs past the end
	for i := chunk * f.n / f.chunks; i < (chunk+1)*f.n/f.chunks; i++ {
		if weight[i] == 0 {
			continue
		}
		last = i
		if left -= weight[i]; left < 0 {
			return i
		}
	}
	if last < 0 {
		return rng.IntN(f.n)
	}
	return last
}

// lloyd moves the centres to a local minimum of the inertia, or until the tolerance or MaxIterations ends it. It
// changes centres.
func (f *kmeansFit) lloyd(ctx context.Context, centres []float64) (*KMeans, error) {
	labels := make([]int, f.n)
	upper := make([]float64, f.n)    // at least the distance to the point's own centre
	lower := make([]float64, f.n)    // at most the distance to any other
	moved := make([]float64, f.k)    // distance that each centre moved in the last step
	halfGap := make([]float64, f.k)  // half the distance from each centre to its nearest neighbour
	changed := make([]int, f.chunks) // number of labels that changed in the last assignment, by chunk
	size := f.k * (f.dim + 1)
	partial := make([]float64, f.chunks*size) // per chunk, for each cluster: the sum of its points, [dim], and their count
	total := make([]float64, size)

	iterations := 0
	for iterations < f.maxIterations {
		iterations++
		first := iterations == 1
		halfGaps(halfGap, centres, f.dim)
		far, next := largestTwo(moved)
		err := points.Split(ctx, f.n, f.chunks, func(chunk, lo, hi int) {
			sums := partial[chunk*size : (chunk+1)*size]
			changed[chunk] = 0
			var at [lanes]int // indices of the points in b
			b, near, count := make(block, f.dim), new(nearest), 0
			assign := func() {
				near.find(b, centres)
				for l, i := range at[:count] {
					upper[i], lower[i] = math.Sqrt(near.own[l]), math.Sqrt(near.other[l])
					was, label := labels[i], int(near.label[l])
					if label == was && !first {
						continue
					}
					labels[i] = label
					changed[chunk]++
					x := f.x[i*f.dim : (i+1)*f.dim]
					addPoint(sums, x, label, 1)
					if !first {
						addPoint(sums, x, was, -1)
					}
				}
				count = 0
			}
			for i := lo; i < hi; i++ {
				if !first {
					label := labels[i]
					upper[i] += moved[label]
					if label == far {
						lower[i] -= moved[next]
					} else {
						lower[i] -= moved[far]
					}
					if upper[i] <= lower[i] || upper[i] <= halfGap[label] {
						continue
					}
				}
				b.set(count, f.x[i*f.dim:(i+1)*f.dim])
				at[count] = i
				if count++; count == lanes {
					assign()
				}
			}
			assign()
		})
		if err != nil {
			return nil, err
		}
		relabelled := 0
		for _, c := range changed {
			relabelled += c
		}
		if relabelled == 0 {
			break // the centres are already the means of these clusters
		}
		clear(total)
		for chunk := range f.chunks {
			for j, v := range partial[chunk*size : (chunk+1)*size] {
				total[j] += v
			}
		}
		if f.update(centres, moved, labels, total) <= f.tolerance {
			break
		}
	}

	// The bounds carry rounding errors, so the labels are computed once more, exactly, for the final centres.
	inertia := make([]float64, f.chunks)
	err := points.Split(ctx, f.n, f.chunks, func(chunk, lo, hi int) {
		eachNearest(f.x, centres, f.dim, lo, hi, func(i, label int, d float64) {
			labels[i] = label
			inertia[chunk] += d
		})
	})
	if err != nil {
		return nil, err
	}
	return &KMeans{K: f.k, Dim: f.dim, Centres: centres, Labels: labels, Inertia: points.Sum(inertia), Iterations: iterations}, nil
}

// addPoint adds a point to a cluster's sum and count, or subtracts it with sign -1. They are rows of [k, dim+1].
func addPoint(sums []float64, point []float32, label int, sign float64) {
	s := sums[label*(len(point)+1):][:len(point)+1]
	for j, v := range point {
		s[j] += sign * float64(v)
	}
	s[len(point)] += sign
}

// eachNearest calls visit for each point from lo up to hi, in order, with its nearest centre and the squared distance
// to it.
func eachNearest(x []float32, centres []float64, dim, lo, hi int, visit func(i, label int, distance float64)) {
	b, near := make(block, dim), new(nearest)
	for i := lo; i < hi; i += lanes {
		count := b.load(x, i, hi)
		near.find(b, centres)
		for l := range count {
			visit(i+l, int(near.label[l]), near.own[l])
		}
	}
}

// update moves the centres to the means of their clusters, given the clusters' sums and counts. It sets moved to the
// distance that each centre moved, and returns the sum of their squares. A centre without points moves to the point
// with the largest distance to its own centre.
func (f *kmeansFit) update(centres, moved []float64, labels []int, sums []float64) float64 {
	count := func(c int) float64 { return sums[c*(f.dim+1)+f.dim] }
	var closest []float64 // squared distance of each point to its own centre; computed when needed
	before := append([]float64(nil), centres...)
	for c := range f.k {
		for j := range f.dim {
			if count(c) > 0 {
				centres[c*f.dim+j] = sums[c*(f.dim+1)+j] / count(c)
			}
		}
	}
	for c := range f.k {
		if count(c) > 0 {
			continue
		}
		if closest == nil {
			closest = make([]float64, f.n)
			for i := range closest {
				closest[i] = squaredDistance(f.x[i*f.dim:(i+1)*f.dim], centres[labels[i]*f.dim:])
			}
		}
		farthest := 0
		for i, d := range closest {
			if d > closest[farthest] {
				farthest = i
			}
		}
		if closest[farthest] == 0 {
			break // fewer distinct points than centres: no move would help
		}
		centre := centres[c*f.dim : (c+1)*f.dim]
		widen(centre, f.x[farthest*f.dim:])
		for i := range closest {
			closest[i] = min(closest[i], squaredDistance(f.x[i*f.dim:(i+1)*f.dim], centre))
		}
	}
	var total float64
	for c := range moved {
		d := squaredDistance(before[c*f.dim:(c+1)*f.dim], centres[c*f.dim:])
		moved[c] = math.Sqrt(d)
		total += d
	}
	return total
}

// halfGaps sets gap to half the distance from each centre to the nearest other one; +Inf for a single centre.
func halfGaps(gap, centres []float64, dim int) {
	for c := range gap {
		least := math.Inf(1)
		for o := range gap {
			if o != c {
				least = min(least, squaredDistance(centres[c*dim:(c+1)*dim], centres[o*dim:]))
			}
		}
		gap[c] = math.Sqrt(least) / 2
	}
}

// largestTwo returns the indices of the largest and the second largest value. For a single value both are 0.
func largestTwo(values []float64) (first, second int) {
	if len(values) > 1 {
		second = 1
	}
	if values[second] > values[first] {
		first, second = second, first
	}
	for i := 2; i < len(values); i++ {
		switch v := values[i]; {
		case v > values[first]:
			first, second = i, first
		case v > values[second]:
			second = i
		}
	}
	return first, second
}

// squaredDistance is the squared distance between a and the first len(a) values of b.
func squaredDistance[T float32 | float64](a []T, b []float64) float64 {
	b = b[:len(a)]
	var total float64
	for j, v := range a {
		d := float64(v) - b[j]
		total += d * d
	}
	return total
}

// widen copies the first len(into) values of x.
func widen(into []float64, x []float32) {
	x = x[:len(into)]
	for i, v := range x {
		into[i] = float64(v)
	}
}

// meanVariance is the variance of a coordinate, averaged over the dim coordinates of x, [n, dim].
func meanVariance(x []float32, dim int) float64 {
	n := float64(len(x) / dim)
	mean := make([]float64, dim)
	for i := 0; i < len(x); i += dim {
		for j, v := range x[i : i+dim] {
			mean[j] += float64(v) / n
		}
	}
	var total float64
	for i := 0; i < len(x); i += dim {
		for j, v := range x[i : i+dim] {
			d := float64(v) - mean[j]
			total += d * d
		}
	}
	return total / float64(len(x))
}

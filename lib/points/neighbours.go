package points

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Neighbours are the K nearest points to each of n points by Euclidean distance, the nearest first. Of equally distant
// points the earlier comes first.
type Neighbours struct {
	K         int
	Indices   []int32   // [n, K]
	Distances []float64 // [n, K]
}

// Of returns the neighbours of point i, [K].
func (h *Neighbours) Of(i int) []int32 { return h.Indices[i*h.K : (i+1)*h.K] }

// Nearest finds, for each row of x, [n, Dim], the k nearest rows of among, [m, Dim]. It compares all pairs, and the
// result is exact: distances in float32 only rule out rows that cannot be near, and the others are compared by
// SquaredDistance.
func Nearest(ctx context.Context, x, among Matrix, k int) (*Neighbours, error) {
	return exact(ctx, x, among, k, false)
}

// NearestOthers finds, for each row of x, [n, Dim], the k nearest of the other rows, exactly as Nearest does.
func NearestOthers(ctx context.Context, x Matrix, k int) (*Neighbours, error) {
	return exact(ctx, x, x, k, true)
}

func exact(ctx context.Context, x, among Matrix, k int, others bool) (*Neighbours, error) {
	r := roundingOf(x.Dim)
	heaps, err := search(ctx, x, among, k, others, r.bound, func(i, j int, _ float32) float64 { return SquaredDistance(x.Row(i), among.Row(j)) })
	if err != nil {
		return nil, err
	}
	return neighbours(ctx, heaps, k)
}

// NearestOthersSingle is NearestOthers with distances in float32, which is faster for large k. If two distances differ
// by no more than their rounding error, it may order them wrongly or return the further row instead of the nearer. The
// returned distances are rounded, too.
func NearestOthersSingle(ctx context.Context, x Matrix, k int) (*Neighbours, error) {
	heaps, err := search(ctx, x, x, k, true, func(limit float32) float32 { return limit }, func(_, _ int, d float32) float32 { return d })
	if err != nil {
		return nil, err
	}
	return neighbours(ctx, heaps, k)
}

// search returns for each row of x a heap of the k nearest rows of among. distance returns the squared distance by
// which rows are compared, given the one in float32. bound returns a value that is above the float32 distance of every
// row nearer than a limit.
func search[T float32 | float64](ctx context.Context, x, among Matrix, k int, others bool, bound func(limit T) float32, distance func(i, j int, single float32) T) ([]heap[T], error) {
	if err := checkPair(x, among); err != nil {
		return nil, err
	}
	m := among.N()
	if others {
		m--
	}
	if m == 0 {
		return nil, errors.New("points: neighbours of one point; want at least 2 points, for a point has no other")
	}
	if k < 1 || k > m || m > math.MaxInt32 {
		return nil, fmt.Errorf("points: %d neighbours among %d points; want 1 to %d", k, m, m)
	}
	room, heaps := make([]neighbour[T], x.N()*k), make([]heap[T], x.N())
	for i := range heaps {
		heaps[i] = room[i*k : i*k : (i+1)*k]
	}
	limit := func(i int) float32 {
		if h := heaps[i]; len(h) == k {
			return bound(h[0].distance)
		}
		return math.MaxFloat32
	}
	return heaps, pairs(ctx, x, among, limit, func(i, j int, single float32) float32 {
		if !others || i != j {
			heaps[i].push(neighbour[T]{distance(i, j, single), int32(j)})
		}
		return limit(i)
	})
}

// neighbours sorts the heaps, which hold k rows each.
func neighbours[T float32 | float64](ctx context.Context, heaps []heap[T], k int) (*Neighbours, error) {
	n := len(heaps)
	found := &Neighbours{K: k, Indices: make([]int32, n*k), Distances: make([]float64, n*k)}
	return found, Split(ctx, n, min(n, 64), func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			slices.SortFunc(heaps[i], func(a, b neighbour[T]) int {
				if a.farther(b) {
					return 1
				}
				return -1
			})
			for j, v := range heaps[i] {
				found.Indices[i*k+j], found.Distances[i*k+j] = v.point, math.Sqrt(float64(v.distance))
			}
		}
	})
}

type neighbour[T float32 | float64] struct {
	distance T // squared
	point    int32
}

func (a neighbour[T]) farther(b neighbour[T]) bool {
	return a.distance > b.distance || a.distance == b.distance && a.point > b.point
}

// heap holds the nearest points so far, with the furthest of them first. Its capacity is the number of points to find.
type heap[T float32 | float64] []neighbour[T]

// push adds v. If the heap is full, v replaces the furthest point, unless v is further away.
func (h *heap[T]) push(v neighbour[T]) {
	s := *h
	if len(s) < cap(s) {
		s = append(s, v)
		i := len(s) - 1
		for i > 0 && v.farther(s[(i-1)/2]) {
			s[i] = s[(i-1)/2]
			i = (i - 1) / 2
		}
		s[i] = v
		*h = s
		return
	}
	if !s[0].farther(v) {
		return
	}
	i := 0
	for child := 1; child < len(s); child = 2*i + 1 {
		if child+1 < len(s) && s[child+1].farther(s[child]) {
			child++
		}
		if !s[child].farther(v) {
			break
		}
		s[i] = s[child]
		i = child
	}
	s[i] = v
}

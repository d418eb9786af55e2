package cluster

import (
	"context"
	"fmt"
	"math"
	"slices"
)

const (
	tileWidth = 8    // points whose distances are computed at once
	queries   = 4    // points they are computed to
	baseBlock = 1024 // points searched before the next queries' turn: they stay in the cache

	maxCoordinate = 1e15 // squares of differences, summed over any number of coordinates, are finite in float32
)

// Neighbours returns, for each point of x, [n, dim], the k other points nearest to it by Euclidean distance, [n, k], nearest first;
// of several at one distance the first. Every pair is looked at; the distances are computed in float32.
func Neighbours(ctx context.Context, x []float32, dim, k int) ([]int32, error) {
	n, err := countPoints(x, dim)
	if err != nil {
		return nil, err
	}
	if k < 1 || k >= n || n > math.MaxInt32 {
		return nil, fmt.Errorf("cluster: %d neighbours among %d points; want 1 to %d", k, n, n-1)
	}
	for i, v := range x {
		if math.Abs(float64(v)) > maxCoordinate {
			return nil, fmt.Errorf("cluster: value %d of point %d is %v; want at most %v, for distances in float32", i%dim, i/dim, v, maxCoordinate)
		}
	}
	all := make([]int32, n)
	for i := range all {
		all[i] = int32(i)
	}
	return search(ctx, x, dim, k, all, all)
}

// search returns the k points of base nearest to each of the points asked, [asked, k]. A point is not its own neighbour.
func search(ctx context.Context, x []float32, dim, k int, base, asked []int32) ([]int32, error) {
	// Tiles hold their points side by side, [dim, tileWidth]; the last is filled up with points at infinity.
	count := (len(base) + tileWidth - 1) / tileWidth
	tiles := make([]float32, count*dim*tileWidth)
	for i := range count * tileWidth {
		for j := range dim {
			v := float32(math.Inf(1))
			if i < len(base) {
				v = x[int(base[i])*dim+j]
			}
			tiles[(i/tileWidth*dim+j)*tileWidth+i%tileWidth] = v
		}
	}
	found := make([]int32, len(asked)*k)
	err := forChunks(ctx, len(asked), chunkCount(len(asked), 1), func(_, lo, hi int) {
		heaps := make([]heap, hi-lo)
		for i := range heaps {
			heaps[i] = make(heap, 0, k)
		}
		points := make([]float32, queries*dim)
		var distances [queries][tileWidth]float32
		for block := 0; block < count && ctx.Err() == nil; block += baseBlock / tileWidth {
			for first := lo; first < hi; first += queries {
				present := min(queries, hi-first)
				var bounds [queries]float32 // stays 0, below which there is nothing, for a query that is not there
				for q := range present {
					copy(points[q*dim:(q+1)*dim], x[int(asked[first+q])*dim:])
					bounds[q] = heaps[first+q-lo].bound(k)
				}
				for tile := block; tile < min(count, block+baseBlock/tileWidth); tile++ {
					if !tileDistances(tiles[tile*dim*tileWidth:(tile+1)*dim*tileWidth], points, &bounds, &distances) {
						continue
					}
					for q := range present {
						h := &heaps[first+q-lo]
						for l, d := range distances[q] {
							at := tile*tileWidth + l
							if d < bounds[q] && base[at] != asked[first+q] {
								h.push(neighbour{d, base[at]}, k)
								bounds[q] = h.bound(k)
							}
						}
					}
				}
			}
		}
		for i, h := range heaps {
			slices.SortFunc(h, func(a, b neighbour) int {
				if a.farther(b) {
					return 1
				}
				return -1
			})
			for j, v := range h {
				found[(lo+i)*k+j] = v.point
			}
		}
	})
	return found, err
}

type neighbour struct {
	distance float32 // squared
	point    int32
}

func (a neighbour) farther(b neighbour) bool {
	return a.distance > b.distance || a.distance == b.distance && a.point > b.point
}

// heap holds the nearest points so far, the farthest of them first.
type heap []neighbour

// bound is the distance below which a point belongs into the heap of k.
func (h heap) bound(k int) float32 {
	if len(h) < k {
		return math.MaxFloat32
	}
	return h[0].distance
}

// push puts v in, in place of the farthest where there are k already.
func (h *heap) push(v neighbour, k int) {
	s := *h
	if len(s) < k {
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

// graph is undirected, without loops: the edges of node i are those from offsets[i] up to offsets[i+1], each edge kept at both its ends.
type graph struct {
	offsets []int
	targets []int32
	weights []float64
}

func (g *graph) nodes() int { return len(g.offsets) - 1 }

// edges returns the neighbours of a node and the weights of the edges to them.
func (g *graph) edges(node int) ([]int32, []float64) {
	return g.targets[g.offsets[node]:g.offsets[node+1]], g.weights[g.offsets[node]:g.offsets[node+1]]
}

// mutualGraph joins the points that are among each other's k neighbours, [n, k]. An edge weighs as much as the Jaccard index of the
// points' neighbourhoods says, the point itself counted in: their common points over all their points.
func mutualGraph(ctx context.Context, neighbours []int32, k int) (*graph, error) {
	n := len(neighbours) / k
	sorted := slices.Clone(neighbours)
	of := func(i int) []int32 { return sorted[i*k : (i+1)*k] }
	chunks := chunkCount(n, 1)
	err := forChunks(ctx, n, chunks, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			slices.Sort(of(i))
		}
	})
	if err != nil {
		return nil, err
	}
	parts := make([]graph, chunks)
	err = forChunks(ctx, n, chunks, func(chunk, lo, hi int) {
		p := &parts[chunk]
		for i := lo; i < hi; i++ {
			for _, j := range of(i) {
				if _, mutual := slices.BinarySearch(of(int(j)), int32(i)); !mutual {
					continue
				}
				common := 2 + countCommon(of(i), of(int(j))) // i and j are in both
				p.targets = append(p.targets, j)
				p.weights = append(p.weights, float64(common)/float64(2*(k+1)-common))
			}
			p.offsets = append(p.offsets, len(p.targets))
		}
	})
	if err != nil {
		return nil, err
	}
	g := &graph{offsets: []int{0}}
	for _, p := range parts {
		before := len(g.targets)
		for _, end := range p.offsets {
			g.offsets = append(g.offsets, before+end)
		}
		g.targets = append(g.targets, p.targets...)
		g.weights = append(g.weights, p.weights...)
	}
	return g, nil
}

// plus is the graph of the edges of both, whose targets are in order, with the sums of their weights.
func (g *graph) plus(h *graph) *graph {
	both := &graph{offsets: []int{0}}
	for node := range g.nodes() {
		a, u := g.edges(node)
		b, v := h.edges(node)
		for len(a) > 0 || len(b) > 0 {
			var target int32
			var weight float64
			first, second := len(a) > 0, len(b) > 0
			if first && second {
				first, second = a[0] <= b[0], b[0] <= a[0]
			}
			if first {
				target, weight = a[0], u[0]
				a, u = a[1:], u[1:]
			}
			if second {
				target, weight = b[0], weight+v[0]
				b, v = b[1:], v[1:]
			}
			both.targets, both.weights = append(both.targets, target), append(both.weights, weight)
		}
		both.offsets = append(both.offsets, len(both.targets))
	}
	return both
}

// countCommon counts the values in both of two sorted lists.
func countCommon(a, b []int32) (common int) {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			a = a[1:]
		case a[0] > b[0]:
			b = b[1:]
		default:
			common++
			a, b = a[1:], b[1:]
		}
	}
	return common
}

// large returns the nodes, in order, of the connected parts of g with at least size nodes, or of the largest where none has.
func (g *graph) large(size int) []int32 {
	part := make([]int, g.nodes())
	for i := range part {
		part[i] = -1
	}
	var sizes []int
	for start := range part {
		if part[start] >= 0 {
			continue
		}
		part[start] = len(sizes)
		queue := []int32{int32(start)}
		for at := 0; at < len(queue); at++ {
			targets, _ := g.edges(int(queue[at]))
			for _, j := range targets {
				if part[j] < 0 {
					part[j] = len(sizes)
					queue = append(queue, j)
				}
			}
		}
		sizes = append(sizes, len(queue))
	}
	size = min(size, slices.Max(sizes))
	var nodes []int32
	for i, p := range part {
		if sizes[p] >= size {
			nodes = append(nodes, int32(i))
		}
	}
	return nodes
}

// within is the part of g between some of its nodes, which it numbers from 0 in the order given.
func (g *graph) within(nodes []int32) *graph {
	number := make([]int32, g.nodes())
	for i := range number {
		number[i] = -1
	}
	for i, node := range nodes {
		number[node] = int32(i)
	}
	part := &graph{offsets: []int{0}}
	for _, node := range nodes {
		targets, weights := g.edges(int(node))
		for e, j := range targets {
			if number[j] >= 0 {
				part.targets = append(part.targets, number[j])
				part.weights = append(part.weights, weights[e])
			}
		}
		part.offsets = append(part.offsets, len(part.targets))
	}
	return part
}

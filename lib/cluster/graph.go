package cluster

import (
	"context"
	"slices"

	"fashionlatent/lib/points"
)

// graph is an undirected graph without loops. The edges of node i are those from offsets[i] up to offsets[i+1]. Each
// edge is stored at both of its ends.
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

// mutualGraph joins points that are among each other's nearest neighbours. The weight of an edge is the Jaccard index
// of the two points' neighbourhoods, each including the point itself: the number of common points divided by the number
// of points in either.
func mutualGraph(ctx context.Context, near *points.Neighbours) (*graph, error) {
	k := near.K
	n := len(near.Indices) / k
	sorted := slices.Clone(near.Indices)
	of := func(i int) []int32 { return sorted[i*k : (i+1)*k] }
	chunks := chunkCount(n, 1)
	err := points.Split(ctx, n, chunks, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			slices.Sort(of(i))
		}
	})
	if err != nil {
		return nil, err
	}
	parts := make([]graph, chunks)
	err = points.Split(ctx, n, chunks, func(chunk, lo, hi int) {
		p := &parts[chunk]
		for i := lo; i < hi; i++ {
			for _, j := range of(i) {
				if _, mutual := slices.BinarySearch(of(int(j)), int32(i)); !mutual {
					continue
				}
				common := 2 + countCommon(of(i), of(int(j))) // i and j are in both neighbourhoods
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

// plus is the graph with the edges of both graphs and the sums of their weights. In both, the targets of each node must
// be sorted.
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

// countCommon counts the values that are in both of two sorted lists.
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

// large returns the nodes, in order, of the connected parts of g with at least size nodes. If no part has that many, it
// returns those of the largest parts.
func (g *graph) large(size int) []int {
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
	var nodes []int
	for i, p := range part {
		if sizes[p] >= size {
			nodes = append(nodes, i)
		}
	}
	return nodes
}

// within is the part of g between the given nodes, which are numbered from 0 in the given order.
func (g *graph) within(nodes []int) *graph {
	number := make([]int32, g.nodes())
	for i := range number {
		number[i] = -1
	}
	for i, node := range nodes {
		number[node] = int32(i)
	}
	part := &graph{offsets: []int{0}}
	for _, node := range nodes {
		targets, weights := g.edges(node)
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

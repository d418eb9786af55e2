package cluster

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"fashionlatent/lib/points"
)

// weighted is a graph in which a node may stand for several nodes. A node's degree then includes the edges inside it.
type weighted struct {
	*graph
	degree []float64 // sum of the weights of the edge ends of each node, including those of edges inside it
	total  float64   // sum over all nodes
}

func newWeighted(g *graph) *weighted {
	w := &weighted{graph: g, degree: make([]float64, g.nodes())}
	for i := range w.degree {
		_, weights := g.edges(i)
		w.degree[i] = points.Sum(weights)
	}
	w.total = points.Sum(w.degree)
	return w
}

// modularity is the share of edge weight inside communities, minus resolution times its expectation for random edges
// with the same degrees.
func (g *graph) modularity(labels []int, resolution float64) float64 {
	k := 0
	for _, l := range labels {
		k = max(k, l+1)
	}
	within, degree := make([]float64, k), make([]float64, k)
	for i, l := range labels {
		targets, weights := g.edges(i)
		for e, j := range targets {
			degree[l] += weights[e]
			if labels[j] == l {
				within[l] += weights[e]
			}
		}
	}
	var q float64
	total := points.Sum(degree)
	for c, d := range degree {
		q += within[c]/total - resolution*(d/total)*(d/total)
	}
	return q
}

// divide searches for the k communities of largest modularity at resolution 1. resolution is that of the first, finer
// partition.
func (g *graph) divide(ctx context.Context, k int, resolution float64, rng *rand.Rand) ([]int, error) {
	w := newWeighted(g)
	var fine []int
	count := 0
	for ; count < k; resolution *= 2 { // a finer one if there are too few communities
		var err error
		if fine, count, err = w.louvain(ctx, resolution, rng); err != nil {
			return nil, err
		}
		if count < k && math.IsInf(resolution, 1) {
			return nil, fmt.Errorf("cluster: the graph does not divide into %d communities; want a smaller K", k)
		}
	}
	coarse, err := w.merge(fine, count).table().divide(ctx, k, rng)
	if err != nil {
		return nil, err
	}
	for i, c := range fine {
		fine[i] = coarse[c]
	}
	_, err = w.move(ctx, fine, k, 1, false, rng)
	return fine, err
}

// louvain moves nodes, then communities of nodes, then communities of these, until the modularity does not rise any
// more. It returns the communities, numbered from 0, and their number.
func (w *weighted) louvain(ctx context.Context, resolution float64, rng *rand.Rand) ([]int, int, error) {
	labels := make([]int, w.nodes())
	for i := range labels {
		labels[i] = i
	}
	level, count := w, w.nodes()
	for {
		own := make([]int, level.nodes())
		for i := range own {
			own[i] = i
		}
		moved, err := level.move(ctx, own, level.nodes(), resolution, true, rng)
		if err != nil {
			return nil, 0, err
		}
		if !moved {
			return labels, count, nil
		}
		count = renumber(own)
		for i, l := range labels {
			labels[i] = own[l]
		}
		level = level.merge(own, count)
	}
}

// renumber numbers the labels from 0 in the order of their first appearance, and returns how many there are.
func renumber(labels []int) int {
	number := make(map[int]int)
	for i, l := range labels {
		to, seen := number[l]
		if !seen {
			to = len(number)
			number[l] = to
		}
		labels[i] = to
	}
	return len(number)
}

// move takes nodes in random order and moves each to the community among its neighbours' that raises modularity most,
// until no move raises it. When a node moves, its neighbours in other communities get another turn. move says whether
// any node moved. Unless vacate is set, a community keeps its last node.
func (w *weighted) move(ctx context.Context, labels []int, k int, resolution float64, vacate bool, rng *rand.Rand) (bool, error) {
	const least = 1e-12 // smallest gain, as a share of all edge ends; a smaller one may be rounding and lead to endless moves
	degree, size := make([]float64, k), make([]int, k)
	for i, l := range labels {
		degree[l] += w.degree[i]
		size[l]++
	}
	queue := rng.Perm(w.nodes())
	waiting := make([]bool, w.nodes())
	for i := range waiting {
		waiting[i] = true
	}
	link := make([]float64, k) // weight of the edges from the current node to each community
	var touched []int
	any := false
	for turn := 0; len(queue) > 0; turn++ {
		if turn%1024 == 0 {
			if ctx.Err() != nil {
				return false, ctx.Err()
			}
			points.ClearUpper()
		}
		node := queue[0]
		queue = queue[1:]
		waiting[node] = false
		own := labels[node]
		if !vacate && size[own] == 1 {
			continue
		}
		targets, weights := w.edges(node)
		touched = append(touched[:0], own)
		for e, j := range targets {
			l := labels[j]
			if link[l] == 0 && l != own {
				touched = append(touched, l)
			}
			link[l] += weights[e]
		}
		d := w.degree[node]
		degree[own] -= d
		best, most := own, link[own]-resolution*d*degree[own]/w.total+least*w.total
		for _, l := range touched[1:] {
			if gain := link[l] - resolution*d*degree[l]/w.total; gain > most {
				best, most = l, gain
			}
		}
		for _, l := range touched {
			link[l] = 0
		}
		degree[best] += d
		if best == own {
			continue
		}
		any = true
		labels[node] = best
		size[own]--
		size[best]++
		for _, j := range targets {
			if labels[j] != best && !waiting[j] {
				waiting[j] = true
				queue = append(queue, int(j))
			}
		}
	}
	return any, nil
}

// merge returns the graph with one node for each of count communities.
func (w *weighted) merge(labels []int, count int) *weighted {
	members := make([][]int32, count)
	for i, l := range labels {
		members[l] = append(members[l], int32(i))
	}
	merged := &weighted{graph: &graph{offsets: []int{0}}, degree: make([]float64, count), total: w.total}
	link := make([]float64, count)
	for c, nodes := range members {
		var touched []int
		for _, i := range nodes {
			merged.degree[c] += w.degree[i]
			targets, weights := w.edges(int(i))
			for e, j := range targets {
				l := labels[j]
				if l == c {
					continue
				}
				if link[l] == 0 {
					touched = append(touched, l)
				}
				link[l] += weights[e]
			}
		}
		for _, l := range touched {
			merged.targets = append(merged.targets, int32(l))
			merged.weights = append(merged.weights, link[l])
			link[l] = 0
		}
		merged.offsets = append(merged.offsets, len(merged.targets))
	}
	return merged
}

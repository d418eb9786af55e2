package cluster

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"fashionlatent/lib/points"
)

// CommunitiesConfig says how to find communities. Zero fields stand for the defaults.
type CommunitiesConfig struct {
	K          int     // number of communities; default 10
	Neighbours int     // nearest neighbours of each point in the graph; default 50
	Resolution float64 // resolution of the first, finer partition; default 8. The cost grows with the third power of the number of its parts
	Restarts   int     // runs with different orders of the points, of which the partition of largest modularity is kept; default 3
	Votes      int     // nearest neighbours that vote for a point outside the large parts of the graph; default 15
	Seed       uint64

	Weights []float64 // of the graphs of several views in their sum, and of the votes; nil: 1 each
}

// Partition is a partition of points into K communities.
type Partition struct {
	K          int
	Labels     []int   // [n]
	Modularity float64 // of the partition of the whole graph, at resolution 1; partitions of the same points into different K can be compared
	Inside     int     // number of points in the graph's large parts

	graph *graph // of all points
}

// Communities partitions x, [n, dim], into K communities. It builds the graph that joins points which are among each
// other's nearest neighbours, with Jaccard weights (Levine et al. 2015). It keeps the connected parts with at least a
// tenth of n/K points, or the largest parts if none has so many. In these it searches for the K communities of largest
// modularity (Newman and Girvan 2004): Louvain's method (Blondel et al. 2008) at a fine resolution, then greedy merges
// to K communities, simulated annealing, and moves of single points. Each other point joins the most frequent community
// among its nearest neighbours in these parts.
func Communities(ctx context.Context, x []float32, dim int, cfg CommunitiesConfig) (*Partition, error) {
	return CommunitiesOfViews(ctx, []View{{X: x, Dim: dim}}, cfg)
}

// View is a representation of points: X, [n, Dim].
type View = points.Matrix

// CommunitiesOfViews does the same on the sum of the graphs of several representations of the same points. The weight
// of an edge is the sum of its weights in all views, and the neighbours' votes are counted over all views. With Weights
// in the configuration, each view counts that much.
func CommunitiesOfViews(ctx context.Context, views []View, cfg CommunitiesConfig) (*Partition, error) {
	if err := checkOptions(option{"K", float64(cfg.K)}, option{"Neighbours", float64(cfg.Neighbours)}, option{"Resolution", cfg.Resolution},
		option{"Restarts", float64(cfg.Restarts)}, option{"Votes", float64(cfg.Votes)}); err != nil {
		return nil, err
	}
	if len(views) == 0 {
		return nil, errors.New("cluster: no views of the points; want one or more")
	}
	weights := cfg.Weights
	if weights == nil {
		weights = slices.Repeat([]float64{1}, len(views))
	}
	if len(weights) != len(views) {
		return nil, fmt.Errorf("cluster: %d weights for %d views; want one each", len(weights), len(views))
	}
	for i, v := range views {
		if !(weights[i] > 0) || math.IsInf(weights[i], 1) {
			return nil, fmt.Errorf("cluster: weight %v of view %d; want a finite number above 0", weights[i], i+1)
		}
		if err := v.Check(); err != nil {
			return nil, err
		}
		if v.N() != views[0].N() {
			return nil, fmt.Errorf("cluster: view %d has %d points and the first %d; want as many", i+1, v.N(), views[0].N())
		}
	}
	neighbours := or(cfg.Neighbours, 50)
	var whole *graph
	for i, v := range views {
		near, err := points.NearestOthersSingle(ctx, v, neighbours)
		if err != nil {
			return nil, err
		}
		g, err := mutualGraph(ctx, near)
		if err != nil {
			return nil, err
		}
		for e := range g.weights {
			g.weights[e] *= weights[i]
		}
		if whole == nil {
			whole = g
			continue
		}
		whole = whole.plus(g)
	}
	k := or(cfg.K, 10)
	if whole.nodes() < k {
		return nil, fmt.Errorf("cluster: %d points for %d communities; want at least as many points", whole.nodes(), k)
	}
	inside := whole.large(whole.nodes() / (10 * k))
	if len(inside) < k {
		return nil, fmt.Errorf("cluster: the large parts of the graph have %d points for %d communities; want a smaller K, or more Neighbours than %d", len(inside), k, neighbours)
	}
	g := whole.within(inside)
	p := &Partition{K: k, Labels: make([]int, whole.nodes()), Inside: len(inside), graph: whole}
	for i := range p.Labels {
		p.Labels[i] = -1
	}
	best := math.Inf(-1) // modularity of the large parts
	for restart := range or(cfg.Restarts, 3) {
		labels, err := g.divide(ctx, k, or(cfg.Resolution, 8), rand.New(rand.NewPCG(cfg.Seed, uint64(restart))))
		if err != nil {
			return nil, err
		}
		if q := g.modularity(labels, 1); q > best {
			best = q
			for i, node := range inside {
				p.Labels[node] = labels[i]
			}
		}
	}
	if err := p.vote(ctx, views, weights, inside, min(or(cfg.Votes, 15), len(inside))); err != nil {
		return nil, err
	}
	p.Modularity = whole.modularity(p.Labels, 1)
	return p, nil
}

// vote assigns each point that is not inside to the most frequent community among its nearest neighbours inside.
// Between equally frequent communities, the one of the nearest neighbour in the first view wins if it is among them,
// and otherwise the one with the smallest number.
func (p *Partition) vote(ctx context.Context, views []View, weights []float64, inside []int, votes int) error {
	var outside []int
	for i, l := range p.Labels {
		if l < 0 {
			outside = append(outside, i)
		}
	}
	if len(outside) == 0 {
		return nil
	}
	counts := make([][]float64, len(outside)) // votes for each community
	nearest := make([]int, len(outside))      // community of the nearest neighbour in the first view
	for v, view := range views {
		of := func(some []int) View { return View{X: points.Rows(view.X, view.Dim, some), Dim: view.Dim} }
		voters, err := points.Nearest(ctx, of(outside), of(inside), votes)
		if err != nil {
			return err
		}
		for i := range outside {
			labels := make([]int, votes)
			for t, voter := range voters.Of(i) {
				labels[t] = p.Labels[inside[voter]]
			}
			if v == 0 {
				counts[i], nearest[i] = make([]float64, p.K), labels[0]
			}
			for _, l := range labels {
				counts[i][l] += weights[v]
			}
		}
	}
	for i, node := range outside {
		best := nearest[i]
		for c, n := range counts[i] {
			if n > counts[i][best] {
				best = c
			}
		}
		p.Labels[node] = best
	}
	return nil
}

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
	Resolution float64 // resolution of the first, finer partition; default 8
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
		if !(weights[i] > 0) || math.IsInf(weights[i], 1) {
			return nil, fmt.Errorf("cluster: weight %v of view %d; want more than 0", weights[i], i+1)
		}
		for e := range g.weights {
			g.weights[e] *= weights[i]
		}
		if whole == nil {
			whole = g
			continue
		}
		if g.nodes() != whole.nodes() {
			return nil, fmt.Errorf("cluster: view %d has %d points and the first %d; want as many", i+1, g.nodes(), whole.nodes())
		}
		whole = whole.plus(g)
	}
	k := or(cfg.K, 10)
	inside := whole.large(whole.nodes() / (10 * k))
	if len(inside) < k {
		return nil, fmt.Errorf("cluster: the large parts of the graph have %d points for %d communities; want more Neighbours than %d", len(inside), k, neighbours)
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

// table holds the gain in modularity, at resolution 1, from joining each pair of communities, [n][n].
type table [][]float64

func (w *weighted) table() table {
	t := make(table, w.nodes())
	for a := range t {
		t[a] = make([]float64, w.nodes())
		for b := range t[a] {
			t[a][b] = -2 * w.degree[a] / w.total * w.degree[b] / w.total
		}
		targets, weights := w.edges(a)
		for e, b := range targets {
			t[a][b] += 2 * weights[e] / w.total
		}
	}
	return t
}

// divide returns the group of each community in the best division into k groups. It makes several attempts of simulated
// annealing, all from the result of greedy merges.
func (t table) divide(ctx context.Context, k int, rng *rand.Rand) ([]int, error) {
	const attempts = 10
	start := t.join(k)
	groups, gains, seeds := make([][]int, attempts), make([]float64, attempts), make([]uint64, attempts)
	for i := range seeds {
		seeds[i] = rng.Uint64()
	}
	err := points.Split(ctx, attempts, attempts, func(i, _, _ int) {
		groups[i] = append([]int(nil), start...)
		gains[i] = t.anneal(groups[i], k, rand.New(rand.NewPCG(seeds[i], 0)))
	})
	best := 0
	for i, gain := range gains {
		if gain > gains[best] {
			best = i
		}
	}
	return groups[best], err
}

// join repeatedly joins the two groups with the largest gain until k groups are left, and returns the group of each
// community.
func (t table) join(k int) []int {
	group, gain := make([]int, len(t)), make(table, len(t))
	alive := make([]int, len(t))
	for a := range t {
		group[a], alive[a], gain[a] = a, a, append([]float64(nil), t[a]...)
	}
	for len(alive) > k {
		into, from := 0, 1 // places in alive
		for i, a := range alive {
			for j := i + 1; j < len(alive); j++ {
				if gain[a][alive[j]] > gain[alive[into]][alive[from]] {
					into, from = i, j
				}
			}
		}
		a, b := alive[into], alive[from]
		alive = append(alive[:from], alive[from+1:]...)
		for _, c := range alive {
			gain[a][c] += gain[b][c]
			gain[c][a] = gain[a][c]
		}
		for i, g := range group {
			if g == b {
				group[i] = a
			}
		}
	}
	renumber(group)
	return group
}

// anneal improves the division of the communities into k groups by simulated annealing (Kirkpatrick et al. 1983). In
// each step a random community moves to a random group. Steps that raise modularity are always taken, and others with a
// probability that falls during the process. The result is the best division seen. It returns the gain in modularity.
func (t table) anneal(group []int, k int, rng *rand.Rand) float64 {
	const (
		sweeps  = 10000
		hottest = 2e-3 // modularity
		coldest = 2e-5
	)
	n := len(t)
	if n <= k || k == 1 {
		return 0
	}
	affinity, size := make(table, n), make([]int, k) // affinity of each community to each group, [n][k]
	for a := range t {
		affinity[a] = make([]float64, k)
		size[group[a]]++
		for b, g := range group {
			if b != a {
				affinity[a][g] += t[a][b]
			}
		}
	}
	best := append([]int(nil), group...)
	cooling := math.Log(coldest/hottest) / float64(sweeps*n)
	var gained, most float64
	for step := range sweeps * n {
		if step%1024 == 0 {
			points.ClearUpper()
		}
		a, to := rng.IntN(n), rng.IntN(k)
		from := group[a]
		if to == from || size[from] == 1 {
			continue
		}
		gain := affinity[a][to] - affinity[a][from]
		if gain < 0 {
			temperature := hottest * math.Exp(cooling*float64(step))
			if rng.Float64() >= math.Exp(gain/temperature) {
				continue
			}
		}
		group[a] = to
		size[from]--
		size[to]++
		for b := range t {
			if b != a {
				affinity[b][from] -= t[b][a]
				affinity[b][to] += t[b][a]
			}
		}
		if gained += gain; gained > most {
			most = gained
			copy(best, group)
		}
	}
	copy(group, best)
	return most
}

package cluster

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"fashionlatent/lib/points"
)

// CommunitiesConfig says how to find communities. Zero fields take the default.
type CommunitiesConfig struct {
	K          int     // communities; 10
	Neighbours int     // of each point, in the graph; 50
	Resolution float64 // of the first, finer partition; 8
	Restarts   int     // from different orders of the points, of which the partition of largest modularity is kept; 3
	Votes      int     // neighbours that decide for a point outside the graph's large parts; 15
	Seed       uint64
}

// Partition is a division of points into K communities.
type Partition struct {
	K          int
	Labels     []int   // [n]
	Modularity float64 // of the large parts of the graph, at resolution 1
	Inside     int     // points in those parts

	graph *graph // of all points
}

// Communities divides x, [n, dim], into K communities of the graph that joins points which are among each other's nearest neighbours,
// with Jaccard weights (Levine et al. 2015). Of the graph's connected parts it takes those with at least a tenth of n/K points, and looks
// there for the K communities of largest modularity (Newman and Girvan 2004): Louvain's method (Blondel et al. 2008) at a fine resolution,
// its communities merged to K by greedy merges and simulated annealing, then moves of single points. The other points go with
// most of their nearest neighbours in those parts.
func Communities(ctx context.Context, x []float32, dim int, cfg CommunitiesConfig) (*Partition, error) {
	return CommunitiesOfViews(ctx, []View{{X: x, Dim: dim}}, cfg)
}

// View is a representation of points: X, [n, Dim].
type View = points.Matrix

// CommunitiesOfViews does what Communities does in the sum of the graphs of several representations of the same points, so that an
// edge counts for as much as all of them say. The votes of neighbours are counted over all views.
func CommunitiesOfViews(ctx context.Context, views []View, cfg CommunitiesConfig) (*Partition, error) {
	if err := checkOptions(option{"K", float64(cfg.K)}, option{"Neighbours", float64(cfg.Neighbours)}, option{"Resolution", cfg.Resolution},
		option{"Restarts", float64(cfg.Restarts)}, option{"Votes", float64(cfg.Votes)}); err != nil {
		return nil, err
	}
	if len(views) == 0 {
		return nil, errors.New("cluster: no views of the points; want one or more")
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
	p := &Partition{K: k, Labels: make([]int, whole.nodes()), Modularity: math.Inf(-1), Inside: len(inside), graph: whole}
	for i := range p.Labels {
		p.Labels[i] = -1
	}
	for restart := range or(cfg.Restarts, 3) {
		labels, err := g.divide(ctx, k, or(cfg.Resolution, 8), rand.New(rand.NewPCG(cfg.Seed, uint64(restart))))
		if err != nil {
			return nil, err
		}
		if q := g.modularity(labels, 1); q > p.Modularity {
			p.Modularity = q
			for i, node := range inside {
				p.Labels[node] = labels[i]
			}
		}
	}
	return p, p.vote(ctx, views, inside, min(or(cfg.Votes, 15), len(inside)))
}

// vote gives each point that is not inside to the community of most of its nearest neighbours inside; between equals the nearest of
// the first view decides.
func (p *Partition) vote(ctx context.Context, views []View, inside []int, votes int) error {
	var outside []int
	for i, l := range p.Labels {
		if l < 0 {
			outside = append(outside, i)
		}
	}
	if len(outside) == 0 {
		return nil
	}
	counts := make([][]int, len(outside)) // of each community
	nearest := make([]int, len(outside))  // its community
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
				counts[i], nearest[i] = make([]int, p.K), labels[0]
			}
			for _, l := range labels {
				counts[i][l]++
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

// weighted is a graph whose nodes may stand for many: each has the weight of all edge ends in it, some of which are of edges inside it.
type weighted struct {
	*graph
	degree []float64 // edge ends of each node, those of edges inside it included
	total  float64   // edge ends of all nodes
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

// modularity is the share of edges inside communities, less resolution times what chance would put there given the nodes' degrees.
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

// divide looks for the k communities of largest modularity at resolution 1.
func (g *graph) divide(ctx context.Context, k int, resolution float64, rng *rand.Rand) ([]int, error) {
	w := newWeighted(g)
	var fine []int
	count := 0
	for ; count < k; resolution *= 2 { // a finer one where there are too few
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

// louvain moves nodes, then communities of nodes, then communities of these, until the modularity gains no more.
// It returns the communities, numbered from 0, and their number.
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

// renumber numbers the labels from 0 in the order in which they first come, and returns how many there are.
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

// move takes nodes in random order to the community among their neighbours', of k, that gains modularity most, until none gains;
// a node whose neighbour moved has another turn. It says whether any moved. Unless vacate is set, a community keeps its last node.
func (w *weighted) move(ctx context.Context, labels []int, k int, resolution float64, vacate bool, rng *rand.Rand) (bool, error) {
	const least = 1e-12 // of the edge ends, for a gain: less may be rounding, and go round in circles
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
	link := make([]float64, k) // edges from the node at hand to each community
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

// merge makes one node of each of count communities.
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

// table holds what joining two communities would add to the modularity at resolution 1, [n][n].
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

// divide returns each community's group in the best division into k groups that annealing finds in several attempts from greedy merges.
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

// join joins the two groups that gain most, again and again until k are left, and returns the group of each community.
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

// anneal improves the division of the communities into k groups by simulated annealing (Kirkpatrick et al. 1983): a random community goes
// to a random group, always where that gains modularity and ever more seldom where it loses. It ends in the best division it saw,
// and returns how much more modularity that has.
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
	affinity, size := make(table, n), make([]int, k) // of each community to each group, [n][k]
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
	var gained, most float64
	for step := range sweeps * n {
		if step%1024 == 0 {
			points.ClearUpper()
		}
		temperature := hottest * math.Pow(coldest/hottest, float64(step)/float64(sweeps*n))
		a, to := rng.IntN(n), rng.IntN(k)
		from := group[a]
		if to == from || size[from] == 1 {
			continue
		}
		gain := affinity[a][to] - affinity[a][from]
		if gain < 0 && rng.Float64() >= math.Exp(gain/temperature) {
			continue
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

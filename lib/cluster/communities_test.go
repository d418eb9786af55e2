package cluster

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	gonum "gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/community"
	"gonum.org/v1/gonum/graph/simple"
)

func ExampleCommunities() {
	x := []float32{0, 1, 2, 10, 11, 12} // six points on a line, in two groups with a gap between them
	p, err := Communities(context.Background(), x, 1, CommunitiesConfig{K: 2, Neighbours: 3})
	if err != nil {
		panic(err)
	}
	fmt.Println(p.Labels[0] == p.Labels[2], p.Labels[3] == p.Labels[5], p.Labels[0] == p.Labels[5])
	// Output: true true false
}

// plantedGraph has k groups of size nodes, with many edges of weight 1 or 2 within a group and few between groups.
func plantedGraph(k, size int, within, between float64, seed uint64) (*graph, []int) {
	rng := rand.New(rand.NewPCG(seed, 0))
	n := k * size
	weight, labels := make([]float64, n*n), make([]int, n)
	for i := range n {
		labels[i] = i % k
		for j := range i {
			p := between
			if i%k == j%k {
				p = within
			}
			if rng.Float64() < p {
				w := float64(1 + rng.IntN(2))
				weight[i*n+j], weight[j*n+i] = w, w
			}
		}
	}
	return graphOf(n, func(i, j int) float64 { return weight[i*n+j] }), labels
}

// graphOf has the edges between n nodes whose weight is not 0.
func graphOf(n int, weight func(i, j int) float64) *graph {
	g := &graph{offsets: []int{0}}
	for i := range n {
		for j := range n {
			if w := weight(i, j); w > 0 {
				g.targets, g.weights = append(g.targets, int32(j)), append(g.weights, w)
			}
		}
		g.offsets = append(g.offsets, len(g.targets))
	}
	return g
}

// ofGonum is the graph and the communities in gonum's form.
func ofGonum(g *graph, labels []int) (*simple.WeightedUndirectedGraph, [][]gonum.Node) {
	to := simple.NewWeightedUndirectedGraph(0, 0)
	groups := make([][]gonum.Node, slices.Max(labels)+1)
	for i, l := range labels {
		to.AddNode(simple.Node(i))
		groups[l] = append(groups[l], simple.Node(i))
	}
	for i := range labels {
		targets, weights := g.edges(i)
		for e, j := range targets {
			if int(j) > i {
				to.SetWeightedEdge(to.NewWeightedEdge(simple.Node(i), simple.Node(j), weights[e]))
			}
		}
	}
	return to, groups
}

func TestModularity(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for _, resolution := range []float64{0.5, 1, 8} {
		g, labels := plantedGraph(4, 20, 0.4, 0.05, 1)
		for range 3 {
			h, groups := ofGonum(g, labels)
			checkClose(t, "modularity", []float64{g.modularity(labels, resolution)}, []float64{community.Q(h, groups, resolution)}, 1e-12)
			for i := range labels {
				labels[i] = rng.IntN(4)
			}
		}
	}
}

func TestDivideFindsPlanted(t *testing.T) {
	for seed := range uint64(3) {
		g, want := plantedGraph(6, 40, 0.5, 0.03, seed)
		got, err := g.divide(t.Context(), 6, 8, rand.New(rand.NewPCG(seed, 1)))
		if err != nil {
			t.Fatal(err)
		}
		renumber(got) // the first nodes are of different groups, in order
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
}

// If their number is free, the communities are about as good as gonum's.
func TestLouvain(t *testing.T) {
	g, labels := plantedGraph(8, 15, 0.3, 0.08, 2)
	h, _ := ofGonum(g, labels)
	want := community.Q(h, community.Modularize(h, 1, rand.NewPCG(1, 1)).Communities(), 1)
	best := 0.0
	for seed := range uint64(5) {
		got, count, err := newWeighted(g).louvain(t.Context(), 1, rand.New(rand.NewPCG(seed, 0)))
		if err != nil {
			t.Fatal(err)
		}
		if slices.Max(got)+1 != count {
			t.Errorf("labels up to %d of %d communities", slices.Max(got), count)
		}
		best = max(best, g.modularity(got, 1))
	}
	if best < want-0.01 {
		t.Errorf("modularity %v, gonum's %v", best, want)
	}
}

// The gain of a move according to the table of pairs equals the change in modularity.
func TestTable(t *testing.T) {
	g, labels := plantedGraph(5, 6, 0.6, 0.2, 1)
	table := newWeighted(g).table()
	apart := make([]int, len(labels))
	for i := range apart {
		apart[i] = i
	}
	before := g.modularity(apart, 1)
	for _, pair := range [][2]int{{0, 5}, {3, 4}, {7, 29}} {
		joined := slices.Clone(apart)
		joined[pair[1]] = pair[0]
		checkClose(t, "gain", []float64{g.modularity(joined, 1) - before}, []float64{table[pair[0]][pair[1]]}, 1e-12)
	}
	groups, err := table.join(t.Context(), 5)
	if err != nil {
		t.Fatal(err)
	}
	at := g.modularity(groups, 1)
	gain := table.anneal(t.Context(), groups, 5, rand.New(rand.NewPCG(1, 1)))
	q := g.modularity(groups, 1)
	checkClose(t, "gain of annealing", []float64{gain}, []float64{q - at}, 1e-9)
	if gain < 0 || slices.Max(groups) != 4 {
		t.Errorf("annealing went from modularity %v to %v, in groups up to %d", at, q, slices.Max(groups))
	}
}

func TestCommunitiesFindPlanted(t *testing.T) {
	x, classes := planted(1200, 4, 3, 4, 2)
	x, classes = append(x, 1e3, 1e3, 1e3), append(classes, classes[0]) // one point that is near no other
	var got []*Partition
	onCores(t, func() {
		p, err := Communities(t.Context(), x, 3, CommunitiesConfig{K: 4, Neighbours: 40})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, p)
	})
	if d := cmp.Diff(got[0], got[1], cmp.AllowUnexported(Partition{}, graph{})); d != "" {
		t.Error("other bits on more cores", d)
	}
	p := got[0]
	if acc, err := Accuracy(classes, p.Labels); err != nil || acc < 0.97 {
		t.Errorf("accuracy %v, %v", acc, err)
	}
	if p.Inside >= len(classes) || !(p.Modularity > 0.5 && p.Modularity < 1) {
		t.Errorf("%d points inside, modularity %v", p.Inside, p.Modularity)
	}
	// A group of 20 points counts, whether it is large enough to be divided or not.
	few, _ := planted(20, 1, 3, 4, 3)
	for i := range few {
		few[i] += 1e3
	}
	for _, k := range []int{4, 7} {
		p, err := Communities(t.Context(), append(slices.Clone(x), few...), 3, CommunitiesConfig{K: k, Neighbours: 15})
		if err != nil {
			t.Fatal(err)
		}
		if want := p.graph.modularity(p.Labels, 1); p.Modularity != want || (k == 4) != (p.Inside < 1200) {
			t.Errorf("%d communities of %d points inside: modularity %v, want that of all points, %v", k, p.Inside, p.Modularity, want)
		}
	}
}

// Each view hides the difference between two classes, each view of other classes. Together they show all four.
func TestCommunitiesOfViews(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	views := []View{{Dim: 10}, {Dim: 12}, {Dim: 10}}                // within one place, the neighbours in these views are almost random
	places := [][]float64{{0, 1, 2, 2}, {0, 0, 1, 2}, {0, 1, 0, 2}} // place of each class in each view
	var classes []uint8
	for i := range 600 {
		class := i % 4
		classes = append(classes, uint8(class))
		for v := range views {
			for j := range views[v].Dim {
				x := rng.NormFloat64()
				if j == 0 {
					x += 20 * places[v][class]
				}
				views[v].X = append(views[v].X, float32(x))
			}
		}
	}
	cfg := CommunitiesConfig{K: 4, Neighbours: 40, Resolution: 2, Restarts: 1}
	for i, c := range []struct {
		views       []View
		least, most float64
	}{{views[:1], .5, .9}, {views[1:2], .5, .9}, {views, .99, 1}} {
		p, err := CommunitiesOfViews(t.Context(), c.views, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if acc, err := Accuracy(classes, p.Labels); err != nil || acc < c.least || acc > c.most {
			t.Errorf("case %d: accuracy %v (%v), want %v to %v", i, acc, err, c.least, c.most)
		}
	}
	// A view with the weight 2 counts as much as the same view twice.
	twice, err := CommunitiesOfViews(t.Context(), []View{views[0], views[0], views[1], views[2]}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	weighted := cfg
	weighted.Weights = []float64{2, 1, 1}
	p, err := CommunitiesOfViews(t.Context(), views, weighted)
	if err != nil || !slices.Equal(p.Labels, twice.Labels) || math.Abs(p.Modularity-twice.Modularity) > 1e-12 {
		t.Errorf("weight 2: modularity %v, %v; twice: %v", p.Modularity, err, twice.Modularity)
	}
	weighted.Weights = []float64{1, 1}
	_, err = CommunitiesOfViews(t.Context(), views, weighted)
	checkError(t, err, "2 weights for 3 views")
	weighted.Weights = []float64{1, 0, 1}
	_, err = CommunitiesOfViews(t.Context(), views, weighted)
	checkError(t, err, "weight 0 of view 2")
	_, err = CommunitiesOfViews(t.Context(), nil, cfg)
	checkError(t, err, "no views")
	_, err = CommunitiesOfViews(t.Context(), []View{views[0], {X: views[1].X[:1200], Dim: 12}}, cfg)
	checkError(t, err, "view 2 has 100 points and the first 600")
}

func TestGraphPlus(t *testing.T) {
	g := &graph{offsets: []int{0, 2, 3, 4, 4}, targets: []int32{1, 2, 0, 0}, weights: []float64{.5, .25, .5, .25}}
	h := &graph{offsets: []int{0, 1, 1, 2, 3}, targets: []int32{2, 0, 1}, weights: []float64{1, 1, 2}}
	got := g.plus(h)
	want := &graph{offsets: []int{0, 2, 3, 4, 5}, targets: []int32{1, 2, 0, 0, 1}, weights: []float64{.5, 1.25, .5, 1.25, 2}}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(graph{})); d != "" {
		t.Error(d)
	}
}

func TestCommunitiesTooFew(t *testing.T) {
	g := &graph{offsets: []int{0, 1, 2, 2}, targets: []int32{1, 0}, weights: []float64{1, 1}} // an edge and a single node
	if d := cmp.Diff([]int{0, 1}, g.large(2)) + cmp.Diff([]int{0, 1, 2}, g.large(1)) + cmp.Diff([]int{0, 1}, g.large(9)); d != "" {
		t.Error(d)
	}
	_, err := Communities(t.Context(), []float32{0, 1, 4}, 1, CommunitiesConfig{K: 4, Neighbours: 1})
	checkError(t, err, "3 points for 4 communities")
}

// Modularity with a fixed number of communities prefers communities of equal size. It splits a large class and joins
// two small ones, although there is no edge between them. A mixture keeps them separate.
func TestUnequalClasses(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var x []float32
	var classes []uint8
	for c, size := range []int{800, 400, 200, 200} {
		for range size {
			for j := range 3 {
				at := 0.0
				if j == c {
					at = 12
				}
				x = append(x, float32(at+rng.NormFloat64()))
			}
			classes = append(classes, uint8(c))
		}
	}
	p, err := Communities(t.Context(), x, 3, CommunitiesConfig{K: 4, Neighbours: 40})
	if err != nil {
		t.Fatal(err)
	}
	counts, err := Confusion(classes, p.Labels)
	if err != nil {
		t.Fatal(err)
	}
	var most []int // the community that has most of each class
	for _, of := range counts {
		most = append(most, slices.Index(of, slices.Max(of)))
	}
	if most[0] == most[1] || most[1] == most[2] || most[0] == most[2] || most[2] != most[3] {
		t.Errorf("most of each class is in the communities %v; want the last two classes in one, and the others apart", most)
	}
	// If no edge joins different classes, the modularity of the true partition is one minus the sum of the squared
	// shares of the classes.
	if truth := 1 - 0.5*0.5 - 0.25*0.25 - 2*0.125*0.125; p.Modularity < truth {
		t.Errorf("modularity %v, less than the true division's %v", p.Modularity, truth)
	}

	m, err := SearchMixture(t.Context(), x, 3, SearchConfig{MixtureConfig: MixtureConfig{K: 4}})
	if err != nil {
		t.Fatal(err)
	}
	labels, err := m.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	if acc, err := Accuracy(classes, labels); err != nil || acc < 0.99 {
		t.Errorf("the mixture's accuracy is %v, %v", acc, err)
	}
}

package cluster

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// cross has two long groups of points that cross each other, and a third one away from them.
func cross(n int, seed uint64) (x []float32, classes []uint8) {
	rng := rand.New(rand.NewPCG(seed, 0))
	for i := range n {
		class := i % 3
		long, short := 4*rng.NormFloat64(), .8*rng.NormFloat64()
		switch class {
		case 0:
			x = append(x, float32(long), float32(short))
		case 1:
			x = append(x, float32(short+1), float32(long+1))
		default:
			x = append(x, float32(100+short), float32(long/4))
		}
		classes = append(classes, uint8(class))
	}
	return x, classes
}

func communitiesOf(t *testing.T, x []float32, dim int, cfg CommunitiesConfig) *Partition {
	t.Helper()
	p, err := Communities(t.Context(), x, dim, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Where two groups cross, each community takes one arm of each. The shape of the groups separates them.
func TestRefine(t *testing.T) {
	x, classes := cross(1500, 2)
	p := communitiesOf(t, x, 2, CommunitiesConfig{K: 3, Neighbours: 60})
	before, err := Accuracy(classes, p.Labels)
	if err != nil || before > 0.9 {
		t.Fatalf("accuracy %v before (%v): nothing to refine", before, err)
	}
	labels := slices.Clone(p.Labels)
	var got []*Partition
	onCores(t, func() {
		r, err := p.Refine(t.Context(), []View{{X: x, Dim: 2}}, RefineConfig{Linked: 0.03})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	})
	if d := cmp.Diff(got[0].Labels, got[1].Labels); d != "" {
		t.Error("other labels on more cores", d)
	}
	if d := cmp.Diff(labels, p.Labels); d != "" {
		t.Error("the partition refined has changed", d)
	}
	after, err := Accuracy(classes, got[0].Labels)
	if err != nil || after < 0.91 {
		t.Errorf("accuracy %v, %v before (%v)", after, before, err)
	}
	if got[0].Modularity >= p.Modularity || got[0].K != 3 || got[0].Inside != p.Inside {
		t.Errorf("modularity %v, %v before; %d communities; %d points inside, %d before", got[0].Modularity, p.Modularity, got[0].K, got[0].Inside, p.Inside)
	}
	// The second of two views shows nothing, so that half of each point's membership follows the first view.
	noise := make([]float32, len(classes))
	rng := rand.New(rand.NewPCG(5, 5))
	for i := range noise {
		noise[i] = float32(rng.NormFloat64())
	}
	both, err := p.Refine(t.Context(), []View{{X: x, Dim: 2}, {X: noise, Dim: 1}}, RefineConfig{Linked: 0.03})
	if err != nil {
		t.Fatal(err)
	}
	if acc, err := Accuracy(classes, both.Labels); err != nil || acc < 0.9 {
		t.Errorf("accuracy %v with a view of noise (%v)", acc, err)
	}
	// If no communities are linked, only the last step remains.
	alone, err := p.Refine(t.Context(), []View{{X: x, Dim: 2}}, RefineConfig{Linked: 1e6})
	if err != nil {
		t.Fatal(err)
	}
	if acc, err := Accuracy(classes, alone.Labels); err != nil || math.Abs(acc-before) > 0.01 {
		t.Errorf("accuracy %v, %v before (%v)", acc, before, err)
	}
}

func TestFamilies(t *testing.T) {
	// Four communities of two points each, with an edge of weight 10 inside each, and a chain of edges between three of
	// them.
	weight := map[[2]int]float64{{0, 1}: 10, {2, 3}: 10, {4, 5}: 10, {6, 7}: 10, {1, 2}: 1, {3, 4}: 2}
	g := graphOf(8, func(i, j int) float64 { return weight[[2]int{min(i, j), max(i, j)}] })
	p := &Partition{K: 4, Labels: []int{2, 2, 0, 0, 1, 1, 3, 3}, graph: g}
	// The degrees are 21, 23, 22 and 20 of 86 edge ends. With random edges, 21*23/86 = 5.6 and 23*22/86 = 5.9 are
	// expected on the two borders.
	for linked, want := range map[float64][][]int{0.1: {{0, 1, 2}, {3}}, 0.17: {{0, 1, 2}, {3}}, 0.19: {{0, 1}, {2}, {3}}, 0.33: {{0, 1}, {2}, {3}}, 0.35: {{0}, {1}, {2}, {3}}} {
		if d := cmp.Diff(want, p.families(linked)); d != "" {
			t.Errorf("linked %v: %s", linked, d)
		}
	}
}

func TestFollow(t *testing.T) {
	// A path of three nodes, and a single node.
	g := &graph{offsets: []int{0, 1, 3, 4, 4}, targets: []int32{1, 0, 2, 1}, weights: []float64{1, 1, 3, 3}}
	belongs := []float64{
		1, 0,
		.2, .8,
		.6, .4,
		.1, .9,
	}
	if d := cmp.Diff([]int{1, 0, 1, 1}, g.follow(belongs, 2)); d != "" {
		t.Error(d)
	}
}

func TestRefineRefuses(t *testing.T) {
	x, _ := planted(300, 3, 2, 6, 1)
	p := communitiesOf(t, x, 2, CommunitiesConfig{K: 3, Neighbours: 60})
	for _, c := range []struct {
		p     *Partition
		views []View
		cfg   RefineConfig
		want  string
	}{
		{&Partition{K: 3, Labels: make([]int, 300)}, []View{{X: x, Dim: 2}}, RefineConfig{}, "without its graph"},
		{p, nil, RefineConfig{}, "no views"},
		{p, []View{{X: x, Dim: 2}, {X: x[:10], Dim: 2}}, RefineConfig{}, "view 2 has 5 points and the partition 300"},
		{p, []View{{X: x, Dim: 7}}, RefineConfig{}, "not a whole number"},
		{p, []View{{X: x, Dim: 2}}, RefineConfig{Linked: math.Inf(1)}, "Linked is +Inf"},
		{p, []View{{X: x, Dim: 2}}, RefineConfig{Tolerance: math.NaN()}, "Tolerance is NaN"},
	} {
		if _, err := c.p.Refine(t.Context(), c.views, c.cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v; want one with %q", err, c.want)
		}
	}
}

func ExamplePartition_Refine() {
	x, classes := cross(1500, 2) // two long groups that cross, and one away from them
	views := []View{{X: x, Dim: 2}}
	p, err := CommunitiesOfViews(context.Background(), views, CommunitiesConfig{K: 3, Neighbours: 60})
	if err != nil {
		panic(err)
	}
	refined, err := p.Refine(context.Background(), views, RefineConfig{Linked: 0.03})
	if err != nil {
		panic(err)
	}
	before, _ := Accuracy(classes, p.Labels)
	after, _ := Accuracy(classes, refined.Labels)
	fmt.Println(before < 0.9, after > 0.9)
	// Output: true true
}

package cluster

import (
	"testing"

	"fashionlatent/lib/points"

	"github.com/google/go-cmp/cmp"
)

func TestGraphReference(t *testing.T) {
	r := readReference(t)
	k := r.Graph.Neighbours
	near, err := points.NearestOthersSingle(t.Context(), View{X: r.X, Dim: r.Dim}, k)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range r.Graph.Nearest {
		if d := cmp.Diff(want, near.Of(i)); d != "" {
			t.Errorf("neighbours of point %d (-want +got) %s", i, d)
		}
	}
	g, err := mutualGraph(t.Context(), near)
	if err != nil {
		t.Fatal(err)
	}
	var edges [][2]int32
	var weights []float64
	for i := range g.nodes() {
		targets, w := g.edges(i)
		for e, j := range targets {
			if int(j) > i {
				edges, weights = append(edges, [2]int32{int32(i), j}), append(weights, w[e])
			}
		}
	}
	if d := cmp.Diff(r.Graph.Edges, edges); d != "" {
		t.Error("edges (-want +got)", d)
	}
	checkClose(t, "weights", weights, r.Graph.Weights, 1e-12)
	if got := len(g.large(g.nodes())); got != r.Graph.Giant {
		t.Errorf("%d nodes in the largest part, want %d", got, r.Graph.Giant)
	}
	for _, m := range r.Graph.Modularities {
		checkClose(t, "modularity", []float64{g.modularity(m.Labels, m.Resolution)}, []float64{m.Modularity}, 1e-12)
	}
}

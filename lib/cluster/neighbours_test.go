package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func ExampleNeighbours() {
	near, err := Neighbours(context.Background(), []float32{0, 1, 3, 7}, 1, 2) // four points on a line
	if err != nil {
		panic(err)
	}
	fmt.Println(near)
	// Output: [1 2 0 2 1 0 2 1]
}

// Sorting all distances gives the same.
func TestNeighbours(t *testing.T) {
	for _, c := range []struct{ n, dim, k int }{{2, 1, 1}, {9, 3, 8}, {1500, 2, 7}, {1100, 17, 50}} {
		x, _ := planted(c.n, 3, c.dim, 1, 4)
		for i := range x[:len(x)/4] {
			x[i] = float32(int(x[i])) // ties
		}
		got, err := Neighbours(t.Context(), x, c.dim, c.k)
		if err != nil {
			t.Fatal(err)
		}
		for i := range c.n {
			all := make([]neighbour, 0, c.n)
			for j := range c.n {
				if j != i {
					var d float32
					for a := range c.dim {
						v := x[i*c.dim+a] - x[j*c.dim+a]
						d += float32(v * v)
					}
					all = append(all, neighbour{d, int32(j)})
				}
			}
			slices.SortFunc(all, func(a, b neighbour) int {
				if a.farther(b) {
					return 1
				}
				return -1
			})
			for j, v := range all[:c.k] {
				if got[i*c.k+j] != v.point {
					t.Fatalf("%v: neighbour %d of point %d is %d, want %d", c, j, i, got[i*c.k+j], v.point)
				}
			}
		}
	}
}

func TestGraphReference(t *testing.T) {
	r := readReference(t)
	k := r.Graph.Neighbours
	near, err := Neighbours(t.Context(), r.X, r.Dim, k)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range r.Graph.Nearest {
		if d := cmp.Diff(want, near[i*k:(i+1)*k]); d != "" {
			t.Errorf("neighbours of point %d (-want +got) %s", i, d)
		}
	}
	g, err := mutualGraph(t.Context(), near, k)
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

func TestNeighboursCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	x, _ := planted(1000, 2, 2, 1, 1)
	if _, err := Neighbours(ctx, x, 2, 5); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func BenchmarkNeighbours70000x16(b *testing.B) {
	x, _ := planted(70000, 10, 16, 1, 1)
	for b.Loop() {
		if _, err := Neighbours(b.Context(), x, 16, 50); err != nil {
			b.Fatal(err)
		}
	}
}

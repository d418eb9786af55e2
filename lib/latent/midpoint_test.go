package latent

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func ExampleMidpoints() {
	ctx := context.Background()
	data := []float32{0, 1, 2, 10, 11, 12} // two groups, images of one pixel
	m, err := NewManifold(ctx, data, 1, 1)
	if err != nil {
		panic(err)
	}
	same := func(_ context.Context, codes []float32) ([]float32, error) { return codes, nil }
	// Half way from 0 to 2 there are data. Half way from 0 to 12 there are none.
	share, err := Midpoints(ctx, same, m, []float32{0, 0}, []float32{2, 12}, 1)
	if err != nil {
		panic(err)
	}
	fmt.Println(share)
	// Output: 0.5
}

func TestManifoldReference(t *testing.T) {
	m := readMeasures(t)
	train, test := split(m, m.X, m.Features)
	manifold, err := NewManifold(t.Context(), train, m.Features, 3)
	if err != nil {
		t.Fatal(err)
	}
	inside, err := manifold.Contains(t.Context(), test)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(m.Inside, inside); d != "" {
		t.Error(d)
	}
	// The data themselves are in the manifold.
	if inside, err = manifold.Contains(t.Context(), train); err != nil {
		t.Fatal(err)
	}
	for i, in := range inside {
		if !in {
			t.Errorf("row %d of the data is outside", i)
		}
	}
}

// Data lie on a circle. Midway between two points that are far apart on it lies none, and between near ones some.
func TestMidpointsOnCircle(t *testing.T) {
	var circle []float32
	for i := range 200 {
		s, c := math.Sincos(2 * math.Pi * float64(i) / 200)
		circle = append(circle, float32(c), float32(s))
	}
	m, err := NewManifold(t.Context(), circle, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	for apart, want := range map[int]float64{2: 1, 67: 0} {
		to := slices.Concat(circle[2*apart:], circle[:2*apart])
		if got, err := Midpoints(t.Context(), itself, m, circle, to, 2); err != nil || got != want {
			t.Errorf("%d points apart: %v, %v; want %v", apart, got, err, want)
		}
	}
}

func TestMidpointErrors(t *testing.T) {
	x, ctx := []float32{1, 2, 3, 5}, t.Context()
	m, err := NewManifold(ctx, x, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	checkError(t, second(NewManifold(ctx, x, 1, 4)), "4 neighbours among 3 points")
	checkError(t, second(m.Contains(ctx, nil)), "no points")
	checkError(t, second(Midpoints(ctx, itself, m, x, x, 2)), "decoded images of 2 values, data of 1")
	checkError(t, second(Midpoints(ctx, itself, m, x, x[:2], 1)), "paths from 4 values to 2")
}

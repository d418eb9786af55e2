package latent

import (
	"context"
	"fmt"
	"math"
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
	share, err := Midpoints(ctx, same, m, []float32{0, 0}, []float32{2, 12}, 1, Linear)
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

// For data on a circle, straight lines leave the manifold and arcs do not.
func TestMidpointsOnCircle(t *testing.T) {
	var circle, from, to []float32
	for i := range 200 {
		at := func(i int) (x, y float32) {
			s, c := math.Sincos(2 * math.Pi * float64(i) / 200)
			return float32(c), float32(s)
		}
		x, y := at(i)
		circle = append(circle, x, y)
		from = append(from, x, y)
		x, y = at(i + 67)
		to = append(to, x, y)
	}
	m, err := NewManifold(t.Context(), circle, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		along Interpolation
		want  float64
	}{{"linear", Linear, 0}, {"spherical", Spherical, 1}} {
		got, err := Midpoints(t.Context(), itself, m, from, to, 2, c.along)
		if err != nil || got != c.want {
			t.Errorf("%s: %v, %v; want %v", c.name, got, err, c.want)
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
	checkError(t, second(Midpoints(ctx, itself, m, x, x, 2, Linear)), "decoded images of 2 values, data of 1")
	checkError(t, second(Midpoints(ctx, itself, m, x, x[:2], 1, Linear)), "paths from 4 values to 2")
}

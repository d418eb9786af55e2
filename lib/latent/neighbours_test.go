package latent

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

func ExampleNeighbours() {
	points := []float32{0, 10, 20, 30}
	h, err := Neighbours(context.Background(), []float32{12, 1}, points, 1, 2)
	if err != nil {
		panic(err)
	}
	fmt.Println(h.Indices, h.Distances)
	// Output: [1 2 0 1] [2 8 1 9]
}

func TestNeighboursReference(t *testing.T) {
	m := readMeasures(t)
	train, test := split(m, m.X, m.Features)
	h, err := Neighbours(t.Context(), test, train, m.Features, 5)
	if err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(m.Indices, h.Indices); d != "" {
		t.Error(d)
	}
	checkClose(t, "distances", h.Distances, m.Distances, 1e-12)
	h, err = NeighboursWithin(t.Context(), train, m.Features, 5)
	if err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(m.WithinIndices, h.Indices); d != "" {
		t.Error("within", d)
	}
	checkClose(t, "distances within", h.Distances, m.WithinDistances, 1e-12)
}

// Exact also where float32 products say nothing: far from the origin, among copies, with numbers large and small.
func TestNeighboursAreExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for _, c := range []struct {
		name          string
		n, m, dim     int
		offset, scale float64
		distinct      int // values that a feature takes; 0 for any
	}{
		{"plain", 70, 500, 9, 0, 1, 0},
		{"far away", 70, 500, 3, 1e6, 1, 0},
		{"copies", 50, 400, 2, 0, 1, 3},
		{"all the same", 3, 300, 2, 5, 0, 0},
		{"tiny", 20, 300, 4, 0, 1e-30, 0},
		{"huge", 20, 300, 4, 0, 1e18, 0},
		{"wide", 10, 200, 300, 1, 1, 0},
	} {
		draw := func(n int) []float32 {
			x := make([]float32, n*c.dim)
			for i := range x {
				v := rng.NormFloat64()
				if c.distinct > 0 {
					v = float64(rng.IntN(c.distinct))
				}
				x[i] = float32(c.offset + c.scale*v)
			}
			return x
		}
		x, points := draw(c.n), draw(c.m)
		const k = 7
		h, err := Neighbours(t.Context(), x, points, c.dim, k)
		if err != nil {
			t.Fatal(c.name, err)
		}
		within, err := NeighboursWithin(t.Context(), points, c.dim, k)
		if err != nil {
			t.Fatal(c.name, err)
		}
		if got, want := h.Indices, plain(x, points, c.dim, k, false); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", c.name, got, want)
		}
		if got, want := within.Indices, plain(points, points, c.dim, k, true); !slices.Equal(got, want) {
			t.Errorf("%s, within: %v, want %v", c.name, got, want)
		}
	}
}

// plain are the neighbours by sorting all distances.
func plain(x, points []float32, dim, k int, others bool) (indices []int) {
	for i := range len(x) / dim {
		order := make([]int, len(points)/dim)
		distances := make([]float64, len(order))
		for j := range order {
			order[j] = j
			distances[j] = squaredDistance(x[i*dim:(i+1)*dim], points[j*dim:])
			if others && i == j {
				distances[j] = math.Inf(1)
			}
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(distances[a], distances[b]) })
		indices = append(indices, order[:k]...)
	}
	return indices
}

func TestNeighboursSameBits(t *testing.T) {
	x := normal(700*20, 1)
	sameBits(t, func() (*Neighbourhood, error) { return NeighboursWithin(t.Context(), x, 20, 6) })
}

func TestNeighboursErrors(t *testing.T) {
	ctx := t.Context()
	x := []float32{1, 2, 3, 4}
	for _, c := range []struct {
		err  error
		want string
	}{
		{second(Neighbours(ctx, x, x, 2, 0)), "0 neighbours among 2 rows; want 1 to 2"},
		{second(Neighbours(ctx, x, x, 2, 3)), "3 neighbours among 2"},
		{second(Neighbours(ctx, x, x, 3, 1)), "4 values are not a whole number of rows of 3"},
		{second(Neighbours(ctx, x, nil, 2, 1)), "no rows"},
		{second(Neighbours(ctx, x, []float32{1, float32(math.NaN())}, 2, 1)), "feature 1 of row 0 is NaN"},
		{second(Neighbours(ctx, x, []float32{0, 0, 1, 1e30}, 2, 1)), "row 1 is of length 1e+30"},
		{second(NeighboursWithin(ctx, x, 2, 2)), "among 1 others; want 1 to 1"},
		{second(NeighboursWithin(ctx, x[:2], 2, 1)), "among 0 others"},
	} {
		checkError(t, c.err, c.want)
	}
}

// The size of the data set's test images against its training images takes six times as long.
func BenchmarkNeighbours(b *testing.B) {
	for _, dim := range []int{16, 784} {
		b.Run(fmt.Sprintf("10000x10000x%d", dim), func(b *testing.B) {
			x := normal(10000*dim, 1)
			for b.Loop() {
				if _, err := Neighbours(b.Context(), x, x, dim, 5); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

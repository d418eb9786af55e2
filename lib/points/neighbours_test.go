package points

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

func ExampleNearest() {
	points := Matrix{X: []float32{0, 10, 20, 30}, Dim: 1}
	h, err := Nearest(context.Background(), Matrix{X: []float32{12, 1}, Dim: 1}, points, 2)
	if err != nil {
		panic(err)
	}
	fmt.Println(h.Indices, h.Distances)
	// Output: [1 2 0 1] [2 8 1 9]
}

// Neighbours are exact even if float32 products cannot decide: far from the origin, among copies, and with large and
// small numbers together.
func TestNearestIsExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for _, c := range []struct {
		name          string
		n, m, dim     int
		offset, scale float64
		distinct      int // number of different values of a feature; 0: any
	}{
		{"plain", 70, 500, 9, 0, 1, 0},
		{"far away", 70, 500, 3, 1e6, 1, 0},
		{"copies", 50, 400, 2, 0, 1, 3},
		{"all the same", 3, 300, 2, 5, 0, 0},
		{"tiny", 20, 300, 4, 0, 1e-30, 0},
		{"huge", 20, 300, 4, 0, 1e18, 0},
		{"wide", 10, 200, 300, 1, 1, 0},
	} {
		draw := func(n int) Matrix {
			x := make([]float32, n*c.dim)
			for i := range x {
				v := rng.NormFloat64()
				if c.distinct > 0 {
					v = float64(rng.IntN(c.distinct))
				}
				x[i] = float32(c.offset + c.scale*v)
			}
			return Matrix{x, c.dim}
		}
		x, points := draw(c.n), draw(c.m)
		const k = 7
		h, err := Nearest(t.Context(), x, points, k)
		if err != nil {
			t.Fatal(c.name, err)
		}
		within, err := NearestOthers(t.Context(), points, k)
		if err != nil {
			t.Fatal(c.name, err)
		}
		if got, want := h.Indices, plain(x, points, k, false); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", c.name, got, want)
		}
		if got, want := within.Indices, plain(points, points, k, true); !slices.Equal(got, want) {
			t.Errorf("%s, within: %v, want %v", c.name, got, want)
		}
	}
}

// plain returns the neighbours by sorting all distances.
func plain(x, points Matrix, k int, others bool) (indices []int32) {
	for i := range x.N() {
		order := make([]int32, points.N())
		distances := make([]float64, len(order))
		for j := range order {
			order[j] = int32(j)
			distances[j] = SquaredDistance(x.Row(i), points.Row(j))
			if others && i == j {
				distances[j] = math.Inf(1)
			}
		}
		slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(distances[a], distances[b]) })
		indices = append(indices, order[:k]...)
	}
	return indices
}

// Sorting all distances in float32 gives the same result.
func TestNearestSingle(t *testing.T) {
	for _, c := range []struct{ n, dim, k int }{{2, 1, 1}, {9, 3, 8}, {1500, 2, 7}, {1100, 17, 50}} {
		x := Matrix{normal(c.n*c.dim, 4), c.dim}
		for i := range x.X[:len(x.X)/4] {
			x.X[i] = float32(int(3 * x.X[i])) // ties
		}
		h, err := NearestOthersSingle(t.Context(), x, c.k)
		if err != nil {
			t.Fatal(err)
		}
		for i := range c.n {
			order, distances := make([]int32, c.n), make([]float32, c.n)
			for j := range order {
				order[j] = int32(j)
				for a, v := range x.Row(j) {
					d := x.Row(i)[a] - v
					distances[j] += float32(d * d)
				}
			}
			order = slices.Delete(order, i, i+1)
			slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(distances[a], distances[b]) })
			if got := h.Of(i); !slices.Equal(got, order[:c.k]) {
				t.Fatalf("%v: neighbours of point %d are %d, want %d", c, i, got, order[:c.k])
			}
		}
	}
}

// The pairs that Near visits are those that are near, and the bounds of their distances are true.
func TestNear(t *testing.T) {
	for _, scale := range []float64{1, 1e-24, 1e15} {
		x, among := Matrix{normal(90*5, 1), 5}, Matrix{normal(333*5, 2), 5}
		copy(among.Row(7), x.Row(3))
		for _, values := range [][]float32{x.X, among.X} {
			for i := range values {
				values[i] = float32(scale * float64(values[i]))
			}
		}
		within := make([]float64, x.N())
		for i := range within {
			within[i] = SquaredDistance(x.Row(i), among.Row(i)) // that pair is then exactly at the bound
		}
		within[3] = 0
		seen := make([][]int, x.N())
		err := Near(t.Context(), x, among, within, func(i, j int, low, high float64) {
			if d := SquaredDistance(x.Row(i), among.Row(j)); !(low <= d && d <= high) {
				t.Errorf("scale %v: points %d and %d are %v apart, not %v to %v", scale, i, j, d, low, high)
			}
			seen[i] = append(seen[i], j)
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range seen {
			if !slices.IsSorted(s) {
				t.Errorf("scale %v: point %d was compared with %d, not in order", scale, i, s)
			}
			for j := range among.N() {
				if d := SquaredDistance(x.Row(i), among.Row(j)); d <= within[i] && !slices.Contains(s, j) {
					t.Errorf("scale %v: points %d and %d, %v apart, were left out", scale, i, j, d)
				} else if d > within[i]*1.001+1e-43 && slices.Contains(s, j) {
					t.Errorf("scale %v: points %d and %d, %v apart, were visited for %v", scale, i, j, d, within[i])
				}
			}
		}
	}
}

func TestSameBits(t *testing.T) {
	x := Matrix{normal(700*20, 1), 20}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one, err := NearestOthers(t.Context(), x, 6)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GOMAXPROCS(4)
	four, err := NearestOthers(t.Context(), x, 6)
	if err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(one, four); d != "" {
		t.Error("on one core and on four", d)
	}
}

func TestNearestErrors(t *testing.T) {
	ctx := t.Context()
	x := []float32{1, 2, 3, 4}
	nearest := func(x, among []float32, dim, k int) error {
		_, err := Nearest(ctx, Matrix{x, dim}, Matrix{among, dim}, k)
		return err
	}
	others := func(x []float32, dim, k int) error {
		_, err := NearestOthers(ctx, Matrix{x, dim}, k)
		return err
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{nearest(x, x, 2, 0), "0 neighbours among 2 points; want 1 to 2"},
		{nearest(x, x, 2, 3), "3 neighbours among 2"},
		{nearest(x, x, 3, 1), "4 values are not a whole number of points of dimension 3"},
		{nearest(x, nil, 2, 1), "no points"},
		{nearest(x, []float32{1, float32(math.NaN())}, 2, 1), "value 1 of point 0 is NaN"},
		{nearest(x, []float32{0, 0, 1, 1e30}, 2, 1), "point 1 is of length 1e+30"},
		{others(x, 2, 2), "2 neighbours among 1 points; want 1 to 1"},
		{others(x[:2], 2, 1), "a point has no other"},
		{Near(ctx, Matrix{x, 2}, Matrix{x, 1}, []float64{1, 1}, nil), "dimension 2 and dimension 1"},
		{Near(ctx, Matrix{x, 2}, Matrix{x, 2}, []float64{1}, nil), "1 distances for 2 points"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", c.err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := NearestOthers(ctx, Matrix{normal(1000, 1), 2}, 5); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// The neighbours of 10,000 rows among 10,000. Among the 60,000 training images of the data set it takes six times as long.
func BenchmarkNearest(b *testing.B) {
	for _, dim := range []int{16, 256, 784} {
		b.Run(fmt.Sprintf("10000x10000x%d", dim), func(b *testing.B) {
			x := Matrix{normal(10000*dim, 1), dim}
			for b.Loop() {
				if _, err := Nearest(b.Context(), x, x, 5); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The number of points of the data set, in groups, and the number of neighbours in the graph of communities.
func BenchmarkNearestOthers(b *testing.B) {
	const n, dim = 70000, 16
	x, means := Matrix{normal(n*dim, 1), dim}, normal(10*dim, 2)
	for i := range n {
		for j := range dim {
			x.Row(i)[j] += means[i%10*dim+j]
		}
	}
	for name, nearest := range map[string]func(context.Context, Matrix, int) (*Neighbours, error){"exact": NearestOthers, "single": NearestOthersSingle} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := nearest(b.Context(), x, 50); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package latent

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"fashionlatent/lib/points"
)

func ExampleTrustworthiness() {
	// Four points in a square, laid out along a line: 0 and 3 are neighbours in the square but not on the line.
	square, line := []float32{0, 0, 0, 1, 1.1, 1, 1.1, 0.2}, []float32{0, 1, 2, 3}
	for _, measure := range []func(context.Context, []float32, int, []float32, int, int) (float64, error){Trustworthiness, Continuity} {
		v, err := measure(context.Background(), square, 2, line, 1, 1)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%.3f\n", v)
	}
	// Output:
	// 0.875
	// 0.875
}

func TestTrustworthinessReference(t *testing.T) {
	m := readMeasures(t)
	for _, want := range m.Ranks {
		trust, err := Trustworthiness(t.Context(), m.X, m.Features, m.Codes, m.Dim, want.K)
		if err != nil {
			t.Fatal(err)
		}
		continuity, err := Continuity(t.Context(), m.X, m.Features, m.Codes, m.Dim, want.K)
		if err != nil {
			t.Fatal(err)
		}
		checkClose(t, fmt.Sprint("k = ", want.K), []float64{trust, continuity}, []float64{want.Trustworthiness, want.Continuity}, 1e-12)
	}
}

func TestTrustworthinessPlanted(t *testing.T) {
	x := normal(2*300, 1)
	var mirrored, first []float32 // rotated and scaled; with one coordinate removed
	for i := 0; i < len(x); i += 2 {
		mirrored = append(mirrored, -3*x[i+1], 3*x[i])
		first = append(first, x[i])
	}
	for _, c := range []struct {
		name              string
		codes             []float32
		dim               int
		trust, continuity [2]float64 // from, to
	}{
		{"the same", x, 2, [2]float64{1, 1}, [2]float64{1, 1}},
		{"mirrored", mirrored, 2, [2]float64{1, 1}, [2]float64{1, 1}},
		{"one coordinate", first, 1, [2]float64{0.6, 0.9}, [2]float64{0.9, 1}}, // it folds the data together and tears little apart
		{"anything", normal(2*300, 2), 2, [2]float64{0.45, 0.55}, [2]float64{0.45, 0.55}},
		{"one place", make([]float32, 300), 1, [2]float64{0.4, 0.6}, [2]float64{0.4, 0.6}},
	} {
		trust, err := Trustworthiness(t.Context(), x, 2, c.codes, c.dim, 10)
		if err != nil {
			t.Fatal(err)
		}
		continuity, err := Continuity(t.Context(), x, 2, c.codes, c.dim, 10)
		if err != nil {
			t.Fatal(err)
		}
		if trust < c.trust[0] || trust > c.trust[1] || continuity < c.continuity[0] || continuity > c.continuity[1] {
			t.Errorf("%s: trustworthiness %v, continuity %v; want them in %v and %v", c.name, trust, continuity, c.trust, c.continuity)
		}
	}
}

// Ranks are exact even if float32 products cannot decide.
func TestRanks(t *testing.T) {
	for _, offset := range []float32{0, 1000, 1e6} {
		x := normal(3*250, 1)
		for i := range x {
			x[i] += offset
		}
		a := points.Matrix{X: x, Dim: 3}
		order, err := points.NearestOthers(t.Context(), a, 249)
		if err != nil {
			t.Fatal(err)
		}
		near := &points.Neighbours{K: 5}
		var want []int
		for i := range 250 {
			for _, rank := range []int{1, 2, 3, 100, 249} {
				near.Indices = append(near.Indices, order.Of(i)[rank-1])
				want = append(want, rank)
			}
		}
		got, err := ranks(t.Context(), a, near)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("offset %v: ranks %v..., want %v", offset, got[:10], want[:10])
		}
	}
}

func TestTrustworthinessSameBits(t *testing.T) {
	x, codes := normal(30*400, 1), normal(2*400, 2)
	sameBits(t, func() (float64, error) { return Trustworthiness(t.Context(), x, 30, codes, 2, 10) })
}

func TestTrustworthinessErrors(t *testing.T) {
	x, ctx := normal(20, 1), t.Context()
	checkError(t, second(Trustworthiness(ctx, x, 2, x, 1, 3)), "20 codes for 10 rows")
	checkError(t, second(Trustworthiness(ctx, x, 2, x, 2, 5)), "5 neighbours of 10 rows; want at least 1 and fewer than half")
	checkError(t, second(Trustworthiness(ctx, x, 2, x, 2, 0)), "0 neighbours")
	checkError(t, second(Trustworthiness(ctx, x, 3, x, 2, 1)), "points of dimension 3")
}

func BenchmarkTrustworthiness(b *testing.B) {
	x, codes := normal(784*5000, 1), normal(16*5000, 2)
	for b.Loop() {
		if _, err := Trustworthiness(b.Context(), x, 784, codes, 16, 10); err != nil {
			b.Fatal(err)
		}
	}
}

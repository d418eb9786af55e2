package latent

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"fashionlatent/lib/points"
)

func ExampleTSNE() {
	codes := make([]float32, 0, 60*5) // 60 codes of five dimensions: three groups
	for i := range 60 {
		for j := range 5 {
			codes = append(codes, float32(10*(i%3)*j+i%7))
		}
	}
	layout, err := TSNE(context.Background(), codes, 5, TSNEConfig{Perplexity: 10})
	if err != nil {
		panic(err)
	}
	groups := make([]int, 60)
	for i := range groups {
		groups[i] = i % 3
	}
	apart, err := Silhouette(context.Background(), layout, groups, 2)
	if err != nil {
		panic(err)
	}
	fmt.Println("groups apart:", apart > 0.5)
	// Output: groups apart: true
}

// The layout is as trustworthy as that of scikit-learn.
func TestTSNEReference(t *testing.T) {
	m := readMeasures(t)
	layout, err := TSNE(t.Context(), m.X, m.Features, TSNEConfig{Perplexity: 20})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Trustworthiness(t.Context(), m.X, m.Features, layout, 2, 5)
	if err != nil {
		t.Fatal(err)
	}
	checkClose(t, "trustworthiness", []float64{got}, []float64{m.TSNE}, 0.005)
}

// The gradient agrees with finite differences of the divergence.
func TestTSNEGradient(t *testing.T) {
	const n = 25
	p, err := affinities(t.Context(), normal(n*4, 1), 4, 5)
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float64, 2*n)
	for i, v := range normal(2*n, 2) {
		y[i] = float64(v)
	}
	divergence := func() (kl float64) {
		q := make([]float64, n*n)
		for i := range n {
			for j := range n {
				if i != j {
					du, dv := y[2*i]-y[2*j], y[2*i+1]-y[2*j+1]
					q[i*n+j] = 1 / (1 + du*du + dv*dv)
				}
			}
		}
		total := points.Sum(q)
		for i := range n {
			for at := p.start[i]; at < p.start[i+1]; at++ {
				kl += p.value[at] * math.Log(p.value[at]/(q[i*n+int(p.to[at])]/total))
			}
		}
		return kl
	}
	gradient, want := make([]float64, 2*n), make([]float64, 2*n)
	if err := gradientTSNE(t.Context(), gradient, p, y, 1, 0); err != nil {
		t.Fatal(err)
	}
	for i := range y {
		at := y[i]
		y[i] = at + 1e-5
		want[i] = divergence()
		y[i] = at - 1e-5
		want[i] = (want[i] - divergence()) / 2e-5
		y[i] = at
	}
	checkClose(t, "gradient", gradient, want, 1e-7)
}

// The affinities are symmetric, their sum is 1, and the diagonal is zero.
func TestAffinities(t *testing.T) {
	for _, c := range []struct {
		name string
		x    []float32
	}{
		{"plain", normal(2*40, 1)},
		{"far apart", []float32{0, 0, 1e9, 0, 0, 1e9, 1e9, 1e9}},
		{"copies", slices.Repeat([]float32{1, 2}, 20)},
	} {
		n := len(c.x) / 2
		p, err := affinities(t.Context(), c.x, 2, 3)
		if err != nil {
			t.Fatal(err)
		}
		var total float64
		value := map[[2]int]float64{}
		for i := range n {
			for at := p.start[i]; at < p.start[i+1]; at++ {
				total += p.value[at]
				value[[2]int{i, int(p.to[at])}] = p.value[at]
			}
		}
		for pair, v := range value {
			if back := value[[2]int{pair[1], pair[0]}]; math.Abs(back-v) > 1e-15 || pair[0] == pair[1] {
				t.Fatalf("%s: p of %d is %v, the other way round %v", c.name, pair, v, back)
			}
		}
		checkClose(t, c.name+": sum", []float64{total}, []float64{1}, 1e-6)
	}
}

// With a theta of 0 the tree gives the sums over all pairs, and with that of the layout nearly so.
func TestQuadtree(t *testing.T) {
	y := make([]float64, 2*500)
	for i, v := range normal(len(y), 3) {
		y[i] = float64(v) * 20
	}
	copy(y[40:], y[:20]) // some points lie on others
	tree := newQuadtree(y)
	for _, c := range []struct{ theta, within float64 }{{0, 1e-9}, {theta, .03}} {
		for i := range len(y) / 2 {
			u, v := y[2*i], y[2*i+1]
			want := []float64{-1, 0, 0}
			for j := range len(y) / 2 {
				du, dv := u-y[2*j], v-y[2*j+1]
				q := 1 / (1 + du*du + dv*dv)
				want[0], want[1], want[2] = want[0]+q, want[1]+q*q*du, want[2]+q*q*dv
			}
			total, pushU, pushV := tree.repulsion(u, v, c.theta)
			for k, got := range []float64{total, pushU, pushV} {
				if math.Abs(got-want[k]) > c.within*max(1, want[0]) {
					t.Fatalf("theta %v, point %d: %v, want %v", c.theta, i, []float64{total, pushU, pushV}, want)
				}
			}
		}
	}
}

func TestTSNEDegenerate(t *testing.T) {
	for name, x := range map[string][]float32{"one place": make([]float32, 40), "copies": slices.Repeat([]float32{1, 2}, 20)} {
		layout, err := TSNE(t.Context(), x, 1, TSNEConfig{Perplexity: 5, Iterations: 300})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := points.Count(layout, 2); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTSNESameBits(t *testing.T) {
	x := normal(4*200, 1)
	sameBits(t, func() ([]float32, error) { return TSNE(t.Context(), x, 4, TSNEConfig{Iterations: 300}) })
}

func TestDefaultPerplexity(t *testing.T) {
	for n, want := range map[int]float64{4: 1, 31: 10, 91: 30, 10000: 30} {
		if got := DefaultPerplexity(n); got != want {
			t.Errorf("%d rows: %v, want %v", n, got, want)
		}
	}
	x := normal(2*20, 1) // fewer rows than 30
	layout, err := TSNE(t.Context(), x, 2, TSNEConfig{})
	if err != nil || len(layout) != 2*20 {
		t.Errorf("%d numbers for 20 rows (%v)", len(layout), err)
	}
}

func TestTSNEErrors(t *testing.T) {
	x, ctx := normal(20, 1), t.Context()
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	for _, c := range []struct {
		err  error
		want string
	}{
		{second(TSNE(ctx, x, 2, TSNEConfig{Perplexity: 10})), "perplexity 10 for 10 rows"},
		{second(TSNE(ctx, x[:6], 2, TSNEConfig{})), "perplexity 0.6666666666666666 for 3 rows"},
		{second(TSNE(ctx, x, 2, TSNEConfig{Perplexity: 0.5})), "perplexity 0.5"},
		{second(TSNE(ctx, x, 2, TSNEConfig{Perplexity: 3, Iterations: -1})), "-1 iterations"},
		{second(TSNE(ctx, make([]float32, MaxTSNE+1), 1, TSNEConfig{})), "t-SNE of 20001 rows; want at most 20000"},
		{second(TSNE(ctx, x, 3, TSNEConfig{})), "points of dimension 3"},
		{second(TSNE(cancelled, x, 2, TSNEConfig{Perplexity: 3})), "canceled"},
	} {
		checkError(t, c.err, c.want)
	}
}

func BenchmarkTSNE(b *testing.B) {
	x := normal(16*2500, 1)
	for b.Loop() {
		if _, err := TSNE(b.Context(), x, 16, TSNEConfig{}); err != nil {
			b.Fatal(err)
		}
	}
}

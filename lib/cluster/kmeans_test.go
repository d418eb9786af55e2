package cluster

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func ExampleFitKMeans() {
	x := []float32{0, 1, 2, 10, 11, 12} // six points on a line
	m, err := FitKMeans(context.Background(), x, 1, KMeansConfig{K: 2})
	if err != nil {
		panic(err)
	}
	slices.Sort(m.Centres)
	fmt.Println(m.Centres, m.Inertia)
	// Output: [1 11] 4
}

// The same starts give the same centres in the same number of iterations.
func TestKMeansReference(t *testing.T) {
	r := readReference(t)
	for _, want := range r.KMeans {
		f, err := newKMeansFit(r.X, r.Dim, KMeansConfig{K: r.K})
		if err != nil {
			t.Fatal(err)
		}
		m, err := f.lloyd(t.Context(), slices.Clone(want.Init))
		if err != nil {
			t.Fatal(err)
		}
		checkClose(t, "inertia", []float64{m.Inertia}, []float64{want.Inertia}, 1e-12)
		checkClose(t, "centres", m.Centres, want.Centres, 1e-9)
		if d := cmp.Diff(want.Labels, m.Labels); d != "" {
			t.Error("labels (-want +got)", d)
		}
		if m.Iterations != want.Iterations {
			t.Errorf("%d iterations, want %d", m.Iterations, want.Iterations)
		}
	}
	m, err := FitKMeans(t.Context(), r.X, r.Dim, KMeansConfig{K: r.K, Restarts: 20})
	if err != nil {
		t.Fatal(err)
	}
	checkClose(t, "inertia of the best of 20", []float64{m.Inertia}, []float64{r.BestInertia}, 1e-3)
}

// lloydPlain is Lloyd's algorithm with all distances computed.
func lloydPlain(x []float32, dim, k int, centres []float64, tolerance float64) []float64 {
	n := len(x) / dim
	before := make([]int, n)
	for iteration := 0; ; iteration++ {
		sums, counts := make([]float64, k*dim), make([]float64, k)
		labels := make([]int, n)
		for i := range n {
			least := math.Inf(1)
			for c := range k {
				if d := squaredDistance(x[i*dim:(i+1)*dim], centres[c*dim:]); d < least {
					least, labels[i] = d, c
				}
			}
			counts[labels[i]]++
			for j := range dim {
				sums[labels[i]*dim+j] += float64(x[i*dim+j])
			}
		}
		if iteration > 0 && slices.Equal(before, labels) {
			return centres
		}
		before = labels
		next := make([]float64, k*dim)
		for i := range next {
			next[i] = sums[i] / counts[i/dim]
		}
		shift := squaredDistance(next, centres)
		centres = next
		if shift <= tolerance {
			return centres
		}
	}
}

// The bounds do not change the result.
func TestBounds(t *testing.T) {
	for _, c := range []struct{ n, k, dim int }{{2000, 10, 2}, {2000, 7, 5}, {1000, 2, 1}, {600, 1, 3}, {600, 33, 9}} {
		x, _ := planted(c.n, min(c.k, 8), c.dim, 1, 5)
		f, err := newKMeansFit(x, c.dim, KMeansConfig{K: c.k, Tolerance: 1e-12})
		if err != nil {
			t.Fatal(err)
		}
		start, err := f.start(t.Context(), rand.New(rand.NewPCG(1, 2)))
		if err != nil {
			t.Fatal(err)
		}
		want := lloydPlain(x, c.dim, c.k, slices.Clone(start), f.tolerance)
		m, err := f.lloyd(t.Context(), start)
		if err != nil {
			t.Fatal(err)
		}
		checkClose(t, fmt.Sprint(c), m.Centres, want, 1e-9)
	}
}

func TestKMeansFindsPlanted(t *testing.T) {
	x, classes := planted(3000, 6, 4, 10, 1)
	m, err := FitKMeans(t.Context(), x, 4, KMeansConfig{K: 6})
	if err != nil {
		t.Fatal(err)
	}
	if acc, err := Accuracy(classes, m.Labels); err != nil || acc < 0.999 {
		t.Errorf("accuracy %v, %v", acc, err)
	}
	labels, err := m.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(m.Labels, labels); d != "" {
		t.Error("Predict differs from Labels", d)
	}
}

func TestKMeansSameBitsOnAnyCores(t *testing.T) {
	x, _ := planted(5000, 10, 8, 1, 2)
	var got []*KMeans
	onCores(t, func() {
		m, err := FitKMeans(t.Context(), x, 8, KMeansConfig{Restarts: 3, Seed: 7})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, m)
	})
	if d := cmp.Diff(got[0], got[1]); d != "" {
		t.Error(d)
	}
}

func TestKMeansFewDistinctPoints(t *testing.T) {
	for _, c := range []struct {
		name     string
		x        []float32
		k        int
		distinct int
	}{
		{"one", slices.Repeat([]float32{3}, 500), 4, 1},
		{"two", slices.Repeat([]float32{3, 5}, 500), 4, 2},
		{"as many", slices.Repeat([]float32{1, 2, 3, 4}, 300), 4, 4},
		{"n is k", []float32{9, 7, 5, 1}, 4, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := FitKMeans(t.Context(), c.x, 1, KMeansConfig{K: c.k})
			if err != nil {
				t.Fatal(err)
			}
			used := map[int]bool{}
			for _, l := range m.Labels {
				used[l] = true
			}
			if m.Inertia != 0 || len(used) != c.distinct {
				t.Errorf("inertia %v in %d clusters, want 0 in %d", m.Inertia, len(used), c.distinct)
			}
			for _, v := range m.Centres {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Errorf("centres %v", m.Centres)
				}
			}
		})
	}
}

// Two starts in the same place leave a cluster empty. It must find the group that had no start nearby.
func TestKMeansEmptyCluster(t *testing.T) {
	x := []float32{0, 1, 10, 11, 100, 101}
	f, err := newKMeansFit(x, 1, KMeansConfig{K: 3})
	if err != nil {
		t.Fatal(err)
	}
	m, err := f.lloyd(t.Context(), []float64{0, 1000, 2000})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(m.Centres)
	if d := cmp.Diff([]float64{0.5, 10.5, 100.5}, m.Centres); d != "" {
		t.Error(d)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	x, _ := planted(1000, 2, 2, 1, 1)
	if _, err := FitKMeans(ctx, x, 2, KMeansConfig{}); !errors.Is(err, context.Canceled) {
		t.Errorf("FitKMeans: %v", err)
	}
	if _, err := FitMixture(ctx, x, 2, MixtureConfig{}); !errors.Is(err, context.Canceled) {
		t.Errorf("FitMixture: %v", err)
	}
}

func BenchmarkKMeans60000x16(b *testing.B) {
	x, _ := planted(60000, 10, 16, 1, 1)
	for b.Loop() {
		if _, err := FitKMeans(b.Context(), x, 16, KMeansConfig{}); err != nil {
			b.Fatal(err)
		}
	}
}

// Points are drawn in proportion to their weights, in whichever chunk they are.
func TestDraw(t *testing.T) {
	f := &kmeansFit{n: 7, chunks: 3}
	weight := []float64{0, 1, 0, 2, 5, 0, 2}
	total := make([]float64, f.chunks)
	for c := range total {
		for i := c * f.n / f.chunks; i < (c+1)*f.n/f.chunks; i++ {
			total[c] += weight[i]
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	const n = 20000
	counts := make([]float64, f.n)
	for range n {
		counts[f.draw(rng, weight, total)]++
	}
	for i, w := range weight {
		if share := counts[i] / n; math.Abs(share-w/10) > .015 || w == 0 && share > 0 {
			t.Errorf("point %d has the share %v, want %v", i, share, w/10)
		}
	}
}

package cluster

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"fashionlatent/lib/points"

	"github.com/google/go-cmp/cmp"
)

func ExampleFitMixture() {
	x := []float32{0, 1, 2, 10, 11, 12} // six points on a line
	m, err := FitMixture(context.Background(), x, 1, MixtureConfig{K: 2})
	if err != nil {
		panic(err)
	}
	slices.Sort(m.Means)
	fmt.Printf("means %.2f, weights %.2f, variances %.2f\n", m.Means, m.Weights, m.Covariances)
	// Output: means [1.00 11.00], weights [0.50 0.50], variances [0.67 0.67]
}

// The same start gives the same mixture in the same number of iterations.
func TestMixtureReference(t *testing.T) {
	r := readReference(t)
	n := len(r.X) / r.Dim
	for _, want := range r.Mixtures {
		e, err := newEM(r.X, r.Dim, MixtureConfig{K: r.K, MaxIterations: 1000, Tolerance: want.Tolerance})
		if err != nil {
			t.Fatal(err)
		}
		m := &Mixture{K: r.K, Dim: r.Dim, Means: slices.Clone(want.Init)}
		for range r.K {
			m.Weights = append(m.Weights, 1/float64(r.K))
			m.Covariances = append(m.Covariances, 1, 0, 0, 0, 1, 0, 0, 0, 1)
		}
		if err := e.climb(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if m.Iterations != want.Iterations || !m.Converged {
			t.Errorf("%d iterations, converged %v; want %d", m.Iterations, m.Converged, want.Iterations)
		}
		checkClose(t, "log-likelihood and BIC", []float64{m.LogLikelihood, m.BIC(n)}, []float64{want.LogLikelihood, want.BIC}, 1e-9)
		checkClose(t, "weights", m.Weights, want.Weights, 1e-7)
		checkClose(t, "means", m.Means, want.Means, 1e-7)
		checkClose(t, "covariances", m.Covariances, want.Covariances, 1e-7)
		density, err := m.LogDensity(r.X)
		if err != nil {
			t.Fatal(err)
		}
		checkClose(t, "log density", density[:len(want.LogDensity)], want.LogDensity, 1e-7)
		labels, err := m.Predict(r.X)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want.Labels, labels); d != "" {
			t.Error("labels (-want +got)", d)
		}
	}
}

// One component has the mean and the covariance of the points, whatever their number. (Points are processed in groups
// of eight.)
func TestMixtureOfOne(t *testing.T) {
	for n := 2; n < 20; n++ {
		x, _ := planted(n, 1, 2, 3, uint64(n))
		m, err := FitMixture(t.Context(), x, 2, MixtureConfig{K: 1})
		if err != nil {
			t.Fatal(err)
		}
		mean, second := make([]float64, 2), make([]float64, 4)
		for i := range n {
			for a := range 2 {
				mean[a] += float64(x[2*i+a]) / float64(n)
			}
		}
		for i := range n {
			for a := range 2 {
				for b := range 2 {
					second[2*a+b] += (float64(x[2*i+a]) - mean[a]) * (float64(x[2*i+b]) - mean[b]) / float64(n)
				}
			}
		}
		second[0] += 1e-6
		second[3] += 1e-6
		checkClose(t, "mean", m.Means, mean, 1e-12)
		checkClose(t, "covariance", m.Covariances, second, 1e-12)
	}
}

func TestMixtureRecoversItsSample(t *testing.T) {
	truth := &Mixture{K: 2, Dim: 2, Weights: []float64{0.25, 0.75}, Means: []float64{-2, 0, 3, 1}, Covariances: []float64{1, 0.5, 0.5, 2, 0.5, -0.2, -0.2, 0.3}}
	x := truth.Sample(100000, 1)
	m, err := FitMixture(t.Context(), x, 2, MixtureConfig{K: 2, Restarts: 2, Tolerance: 1e-7})
	if err != nil {
		t.Fatal(err)
	}
	if m.Weights[0] > m.Weights[1] {
		slices.Reverse(m.Weights)
		m.Means = append(m.Means[2:], m.Means[:2]...)
		m.Covariances = append(m.Covariances[4:], m.Covariances[:4]...)
	}
	checkClose(t, "weights", m.Weights, truth.Weights, 0.02)
	checkClose(t, "means", m.Means, truth.Means, 0.02)
	checkClose(t, "covariances", m.Covariances, truth.Covariances, 0.03)

	density, err := truth.LogDensity(x)
	if err != nil {
		t.Fatal(err)
	}
	if at := points.Sum(density) / 100000; m.LogLikelihood < at || m.LogLikelihood > at+1e-3 {
		t.Errorf("log-likelihood %v, that of the truth %v", m.LogLikelihood, at)
	}

	// Any part of a sample has the weights of the whole.
	labels, err := truth.Predict(x[:2*2000])
	if err != nil {
		t.Fatal(err)
	}
	first := 0.0
	for _, l := range labels {
		if l == 0 {
			first++
		}
	}
	checkClose(t, "share of component 0 in the first points", []float64{first / 2000}, []float64{0.25}, 0.03)
	if !slices.Equal(x[:20], truth.Sample(10, 1)) {
		t.Error("a shorter sample is not the beginning of a longer one")
	}
	if slices.Equal(x[:20], truth.Sample(10, 4)) {
		t.Error("two seeds, one sample")
	}
}

// The density of a Gaussian in closed form.
func TestLogDensity(t *testing.T) {
	m := &Mixture{K: 1, Dim: 2, Weights: []float64{1}, Means: []float64{1, -1}, Covariances: []float64{4, 0, 0, 9}}
	got, err := m.LogDensity([]float32{1, -1, 3, 2})
	if err != nil {
		t.Fatal(err)
	}
	peak := -math.Log(2*math.Pi) - math.Log(6)
	checkClose(t, "log density", got, []float64{peak, peak - 1}, 1e-14)
}

// For two Gaussians of variance 1 and equal weights at 0 and d, the log of the ratio of the posteriors at x is
// d^2/2 - d x. A third component far away changes nothing.
func TestMargins(t *testing.T) {
	m := &Mixture{K: 3, Dim: 1, Weights: []float64{.4, .2, .4}, Means: []float64{0, 1000, 3}, Covariances: []float64{1, 1, 1}}
	x := []float32{-2, 0, 1, 1.5, 2, 5}
	got, err := m.Margins(x)
	if err != nil {
		t.Fatal(err)
	}
	checkClose(t, "margins", got, []float64{10.5, 4.5, 1.5, 0, 1.5, 10.5}, 1e-9)
	one := &Mixture{K: 1, Dim: 1, Weights: []float64{1}, Means: []float64{0}, Covariances: []float64{1}}
	if got, err := one.Margins(x); err != nil || !math.IsInf(got[0], 1) {
		t.Errorf("of one component: %v, %v", got, err)
	}
}

// The true number of components has the smallest BIC.
func TestBICs(t *testing.T) {
	x, _ := planted(2000, 3, 2, 8, 4)
	bics, err := BICs(t.Context(), x, 2, []int{1, 2, 3, 4, 5}, MixtureConfig{Restarts: 3})
	if err != nil {
		t.Fatal(err)
	}
	if slices.Index(bics, slices.Min(bics)) != 2 {
		t.Errorf("BIC %v, want the third least", bics)
	}
}

func TestEqualWeights(t *testing.T) {
	truth := &Mixture{K: 2, Dim: 1, Weights: []float64{0.2, 0.8}, Means: []float64{0, 8}, Covariances: []float64{1, 1}}
	x := truth.Sample(5000, 1)
	free, err := FitMixture(t.Context(), x, 1, MixtureConfig{K: 2})
	if err != nil {
		t.Fatal(err)
	}
	equal, err := FitMixture(t.Context(), x, 1, MixtureConfig{K: 2, EqualWeights: true})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(equal.Means)
	checkClose(t, "weights", equal.Weights, []float64{0.5, 0.5}, 0)
	checkClose(t, "means", equal.Means, truth.Means, 0.05)
	// The loss is the KL of the true weights from equal ones.
	checkClose(t, "log-likelihood lost", []float64{free.LogLikelihood - equal.LogLikelihood}, []float64{0.2*math.Log(0.2/0.5) + 0.8*math.Log(0.8/0.5)}, 0.02)
	if d := free.BIC(5000) + 2*5000*free.LogLikelihood - equal.BIC(5000) - 2*5000*equal.LogLikelihood; math.Abs(d-math.Log(5000)) > 1e-6 {
		t.Errorf("one parameter less is worth %v, want log(5000)", d)
	}
}

func TestMixtureSameBitsOnAnyCores(t *testing.T) {
	x, _ := planted(5000, 5, 4, 2, 2)
	var got []*Mixture
	onCores(t, func() {
		m, err := FitMixture(t.Context(), x, 4, MixtureConfig{K: 5, Restarts: 2, Seed: 7})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, m)
	})
	if d := cmp.Diff(got[0], got[1]); d != "" {
		t.Error(d)
	}
}

// More restarts never give a less likely mixture, because the first ones are the same.
func TestMixtureRestarts(t *testing.T) {
	x, _ := planted(2000, 8, 3, 1.5, 9)
	before := math.Inf(-1)
	for _, restarts := range []int{1, 3, 6} {
		m, err := FitMixture(t.Context(), x, 3, MixtureConfig{K: 8, Restarts: restarts, MaxIterations: 20})
		if err != nil {
			t.Fatal(err)
		}
		if m.LogLikelihood < before {
			t.Errorf("%d restarts: %v, fewer: %v", restarts, m.LogLikelihood, before)
		}
		before = m.LogLikelihood
	}
}

func TestMixtureDegenerate(t *testing.T) {
	for _, c := range []struct {
		name string
		x    []float32
		dim  int
	}{
		{"one point many times", slices.Repeat([]float32{3, 4}, 400), 2},
		{"two points many times", slices.Repeat([]float32{3, 4, 5, 6}, 400), 2},
		{"a constant coordinate", slices.Repeat([]float32{1, 0, 2, 0, 7, 0, 9, 0}, 100), 2},
		{"as many points as components", []float32{1, 5, 9}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := FitMixture(t.Context(), c.x, c.dim, MixtureConfig{K: 3})
			if err != nil {
				t.Fatal(err)
			}
			if math.IsNaN(m.LogLikelihood) || math.IsInf(m.LogLikelihood, 0) {
				t.Errorf("log-likelihood %v", m.LogLikelihood)
			}
			checkClose(t, "sum of weights", []float64{points.Sum(m.Weights)}, []float64{1}, 1e-12)
			for _, v := range m.Sample(10, 1) {
				if v != v {
					t.Error("NaN in a sample")
				}
			}
		})
	}
}

func TestMixtureNotPositiveDefinite(t *testing.T) {
	m := &Mixture{K: 1, Dim: 2, Weights: []float64{1}, Means: []float64{0, 0}, Covariances: []float64{1, 2, 2, 1}}
	_, err := m.LogDensity([]float32{0, 0})
	checkError(t, err, "component 0 is not positive definite")
	if x := m.Sample(1, 1); x != nil {
		t.Errorf("Sample gave %v", x)
	}
}

func BenchmarkMixture60000x16(b *testing.B) {
	x, _ := planted(60000, 10, 16, 1, 1)
	iterations := 0
	for b.Loop() {
		m, err := FitMixture(b.Context(), x, 16, MixtureConfig{})
		if err != nil {
			b.Fatal(err)
		}
		iterations += m.Iterations
	}
	b.ReportMetric(float64(iterations)/float64(b.N), "iterations/op")
}

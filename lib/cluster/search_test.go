package cluster

import (
	"math"
	"math/rand/v2"
	"testing"

	"fashionlatent/lib/points"

	"github.com/google/go-cmp/cmp"
)

// twoInOne is a mixture of four Gaussians on a line. In the bad start one component covers two of them, and two
// components share one Gaussian.
func twoInOne() (truth, start *Mixture) {
	truth = &Mixture{K: 4, Dim: 2, Weights: []float64{0.25, 0.25, 0.25, 0.25}, Means: []float64{0, 0, 6, 0, 40, 0, 60, 0}, Covariances: []float64{1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1}}
	start = truth.clone()
	start.Means = []float64{3, 0, 40, 0.5, 40, -0.5, 60, 0}
	start.Covariances[0] = 10
	return truth, start
}

// EM cannot leave a bad start, but one exchange can.
func TestExchange(t *testing.T) {
	truth, start := twoInOne()
	x := truth.Sample(4000, 1)
	density, err := truth.LogDensity(x)
	if err != nil {
		t.Fatal(err)
	}
	best := points.Sum(density) / 4000
	for _, equal := range []bool{false, true} {
		e, err := newEM(x, 2, MixtureConfig{K: 4, EqualWeights: equal})
		if err != nil {
			t.Fatal(err)
		}
		m := start.clone()
		m.EqualWeights = equal
		if err := e.climb(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if m.LogLikelihood > best-0.1 {
			t.Fatalf("EM alone went from the bad start to %v, near the truth's %v", m.LogLikelihood, best)
		}
		better, err := e.exchange(t.Context(), m)
		if err != nil || better == nil {
			t.Fatal(better, err)
		}
		if better.LogLikelihood < best-1e-3 {
			t.Errorf("equal weights %v: log-likelihood %v, the truth's %v", equal, better.LogLikelihood, best)
		}
		checkClose(t, "weights", []float64{points.Sum(better.Weights)}, []float64{1}, 1e-12)
		if again, err := e.exchange(t.Context(), better); err != nil || again != nil {
			t.Errorf("the best mixture was exchanged for %v, %v", again, err)
		}
	}
}

// The two halves of a component together have its mean and covariance.
func TestHalves(t *testing.T) {
	m := &Mixture{K: 1, Dim: 2, Means: []float64{1, 2}, Covariances: []float64{5, 2, 2, 3}}
	a, b, ok := m.halves(0)
	if !ok {
		t.Fatal("no halves")
	}
	mean, covariance := make([]float64, 2), make([]float64, 4)
	for _, h := range []gaussian{a, b} {
		for i, v := range h.mean {
			mean[i] += v / 2
			for j, w := range h.mean {
				covariance[2*i+j] += (h.covariance[2*i+j] + (v-m.Means[i])*(w-m.Means[j])) / 2
			}
		}
	}
	checkClose(t, "mean", mean, m.Means, 1e-12)
	checkClose(t, "covariance", covariance, m.Covariances, 1e-12)
}

func TestSearchMixture(t *testing.T) {
	x, classes := planted(6000, 10, 4, 3, 5)
	var got []*Mixture
	onCores(t, func() {
		m, err := SearchMixture(t.Context(), x, 4, SearchConfig{MixtureConfig: MixtureConfig{Restarts: 1}, Sample: 1500, Rounds: 3})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, m)
	})
	if d := cmp.Diff(got[0], got[1]); d != "" {
		t.Error("other bits on more cores", d)
	}
	labels, err := got[0].Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	if acc, err := Accuracy(classes, labels); err != nil || acc < 0.95 {
		t.Errorf("accuracy %v, %v", acc, err)
	}
	plain, err := FitMixture(t.Context(), x, 4, MixtureConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if got[0].LogLikelihood < plain.LogLikelihood-1e-3 {
		t.Errorf("log-likelihood %v, without the search %v", got[0].LogLikelihood, plain.LogLikelihood)
	}
}

// A move that leads to a covariance that is not positive definite, as happens without a ridge, does not end the search.
func TestSearchMixtureWithoutRidge(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	x := make([]float32, 120)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	searched := 0
	for seed := range uint64(20) {
		cfg := MixtureConfig{K: 4, Ridge: -1, Seed: seed}
		if _, err := FitMixture(t.Context(), x, 2, cfg); err != nil {
			continue
		}
		if _, err := SearchMixture(t.Context(), x, 2, SearchConfig{MixtureConfig: cfg, Rounds: 1}); err == nil {
			searched++
		}
	}
	if searched < 10 {
		t.Errorf("the search ended well with %d of 20 seeds, want most", searched)
	}
}

func TestSearchMixtureDegenerate(t *testing.T) {
	for _, x := range [][]float32{make([]float32, 300), {1, 5, 9}} {
		m, err := SearchMixture(t.Context(), x, 1, SearchConfig{MixtureConfig: MixtureConfig{K: 3}})
		if err != nil {
			t.Fatal(err)
		}
		if math.IsNaN(m.LogLikelihood) || math.IsInf(m.LogLikelihood, 0) {
			t.Errorf("log-likelihood %v", m.LogLikelihood)
		}
	}
}

// A start that leads to a covariance that is not positive definite does not end a fit with other starts.
func TestMixtureSurvivesAStart(t *testing.T) {
	one := 0
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 7))
		x := make([]float32, 120)
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
		if _, err := FitMixture(t.Context(), x, 2, MixtureConfig{K: 4, Restarts: 1, Ridge: -1, Seed: seed}); err != nil {
			one++
		}
		if _, err := FitMixture(t.Context(), x, 2, MixtureConfig{K: 4, Restarts: 10, Ridge: -1, Seed: seed}); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
	if one == 0 {
		t.Error("no single start fails, so nothing was tested")
	}
}

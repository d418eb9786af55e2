package generate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"fashionlatent/lib/cluster"
)

var (
	_ Sampler = Prior(2)
	_ Sampler = (*cluster.Mixture)(nil)
	_ Sampler = Diagonal{}
)

// The codes of a mixture with diagonal covariances are those of the same mixture with full ones, to the bit.
func TestDiagonal(t *testing.T) {
	d := Diagonal{Weights: []float64{.2, .8}, Means: []float64{1, 2, -3, 4}, Variances: []float64{.5, 2, 3, .01}, Width: 2}
	m := &cluster.Mixture{K: 2, Dim: 2, Weights: d.Weights, Means: d.Means, Covariances: []float64{.5, 0, 0, 2, 3, 0, 0, .01}}
	if got, want := d.Sample(100, 7), m.Sample(100, 7); !slices.Equal(got, want) || len(got) != 200 {
		t.Errorf("%v, want %v", got, want)
	}
}

func ExamplePrior() {
	p := Prior(2)
	codes := p.Sample(5, 0)
	fmt.Println(len(codes)/2, "codes of dimension", p)
	// Output: 5 codes of dimension 2
}

func ExampleFitGaussian() {
	codes := []float32{-1, 0, 1, 0, 0, 2, 0, -2}
	g, err := FitGaussian(context.Background(), codes, 2)
	if err != nil {
		panic(err)
	}
	fmt.Printf("mean %.1f, covariance %.1f\n", g.Means, g.Covariances)
	// Output: mean [0.0 0.0], covariance [0.5 0.0 0.0 2.0]
}

// moments are the mean, [dim], and the covariance, [dim, dim], of codes.
func moments(codes []float32, dim int) (mean, covariance []float64) {
	n := float64(len(codes) / dim)
	mean, covariance = make([]float64, dim), make([]float64, dim*dim)
	for i, v := range codes {
		mean[i%dim] += float64(v) / n
	}
	for i := 0; i < len(codes); i += dim {
		for a := range dim {
			for b := range dim {
				covariance[a*dim+b] += (float64(codes[i+a]) - mean[a]) * (float64(codes[i+b]) - mean[b]) / n
			}
		}
	}
	return mean, covariance
}

func checkClose(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= tolerance) {
			t.Errorf("%s: value %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

func TestPrior(t *testing.T) {
	mean, covariance := moments(Prior(3).Sample(100000, 1), 3)
	checkClose(t, "mean", mean, make([]float64, 3), 0.02)
	checkClose(t, "covariance", covariance, []float64{1, 0, 0, 0, 1, 0, 0, 0, 1}, 0.02)
}

// A Gaussian that is fitted to a large sample of a known Gaussian is close to it, and so are the moments of its own samples.
func TestGaussianPlanted(t *testing.T) {
	wantMean, want := []float64{1, -2, 0.5}, []float64{2, 0.8, 0, 0.8, 1, -0.3, 0, -0.3, 0.5}
	truth := cluster.Mixture{K: 1, Dim: 3, Weights: []float64{1}, Means: wantMean, Covariances: want}
	g, err := FitGaussian(t.Context(), truth.Sample(100000, 1), 3)
	if err != nil {
		t.Fatal(err)
	}
	checkClose(t, "fitted mean", g.Means, wantMean, 0.02)
	checkClose(t, "fitted covariance", g.Covariances, want, 0.04)
	mean, covariance := moments(g.Sample(100000, 2), 3)
	checkClose(t, "sampled mean", mean, wantMean, 0.03)
	checkClose(t, "sampled covariance", covariance, want, 0.06)
}

// Codes that use one of two dimensions, or none, can be fitted and sampled.
func TestGaussianCollapsed(t *testing.T) {
	for _, codes := range [][]float32{{1, 5, 2, 5, 3, 5, 9, 5}, {1, 5, 1, 5}, {1, 5}} {
		g, err := FitGaussian(t.Context(), codes, 2)
		if err != nil {
			t.Fatal(err)
		}
		sample := g.Sample(100, 1)
		for i := 1; i < len(sample); i += 2 {
			if !(math.Abs(float64(sample[i])-5) < 0.01) {
				t.Errorf("%v in a dimension that is always 5", sample[i])
			}
		}
	}
}

func ExamplePosteriorSamples() {
	means, logVariances := []float32{1, 2}, []float32{-40, -40} // of one image, with almost no variance
	codes, err := PosteriorSamples(means, logVariances, 0)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f\n", codes)
	// Output: [1.000 2.000]
}

// The variance of the samples of all posteriors together is the variance of the means plus that of the posteriors.
func TestPosteriorSamples(t *testing.T) {
	const n = 50000
	means := Prior(2).Sample(n, 1)
	logVariances := make([]float32, len(means))
	for i := range logVariances {
		logVariances[i] = float32(math.Log([]float64{1, .25}[i%2]))
	}
	codes, err := PosteriorSamples(means, logVariances, 1)
	if err != nil {
		t.Fatal(err)
	}
	mean, covariance := moments(codes, 2)
	checkClose(t, "mean", mean, []float64{0, 0}, .02)
	checkClose(t, "covariance", covariance, []float64{2, 0, 0, 1.25}, .04)
	again, _ := PosteriorSamples(means, logVariances, 1)
	other, _ := PosteriorSamples(means, logVariances, 2)
	if !slices.Equal(codes, again) || slices.Equal(codes, other) {
		t.Error("the codes do not follow the seed")
	}
	if same, err := PosteriorSamples(means, nil, 1); err != nil || !slices.Equal(same, means) {
		t.Errorf("an AE's codes were changed: %v", err)
	}
	if _, err := PosteriorSamples(means, logVariances[1:], 1); err == nil || !strings.Contains(err.Error(), "100000 means and 99999") {
		t.Errorf("error %v", err)
	}
}

// Each code is drawn about as often as every other, and nothing else is drawn.
func TestEmpirical(t *testing.T) {
	drawn := map[[2]float32]int{}
	sample := Empirical{[]float32{1, 2, 3, 5, 2, 2}, 2}.Sample(3000, 1)
	for i := 0; i < len(sample); i += 2 {
		drawn[[2]float32(sample[i:i+2])]++
	}
	for _, code := range [][2]float32{{1, 2}, {3, 5}, {2, 2}} {
		if n := drawn[code]; n < 900 || n > 1100 {
			t.Errorf("%v was drawn %d times of 3000", code, n)
		}
		delete(drawn, code)
	}
	if len(drawn) > 0 {
		t.Errorf("drawn, but not given: %v", drawn)
	}
	for _, none := range []Empirical{{}, {Width: 2}, {Codes: []float32{1}, Width: 2}} {
		if sample := none.Sample(3, 0); sample != nil {
			t.Errorf("%v gives %v, want nothing", none, sample)
		}
	}
}

func TestMixtureIsShuffled(t *testing.T) {
	codes := slices.Repeat([]float32{-5, -5.1, -4.9, 5, 5.1, 4.9}, 100)
	m, err := cluster.FitMixture(t.Context(), codes, 1, cluster.MixtureConfig{K: 2})
	if err != nil {
		t.Fatal(err)
	}
	mean, _ := moments(m.Sample(4000, 1)[:1000], 1)
	checkClose(t, "mean of the first quarter", mean, []float64{0}, 0.5)
}

// The number of components that is selected is that of the mixture from which the codes were drawn.
func TestSelectMixture(t *testing.T) {
	for _, components := range [][]int{{1, 60}, {1, 3, 60}, {2, 6, 60}} {
		k := components[len(components)-2]
		truth := cluster.Mixture{K: k, Dim: 2, Weights: make([]float64, k), Means: make([]float64, 2*k), Covariances: make([]float64, 4*k)}
		for c := range k {
			truth.Weights[c] = 1 / float64(k)
			truth.Means[2*c], truth.Means[2*c+1] = 20*float64(c), float64(c*c)
			copy(truth.Covariances[4*c:], []float64{1, .5, .5, 2})
		}
		codes := truth.Sample(600, 1)
		m, err := SelectMixture(t.Context(), codes, 2, components, cluster.MixtureConfig{Restarts: 3})
		if err != nil || m.K != k {
			t.Fatalf("%d components: %v, %v", k, m, err)
		}
		again, err := SelectMixture(t.Context(), codes, 2, components, cluster.MixtureConfig{Restarts: 3})
		if err != nil || !slices.Equal(m.Means, again.Means) {
			t.Errorf("%d components: selected again, the means are %v, were %v: %v", k, again.Means, m.Means, err)
		}
	}
	few := []float32{1, 2, 3, 4, 5, 6, 7}
	if m, err := SelectMixture(t.Context(), few, 1, []int{1, 100}, cluster.MixtureConfig{}); err != nil || m.K != 1 {
		t.Errorf("more components than codes: %v, %v", m, err)
	}
	if _, err := SelectMixture(t.Context(), few, 1, []int{100}, cluster.MixtureConfig{}); err == nil || !strings.Contains(err.Error(), "100") {
		t.Errorf("more components than codes from the start: %v", err)
	}
	for _, components := range [][]int{nil, {0}, {2, -1}} {
		if _, err := SelectMixture(t.Context(), few, 1, components, cluster.MixtureConfig{}); err == nil || !strings.Contains(err.Error(), "numbers of components") {
			t.Errorf("%v: %v", components, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := SelectMixture(ctx, few, 1, []int{1, 2}, cluster.MixtureConfig{}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped, it returned %v", err)
	}
}

func TestSeeds(t *testing.T) {
	g, err := FitGaussian(t.Context(), []float32{1, 2, 3, 5, 2, 2}, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []Sampler{Prior(2), g, Empirical{[]float32{1, 2, 3, 5, 2, 2}, 2}} {
		if !slices.Equal(s.Sample(10, 3), s.Sample(10, 3)) {
			t.Errorf("%T: one seed, two samples", s)
		}
		if slices.Equal(s.Sample(10, 3), s.Sample(10, 4)) {
			t.Errorf("%T: two seeds, one sample", s)
		}
		if n := len(s.Sample(0, 1)) + len(s.Sample(-1, 1)); n != 0 {
			t.Errorf("%T: %d values in no codes", s, n)
		}
	}
}

func TestFitErrors(t *testing.T) {
	for _, c := range []struct {
		codes []float32
		dim   int
		want  string
	}{
		{nil, 2, "no points"},
		{[]float32{1, 2, 3}, 2, "3 values"},
		{[]float32{1, float32(math.NaN())}, 2, "NaN"},
	} {
		if _, err := FitGaussian(t.Context(), c.codes, c.dim); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
}

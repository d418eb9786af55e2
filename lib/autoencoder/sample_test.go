package autoencoder_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend/backendtest"
	"fashionlatent/lib/generate"

	"gonum.org/v1/gonum/stat"
)

func priorCodes(t *testing.T, m *autoencoder.Model, n int) []float32 {
	t.Helper()
	codes, err := m.PriorCodes(context.Background(), n, 1)
	if err != nil || len(codes) != n*m.Config.Latent {
		t.Fatalf("%d values, %v", len(codes), err)
	}
	return codes
}

// A learned prior of two narrow Gaussians, with three times as many codes from the first. The samples are the images of
// its codes.
func TestLearnedPrior(t *testing.T) {
	c := small(autoencoder.VAE)
	c.Latent, c.Prior = 2, 2
	log := float32(2 * math.Log(.1))
	w := c.Initial(1)
	planted := map[string][]float32{"prior/means": {5, 1, -5, 2}, "prior/log_variances": {log, log, log, log}, "prior/log_weights": {float32(math.Log(3)), 0}}
	for i, v := range w {
		if values := planted[v.Name]; values != nil {
			w[i].Values = values
			delete(planted, v.Name)
		}
	}
	if len(planted) != 0 {
		t.Fatalf("a model has no weights %v", planted)
	}
	m, err := autoencoder.NewModel(backendtest.Go(t), c, w)
	if err != nil {
		t.Fatal(err)
	}
	const n = 4000
	codes := priorCodes(t, m, n)
	first := 0
	for i := range n {
		x, y := float64(codes[2*i]), float64(codes[2*i+1])
		if x > 0 {
			first++
		}
		if math.Abs(math.Abs(x)-5) > .6 || math.Abs(y-1) > .6 && x > 0 || math.Abs(y-2) > .6 && x < 0 {
			t.Fatalf("code %d is (%g, %g), far from both Gaussians", i, x, y)
		}
	}
	if share := float64(first) / n; math.Abs(share-.75) > .04 {
		t.Errorf("%.3f of the codes are from the first, want .75", share)
	}
	if _, err := m.PriorCodes(context.Background(), 1<<40, 1); err == nil || !strings.Contains(err.Error(), "want 0 to") {
		t.Errorf("a million million codes: %v", err)
	}
	w = slices.Clone(w)
	for i, v := range w {
		if v.Name == "prior/log_variances" {
			w[i].Values = []float32{log, log, log, 1000}
		}
	}
	broken, err := autoencoder.NewModel(backendtest.Go(t), c, w)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := broken.PriorCodes(context.Background(), 1, 1); err == nil || !strings.Contains(err.Error(), "Gaussian 1 has") {
		t.Errorf("a variance that is not finite: %v", err)
	}
	images, err := m.Sample(context.Background(), 30, 1)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := m.Decode(context.Background(), priorCodes(t, m, 30)); err != nil || !slices.Equal(images, want) {
		t.Errorf("the samples are not the images of codes from the prior: %v", err)
	}
	if normal, err := m.Decode(context.Background(), generate.Prior(2).Sample(30, 1)); err != nil || slices.Equal(images, normal) {
		t.Errorf("the samples are those of N(0, I): %v", err)
	}
}

func TestPriorIsStandardNormal(t *testing.T) {
	for _, model := range []string{autoencoder.AE, autoencoder.VAE} {
		c := small(model)
		m, err := autoencoder.NewModel(backendtest.Go(t), c, c.Initial(1))
		if err != nil {
			t.Fatal(err)
		}
		if got := priorCodes(t, m, 5); !slices.Equal(got, generate.Prior(c.Latent).Sample(5, 1)) {
			t.Errorf("%s: without a learned prior its codes are %v", model, got)
		}
	}
}

// Codes of two levels are drawn from a VampPrior and then from the prior of the lower level.
func TestPriorOfTwoLevels(t *testing.T) {
	c := twoLevels()
	w := c.Initial(1)
	values := func(name string) []float32 {
		for _, v := range w {
			if v.Name == name {
				return v.Values
			}
		}
		t.Fatalf("a model has no weights %s", name)
		return nil
	}
	// The lower level is N((3, -3), e^-6 I), whatever the upper level is. The learned images are all black, so the upper level
	// is N((1, 2), e^-4 I).
	clear(values("prior/images"))
	clear(values("lower_prior/mean/weights"))
	clear(values("lower_prior/log_variance/weights"))
	copy(values("lower_prior/mean/bias"), []float32{3, -3})
	copy(values("lower_prior/log_variance/bias"), []float32{-9, -9}) // clipped
	copy(values("encoder/mean/bias"), []float32{1, 2})
	copy(values("encoder/log_variance/bias"), []float32{-4, -4})
	m, err := autoencoder.NewModel(backendtest.Go(t), c, w)
	if err != nil {
		t.Fatal(err)
	}
	const n = 2000
	want, deviation := []float64{1, 2, 3, -3}, []float64{math.Exp(-2), math.Exp(-2), math.Exp(-3), math.Exp(-3)}
	codes := priorCodes(t, m, n)
	for j := range want {
		var of []float64
		for i := range n {
			of = append(of, float64(codes[4*i+j]))
		}
		mean, spread := stat.MeanStdDev(of, nil)
		if math.Abs(mean-want[j]) > .02 || math.Abs(spread-deviation[j]) > .1*deviation[j] {
			t.Errorf("dimension %d: mean %.3f and deviation %.3f, want %.3f and %.3f", j, mean, spread, want[j], deviation[j])
		}
	}
	if images, err := m.Sample(context.Background(), 3, 1); err != nil || len(images) != 3*64 {
		t.Errorf("%d pixels, %v", len(images), err)
	}
}

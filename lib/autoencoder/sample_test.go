package autoencoder_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend/backendtest"
	"fashionlatent/lib/generate"
)

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
	codes := m.Prior().Sample(n, 1)
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
	images, err := m.Sample(context.Background(), 30, 1)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := m.Decode(context.Background(), m.Prior().Sample(30, 1)); err != nil || !slices.Equal(images, want) {
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
		if got := m.Prior(); got != generate.Sampler(generate.Prior(c.Latent)) {
			t.Errorf("%s: without a learned prior it is %v", model, got)
		}
	}
}

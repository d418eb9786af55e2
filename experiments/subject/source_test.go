package subject

import (
	"math"
	"testing"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/generate"
)

// A learned prior of two narrow Gaussians, with three times as many codes from the first.
func TestLearnedPrior(t *testing.T) {
	c := autoencoder.Default(autoencoder.VAE, 2)
	c.Prior = 2
	log := float32(2 * math.Log(.1))
	m := &autoencoder.Model{Config: c, Weights: autoencoder.Weights{
		{Name: "prior/means", Shape: []int{2, 2}, Values: []float32{5, 1, -5, 2}},
		{Name: "prior/log_variances", Shape: []int{2, 2}, Values: []float32{log, log, log, log}},
		{Name: "prior/log_weights", Shape: []int{2}, Values: []float32{float32(math.Log(3)), 0}},
	}}
	const n = 4000
	codes := priorOf(m).Sample(n, 1)
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
	c.Prior = 0
	if got := priorOf(&autoencoder.Model{Config: c}); got != generate.Sampler(generate.Prior(2)) {
		t.Errorf("without a learned prior it is %v", got)
	}
	// The names of the weights are those in the library.
	c.Prior = 2
	names := map[string]bool{}
	for _, v := range c.Variables() {
		names[v.Name] = true
	}
	for _, v := range m.Weights {
		if !names[v.Name] {
			t.Errorf("a model has no weights %s", v.Name)
		}
	}
}

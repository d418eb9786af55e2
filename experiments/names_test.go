package experiments

import (
	"slices"
	"testing"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/training"
)

func TestNames(t *testing.T) {
	with := func(model string, change func(c *training.Config)) *training.Result {
		r := &training.Result{Config: training.Default(autoencoder.Default(model, 16), 0)}
		change(&r.Config)
		return r
	}
	same := func(*training.Config) {}
	for _, c := range []struct {
		runs []*training.Result
		want []string
	}{
		{[]*training.Result{with(autoencoder.AE, same)}, []string{"AE, d = 16"}},
		{[]*training.Result{with(autoencoder.AE, same), with(autoencoder.VAE, same)}, []string{"AE, d = 16", "VAE, d = 16"}},
		{[]*training.Result{with(autoencoder.AE, same), with(autoencoder.AE, func(c *training.Config) { c.Model.Noise = .2 })},
			[]string{"AE, d = 16, noise 0", "AE, d = 16, noise 0.2"}},
		{[]*training.Result{with(autoencoder.VAE, same), with(autoencoder.VAE, func(c *training.Config) { c.Model.Beta, c.Seed = 4, 1 })},
			[]string{"VAE, d = 16, seed 0, beta 1", "VAE, d = 16, seed 1, beta 4"}},
		{[]*training.Result{with(autoencoder.VAE, same), with(autoencoder.VAE, func(c *training.Config) { c.Model.Prior = 10 })},
			[]string{"VAE, d = 16, prior N(0, I)", "VAE, d = 16, learned prior of 10"}},
		{[]*training.Result{with(autoencoder.VAE, same), with(autoencoder.VAE, func(c *training.Config) { c.Model.Samples, c.Start = 5, &training.Config{Epochs: 7} })},
			[]string{"VAE, d = 16, codes per image 1, from random weights", "VAE, d = 16, codes per image 5, after 7 epochs of another run"}},
		{[]*training.Result{with(autoencoder.AE, same), with(autoencoder.AE, func(c *training.Config) { c.Model.Normalised = autoencoder.Brightness })},
			[]string{"AE, d = 16, normalised by nothing", "AE, d = 16, normalised by brightness"}},
	} {
		if got := Names(c.runs...); !slices.Equal(got, c.want) {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

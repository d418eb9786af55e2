package training

import (
	"fmt"
	"slices"
	"testing"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/record"
)

func TestDifferences(t *testing.T) {
	for _, c := range []struct {
		change func(c *Config)
		want   string
	}{
		{func(c *Config) {}, "[]"},
		{func(c *Config) { c.Epochs, c.Seed, c.Model.Latent = 30, 4, 16 }, "[]"},
		{func(c *Config) { c.Model = autoencoder.Default(autoencoder.AE, 3) }, "[]"},
		{func(c *Config) { c.Model.Hidden, c.LearningRate = []int{64, 32}, .005 }, "[hidden 64,32 rate 0.005]"},
		{func(c *Config) { c.Model.Beta, c.Augment.Flip = 4, true }, "[beta 4 flip]"},
		{func(c *Config) { c.Model.Hidden = nil }, "[no hidden]"},
	} {
		config := Default(autoencoder.Default(autoencoder.VAE, 2), 0)
		if c.change(&config); fmt.Sprint(config.Differences()) != c.want {
			t.Errorf("%v, want %s", config.Differences(), c.want)
		}
	}
}

// The runs that a run starts from are those that would be trained for it.
func TestSpecOf(t *testing.T) {
	data := &dataset.Dataset{Checksum: "0123", Train: dataset.Split{Side: 16}}
	store := record.Open(t.TempDir())
	first := Default(autoencoder.Default(autoencoder.VAE, 2), 0)
	second := first
	second.Start, second.Epochs = &first, 3
	third := second
	third.Start, third.Seed = &second, 1
	var names []string
	for _, c := range []Config{second, first} {
		run, err := RunOf(store, data, c)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, run.Name())
	}
	run, err := RunOf(store, data, third)
	if err != nil {
		t.Fatal(err)
	}
	of, err := SpecOf(run)
	if err != nil || !slices.Equal(of.From, names) || of.Data != "0123" || of.Config.Seed != 1 {
		t.Errorf("%+v, %v; want it to start from %q", of, err, names)
	}
	other, err := store.Run("other", map[string]int{"kernels": 3})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := SpecOf(other); err == nil {
		t.Error("a run of another kind is read")
	}
}

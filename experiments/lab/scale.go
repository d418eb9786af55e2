package lab

import (
	"fmt"
	"strconv"
	"strings"
)

// Scale is how much an experiment does.
type Scale struct {
	Name        string
	Train, Test int   // images used, 0: all
	Hidden      []int // nodes of the encoder's hidden layers
	Epochs      int
	Batch       int
	Rate        float64 // learning rate at its highest
	ClassicRate float64 // learning rate at the start, of Lab.classic

	Samples     int   // images, codes and samples that the measures take, where they do not take all
	Seeds       int   // of the comparison
	SweepSeeds  int   // of the latent sizes
	LatentSizes []int // of the latent sizes
	ManySeeds   int   // of the clustering
	LongEpochs  int   // of the run whose epochs are shown

	LikelihoodEpochs  int // of the published protocol
	LikelihoodSamples int // of each test image
}

// The scales: Smoke takes seconds and shows that all works, Quick takes minutes on all images, Full makes the published
// tables.
var (
	Smoke = Scale{
		Name: "smoke", Train: 600, Test: 300, Hidden: []int{64, 32}, Epochs: 5, Batch: 20, Rate: 5e-3, ClassicRate: 5e-3,
		Samples: 200, Seeds: 2, SweepSeeds: 1, LatentSizes: []int{1, 2, 16}, ManySeeds: 2, LongEpochs: 5, LikelihoodEpochs: 10, LikelihoodSamples: 100,
	}
	Quick = Scale{
		Name: "quick", Hidden: []int{512, 256}, Epochs: 15, Batch: 128, Rate: 3e-3, ClassicRate: 1e-3,
		Samples: 5000, Seeds: 1, SweepSeeds: 1, LatentSizes: []int{2, 16}, ManySeeds: 1, LongEpochs: 15, LikelihoodEpochs: 50, LikelihoodSamples: 500,
	}
	Full = Scale{
		Name: "full", Hidden: []int{512, 256}, Epochs: 15, Batch: 128, Rate: 3e-3, ClassicRate: 1e-3,
		Samples: 10_000, Seeds: 5, SweepSeeds: 3, LatentSizes: []int{1, 2, 4, 8, 16, 32, 64}, ManySeeds: 10, LongEpochs: 100, LikelihoodEpochs: 500, LikelihoodSamples: 5000,
	}
)

// Scales in order of the time they take.
var Scales = []Scale{Smoke, Quick, Full}

// ScaleNamed returns the scale of that name, which may go on with a number of seeds and of epochs for all runs, as in
// full,seeds=10,epochs=50.
func ScaleNamed(name string) (Scale, error) {
	base, changes, changed := strings.Cut(name, ",")
	var names []string
	for _, s := range Scales {
		if s.Name == base && changed {
			return s.changed(name, changes)
		}
		if s.Name == base {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Scale{}, fmt.Errorf("no scale is called %q; want one of %s, to which seeds and epochs can be added, as in full,seeds=10,epochs=50", base, strings.Join(names, ", "))
}

// changed is the scale, under another name, with changes such as seeds=10.
func (s Scale) changed(name, changes string) (Scale, error) {
	s.Name = name
	for _, change := range strings.Split(changes, ",") {
		what, text, _ := strings.Cut(change, "=")
		n, err := strconv.Atoi(text)
		switch {
		case err == nil && n > 0 && what == "seeds":
			s.Seeds, s.SweepSeeds, s.ManySeeds = n, n, n
		case err == nil && n > 0 && what == "epochs":
			s.Epochs, s.LongEpochs = n, n
		default:
			return Scale{}, fmt.Errorf("scale %q: %q is not a valid change; want a change such as seeds=10 or epochs=50", name, change)
		}
	}
	return s, nil
}

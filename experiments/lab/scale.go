package lab

import (
	"fmt"
	"strconv"
	"strings"

	"fashionlatent/lib/words"
)

// Scale sets how much an experiment computes.
type Scale struct {
	Name        string
	Train, Test int   // images used; Train 0: all
	Hidden      []int // nodes of the encoder's hidden layers
	Epochs      int
	Batch       int
	Rate        float64 // highest learning rate
	ClassicRate float64 // learning rate at the start, for Setting.Classic

	Samples     int   // number of images, codes or samples that a metric takes, where it does not take all
	Seeds       int   // seeds of the comparison, and of the runs whose epochs are shown
	SweepSeeds  int   // seeds of the sweeps over code size, architecture, loss and augmentation
	LatentSizes []int // code sizes
	ManySeeds   int   // seeds of the clustering experiment
	Together    int   // encoders with different seeds that the clustering experiment uses together
	Numbers     []int // numbers of clusters that are compared
	LongEpochs  int   // epochs of the runs whose epochs are shown

	ExtractorEpochs     int   // of the fully connected feature extractor
	ConvolutionalEpochs int   // of the convolutional feature extractor
	Kernels             []int // channels of its convolutions

	LikelihoodSeeds   int // seeds of the published protocol of the likelihood, and of the best network beyond it
	LikelihoodEpochs  int // most epochs of the published networks
	WideEpochs        int // epochs of the wider networks
	LikelihoodSamples int // importance-weighted samples of each test image in that protocol
}

// The scales. Smoke takes seconds and shows that everything works. Quick takes minutes and uses all images. Full makes
// the published tables.
var (
	Smoke = Scale{
		Name: "smoke", Train: 600, Test: 300, Hidden: []int{64, 32}, Epochs: 5, Batch: 20, Rate: 5e-3, ClassicRate: 5e-3,
		Samples: 200, Seeds: 2, SweepSeeds: 1, LatentSizes: []int{1, 2, 16},
		ManySeeds: 2, Together: 2, Numbers: []int{2, 5, 10}, LongEpochs: 5,
		ExtractorEpochs: 5, ConvolutionalEpochs: 5, Kernels: []int{4, 8},
		LikelihoodSeeds: 1, LikelihoodEpochs: 5, WideEpochs: 3, LikelihoodSamples: 20,
	}
	Quick = Scale{
		Name: "quick", Hidden: []int{512, 256}, Epochs: 15, Batch: 128, Rate: 3e-3, ClassicRate: 1e-3,
		Samples: 5000, Seeds: 1, SweepSeeds: 1, LatentSizes: []int{2, 16},
		ManySeeds: 1, Together: 2, Numbers: []int{2, 4, 6, 8, 10, 12, 14, 16, 18, 20}, LongEpochs: 15,
		ExtractorEpochs: 15, ConvolutionalEpochs: 10, Kernels: []int{16, 32},
		LikelihoodSeeds: 1, LikelihoodEpochs: 30, WideEpochs: 15, LikelihoodSamples: 200,
	}
	Full = Scale{
		Name: "full", Hidden: []int{512, 256}, Epochs: 15, Batch: 128, Rate: 3e-3, ClassicRate: 1e-3,
		Samples: 10_000, Seeds: 5, SweepSeeds: 3, LatentSizes: []int{1, 2, 4, 8, 16, 32, 64},
		ManySeeds: 10, Together: 5, Numbers: []int{2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}, LongEpochs: 100,
		ExtractorEpochs: 15, ConvolutionalEpochs: 10, Kernels: []int{16, 32},
		LikelihoodSeeds: 3, LikelihoodEpochs: 2000, WideEpochs: 300, LikelihoodSamples: 5000,
	}
)

// Scales lists the scales, the fastest first.
var Scales = []Scale{Smoke, Quick, Full}

// ScaleNamed returns the scale of that name. The name may be followed by changes, as in full,seeds=10,epochs=50. seeds
// sets the number of seeds of the comparison, the epochs, the sweeps and the clustering. epochs sets the epochs of all these
// trainings, but not those of the published protocol of the likelihood. An unknown name or change is an error.
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
	return Scale{}, fmt.Errorf("no scale is called %q; want one of %s, to which seeds and epochs can be added, as in full,seeds=10,epochs=50%s", base, strings.Join(names, ", "), words.DidYouMean(base, names))
}

// most are the largest numbers that a scale can be changed to. What has no limit there cannot be changed.
var most = map[string]int{"seeds": 1000, "epochs": 100_000}

// changed returns the scale with changes such as seeds=10, and the full name.
func (s Scale) changed(name, changes string) (Scale, error) {
	s.Name = name
	for _, change := range strings.Split(changes, ",") {
		what, text, _ := strings.Cut(change, "=")
		n, err := strconv.Atoi(text)
		switch {
		case err == nil && most[what] > 0 && n > most[what]:
			return Scale{}, fmt.Errorf("scale %q: %s=%d is too much, want at most %d", name, what, n, most[what])
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

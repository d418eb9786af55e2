package lab

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"fashionlatent/lib/dataset"
	"fashionlatent/lib/digits"
	"fashionlatent/lib/fashion"
)

// Data sets that are derived from the lab's own.
const (
	Binarised = "binarised" // 5/6 of the training images to train on and 1/6, binarised, as test images, for the published protocol of the likelihood
	Unequal   = "unequal"   // classes of unequal size, with a seed
	Printed   = "printed"   // printed digits instead, with a seed
	MNIST     = "mnist"     // MNIST instead

	Without    = "without"     // without one class, with its number
	Only       = "only"        // one class alone, with its number
	UpsideDown = "upside-down" // the test images are turned upside down
	Noisy      = "noisy"       // the test images are noisy
)

// NoiseDeviation is the standard deviation of the noise in noisy test images. Pixel values are between 0 and 1.
const NoiseDeviation = .1

// derivations derive a data set from the lab's own. The number is a seed or a class. Those that need none ignore it.
var derivations = map[string]func(l *Lab, seed int) (*dataset.Dataset, error){
	Binarised: func(l *Lab, _ int) (*dataset.Dataset, error) { return validation(l.Data), nil },
	Unequal:   func(l *Lab, seed int) (*dataset.Dataset, error) { return thinned(l.Data, seed), nil },
	Printed: func(l *Lab, seed int) (*dataset.Dataset, error) {
		return digits.Draw(min(l.Data.Train.Len(), 20_000), min(l.Data.Test.Len(), 4000), uint64(seed))
	},
	MNIST: func(l *Lab, _ int) (*dataset.Dataset, error) {
		d, err := fashion.Load(l.opened, fashion.Source{Name: fashion.MNIST, Progress: l.Out})
		if err != nil {
			return nil, err
		}
		return d.Head(min(d.Train.Len(), l.Data.Train.Len()), min(d.Test.Len(), l.Data.Test.Len())), nil
	},
	Without: func(l *Lab, class int) (*dataset.Dataset, error) { return ofClass(l.Data, Without, class) },
	Only:    func(l *Lab, class int) (*dataset.Dataset, error) { return ofClass(l.Data, Only, class) },
	UpsideDown: func(l *Lab, _ int) (*dataset.Dataset, error) {
		return withTest(l.Data, UpsideDown, func(image []uint8) { slices.Reverse(image) }), nil
	},
	Noisy: func(l *Lab, _ int) (*dataset.Dataset, error) {
		random := rand.New(rand.NewPCG(0, 0))
		return withTest(l.Data, fmt.Sprintf("%s %g", Noisy, NoiseDeviation), func(image []uint8) {
			for i, level := range image {
				noisy := float64(level) + 255*NoiseDeviation*random.NormFloat64()
				image[i] = uint8(math.Round(min(max(noisy, 0), 255)))
			}
		}), nil
	},
}

// Dataset returns the data set that a job names. "" is the lab's own. Any other name, such as "unequal 1", is a kind of
// derived data set and, for most kinds, a seed or the number of a class. An unknown name is an error.
func (l *Lab) Dataset(name string) (*dataset.Dataset, error) {
	if name == "" {
		return l.Data, nil
	}
	if d := l.derived[name]; d != nil {
		return d, nil
	}
	kind, number, seeded := strings.Cut(name, " ")
	seed, err := strconv.Atoi(number)
	derive := derivations[kind]
	if derive == nil || seeded && (err != nil || seed < 0) {
		return nil, fmt.Errorf("no data set made from %s is called %q; want one of %q, with a seed or a class as in \"unequal 1\", or no name for %[1]s itself",
			l.Data.Name, name, slices.Sorted(maps.Keys(derivations)))
	}
	d, err := derive(l, seed)
	if err != nil {
		return nil, err
	}
	l.Put(name, d)
	return d, nil
}

// Put makes d the data set that a job calls name, instead of the one that would be derived.
func (l *Lab) Put(name string, d *dataset.Dataset) {
	if l.derived == nil {
		l.derived = map[string]*dataset.Dataset{}
	}
	l.derived[name] = d
}

// validation splits the training images of a data set. The first 5/6 are its training images, unchanged. The last 1/6
// are its test images, binarised.
func validation(d *dataset.Dataset) *dataset.Dataset {
	n := d.Train.Len() * 5 / 6
	rest := dataset.Split{Side: d.Side(), Images: d.Train.Images[n*d.Pixels():]}
	if d.Labelled() {
		rest.Labels = d.Train.Labels[n:]
	}
	v := derivedFrom(d, "5/6 of the training images, binarised", "5/6, binarised")
	v.Train, v.Test = d.Train.Head(n), Binarise(rest, 1)
	return v
}

// Binarise turns each pixel white with a probability equal to its grey level over 255, and black otherwise.
func Binarise(s dataset.Split, seed uint64) dataset.Split {
	random := rand.New(rand.NewPCG(seed, 0))
	images := make([]uint8, len(s.Images))
	for i, level := range s.Images {
		if random.Float64()*255 < float64(level) {
			images[i] = 255
		}
	}
	return dataset.Split{Side: s.Side, Images: images, Labels: s.Labels}
}

// ofClass keeps one class alone (how is Only) or all others (how is Without). Both splits may end up without images. A
// class that the data set does not have is an error.
func ofClass(d *dataset.Dataset, how string, class int) (*dataset.Dataset, error) {
	if class >= len(d.Classes) {
		return nil, fmt.Errorf("%s has %d classes and no class %d, counted from 0", d.Name, len(d.Classes), class)
	}
	part := derivedFrom(d, fmt.Sprintf("%s class %s", how, d.Classes[class]), fmt.Sprint(how, " ", class))
	for _, s := range []struct{ from, to *dataset.Split }{{&d.Train, &part.Train}, {&d.Test, &part.Test}} {
		s.to.Side = d.Side()
		for i, label := range s.from.Labels {
			if (int(label) == class) == (how == Only) {
				s.to.Images = append(s.to.Images, s.from.Image(i)...)
				s.to.Labels = append(s.to.Labels, label)
			}
		}
	}
	return part, nil
}

// withTest changes each test image.
func withTest(d *dataset.Dataset, how string, change func(image []uint8)) *dataset.Dataset {
	t := derivedFrom(d, how+" test images", how)
	t.Train, t.Test = d.Train, d.Test
	t.Test.Images = slices.Clone(d.Test.Images)
	for i := range t.Test.Len() {
		change(t.Test.Image(i))
	}
	return t
}

// derivedFrom is a data set without images, whose name, checksum and classes are derived from those of d. how
// identifies what was done to d.
func derivedFrom(d *dataset.Dataset, name, how string) *dataset.Dataset {
	return &dataset.Dataset{
		Name: d.Name + ", " + name, Checksum: fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, d.Checksum, " ", how))),
		Classes: d.Classes, Values: d.Values,
	}
}

// thinned keeps the first images of each class: all images of one class, a quarter of another, and shares in equal
// steps of the classes between. The seed determines which class keeps which share.
func thinned(d *dataset.Dataset, seed int) *dataset.Dataset {
	t := derivedFrom(d, fmt.Sprintf("sizes of classes 4 : 1, seed %d", seed), fmt.Sprintf("thinned 4:1 %d", seed))
	t.Train.Side, t.Test.Side = d.Side(), d.Side()
	k := len(d.Classes)
	step := 3 // places by which a seed moves the shares; no number of seeds below k brings them back
	for k > 0 && gcd(step, k) != 1 {
		step++
	}
	for _, part := range []struct{ from, to *dataset.Split }{{&d.Train, &t.Train}, {&d.Test, &t.Test}} {
		count := make([]int, k)
		for _, class := range part.from.Labels {
			count[class]++
		}
		seen := make([]int, k)
		for i, class := range part.from.Labels {
			place := (int(class) + step*seed) % k
			share := 1 - .75*float64(place)/float64(max(1, k-1))
			if seen[class]++; float64(seen[class]) <= share*float64(count[class]) {
				part.to.Images = append(part.to.Images, part.from.Image(i)...)
				part.to.Labels = append(part.to.Labels, class)
			}
		}
	}
	return t
}

// gcd is the greatest common divisor of two positive numbers.
func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

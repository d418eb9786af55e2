package lab

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
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
)

// derivations derive a data set from the lab's own. Binarised and MNIST ignore the seed.
var derivations = map[string]func(l *Lab, seed int) (*dataset.Dataset, error){
	Binarised: func(l *Lab, _ int) (*dataset.Dataset, error) { return validation(l.Data), nil },
	Unequal:   func(l *Lab, seed int) (*dataset.Dataset, error) { return thinned(l.Data, seed), nil },
	Printed: func(l *Lab, seed int) (*dataset.Dataset, error) {
		return digits.Draw(min(l.Data.Train.Len(), 20_000), min(l.Data.Test.Len(), 4000), uint64(seed))
	},
	MNIST: func(l *Lab, _ int) (*dataset.Dataset, error) {
		d, err := fashion.Load(context.Background(), fashion.Source{Name: fashion.MNIST, Progress: l.Out})
		if err != nil {
			return nil, err
		}
		return d.Head(min(d.Train.Len(), l.Data.Train.Len()), min(d.Test.Len(), l.Data.Test.Len())), nil
	},
}

// Dataset returns the data set that a job names. "" is the lab's own. Any other name, such as "unequal 1", is a kind of
// derived data set and, for most kinds, a seed. An unknown name is an error.
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
		return nil, fmt.Errorf("no data set made from %s is called %q; want one of %q, with a seed as in \"unequal 1\", or no name for %[1]s itself",
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
	sum := sha256.Sum256([]byte(d.Checksum + " 5/6, binarised"))
	return &dataset.Dataset{
		Name: d.Name + ", 5/6 of the training images, binarised", Checksum: hex.EncodeToString(sum[:]),
		Classes: d.Classes, Values: d.Values,
		Train: d.Train.Head(n), Test: Binarise(rest, 1),
	}
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

// thinned keeps the first images of each class: all images of one class, a quarter of another, and shares in equal
// steps of the classes between. The seed determines which class keeps which share.
func thinned(d *dataset.Dataset, seed int) *dataset.Dataset {
	t := &dataset.Dataset{
		Name:     fmt.Sprintf("%s, sizes of classes 4 : 1, seed %d", d.Name, seed),
		Checksum: fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%s thinned 4:1 %d", d.Checksum, seed))),
		Classes:  d.Classes, Values: d.Values,
	}
	t.Train.Side, t.Test.Side = d.Side(), d.Side()
	k := len(d.Classes)
	for _, part := range []struct{ from, to *dataset.Split }{{&d.Train, &t.Train}, {&d.Test, &t.Test}} {
		count := make([]int, k)
		for _, class := range part.from.Labels {
			count[class]++
		}
		seen := make([]int, k)
		for i, class := range part.from.Labels {
			place := (int(class) + 3*seed) % k
			share := 1 - .75*float64(place)/float64(max(1, k-1))
			if seen[class]++; float64(seen[class]) <= share*float64(count[class]) {
				part.to.Images = append(part.to.Images, part.from.Image(i)...)
				part.to.Labels = append(part.to.Labels, class)
			}
		}
	}
	return t
}

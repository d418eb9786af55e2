package lab

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"fashionlatent/lib/dataset"
	"fashionlatent/lib/digits"
)

// One class is left out and the same one is kept alone: together they are all images.
func TestOneClass(t *testing.T) {
	d, err := digits.Draw(200, 40, 1)
	if err != nil {
		t.Fatal(err)
	}
	l := &Lab{Data: d}
	for _, class := range []int{0, 9} {
		rest, err := l.Dataset(fmt.Sprint(Without, " ", class))
		if err != nil {
			t.Fatal(err)
		}
		only, err := l.Dataset(fmt.Sprint(Only, " ", class))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []struct{ whole, rest, only dataset.Split }{{d.Train, rest.Train, only.Train}, {d.Test, rest.Test, only.Test}} {
			var images, labels [2][]uint8
			for i, label := range s.whole.Labels {
				part := 0
				if int(label) == class {
					part = 1
				}
				images[part], labels[part] = append(images[part], s.whole.Image(i)...), append(labels[part], label)
			}
			for part, got := range []dataset.Split{s.rest, s.only} {
				if !slices.Equal(got.Images, images[part]) || !slices.Equal(got.Labels, labels[part]) {
					t.Errorf("class %d, part %d: %d images with the labels %v, want the labels %v", class, part, got.Len(), got.Labels, labels[part])
				}
			}
		}
		if rest.Checksum == only.Checksum || rest.Checksum == d.Checksum || len(rest.Classes) != 10 {
			t.Errorf("checksums %s and %s, classes %v", rest.Checksum, only.Checksum, rest.Classes)
		}
	}
	for _, name := range []string{"without 10", "only -1", "without x"} {
		if _, err := l.Dataset(name); err == nil {
			t.Errorf("there is a data set %s", name)
		}
	}
}

func TestChangedTestImages(t *testing.T) {
	d, err := digits.Draw(20, 300, 1)
	if err != nil {
		t.Fatal(err)
	}
	l := &Lab{Data: d}
	turned, err := l.Dataset(UpsideDown)
	if err != nil {
		t.Fatal(err)
	}
	for i := range d.Test.Len() {
		for y := range 28 {
			for x := range 28 {
				if turned.Test.Image(i)[y*28+x] != d.Test.Image(i)[(27-y)*28+27-x] {
					t.Fatalf("image %d is not turned at %d, %d", i, x, y)
				}
			}
		}
	}
	noisy, err := l.Dataset(Noisy)
	if err != nil {
		t.Fatal(err)
	}
	// Of black pixels, half stay black, and the others are on average at the mean of a half normal distribution.
	var black, changed, sum float64
	for i, level := range d.Test.Images {
		if level == 0 {
			black++
			if v := noisy.Test.Images[i]; v > 0 {
				changed++
				sum += float64(v) / 255
			}
		}
	}
	if share := changed / black; math.Abs(share-.5) > .02 || math.Abs(sum/changed-NoiseDeviation*math.Sqrt(2/math.Pi)) > .003 {
		t.Errorf("noise changes %.3f of the black pixels, to %.3f on average", share, sum/changed)
	}
	for _, c := range []*dataset.Dataset{turned, noisy} {
		if c.Checksum == d.Checksum || !slices.Equal(c.Train.Images, d.Train.Images) || !slices.Equal(c.Test.Labels, d.Test.Labels) {
			t.Errorf("%s: checksum %s", c.Name, c.Checksum)
		}
	}
	if turned.Checksum == noisy.Checksum {
		t.Error("both have one checksum")
	}
}

func TestThinned(t *testing.T) {
	d, err := digits.Draw(2000, 400, 1)
	if err != nil {
		t.Fatal(err)
	}
	thin := thinned(d, 0)
	for name, s := range map[string]struct{ whole, thin dataset.Split }{"train": {d.Train, thin.Train}, "test": {d.Test, thin.Test}} {
		count := make([]int, 10)
		at := 0
		for i, class := range s.thin.Labels {
			count[class]++
			for string(s.whole.Image(at)) != string(s.thin.Image(i)) || s.whole.Labels[at] != class { // in the same order
				if at++; at == s.whole.Len() {
					t.Fatalf("%s: image %d is none of the data set's", name, i)
				}
			}
		}
		whole := s.whole.Len() / 10
		if count[0] != whole || count[9] != whole/4 || count[5] >= count[4] || count[5] <= count[6] {
			t.Errorf("%s: images of the classes: %v", name, count)
		}
	}
	if turned := thinned(d, 1); turned.Checksum == thin.Checksum || turned.Train.Len() == d.Train.Len() {
		t.Errorf("another seed: %d images, checksum %s", turned.Train.Len(), turned.Checksum)
	}
}

// Every seed below the number of classes gives the shares to other classes.
func TestThinnedSeeds(t *testing.T) {
	for _, k := range []int{2, 3, 6, 10} {
		d := &dataset.Dataset{Classes: make([]string, k)}
		d.Train.Side, d.Test.Side = 1, 1
		for i := range 8 * k {
			d.Train.Images, d.Train.Labels = append(d.Train.Images, 0), append(d.Train.Labels, uint8(i%k))
		}
		seen := map[string]bool{}
		for seed := range k {
			count := make([]int, k)
			for _, class := range thinned(d, seed).Train.Labels {
				count[class]++
			}
			seen[fmt.Sprint(count)] = true
		}
		if len(seen) != k {
			t.Errorf("%d classes: %d ways of %d", k, len(seen), k)
		}
	}
	if d := thinned(&dataset.Dataset{}, 1); d.Train.Len() != 0 {
		t.Errorf("without labels it keeps %d images", d.Train.Len())
	}
}

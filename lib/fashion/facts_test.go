package fashion_test

import (
	"math"
	"slices"
	"testing"

	"fashionlatent/lib/dataset"
	"fashionlatent/lib/fashion"
	"fashionlatent/lib/fashion/fashiontest"
)

// TestFacts compares Fashion-MNIST with known facts about it. testdata/facts.py computes them.
func TestFacts(t *testing.T) {
	d := fashiontest.Real(t)
	if d.Name != "fashion-mnist" || d.Title != "Fashion-MNIST" {
		t.Errorf("want fashion-mnist, found %s", d.Name)
	}
	if !slices.Equal(d.Classes, fashion.ClassNames) {
		t.Errorf("want the classes %q, found %q", fashion.ClassNames, d.Classes)
	}
	for _, s := range []struct {
		split   dataset.Split
		n, each int
	}{{d.Train, 60000, 6000}, {d.Test, 10000, 1000}} {
		if s.split.Len() != s.n {
			t.Errorf("want %d images, found %d", s.n, s.split.Len())
		}
		var counts [10]int
		for _, label := range s.split.Labels {
			counts[label]++
		}
		for class, n := range counts {
			if n != s.each {
				t.Errorf("want %d images of class %d, found %d", s.each, class, n)
			}
		}
	}

	var mean [784]float64
	for i := range d.Train.Len() {
		for p, v := range d.Train.Image(i) {
			mean[p] += float64(v) / 255 / 60000
		}
	}
	var trainMean, testMean, mse float64
	for _, v := range mean {
		trainMean += v / 784
	}
	for i := range d.Test.Len() {
		for p, v := range d.Test.Image(i) {
			x := float64(v) / 255
			testMean += x / 7840000
			mse += (x - mean[p]) * (x - mean[p]) / 7840000
		}
	}
	for _, fact := range []struct {
		name        string
		found, want float64
	}{
		{"mean pixel of the training images", trainMean, .2860},
		{"mean pixel of the test images", testMean, .2868},
		{"squared error per pixel of the training images' mean on the test images", mse, .0866},
	} {
		if math.Abs(fact.found-fact.want) > .00005 {
			t.Errorf("%s: want %.4f, found %.5f", fact.name, fact.want, fact.found)
		}
	}
}

// BenchmarkLoad reads and verifies all 70,000 images.
func BenchmarkLoad(b *testing.B) {
	fashiontest.Real(b)
	for b.Loop() {
		fashiontest.Real(b)
	}
}

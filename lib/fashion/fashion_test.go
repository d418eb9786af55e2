package fashion_test

import (
	"math"
	"testing"

	"fashionlatent/lib/fashion"
	"fashionlatent/lib/fashion/fashiontest"
)

func TestHead(t *testing.T) {
	d := fashiontest.Tiny(t)
	for _, test := range []struct{ train, test, wantTrain, wantTest int }{
		{10, 5, 10, 5}, {60, 20, 60, 20}, {1000, 1000, 60, 20}, {0, 0, 0, 0}, {-1, 3, 0, 3},
	} {
		h := d.Head(test.train, test.test)
		if h.Train.Len() != test.wantTrain || h.Test.Len() != test.wantTest ||
			len(h.Train.Images) != test.wantTrain*fashion.Pixels || len(h.Test.Images) != test.wantTest*fashion.Pixels {
			t.Errorf("Head(%d, %d) has %d and %d images", test.train, test.test, h.Train.Len(), h.Test.Len())
		}
		if whole := test.wantTrain == 60 && test.wantTest == 20; whole != (h.Checksum == d.Checksum) {
			t.Errorf("Head(%d, %d): checksum %s of %s", test.train, test.test, h.Checksum, d.Checksum)
		}
	}
	if a, b := d.Head(10, 5).Checksum, d.Head(5, 10).Checksum; a == b || len(a) != 64 {
		t.Errorf("want checksums that differ, found %s and %s", a, b)
	}
}

// TestFacts holds Fashion-MNIST to what is known of it.
func TestFacts(t *testing.T) {
	d := fashiontest.Real(t)
	if d.Name != "fashion-mnist" {
		t.Errorf("want fashion-mnist, found %s", d.Name)
	}
	for _, s := range []struct {
		split   fashion.Split
		n, each int
	}{{d.Train, 60000, 6000}, {d.Test, 10000, 1000}} {
		if s.split.Len() != s.n {
			t.Errorf("want %d images, found %d", s.n, s.split.Len())
		}
		var counts [fashion.Classes]int
		for _, label := range s.split.Labels {
			counts[label]++
		}
		for class, n := range counts {
			if n != s.each {
				t.Errorf("want %d images of class %d, found %d", s.each, class, n)
			}
		}
	}

	var mean [fashion.Pixels]float64
	for i := range d.Train.Len() {
		for p, v := range d.Train.Image(i) {
			mean[p] += float64(v) / 255 / 60000
		}
	}
	var trainMean, testMean, mse float64
	for _, v := range mean {
		trainMean += v / fashion.Pixels
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

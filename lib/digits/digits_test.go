package digits_test

import (
	"math"
	"slices"
	"testing"

	"fashionlatent/lib/dataset"
	"fashionlatent/lib/digits"
)

func TestDraw(t *testing.T) {
	d, err := digits.Draw(1005, 200, 1)
	if err != nil {
		t.Fatal(err)
	}
	again, err := digits.Draw(1005, 200, 1)
	if err != nil || again.Checksum != d.Checksum || !slices.Equal(again.Train.Images, d.Train.Images) {
		t.Errorf("the same arguments gave other images (%v)", err)
	}
	if other, err := digits.Draw(1005, 200, 2); err != nil || other.Checksum == d.Checksum {
		t.Errorf("another seed gave the same images (%v)", err)
	}
	if slices.Equal(d.Train.Images[:len(d.Test.Images)], d.Test.Images) {
		t.Error("the test images are those of the training")
	}
	for name, s := range map[string]dataset.Split{"train": d.Train, "test": d.Test} {
		if len(s.Images) != s.Len()*784 {
			t.Fatalf("%s: %d values for %d images", name, len(s.Images), s.Len())
		}
		count := make([]int, 10)
		for i, label := range s.Labels {
			count[label]++
			var ink, edge float64
			for j, v := range s.Image(i) {
				ink += float64(v) / 255
				if x, y := j%28, j/28; x == 0 || y == 0 || x == 28-1 || y == 28-1 {
					edge += float64(v)
				}
			}
			if ink < 15 || ink > 250 || edge > 255 {
				t.Fatalf("%s: image %d, a %d, has ink for %.1f pixels, and for %.1f on its border", name, i, label, ink, edge/255)
			}
		}
		if slices.Max(count)-slices.Min(count) > 1 {
			t.Errorf("%s: images of each digit: %v", name, count)
		}
	}
	if near := nearestMean(d); near < .6 || near == 1 {
		t.Errorf("the nearest mean of a digit's training images tells %.3f of the test images; want most, not all", near)
	}
	if _, err := digits.Draw(-1, 0, 0); err == nil {
		t.Error("a negative number of images was drawn")
	}
}

// nearestMean is the accuracy on the test images of classification by the nearest class mean.
func nearestMean(d *dataset.Dataset) float64 {
	means := make([][]float64, 10)
	for c := range means {
		means[c] = make([]float64, 784)
	}
	for i, label := range d.Train.Labels {
		for j, v := range d.Train.Image(i) {
			means[label][j] += float64(v) * 10 / float64(d.Train.Len())
		}
	}
	right := 0
	for i, label := range d.Test.Labels {
		best, least := 0, math.Inf(1)
		for c, mean := range means {
			var distance float64
			for j, v := range d.Test.Image(i) {
				distance += (float64(v) - mean[j]) * (float64(v) - mean[j])
			}
			if distance < least {
				best, least = c, distance
			}
		}
		if best == int(label) {
			right++
		}
	}
	return float64(right) / float64(d.Test.Len())
}

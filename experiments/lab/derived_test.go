package lab

import (
	"testing"

	"fashionlatent/lib/dataset"
	"fashionlatent/lib/digits"
)

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

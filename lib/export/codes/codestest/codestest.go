// Package codestest has a table of codes for the tests of what writes them.
package codestest

import "fashionlatent/lib/export/codes"

// Table has codes of two dimensions of three images: one white, one grey, one black.
func Table() *codes.Table {
	t := &codes.Table{
		Dim: 2, Values: []float32{1, -2, .5, 1e-8, 3, 4}, LogVariances: []float32{-1, -2, -3, -4, -5, -6}, Layout: []float32{.5, -1, 0, 20, -3, 7},
		Side: 8, Images: make([]uint8, 3*64),
		Index: []int{0, 1, 0}, Split: []string{"train", "train", "test"}, Class: []string{"Bag", "T-shirt/top", "a\tb\n\"ü\""}, Cluster: []int{1, 0, 2},
	}
	for i := range 64 {
		t.Images[i], t.Images[64+i] = 255, 100
	}
	return t
}

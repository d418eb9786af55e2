package latent

import (
	"context"
	"fmt"

	"fashionlatent/lib/points"
)

// NeighbourAccuracy is the accuracy of classification by the k nearest neighbours: the share of test rows, [m, dim],
// whose class is the most frequent one among their k nearest training rows, [n, dim]. Between equally frequent classes
// the smallest label wins. The usual k is 5.
func NeighbourAccuracy(ctx context.Context, train []float32, trainLabels []uint8, test []float32, testLabels []uint8, dim, k int) (float64, error) {
	if err := checkLabels(train, trainLabels, dim); err != nil {
		return 0, err
	}
	if err := checkLabels(test, testLabels, dim); err != nil {
		return 0, err
	}
	h, err := points.Nearest(ctx, points.Matrix{X: test, Dim: dim}, points.Matrix{X: train, Dim: dim}, k)
	if err != nil {
		return 0, err
	}
	right := 0
	for i, label := range testLabels {
		var votes [256]int
		most := 0
		for _, j := range h.Of(i) {
			votes[trainLabels[j]]++
		}
		for class, v := range votes {
			if v > votes[most] {
				most = class
			}
		}
		if most == int(label) {
			right++
		}
	}
	return float64(right) / float64(len(testLabels)), nil
}

// checkLabels returns an error unless there is one label for each row of x, [n, dim].
func checkLabels(x []float32, labels []uint8, dim int) error {
	n, err := points.Count(x, dim)
	if err == nil && n != len(labels) {
		err = fmt.Errorf("latent: %d labels for %d rows; want one each", len(labels), n)
	}
	return err
}

package subject

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"fashionlatent/experiments/metric"
)

// Distances of codes to training codes at 0, 1, ..., 19 on a line.
func TestDistant(t *testing.T) {
	train := metric.Codes{Dim: 2}
	for i := range 20 {
		train.Values = append(train.Values, float32(i), 0)
	}
	found, err := distant(context.Background(), train, []float32{0, 0, -3, 4, 25, 0})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := found[metric.OfNearest], []float64{0, 5, 6}; !slices.Equal(got, want) {
		t.Errorf("nearest %v, want %v", got, want)
	}
	if got, want := found[metric.OfNeighbour], []float64{9, math.Hypot(12, 4), 15}; !slices.Equal(got, want) {
		t.Errorf("10th nearest %v, want %v", got, want)
	}
	train.Values = train.Values[:18]
	var undefined metric.Undefined
	if _, err := distant(context.Background(), train, []float32{0, 0}); !errors.As(err, &undefined) {
		t.Errorf("among 9 codes: %v", err)
	}
}

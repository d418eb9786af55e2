package latent

import (
	"context"
	"fmt"
	"math"
	"testing"
)

func ExampleHoles() {
	ctx := context.Background()
	train, test, samples := []float32{0, 10, 20}, []float32{1, 12, 19, 23}, []float32{5, 10, 20, 30} // images of one pixel
	ofTest, err := NearestDistances(ctx, test, train, 1)
	if err != nil {
		panic(err)
	}
	ofSamples, err := NearestDistances(ctx, samples, train, 1)
	if err != nil {
		panic(err)
	}
	share, threshold, err := Holes(ofSamples, ofTest, 0.99)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.2f of the samples are more than %.2f from the training images\n", share, threshold)
	// Output: 0.50 of the samples are more than 2.97 from the training images
}

// Samples that are distributed like the test images lie in holes as often as the level allows.
func TestHolesFloor(t *testing.T) {
	train := normal(3*2000, 1)
	of := func(seed uint64) []float64 {
		d, err := NearestDistances(t.Context(), normal(3*2000, seed), train, 3)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, level := range []float64{0.5, 0.9, 0.99} {
		share, _, err := Holes(of(2), of(3), level)
		if err != nil {
			t.Fatal(err)
		}
		checkClose(t, "share", []float64{share}, []float64{1 - level}, 0.03)
	}
}

func TestQuantileReference(t *testing.T) {
	m := readMeasures(t)
	for _, want := range m.Quantiles {
		got, err := quantile(m.Distances, want[0])
		if err != nil {
			t.Fatal(err)
		}
		checkClose(t, fmt.Sprint("level ", want[0]), []float64{got}, want[1:], 1e-12)
	}
}

func TestHolesErrors(t *testing.T) {
	for _, c := range []struct {
		samples, test []float64
		level         float64
		want          string
	}{
		{nil, []float64{1}, 0.99, "no distances of samples"},
		{[]float64{1}, nil, 0.99, "quantile 0.99 of 0 values"},
		{[]float64{1}, []float64{1}, 99, "quantile 99 of 1 values; want a share"},
		{[]float64{1}, []float64{1, math.NaN()}, 0.5, "some are NaN"},
	} {
		_, _, err := Holes(c.samples, c.test, c.level)
		checkError(t, err, c.want)
	}
}

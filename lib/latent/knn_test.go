package latent

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fashionlatent/lib/dataset"
	"fashionlatent/lib/fashion/fashiontest"
	"fashionlatent/lib/points"
)

func ExampleNeighbourAccuracy() {
	train, classes := []float32{0, 1, 2, 10, 11, 12}, []uint8{0, 0, 0, 1, 1, 1}
	accuracy, err := NeighbourAccuracy(context.Background(), train, classes, []float32{3, 8, 9, -5}, []uint8{0, 0, 1, 0}, 1, 3)
	if err != nil {
		panic(err)
	}
	fmt.Println(accuracy)
	// Output: 0.75
}

func TestNeighbourAccuracyReference(t *testing.T) {
	m := readMeasures(t)
	train, test := split(m, m.Codes, m.Dim)
	trainLabels, testLabels := split(m, m.classes(), 1)
	for k, want := range m.Accuracies {
		got, err := NeighbourAccuracy(t.Context(), train, trainLabels, test, testLabels, m.Dim, k)
		if err != nil {
			t.Fatal(err)
		}
		checkClose(t, fmt.Sprint("k = ", k), []float64{got}, []float64{want}, 1e-12)
	}
}

func TestNeighbourAccuracyErrors(t *testing.T) {
	x := []float32{1, 2}
	ctx := t.Context()
	checkError(t, second(NeighbourAccuracy(ctx, x, []uint8{0}, x, []uint8{0, 1}, 1, 1)), "1 labels for 2 rows")
	checkError(t, second(NeighbourAccuracy(ctx, x, []uint8{0, 1}, x, nil, 1, 1)), "0 labels for 2 rows")
	checkError(t, second(NeighbourAccuracy(ctx, x, []uint8{0, 1}, x, []uint8{0, 1}, 1, 3)), "3 neighbours among 2 points")
}

// The first 1,000 test images, classified by their pixel values, as lib/fashion/testdata/facts.py does.
func TestNeighbourAccuracyOfFashionMNIST(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("47 billion multiplications")
	}
	data := fashiontest.Real(t)
	const n = 1000
	got, err := NeighbourAccuracy(t.Context(), dataset.Floats(data.Train.Images), data.Train.Labels,
		dataset.Floats(data.Test.Images[:n*784]), data.Test.Labels[:n], 784, 5)
	if err != nil {
		t.Fatal(err)
	}
	checkClose(t, "accuracy", []float64{got}, []float64{0.86}, 1e-12)
}

func TestNeighboursReference(t *testing.T) {
	m := readMeasures(t)
	train, test := split(m, m.X, m.Features)
	h, err := points.Nearest(t.Context(), points.Matrix{X: test, Dim: m.Features}, points.Matrix{X: train, Dim: m.Features}, 5)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(m.Indices, h.Indices); d != "" {
		t.Error(d)
	}
	checkClose(t, "distances", h.Distances, m.Distances, 1e-12)
	h, err = points.NearestOthers(t.Context(), points.Matrix{X: train, Dim: m.Features}, 5)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(m.WithinIndices, h.Indices); d != "" {
		t.Error("within", d)
	}
	checkClose(t, "distances within", h.Distances, m.WithinDistances, 1e-12)
}

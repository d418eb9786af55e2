package latent

import (
	"context"
	"fmt"
	"testing"
)

func ExampleTwoSample() {
	apart, err := TwoSample(context.Background(), []float32{0, 1, 2}, []float32{10, 11, 12}, 1)
	if err != nil {
		panic(err)
	}
	copies, err := TwoSample(context.Background(), []float32{0, 1, 2}, []float32{0, 1, 2}, 1)
	if err != nil {
		panic(err)
	}
	fmt.Println(apart, copies)
	// Output: 1 0
}

func TestTwoSample(t *testing.T) {
	m := readMeasures(t)
	got, err := TwoSample(t.Context(), m.Codes[:len(m.Other)], m.Other, m.Dim)
	if err != nil {
		t.Fatal(err)
	}
	checkClose(t, "reference", []float64{got}, []float64{m.TwoSample}, 1e-12)
	got, err = TwoSample(t.Context(), normal(3*2000, 1), normal(3*2000, 2), 3)
	if err != nil {
		t.Fatal(err)
	}
	checkClose(t, "two samples of one distribution", []float64{got}, []float64{0.5}, 0.02)
	checkError(t, second(TwoSample(t.Context(), []float32{1, 2}, []float32{1}, 1)), "sets of 2 and 1 values")
}

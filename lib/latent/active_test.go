package latent

import (
	"fmt"
	"testing"
)

func ExampleActiveUnits() {
	codes := []float32{ // the second dimension is constant, and the third nearly so
		-1, 4, 0.01,
		0, 4, 0.02,
		1, 4, 0.03,
	}
	count, variance, err := ActiveUnits(codes, 3)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d, variances %.4f\n", count, variance)
	// Output: 1, variances [0.6667 0.0000 0.0001]
}

func TestActiveUnitsReference(t *testing.T) {
	m := readMeasures(t)
	count, variance, err := ActiveUnits(m.Codes, m.Dim)
	if err != nil {
		t.Fatal(err)
	}
	if count != m.Dim {
		t.Errorf("%d active, want %d", count, m.Dim)
	}
	checkClose(t, "variance", variance, m.Variance, 1e-12)
}

// The threshold lies between standard deviations of 0.09 and 0.11.
func TestActiveUnitsThreshold(t *testing.T) {
	count, _, err := ActiveUnits([]float32{0.09, 0.11, -0.09, -0.11}, 2)
	if err != nil || count != 1 {
		t.Errorf("%d active, %v; want 1", count, err)
	}
	_, _, err = ActiveUnits([]float32{1}, 2)
	checkError(t, err, "not a whole number of points of dimension 2")
}

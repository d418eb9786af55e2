package latent

import (
	"context"
	"fmt"
	"testing"
)

func ExampleMMD() {
	prior := []float32{-1, 0, 1}
	same, err := MMD(context.Background(), []float32{-0.9, 0.1, 0.9}, prior, 1)
	if err != nil {
		panic(err)
	}
	far, err := MMD(context.Background(), []float32{99, 100, 101}, prior, 1)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.1f %.1f\n", same, far) // for samples of one distribution it is about 0, and can be negative
	// Output: -0.3 1.1
}

func TestMMDReference(t *testing.T) {
	m := readMeasures(t)
	got, err := MMD(t.Context(), m.Codes, m.Other, m.Dim)
	if err != nil {
		t.Fatal(err)
	}
	checkClose(t, "MMD", []float64{got}, []float64{m.MMD}, 1e-12)
}

// For samples of one distribution the mean is 0, whatever their size: there is no bias.
func TestMMDUnbiased(t *testing.T) {
	var mean float64
	const draws = 400
	for seed := range uint64(draws) {
		v, err := MMD(t.Context(), normal(2*20, 2*seed), normal(2*30, 2*seed+1), 2)
		if err != nil {
			t.Fatal(err)
		}
		mean += v / draws
	}
	checkClose(t, "mean of many", []float64{mean}, []float64{0}, 0.004) // a single one is about 0.03
}

func TestMMDSameBits(t *testing.T) {
	x, y := normal(3*500, 1), normal(3*400, 2)
	sameBits(t, func() (float64, error) { return MMD(t.Context(), x, y, 3) })
}

func TestMMDErrors(t *testing.T) {
	checkError(t, second(MMD(t.Context(), []float32{1, 2}, []float32{1, 2, 3, 4}, 2)), "samples of 1 and 2 rows; want at least 2 of each")
	checkError(t, second(MMD(t.Context(), []float32{1, 2}, nil, 2)), "no points")
}

func BenchmarkMMD(b *testing.B) {
	x, y := normal(16*10000, 1), normal(16*10000, 2)
	for b.Loop() {
		if _, err := MMD(b.Context(), x, y, 16); err != nil {
			b.Fatal(err)
		}
	}
}

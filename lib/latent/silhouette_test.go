package latent

import (
	"context"
	"fmt"
	"testing"
)

func ExampleSilhouette() {
	x := []float32{0, 1, 10, 11}
	apart, err := Silhouette(context.Background(), x, []int{0, 0, 1, 1}, 1)
	if err != nil {
		panic(err)
	}
	mixed, err := Silhouette(context.Background(), x, []int{0, 1, 0, 1}, 1)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.2f %.2f\n", apart, mixed)
	// Output: 0.90 -0.45
}

func TestSilhouetteReference(t *testing.T) {
	m := readMeasures(t)
	x, err := Silhouette(t.Context(), m.X, m.Labels, m.Features)
	if err != nil {
		t.Fatal(err)
	}
	codes, err := Silhouette(t.Context(), m.Codes, m.classes(), m.Dim)
	if err != nil {
		t.Fatal(err)
	}
	checkClose(t, "silhouettes of data and codes", []float64{x, codes}, m.Silhouettes, 1e-12)
}

func TestSilhouettePlanted(t *testing.T) {
	for _, c := range []struct {
		name   string
		x      []float32
		labels []int
		want   float64
	}{
		{"two places", []float32{1, 1, 5, 5}, []int{7, 7, 3, 3}, 1},
		{"one place", []float32{1, 1, 1, 1}, []int{0, 0, 1, 1}, 0},
		{"each its own", []float32{1, 2, 3}, []int{0, 1, 2}, 0},
		{"one alone", []float32{0, 0, 4}, []int{0, 0, 1}, 2. / 3},
	} {
		got, err := Silhouette(t.Context(), c.x, c.labels, 1)
		if err != nil {
			t.Fatal(err)
		}
		checkClose(t, c.name, []float64{got}, []float64{c.want}, 1e-12)
	}
}

func TestSilhouetteSameBits(t *testing.T) {
	x := normal(2*500, 1)
	labels := make([]int, 500)
	for i := range labels {
		labels[i] = i % 7
	}
	sameBits(t, func() (float64, error) { return Silhouette(t.Context(), x, labels, 2) })
}

func TestSilhouetteErrors(t *testing.T) {
	checkError(t, second(Silhouette(t.Context(), []float32{1, 2}, []int{1, 1}, 1)), "1 group; want at least 2")
	checkError(t, second(Silhouette(t.Context(), []float32{1, 2}, []int{1}, 1)), "1 labels for 2 rows")
}

func BenchmarkSilhouette(b *testing.B) {
	x, labels := normal(16*10000, 1), make([]uint8, 10000)
	for i := range labels {
		labels[i] = uint8(i % 10)
	}
	for b.Loop() {
		if _, err := Silhouette(b.Context(), x, labels, 16); err != nil {
			b.Fatal(err)
		}
	}
}

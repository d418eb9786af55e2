package latent

import (
	"fmt"
	"slices"
	"testing"

	"fashionlatent/lib/points"

	"github.com/google/go-cmp/cmp"
)

func ExampleSubsample() {
	codes := []float32{0, 0, 1, 10, 2, 20, 3, 30} // four of two dimensions
	labels := []string{"a", "b", "c", "d"}
	rows := Subsample(4, 2, 1)
	fmt.Println(rows, points.Rows(codes, 2, rows), points.Rows(labels, 1, rows))
	// Output: [1 2] [1 10 2 20] [b c]
}

func TestSubsample(t *testing.T) {
	all := Subsample(5, 9, 1)
	if d := cmp.Diff([]int{0, 1, 2, 3, 4}, all); d != "" {
		t.Error("more than there are", d)
	}
	if got := len(Subsample(0, 3, 1)) + len(Subsample(3, 0, 1)) + len(Subsample(3, -1, 1)) + len(Subsample(-3, 1, 1)); got != 0 {
		t.Errorf("%d rows of none", got)
	}
	a, b := Subsample(1000, 100, 1), Subsample(1000, 100, 2)
	if !slices.Equal(a, Subsample(1000, 100, 1)) || slices.Equal(a, b) {
		t.Error("the seed does not make the sample")
	}
	counts := make([]float64, 10)
	for seed := range uint64(3000) {
		for _, i := range Subsample(10, 3, seed) {
			counts[i] += 1. / 3000
		}
	}
	checkClose(t, "how often each row is drawn", counts, slices.Repeat([]float64{0.3}, 10), 0.03)
}

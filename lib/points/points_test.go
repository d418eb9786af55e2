package points

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func ExampleRows() {
	codes := []float32{0, 0, 1, 10, 2, 20, 3, 30} // four of two dimensions
	labels := []string{"a", "b", "c", "d"}
	rows := []int{1, 2}
	fmt.Println(Rows(codes, 2, rows), Rows(labels, 1, rows))
	// Output: [1 10 2 20] [b c]
}

// normal are n values of a normal distribution.
func normal(n int, seed uint64) []float32 {
	rng := rand.New(rand.NewPCG(seed, 0))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

func TestNew(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	for _, c := range []struct {
		x    []float32
		dim  int
		want string
	}{
		{[]float32{1}, 0, "dimension 0"},
		{[]float32{1}, -1, "dimension -1"},
		{nil, 2, "no points"},
		{[]float32{1, 2, 3}, 2, "3 values are not a whole number of points of dimension 2"},
		{[]float32{1, 2, 3, nan}, 2, "value 1 of point 1 is NaN"},
		{[]float32{1, 2, inf, 4}, 2, "value 0 of point 1 is -Inf"},
	} {
		if _, err := New(c.x, c.dim); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
	m, err := New([]float32{1, 2, 3, 4, 5, 6}, 2)
	if err != nil || m.N() != 3 || m.Row(1)[0] != 3 {
		t.Errorf("%v, %v", m, err)
	}
}

package generate

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/stat/distuv"
)

func ExamplePriorGrid() {
	codes := PriorGrid(2) // quantiles 1/4 and 3/4
	for i := 0; i < len(codes); i += 2 {
		fmt.Printf("%+.2f\n", codes[i:i+2])
	}
	// Output:
	// [-0.67 +0.67]
	// [+0.67 +0.67]
	// [-0.67 -0.67]
	// [+0.67 -0.67]
}

func ExampleCodeGrid() {
	codes := []float32{0, 100, 1, 200, 2, 300, 3, 400, 4, 500}
	grid, err := CodeGrid(codes, 2, 2)
	if err != nil {
		panic(err)
	}
	fmt.Println(grid)
	// Output: [1 400 3 400 1 200 3 200]
}

func TestPriorGrid(t *testing.T) {
	for _, side := range []int{1, 2, 5, 20, 101} {
		codes := PriorGrid(side)
		if len(codes) != 2*side*side {
			t.Fatalf("side %d: %d values", side, len(codes))
		}
		for row := range side {
			for column := range side {
				got := codes[2*(row*side+column):][:2]
				x := distuv.UnitNormal.Quantile((float64(column) + 0.5) / float64(side))
				y := distuv.UnitNormal.Quantile((float64(side-1-row) + 0.5) / float64(side))
				if math.Abs(float64(got[0])-x) > 1e-6 || math.Abs(float64(got[1])-y) > 1e-6 {
					t.Errorf("side %d, row %d, column %d: %v, want %v %v", side, row, column, got, x, y)
				}
			}
		}
	}
	if n := len(PriorGrid(0)) + len(PriorGrid(-1)); n != 0 {
		t.Errorf("%d values in an empty grid", n)
	}
}

// The quantiles of a large sample of the prior are those of the prior, for each axis separately.
func TestCodeGridOfPrior(t *testing.T) {
	codes := Prior(2).Sample(200000, 1)
	for i := 1; i < len(codes); i += 2 {
		codes[i] = 10*codes[i] + 3
	}
	kept := slices.Clone(codes)
	got, err := CodeGrid(codes, 2, 9)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range PriorGrid(9) {
		tolerance := 0.02
		if i%2 == 1 {
			want, tolerance = 10*want+3, 0.2
		}
		if math.Abs(float64(got[i]-want)) > tolerance {
			t.Errorf("value %d is %v, want %v", i, got[i], want)
		}
	}
	if !slices.Equal(codes, kept) {
		t.Error("the codes were changed")
	}
}

func TestCodeGridOfOneCode(t *testing.T) {
	got, err := CodeGrid([]float32{7, 8}, 2, 2)
	if d := cmp.Diff([]float32{7, 8, 7, 8, 7, 8, 7, 8}, got); err != nil || d != "" {
		t.Error(err, d)
	}
}

func TestCodeGridErrors(t *testing.T) {
	for _, c := range []struct {
		codes     []float32
		dim, side int
		want      string
	}{
		{[]float32{1, 2, 3}, 3, 2, "3 dimensions; want 2"},
		{[]float32{1, 2, 3}, 2, 2, "3 values"},
		{nil, 2, 2, "0 values"},
		{[]float32{1, 2}, 2, 0, "side 0"},
		{[]float32{1, 2, 3, float32(math.Inf(1))}, 2, 2, "value 1 of code 1 is +Inf"},
	} {
		if _, err := CodeGrid(c.codes, c.dim, c.side); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
}

package latent

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"fashionlatent/lib/points"

	"github.com/google/go-cmp/cmp"
)

func ExamplePaths() {
	codes, err := Paths([]float32{1, 0}, []float32{0, 1}, 2, 2)
	if err != nil {
		panic(err)
	}
	fmt.Println(codes)
	// Output: [1 0 0.5 0.5 0 1]
}

// threshold decodes a code of one dimension to an image of one pixel, which is white above 0.55. It changes in one
// jump.
func threshold(_ context.Context, codes []float32) ([]float32, error) {
	images := make([]float32, len(codes))
	for i, c := range codes {
		if c > 0.55 {
			images[i] = 1
		}
	}
	return images, nil
}

func ExampleSteps() {
	codes, err := Paths([]float32{0}, []float32{1}, 1, 10)
	if err != nil {
		panic(err)
	}
	for _, decode := range []Decoder{itself, threshold} {
		s, err := DecodePaths(context.Background(), decode, codes, 1, 10)
		if err != nil {
			panic(err)
		}
		jumps, err := s.Jumps()
		if err != nil {
			panic(err)
		}
		fmt.Printf("length %.1f, largest step over mean step %.1f, share of jumps %.1f\n", s.Lengths(), s.Ratios(), jumps)
	}
	// Output:
	// length [1.0], largest step over mean step [1.0], share of jumps 0.0
	// length [1.0], largest step over mean step [10.0], share of jumps 0.1
}

// The steps are equal, whatever the number of paths that are decoded together.
func TestDecodePathsBlocks(t *testing.T) {
	const n, dim, steps = 2500, 3, 2
	from, to := normal(n*dim, 1), normal(n*dim, 2)
	paths, err := Paths(from, to, dim, steps)
	if err != nil {
		t.Fatal(err)
	}
	s, err := DecodePaths(t.Context(), itself, paths, dim, steps)
	if err != nil {
		t.Fatal(err)
	}
	if s.N != n || s.PerPath != steps {
		t.Errorf("%d paths of %d steps, want %d of %d", s.N, s.PerPath, n, steps)
	}
	if d := cmp.Diff(s.Code, s.Image); d != "" {
		t.Error("images are codes, but their steps differ", d)
	}
	want := make([]float64, n)
	for i := range want {
		want[i] = math.Sqrt(points.SquaredDistance(from[i*dim:(i+1)*dim], to[i*dim:]))
	}
	checkClose(t, "lengths", s.Lengths(), want, 1e-5)
}

func TestStepsPlanted(t *testing.T) {
	for _, c := range []struct {
		name           string
		s              Steps
		ratios, length []float64
		jumps          float64
	}{
		{"even", Steps{2, 2, []float64{1, 1, 3, 3}, []float64{1, 1, 3, 3}}, []float64{1, 1}, []float64{2, 6}, 0},
		{"nothing moves", Steps{1, 2, []float64{0, 0}, []float64{1, 1}}, []float64{1}, []float64{0}, 0},
		{"one jump in eight", Steps{2, 4, []float64{1, 1, 1, 1, 1, 5, 1, 1}, []float64{1, 1, 1, 1, 1, 1, 1, 1}}, []float64{1, 2.5}, []float64{4, 8}, 0.125},
		{"within the fence", Steps{1, 5, []float64{1, 2, 3, 4, 7}, []float64{1, 1, 1, 1, 1}}, []float64{35. / 17}, []float64{17}, 0}, // quartiles 2 and 4
		{"beyond the fence", Steps{1, 5, []float64{1, 2, 3, 4, 7.1}, []float64{1, 1, 1, 1, 1}}, []float64{35.5 / 17.1}, []float64{17.1}, 0.2},
		{"the code stands still once", Steps{1, 3, []float64{1, 0, 1}, []float64{1, 0, 1}}, []float64{1.5}, []float64{2}, 0},
	} {
		checkClose(t, c.name+": ratios", c.s.Ratios(), c.ratios, 1e-12)
		checkClose(t, c.name+": lengths", c.s.Lengths(), c.length, 1e-12)
		jumps, err := c.s.Jumps()
		if err != nil {
			t.Fatal(c.name, err)
		}
		checkClose(t, c.name+": jumps", []float64{jumps}, []float64{c.jumps}, 1e-12)
	}
}

func TestPathErrors(t *testing.T) {
	ctx := t.Context()
	failure := errors.New("out of memory")
	x := []float32{1, 2, 3, 4}
	decodes := func(images []float32, err error) Decoder {
		return func(context.Context, []float32) ([]float32, error) { return images, err }
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{second(Paths(x, x[:2], 2, 3)), "paths from 4 values to 2"},
		{second(Paths(x, x, 2, 0)), "a path of 0 steps"},
		{second(Paths(nil, nil, 2, 1)), "no points"},
		{second(DecodePaths(ctx, itself, x, 2, 0)), "paths of 0 steps"},
		{second(DecodePaths(ctx, itself, x, 3, 1)), "not a whole number of points of dimension 6"},
		{second(DecodePaths(ctx, decodes(nil, failure), x, 2, 1)), "out of memory"},
		{second(DecodePaths(ctx, decodes(nil, nil), x, 2, 1)), "0 values decoded from 2 codes"},
		{second(DecodePaths(ctx, decodes(x[:3], nil), x, 2, 1)), "3 values decoded from 2 codes"},
		{second(DecodePaths(ctx, decodes([]float32{1, float32(math.NaN())}, nil), x, 2, 1)), "decoded images: points: value 0 of point 1 is NaN"},
		{second((&Steps{1, 1, []float64{1}, []float64{0}}).Jumps()), "in none of the steps"},
	} {
		checkError(t, c.err, c.want)
	}
}

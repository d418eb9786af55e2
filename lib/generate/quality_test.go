package generate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func ExampleFrechet() {
	x := []float32{-1, 1} // mean 0, variance 2
	y := []float32{1, 5}  // mean 3, variance 8
	d, err := Frechet(x, y, 1)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.0f = (0 - 3)^2 + (√2 - √8)^2\n", d)
	// Output: 11 = (0 - 3)^2 + (√2 - √8)^2
}

func ExampleReference_Score() {
	test := Prior(2).Sample(1000, 1)
	train := Prior(2).Sample(1000, 2)
	r, err := NewReference(context.Background(), test, train, 2)
	if err != nil {
		panic(err)
	}
	narrow := Prior(2).Sample(1000, 3)
	for i := range narrow {
		narrow[i] /= 3
	}
	q, err := r.Score(context.Background(), narrow)
	if err != nil {
		panic(err)
	}
	fmt.Println("more precise than the floor:", q.Precision > r.Floor.Precision)
	fmt.Println("less recall:", q.Recall < r.Floor.Recall)
	fmt.Println("less coverage:", q.Coverage < r.Floor.Coverage)
	// Output:
	// more precise than the floor: true
	// less recall: true
	// less coverage: true
}

// measured is all that tells a set from another.
type measured struct {
	Frechet float64
	Quality
}

// quality scores the second set against the first.
func quality(t *testing.T, real, generated []float32, dim int) measured {
	t.Helper()
	r, err := NewReference(t.Context(), real, generated, dim)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Frechet(real, generated, dim)
	if err != nil {
		t.Fatal(err)
	}
	return measured{d, r.Floor}
}

func values(q measured) []float64 {
	return []float64{q.Frechet, q.Precision, q.Recall, q.Density, q.Coverage}
}

func TestReference(t *testing.T) {
	content, err := os.ReadFile("testdata/reference.json") // written by testdata/reference.py
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Dim   int
		Real  []float32
		Cases []struct {
			measured
			Name      string
			Generated []float32
		}
	}
	if err := json.Unmarshal(content, &want); err != nil {
		t.Fatal(err)
	}
	for _, c := range want.Cases {
		checkClose(t, c.Name, values(quality(t, want.Real, c.Generated, want.Dim)), values(c.measured), 1e-9)
		d, err := Frechet(c.Generated, want.Real, want.Dim)
		if err != nil {
			t.Fatal(err)
		}
		checkClose(t, c.Name+", the other way round", []float64{d}, []float64{c.Frechet}, 1e-9)
	}
}

func TestPlantedQualities(t *testing.T) {
	const n, dim = 200, 3
	real := Prior(dim).Sample(n, 1)
	moved := slices.Clone(real)
	for i := 0; i < len(moved); i += dim {
		moved[i] += 100
	}
	one := slices.Repeat(real[:dim], n)
	half := slices.Concat(real[:n/2*dim], real[:n/2*dim])
	for _, c := range []struct {
		name            string
		real, generated []float32
		want            measured
	}{
		{"identical", real, real, measured{0, Quality{1, 1, math.NaN(), 1}}},
		{"apart", real, moved, measured{1e4, Quality{0, 0, 0, 0}}},
		{"one real image only", real, one, measured{math.NaN(), Quality{1, 1. / n, math.NaN(), math.NaN()}}},
		{"one real image for ever, twice", one, one, measured{0, Quality{1, 1, n / neighbours, 1}}},
		{"half of the images twice", real, half, measured{math.NaN(), Quality{1, math.NaN(), math.NaN(), math.NaN()}}},
	} {
		got := values(quality(t, c.real, c.generated, dim))
		for i, want := range values(c.want) {
			if !math.IsNaN(want) && !(math.Abs(got[i]-want) <= 1e-6*(1+want)) {
				t.Errorf("%s: figure %d is %v, want %v", c.name, i, got[i], want)
			}
		}
	}
}

// A generator that leaves out modes stays precise. The more it leaves out, the lower are its recall and its coverage.
func TestDroppedModes(t *testing.T) {
	const n, modes, dim = 600, 6, 2
	draw := func(kept int, seed uint64) []float32 {
		x := Prior(dim).Sample(n, seed)
		for i := range n {
			angle := 2 * math.Pi * float64(i%kept) / modes
			x[i*dim] += float32(20 * math.Cos(angle))
			x[i*dim+1] += float32(20 * math.Sin(angle))
		}
		return x
	}
	real := draw(modes, 1)
	last := quality(t, real, draw(modes, 2), dim)
	if last.Precision < .9 || last.Recall < .9 || last.Coverage < .9 {
		t.Fatalf("all modes: %+v", last)
	}
	for kept := modes - 1; kept > 0; kept-- {
		q := quality(t, real, draw(kept, 2), dim)
		share := float64(kept) / modes
		if q.Precision < .9 || q.Recall > share || q.Coverage > share || !(q.Recall < last.Recall && q.Coverage < last.Coverage && q.Frechet > last.Frechet) {
			t.Errorf("%d of %d modes: %+v after %+v", kept, modes, q, last)
		}
		last = q
	}
}

// The distance between Gaussians with known moments. The samples are made to have exactly these moments.
func TestFrechetOfKnownMoments(t *testing.T) {
	const n, dim = 50, 3
	white := whitened(t, Prior(dim).Sample(n, 1), dim)
	scaled := func(mean, deviation [dim]float64) []float32 {
		x := make([]float32, len(white))
		for i, v := range white {
			x[i] = float32(mean[i%dim] + deviation[i%dim]*v)
		}
		return x
	}
	for _, c := range []struct {
		meanX, meanY, x, y [dim]float64
		want               float64 // |mean - mean|^2 + sum of squared differences of the standard deviations
	}{
		{x: [dim]float64{1, 1, 1}, y: [dim]float64{1, 1, 1}, want: 0},
		{x: [dim]float64{1, 2, 3}, y: [dim]float64{3, 2, 1}, want: 8},
		{meanX: [dim]float64{1, 0, 0}, meanY: [dim]float64{0, 2, 0}, x: [dim]float64{1, 2, 3}, y: [dim]float64{1, 2, 3}, want: 5},
		{meanX: [dim]float64{0, 0, 9}, x: [dim]float64{1, 1, 0}, y: [dim]float64{2, 1, 0}, want: 82}, // no variance in one feature
		{x: [dim]float64{0, 0, 0}, y: [dim]float64{1, 2, 2}, want: 9},
	} {
		got, err := Frechet(scaled(c.meanX, c.x), scaled(c.meanY, c.y), dim)
		if err != nil {
			t.Fatal(err)
		}
		checkClose(t, fmt.Sprint(c), []float64{got}, []float64{c.want}, 1e-5)
	}
}

// whitened transforms a sample to mean 0 and covariance I.
func whitened(t *testing.T, sample []float32, dim int) []float64 {
	g, err := fitGaussian(sample, dim)
	if err != nil {
		t.Fatal(err)
	}
	x := mat.NewDense(len(sample)/dim, dim, float64s(sample))
	x.Apply(func(_, j int, v float64) float64 { return v - g.mean[j] }, x)
	var inverse, white mat.Dense
	if err := inverse.Inverse(g.root); err != nil {
		t.Fatal(err)
	}
	white.Mul(x, &inverse)
	return white.RawMatrix().Data
}

func TestSameBitsOnAnyCores(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 0))
	const n, dim = 300, 130 // products of this size are computed in parallel
	sets := make([][]float32, 2)
	for s := range sets {
		for range n * dim {
			sets[s] = append(sets[s], float32(rng.ExpFloat64()))
		}
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := quality(t, sets[0], sets[1], dim)
	runtime.GOMAXPROCS(4)
	if four := quality(t, sets[0], sets[1], dim); one != four {
		t.Errorf("%+v on one core, %+v on four", one, four)
	}
}

func TestQualityErrors(t *testing.T) {
	frechet := func(x, y []float32, dim int) error { _, err := Frechet(x, y, dim); return err }
	reference := func(x, y []float32, dim int) error { _, err := NewReference(t.Context(), x, y, dim); return err }
	eight := []float32{1, 2, 3, 4, 5, 6, 7, 8}
	bad := slices.Clone(eight)
	bad[3] = float32(math.Inf(1))
	for _, c := range []struct {
		err  error
		want string
	}{
		{frechet(eight, eight, 0), "dimension 0"},
		{frechet(eight, eight, 3), "8 values are not a whole number of points of dimension 3"},
		{frechet(eight, eight[:4], 4), "1 image; want at least 2"},
		{frechet(bad, eight, 2), "value 1 of point 1 is +Inf"},
		{reference(nil, nil, 2), "no points"},
		{reference(eight, eight, 2), "4 images; want at least 6"},
		{reference(eight, eight[:7], 1), "7 images against those of 8"},
		{reference(eight, bad, 1), "value 0 of point 3 is +Inf"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", c.err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := NewReference(ctx, eight, eight, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled, it returned %v", err)
	}
}

// Features with falling variance, like those of a classifier.
func BenchmarkScore(b *testing.B) {
	const n, dim = 10000, 256
	draw := func(seed uint64) []float32 {
		x := Prior(dim).Sample(n, seed)
		for i := range x {
			x[i] /= float32(1 + i%dim)
		}
		return x
	}
	r, err := NewReference(b.Context(), draw(1), draw(2), dim)
	if err != nil {
		b.Fatal(err)
	}
	generated := draw(3)
	for b.Loop() {
		if _, err := r.Score(b.Context(), generated); err != nil {
			b.Fatal(err)
		}
	}
}

package latent

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fashionlatent/lib/dataset"
	"fashionlatent/lib/fashion/fashiontest"
)

func ExampleFitPCA() {
	x := []float32{ // points on a line of slope 3/4
		0, 0,
		4, 3,
		8, 6,
	}
	p, err := FitPCA(context.Background(), x, 2, 1)
	if err != nil {
		panic(err)
	}
	codes, err := p.Transform(x)
	if err != nil {
		panic(err)
	}
	fmt.Printf("component %.1f, variance %.0f, codes %.0f\n", p.Components, p.Variance[0], codes)
	// Output: component [0.8 0.6], variance 25, codes [-5 0 5]
}

func checkClose[T float32 | float64](t *testing.T, what string, got []T, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(float64(got[i])-want[i]) <= tolerance*(1+math.Abs(want[i]))) {
			t.Errorf("%s: value %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

func TestPCAReference(t *testing.T) {
	b, err := os.ReadFile("testdata/pca.json") // written by testdata/reference.py
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Features, Dim                            int
		X                                        []float32
		Mean, Components, Variance, Share, Codes []float64
		MSE                                      float64
	}
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	p, err := FitPCA(t.Context(), want.X, want.Features, want.Dim)
	if err != nil {
		t.Fatal(err)
	}
	checkClose(t, "mean", p.Mean, want.Mean, 1e-12)
	checkClose(t, "components", p.Components, want.Components, 1e-10)
	checkClose(t, "variance", p.Variance, want.Variance, 1e-12)
	checkClose(t, "share", p.Share, want.Share, 1e-12)
	codes, err := p.Transform(want.X)
	if err != nil {
		t.Fatal(err)
	}
	checkClose(t, "codes", codes, want.Codes, 1e-6)
	mse, err := p.ReconstructionMSE(want.X)
	if err != nil {
		t.Fatal(err)
	}
	checkClose(t, "MSE", []float64{mse}, []float64{want.MSE}, 1e-12)
}

// Points on a plane in many dimensions are reconstructed from two coordinates. The widths are close to those of the
// tiles.
func TestPCAPlane(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for _, features := range []int{2, 3, tile - 1, tile, tile + 1, 2*tile + 7} {
		n := 300
		a, b := make([]float64, features), make([]float64, features)
		for j := range features {
			a[j], b[j] = rng.NormFloat64(), rng.NormFloat64()
		}
		var x []float32
		for range n {
			u, v := 3*rng.NormFloat64(), rng.NormFloat64()
			for j := range features {
				x = append(x, float32(u*a[j]+v*b[j]+float64(j)))
			}
		}
		p, err := FitPCA(t.Context(), x, features, 2)
		if err != nil {
			t.Fatal(err)
		}
		checkClose(t, "share of two components", []float64{p.Share[0] + p.Share[1]}, []float64{1}, 1e-9)
		checkClose(t, "inner products of the components", []float64{
			dot(p.Components[:features], p.Components), dot(p.Components[:features], p.Components[features:]), dot(p.Components[features:], p.Components[features:]),
		}, []float64{1, 0, 1}, 1e-12)
		codes, err := p.Transform(x)
		if err != nil {
			t.Fatal(err)
		}
		back, err := p.Inverse(codes)
		if err != nil {
			t.Fatal(err)
		}
		want := make([]float64, len(x))
		for i, v := range x {
			want[i] = float64(v)
		}
		checkClose(t, fmt.Sprintf("%d features, there and back", features), back, want, 1e-4)
	}
}

// The error on the fitted data is the variance that is left out, divided by the number of features.
func TestPCAErrorIsTheRest(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 0))
	const n, features = 400, 6
	x := make([]float32, n*features)
	for i := range x {
		x[i] = float32(rng.NormFloat64() * float64(1+i%features))
	}
	all, err := FitPCA(t.Context(), x, features, features)
	if err != nil {
		t.Fatal(err)
	}
	for dim := 1; dim <= features; dim++ {
		p, err := FitPCA(t.Context(), x, features, dim)
		if err != nil {
			t.Fatal(err)
		}
		head, err := all.Head(dim)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(p, head); d != "" {
			t.Error("Head differs from a fit of its own", d)
		}
		var rest float64
		for _, v := range all.Variance[dim:] {
			rest += v
		}
		mse, err := p.ReconstructionMSE(x)
		if err != nil {
			t.Fatal(err)
		}
		checkClose(t, "MSE", []float64{mse}, []float64{rest * (n - 1) / n / features}, 1e-10)
	}
}

func TestPCAConstant(t *testing.T) {
	p, err := FitPCA(t.Context(), []float32{1, 2, 1, 2, 1, 2}, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	if p.Variance[0] != 0 || p.Share[0] != 0 {
		t.Errorf("variance %v, share %v, want 0", p.Variance, p.Share)
	}
}

func TestPCASameBitsOnAnyCores(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 0))
	x := make([]float32, 700*120)
	for i := range x {
		x[i] = rng.Float32()
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one, err := FitPCA(t.Context(), x, 120, 10)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GOMAXPROCS(4)
	four, err := FitPCA(t.Context(), x, 120, 10)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(one, four); d != "" {
		t.Error(d)
	}
}

func TestPCAErrors(t *testing.T) {
	p, err := FitPCA(t.Context(), []float32{0, 0, 1, 1}, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	fit := func(x []float32, features, dim int) error {
		_, err := FitPCA(t.Context(), x, features, dim)
		return err
	}
	transform := func(x []float32) error { _, err := p.Transform(x); return err }
	inverse := func(x []float32) error { _, err := p.Inverse(x); return err }
	mse := func(x []float32) error { _, err := p.ReconstructionMSE(x); return err }
	head := func(dim int) error { _, err := p.Head(dim); return err }
	for _, c := range []struct {
		err  error
		want string
	}{
		{fit(nil, 2, 1), "no points"},
		{fit([]float32{1, 2}, 0, 1), "dimension 0"},
		{fit([]float32{1, 2, 3}, 2, 1), "3 values are not a whole number of points of dimension 2"},
		{fit([]float32{1, 2}, 2, 1), "at least 2"},
		{fit([]float32{1, 2, 3, 4}, 2, 0), "0 components of 2 features; want 1 to 2"},
		{fit([]float32{1, 2, 3, 4}, 2, 3), "3 components of 2 features"},
		{fit([]float32{1, 2, 3, float32(math.NaN())}, 2, 1), "value 1 of point 1 is NaN"},
		{fit([]float32{1, 2, float32(math.Inf(1)), 4}, 2, 1), "value 0 of point 1 is +Inf"},
		{transform([]float32{1}), "1 values are not a whole number of points of dimension 2"},
		{inverse(nil), "no points"},
		{mse([]float32{1, 2, 3}), "points of dimension 2"},
		{head(0), "want 1 to 1"},
		{head(2), "first 2 of 1 components"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", c.err, c.want)
		}
	}
}

// raceDetector is true under go test -race, which makes arithmetic many times slower.
var raceDetector bool

// The baseline for an autoencoder: the error on the test images of components of the training images. lib/fashion/testdata/facts.py
// computes the same values.
func TestPCAOfFashionMNIST(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("18 billion multiplications")
	}
	data := fashiontest.Real(t)
	all, err := FitPCA(t.Context(), dataset.Floats(data.Train.Images), 784, 64)
	if err != nil {
		t.Fatal(err)
	}
	test := dataset.Floats(data.Test.Images)
	for _, c := range []struct {
		dim  int
		want string
	}{{1, "0.0614"}, {2, "0.0461"}, {4, "0.0366"}, {8, "0.0266"}, {16, "0.0204"}, {32, "0.0151"}, {64, "0.0104"}} {
		p, err := all.Head(c.dim)
		if err != nil {
			t.Fatal(err)
		}
		mse, err := p.ReconstructionMSE(test)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%.4f", mse); got != c.want {
			t.Errorf("d = %d: %s, want %s", c.dim, got, c.want)
		}
	}
}

func BenchmarkFitPCA(b *testing.B) {
	rng := rand.New(rand.NewPCG(4, 0))
	x := make([]float32, 60000*784)
	for i := range x {
		x[i] = rng.Float32()
	}
	for b.Loop() {
		if _, err := FitPCA(b.Context(), x, 784, 16); err != nil {
			b.Fatal(err)
		}
	}
}

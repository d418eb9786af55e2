package cluster

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"
)

// reference is testdata/reference.json, written by testdata/reference.py.
type reference struct {
	K, Dim int
	X      []float32
	KMeans []struct {
		Init, Centres []float64
		Inertia       float64
		Iterations    int
		Labels        []int
	}
	BestInertia float64 `json:"best_inertia"`
	Mixtures    []struct {
		Init, Weights, Means, Covariances []float64
		Tolerance                         float64
		Iterations                        int
		LogLikelihood                     float64 `json:"log_likelihood"`
		BIC                               float64
		Labels                            []int
		LogDensity                        []float64 `json:"log_density"`
	}
	Agreements []struct {
		Classes, Clusters []int
		NMI, ARI          float64
		Present           [][]int // counts of the classes and clusters that have points
	}
	Graph struct {
		Neighbours   int
		Nearest      [][]int32 // of the first points
		Edges        [][2]int32
		Weights      []float64
		Giant        int
		Modularities []struct {
			Labels                 []int
			Resolution, Modularity float64
		}
	}
}

func readReference(t *testing.T) *reference {
	t.Helper()
	b, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	r := new(reference)
	if err := json.Unmarshal(b, r); err != nil {
		t.Fatal(err)
	}
	return r
}

// planted draws n points of k Gaussians in dim dimensions with separated means, and returns the Gaussian of each point.
func planted(n, k, dim int, spread float64, seed uint64) (x []float32, classes []uint8) {
	rng := rand.New(rand.NewPCG(seed, 0))
	means := make([]float64, k*dim)
	for i := range means {
		means[i] = spread * rng.NormFloat64()
	}
	for range n {
		c := rng.IntN(k)
		classes = append(classes, uint8(c))
		shared := rng.NormFloat64()
		for j := range dim {
			x = append(x, float32(means[c*dim+j]+0.5*shared*float64(1-2*((c+j)%2))+rng.NormFloat64()))
		}
	}
	return x, classes
}

// onCores calls f with one core and then with four.
func onCores(t *testing.T, f func()) {
	t.Helper()
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	f()
	runtime.GOMAXPROCS(4)
	f()
}

func checkClose(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= tolerance*(1+math.Abs(want[i]))) {
			t.Errorf("%s: value %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
	}
}

func TestInvalidPoints(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	for _, c := range []struct {
		name string
		x    []float32
		dim  int
		want string
	}{
		{"no dimension", []float32{1}, 0, "dimension 0"},
		{"negative dimension", []float32{1}, -1, "dimension -1"},
		{"empty", nil, 2, "no points"},
		{"ragged", []float32{1, 2, 3}, 2, "3 values are not a whole number of points of dimension 2"},
		{"NaN", []float32{1, 2, 3, nan}, 2, "value 1 of point 1 is NaN"},
		{"Inf", []float32{1, 2, inf, 4}, 2, "value 0 of point 1 is -Inf"},
		{"few", []float32{1, 2, 3, 4}, 2, "2 points for 3 clusters"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := FitKMeans(t.Context(), c.x, c.dim, KMeansConfig{K: 3})
			checkError(t, err, c.want)
			_, err = FitMixture(t.Context(), c.x, c.dim, MixtureConfig{K: 3})
			checkError(t, err, c.want)
			_, err = SearchMixture(t.Context(), c.x, c.dim, SearchConfig{MixtureConfig: MixtureConfig{K: 3}})
			checkError(t, err, c.want)
			if c.name == "few" {
				return
			}
			_, err = Communities(t.Context(), c.x, c.dim, CommunitiesConfig{K: 3, Neighbours: 1})
			checkError(t, err, c.want)
			_, err = (&KMeans{K: 1, Dim: c.dim, Centres: make([]float64, 2)}).Predict(c.x)
			checkError(t, err, c.want)
			m := &Mixture{K: 1, Dim: c.dim, Weights: []float64{1}, Means: make([]float64, 2), Covariances: []float64{1, 0, 0, 1}}
			_, err = m.Predict(c.x)
			checkError(t, err, c.want)
			_, err = m.LogDensity(c.x)
			checkError(t, err, c.want)
		})
	}
}

// A number below 0 stands for 0, which is the default otherwise.
func TestZeroOptions(t *testing.T) {
	x := []float32{1, 2, 3, 4}
	m, err := FitMixture(t.Context(), x, 1, MixtureConfig{K: 1, Ridge: -1, Tolerance: -1, MaxIterations: 7})
	if err != nil || m.Covariances[0] != 1.25 || m.Iterations != 7 || m.Converged {
		t.Errorf("%+v, %v; want a variance of 1.25 and all 7 iterations", m, err)
	}
	if m, err = FitMixture(t.Context(), x, 1, MixtureConfig{K: 1, MaxIterations: 7}); err != nil || m.Covariances[0] != 1.25+1e-6 || !m.Converged {
		t.Errorf("%+v, %v; want the default ridge and an early end", m, err)
	}
}

func TestInvalidOptions(t *testing.T) {
	x := []float32{1, 2, 3, 4}
	for _, c := range []struct {
		cfg  KMeansConfig
		want string
	}{
		{KMeansConfig{K: -1}, "K is -1"},
		{KMeansConfig{Restarts: -2}, "Restarts is -2"},
		{KMeansConfig{MaxIterations: -3}, "MaxIterations is -3"},
		{KMeansConfig{Tolerance: math.NaN()}, "Tolerance is NaN"},
	} {
		_, err := FitKMeans(t.Context(), x, 1, c.cfg)
		checkError(t, err, c.want)
		_, err = FitMixture(t.Context(), x, 1, MixtureConfig{K: c.cfg.K, Restarts: c.cfg.Restarts, MaxIterations: c.cfg.MaxIterations, Tolerance: c.cfg.Tolerance})
		checkError(t, err, c.want)
	}
	_, err := FitMixture(t.Context(), x, 1, MixtureConfig{Ridge: math.Inf(-1)})
	checkError(t, err, "Ridge is -Inf")
	_, err = SearchMixture(t.Context(), x, 1, SearchConfig{Rounds: -1})
	checkError(t, err, "Rounds is -1")
	_, err = Communities(t.Context(), x, 1, CommunitiesConfig{Votes: -1})
	checkError(t, err, "Votes is -1")
	_, err = BICs(t.Context(), x, 1, []int{1, 0}, MixtureConfig{})
	checkError(t, err, "0 components")
	_, err = Communities(t.Context(), x, 1, CommunitiesConfig{Neighbours: 4})
	checkError(t, err, "4 neighbours among 3 points")
}

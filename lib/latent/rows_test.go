package latent

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// measures are values of independent implementations, written by testdata/reference.py.
type measures struct {
	Features, Dim, Train int
	X, Codes, Other      []float32
	Labels               []int
	Indices              []int32
	Distances            []float64
	WithinIndices        []int32   `json:"within_indices"`
	WithinDistances      []float64 `json:"within_distances"`
	Accuracies           map[int]float64
	Ranks                []struct {
		K                           int
		Trustworthiness, Continuity float64
	}
	Silhouettes, Variance, NLL []float64
	MMD, TSNE                  float64
	LogWeights                 []float64 `json:"log_weights"`
	Probes                     []struct {
		L2, Objective, Accuracy, Loss float64
		Weights                       []float64
	}
	Inside    []bool
	Quantiles [][2]float64
	AUROCs    []struct {
		Name            string
		Inside, Outside []float64
		AUROC           float64
	}
}

func readMeasures(t testing.TB) *measures {
	t.Helper()
	b, err := os.ReadFile("testdata/measures.json")
	if err != nil {
		t.Fatal(err)
	}
	var m measures
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	return &m
}

// split divides rows of that width into training and test rows.
func split[T any](m *measures, rows []T, width int) (train, test []T) {
	return rows[:m.Train*width], rows[m.Train*width:]
}

func (m *measures) classes() []uint8 {
	var classes []uint8
	for _, l := range m.Labels {
		classes = append(classes, uint8(l))
	}
	return classes
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

// sameBits compares the results of measure on one core and on four.
func sameBits[T any](t *testing.T, measure func() (T, error)) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one, err := measure()
	if err != nil {
		t.Fatal(err)
	}
	runtime.GOMAXPROCS(4)
	four, err := measure()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(one, four); d != "" {
		t.Error("on one core and on four", d)
	}
}

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
	}
}

// second is the error of a call.
func second[T any](_ T, err error) error { return err }

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	x, labels := normal(40, 1), make([]uint8, 20)
	labels[3] = 1
	manifold, err := NewManifold(t.Context(), x, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"NeighbourAccuracy": second(NeighbourAccuracy(ctx, x, labels, x, labels, 2, 1)),
		"FitProbe":          second(FitProbe(ctx, x, labels, 2, ProbeConfig{})),
		"Trustworthiness":   second(Trustworthiness(ctx, x, 2, x, 2, 1)),
		"Silhouette":        second(Silhouette(ctx, x, labels, 2)),
		"MMD":               second(MMD(ctx, x, x, 2)),
		"NewManifold":       second(NewManifold(ctx, x, 2, 1)),
		"Contains":          second(manifold.Contains(ctx, x)),
		"Midpoints":         second(Midpoints(ctx, itself, manifold, x, x, 2)),
		"DecodePaths":       second(DecodePaths(ctx, itself, x, 2, 1)),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// itself decodes a code to itself.
func itself(_ context.Context, codes []float32) ([]float32, error) { return codes, nil }

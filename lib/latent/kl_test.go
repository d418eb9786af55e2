package latent

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func ExampleMeasureKL() {
	means := []float32{ // of three images; the second dimension carries nothing about them
		-2, 0,
		0, 0,
		2, 0,
	}
	logVariances := []float32{-4, 0, -4, 0, -4, 0}
	kl, err := MeasureKL(means, logVariances, 2, 0.01)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.2f nats, collapsed for a share of %.0f\n", kl.Mean, kl.Collapsed)
	// Output: [2.84 0.00] nats, collapsed for a share of [0 1]
}

// Comparison with numerical integration.
func TestKLReference(t *testing.T) {
	m := readMeasures(t)
	kl, err := MeasureKL(m.Means, m.LogVariances, len(m.Means), 0.001)
	if err != nil {
		t.Fatal(err)
	}
	checkClose(t, "divergence", kl.Mean, m.Divergences, 1e-10)
	if d := cmp.Diff([]float64{1, 0, 0, 1, 0}, kl.Collapsed); d != "" {
		t.Error("collapsed", d)
	}
}

func TestKLCollapsedIsAShare(t *testing.T) {
	kl, err := MeasureKL([]float32{0, 1, 0, 1, 0, 0, 3, 3}, make([]float32, 8), 2, 0.01)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(&KL{Mean: []float64{9. / 8, 11. / 8}, Collapsed: []float64{0.75, 0.25}}, kl); d != "" {
		t.Error(d)
	}
}

func TestKLErrors(t *testing.T) {
	for _, c := range []struct {
		means, logVariances []float32
		want                string
	}{
		{nil, nil, "no points"},
		{[]float32{1, 2, 3, 4}, []float32{1, 2}, "2 log-variances for 4 means"},
		{[]float32{1, 2}, []float32{0, float32(math.Inf(-1))}, "log-variances: points: value 1 of point 0 is -Inf"},
	} {
		checkError(t, second(MeasureKL(c.means, c.logVariances, 2, 0.01)), c.want)
	}
}

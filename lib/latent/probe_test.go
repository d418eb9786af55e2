package latent

import (
	"context"
	"fmt"
	"math"
	"testing"
)

func ExampleFitProbe() {
	codes := []float32{0, 0, 1, 0, 0, 1, 5, 5, 6, 5, 5, 6} // two groups in the plane
	classes := []uint8{0, 0, 0, 1, 1, 1}
	p, err := FitProbe(context.Background(), codes, classes, 2, ProbeConfig{})
	if err != nil {
		panic(err)
	}
	accuracy, _, err := p.Score([]float32{1, 1, 4, 4, 9, -9}, []uint8{0, 1, 1})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.2f\n", accuracy)
	// Output: 0.67
}

func TestProbeReference(t *testing.T) {
	m := readMeasures(t)
	train, test := split(m, m.Codes, m.Dim)
	trainLabels, testLabels := split(m, m.classes(), 1)
	for _, want := range m.Probes {
		p, err := FitProbe(t.Context(), train, trainLabels, m.Dim, ProbeConfig{L2: want.L2})
		if err != nil {
			t.Fatal(err)
		}
		accuracy, loss, err := p.Score(test, testLabels)
		if err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprint("L2 ", want.L2)
		if !p.Converged {
			t.Error(name, "has not converged")
		}
		checkClose(t, name+": objective", []float64{p.Objective}, []float64{want.Objective}, 1e-6)
		checkClose(t, name+": weights", p.Weights, want.Weights, 5e-3)
		checkClose(t, name+": accuracy", []float64{accuracy}, []float64{want.Accuracy}, 1e-12)
		checkClose(t, name+": loss", []float64{loss}, []float64{want.Loss}, 1e-3)
	}
}

// A probe does not depend on the position and the scale of the codes. A constant dimension changes nothing.
func TestProbeStandardises(t *testing.T) {
	m := readMeasures(t)
	var stretched []float32
	for i := 0; i < len(m.Codes); i += m.Dim {
		stretched = append(stretched, 1000*m.Codes[i]+7, 0.01*m.Codes[i+1], -m.Codes[i+2], 3)
	}
	var objectives []float64
	for _, c := range []struct {
		codes []float32
		dim   int
	}{{m.Codes, m.Dim}, {stretched, m.Dim + 1}} {
		p, err := FitProbe(t.Context(), c.codes, m.classes(), c.dim, ProbeConfig{})
		if err != nil {
			t.Fatal(err)
		}
		objectives = append(objectives, p.Objective)
	}
	checkClose(t, "objective", objectives[1:], objectives[:1], 1e-6)
}

func TestProbePlanted(t *testing.T) {
	const n = 2000
	classes, pure, constant := make([]uint8, n), normal(2*n, 1), make([]float32, n)
	for i := range classes {
		classes[i] = uint8(i % 4)
		pure[2*i] += 20 * float32(i%4%2)
		pure[2*i+1] += 20 * float32(i%4/2)
	}
	for _, c := range []struct {
		name           string
		codes          []float32
		dim            int
		least, largest float64
	}{
		{"groups apart", pure, 2, 1, 1},
		{"nothing", constant, 1, 0.25, 0.25},
		{"noise", normal(3*n, 2), 3, 0.2, 0.32},
	} {
		p, err := FitProbe(t.Context(), c.codes, classes, c.dim, ProbeConfig{})
		if err != nil {
			t.Fatal(err)
		}
		if got, _, err := p.Score(c.codes, classes); err != nil || got < c.least || got > c.largest {
			t.Errorf("%s: %v, %v; want %v to %v", c.name, got, err, c.least, c.largest)
		}
	}
}

func TestProbeSameBits(t *testing.T) {
	x, classes := normal(5*3000, 1), make([]uint8, 3000)
	for i := range classes {
		if x[5*i] > x[5*i+1] {
			classes[i] = 1
		}
	}
	sameBits(t, func() (*Probe, error) { return FitProbe(t.Context(), x, classes, 5, ProbeConfig{MaxIterations: 20}) })
}

// Below 0, L2 stands for no penalty. The loss is then the smallest that there is.
func TestProbeWithoutPenalty(t *testing.T) {
	x, classes := []float32{1, 2, 3, 4}, []uint8{0, 1, 0, 1}
	var objectives []float64
	for _, l2 := range []float64{-1, 1e-9, 0} {
		p, err := FitProbe(t.Context(), x, classes, 1, ProbeConfig{L2: l2})
		if err != nil {
			t.Fatal(err)
		}
		objectives = append(objectives, p.Objective)
	}
	if math.Abs(objectives[0]-objectives[1]) > 1e-7 || !(objectives[2] > objectives[0]+.01) {
		t.Errorf("objectives %v without a penalty, with a tiny one and with the default", objectives)
	}
}

func TestProbeErrors(t *testing.T) {
	x, ctx := []float32{1, 2, 3}, t.Context()
	p, err := FitProbe(ctx, x, []uint8{0, 1, 1}, 1, ProbeConfig{})
	if err != nil {
		t.Fatal(err)
	}
	_, _, unknown := p.Score(x, []uint8{0, 1, 2})
	_, _, short := p.Score(x, []uint8{0, 1})
	for _, c := range []struct {
		err  error
		want string
	}{
		{second(FitProbe(ctx, x, []uint8{0, 0, 0}, 1, ProbeConfig{})), "all labels are 0"},
		{second(FitProbe(ctx, x, []uint8{3, 3, 3}, 1, ProbeConfig{})), "all labels are 3"},
		{second(FitProbe(ctx, x, []uint8{0, 1}, 1, ProbeConfig{})), "2 labels for 3 rows"},
		{second(FitProbe(ctx, x, []uint8{0, 1, 1}, 1, ProbeConfig{L2: math.Inf(1)})), "L2 is +Inf"},
		{second(FitProbe(ctx, x, []uint8{0, 1, 1}, 1, ProbeConfig{MaxIterations: -1})), "MaxIterations is -1"},
		{unknown, "label 2; want one of the 2 classes"},
		{short, "2 labels for 3 rows"},
	} {
		checkError(t, c.err, c.want)
	}
}

func BenchmarkProbe(b *testing.B) {
	const n, dim = 60000, 16
	x, classes := normal(n*dim, 1), make([]uint8, n)
	for i := range classes {
		classes[i] = uint8(i % 10)
		x[i*dim+i%10] += 1
	}
	for b.Loop() {
		if _, err := FitProbe(b.Context(), x, classes, dim, ProbeConfig{}); err != nil {
			b.Fatal(err)
		}
	}
}

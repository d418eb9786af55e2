package latent

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"fashionlatent/lib/points"
)

func ExampleImportance() {
	// Two images with three samples each: weights of 1, 2 and 3 times e^-1000, and one weight that is much larger than
	// the others.
	var m Importance
	if err := m.Add([]float64{
		-1000, math.Log(2) - 1000, math.Log(3) - 1000,
		-230, -900, -900,
	}, 3); err != nil {
		panic(err)
	}
	nll, err := m.NLL()
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f nats\n", nll)
	// Output: [999.307 231.099] nats
}

// weighted are the estimates from all log weights, [n, k], at once.
func weighted(logWeights []float64, k int) ([]float64, error) {
	var m Importance
	if err := m.Add(logWeights, k); err != nil {
		return nil, err
	}
	return m.NLL()
}

func TestImportanceReference(t *testing.T) {
	m := readMeasures(t)
	nll, err := weighted(m.LogWeights, 50)
	if err != nil {
		t.Fatal(err)
	}
	checkClose(t, "at once", nll, m.NLL, 1e-13)
	var blocks Importance
	for _, b := range [][2]int{{0, 1}, {1, 20}, {20, 50}} {
		var part []float64
		for i := range 4 {
			part = append(part, m.LogWeights[i*50+b[0]:i*50+b[1]]...)
		}
		if err := blocks.Add(part, b[1]-b[0]); err != nil {
			t.Fatal(err)
		}
	}
	if nll, err = blocks.NLL(); err != nil {
		t.Fatal(err)
	}
	checkClose(t, "in blocks", nll, m.NLL, 1e-13)
}

// x = z + noise, both standard normal, so that log p(x) is exactly that of N(0, 2). With the posterior N(x/2, 1/2) as
// proposal, one sample is enough. With the prior it takes many, and few samples overestimate.
func TestImportanceOfKnownDensity(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	logNormal := func(x, mean, variance float64) float64 {
		return -((x-mean)*(x-mean)/variance + math.Log(2*math.Pi*variance)) / 2
	}
	const x = 1.3
	want := -logNormal(x, 0, 2)
	draw := func(k int, mean, variance float64) []float64 {
		logWeights := make([]float64, k)
		for i := range logWeights {
			z := mean + math.Sqrt(variance)*rng.NormFloat64()
			logWeights[i] = logNormal(x, z, 1) + logNormal(z, 0, 1) - logNormal(z, mean, variance)
		}
		return logWeights
	}
	for _, c := range []struct {
		name           string
		k              int
		mean, variance float64
		tolerance      float64
	}{{"posterior", 1, x / 2, 0.5, 1e-14}, {"prior", 200000, 0, 1, 0.01}} {
		nll, err := weighted(draw(c.k, c.mean, c.variance), c.k)
		if err != nil {
			t.Fatal(err)
		}
		checkClose(t, c.name, nll, []float64{want}, c.tolerance)
	}
	before := math.Inf(1) // mean over images of the estimates, with more and more samples
	for _, k := range []int{1, 5, 50} {
		nll, err := weighted(draw(k*4000, 0, 1), k)
		if err != nil {
			t.Fatal(err)
		}
		mean := points.Sum(nll) / 4000
		if mean >= before || mean < want-0.01 {
			t.Errorf("%d samples: %v nats, fewer: %v, exact: %v", k, mean, before, want)
		}
		before = mean
	}
}

func TestImportanceEdges(t *testing.T) {
	zero := math.Inf(-1) // the log of a weight of 0
	nll, err := weighted([]float64{zero, 0, zero, zero, 1e300, -1e300}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if nll[0] != math.Log(2) || !math.IsInf(nll[1], 1) || nll[2] != -1e300 {
		t.Errorf("%v", nll)
	}
	var m Importance
	checkError(t, second(m.NLL()), "no importance weights")
	if err := m.Add([]float64{1, 2}, 1); err != nil {
		t.Fatal(err)
	}
	checkError(t, m.Add([]float64{1, 2}, 2), "log weights of 1 images after those of 2")
	checkError(t, m.Add([]float64{1, 2, 3}, 2), "3 log weights, 2 for each image")
	checkError(t, m.Add(nil, 2), "0 log weights")
	checkError(t, m.Add([]float64{1, 2}, 0), "0 for each image")
	checkError(t, m.Add([]float64{1, math.NaN()}, 1), "log weight 0 of image 1 is NaN")
	checkError(t, m.Add([]float64{1, math.Inf(1)}, 1), "+Inf")
}

// NegativeELBO is the mean of the negative log weights, added in blocks or all together. With one sample it equals NLL,
// with more it is not below.
func TestNegativeELBO(t *testing.T) {
	var m Importance
	for _, block := range [][]float64{{-3, -1, -7}, {-5, -1, math.Inf(-1)}} {
		if err := m.Add(block, 1); err != nil {
			t.Fatal(err)
		}
	}
	bound, err := m.NegativeELBO()
	if err != nil || bound[0] != 4 || bound[1] != 1 || !math.IsInf(bound[2], 1) {
		t.Errorf("got %v, %v, want 4, 1, +Inf", bound, err)
	}
	nll, err := m.NLL()
	if err != nil || !(nll[0] < 4) || math.Abs(nll[1]-1) > 1e-12 {
		t.Errorf("NLL %v, %v", nll, err)
	}
	if _, err := new(Importance).NegativeELBO(); err == nil {
		t.Error("a bound from no weights")
	}
}

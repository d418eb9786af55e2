package experiments

import (
	"math"
	"testing"

	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/score"
)

// All codes were taken for the first binarisation only. The others lie .1, .2, .3 and .4 nats above it with fewer codes, so
// their mean lies .2 above the first. A seed without one of the scores leaves no likelihood.
func TestTestNLL(t *testing.T) {
	var rows score.Rows
	add := func(seed uint64, name string, value float64) {
		r := score.Row{Variant: "x", Seed: seed}
		r.Metric, r.Split, r.Value = name, metric.Test, value
		rows = append(rows, r)
	}
	for seed := range uint64(2) {
		for i := range metric.Binarisations {
			add(seed, metric.TestNLLOf(i+1), 231+float64(seed)+float64(i)/10)
		}
		add(seed, metric.TestNLL, 230+2*float64(seed))
	}
	over, standardError := testNLL(rows, "x")
	if over.N() != 2 || math.Abs(over.Values[0]-230.2) > 1e-9 || math.Abs(over.Values[1]-232.2) > 1e-9 {
		t.Errorf("the likelihoods are %v", over.Values)
	}
	if want := math.Sqrt(.025 / 5); standardError.Value == nil || math.Abs(*standardError.Value-want) > 1e-9 {
		t.Errorf("the standard error is %v, want %v", standardError, want)
	}
	if over, cell := testNLL(rows[:len(rows)-1], "x"); over.N() != 0 || cell.Undefined == "" {
		t.Errorf("with a missing score: %v, %v", over, cell)
	}
}

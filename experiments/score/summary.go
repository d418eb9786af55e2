package score

import (
	"maps"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"
)

// Summary is a score over its seeds.
type Summary struct {
	Values    []float64 // of the seeds for which the score is defined, in their order
	Seeds     []uint64  // of the values
	Undefined string    // why there is no value; "": there is at least one
	Left      int       // number of seeds left out: for them the score is undefined, and for others it is not
	Why       string    // why it is undefined for those seeds
}

// NotTaken is why the summary of no rows is undefined.
const NotTaken = "it has not been computed yet"

// Summary summarises rows. Seeds for which the score is undefined are left out. Without rows the summary is undefined.
func (rows Rows) Summary() Summary {
	s := Summary{}
	reason := NotTaken
	var reasons []string
	for _, r := range rows {
		if r.Undefined != "" {
			if reason = r.Undefined; !slices.Contains(reasons, reason) {
				reasons = append(reasons, reason)
			}
			continue
		}
		s.Values, s.Seeds = append(s.Values, r.Value), append(s.Seeds, r.Seed)
	}
	switch {
	case len(s.Values) == 0:
		s.Undefined = reason
	case len(s.Values) < len(rows):
		s.Left, s.Why = len(rows)-len(s.Values), strings.Join(reasons, "; ")
	}
	return s
}

// N is the number of seeds for which the score is defined.
func (s Summary) N() int { return len(s.Values) }

// Mean is the mean of the values. There must be at least one.
func (s Summary) Mean() float64 { return stat.Mean(s.Values, nil) }

// Deviation is the standard deviation, over n-1. It is known only for two or more independent seeds.
func (s Summary) Deviation() (deviation float64, known bool) {
	if len(s.Values) < 2 {
		return 0, false
	}
	return stat.StdDev(s.Values, nil), true
}

// Pooled is the standard deviation of a metric over seeds, pooled over the variants: the root of the mean of their variances,
// weighted by their degrees of freedom. freedom is the sum of these; it is 0, and the deviation NaN, if no variant has two seeds.
func (rows Rows) Pooled(metric, split string) (deviation, freedom float64) {
	of := map[string][]float64{} // by variant
	for _, r := range rows {
		if r.Metric == metric && r.Split == split && r.Undefined == "" {
			of[r.Variant] = append(of[r.Variant], r.Value)
		}
	}
	var sum float64
	for _, variant := range slices.Sorted(maps.Keys(of)) {
		if values := of[variant]; len(values) > 1 {
			n := float64(len(values) - 1)
			sum, freedom = sum+n*stat.Variance(values, nil), freedom+n
		}
	}
	return math.Sqrt(sum / freedom), freedom
}

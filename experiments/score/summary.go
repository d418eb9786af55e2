package score

import (
	"gonum.org/v1/gonum/stat"
)

// Summary is a score over its seeds.
type Summary struct {
	Values    []float64 // of the seeds that define it, in their order
	Undefined string    // why there is no value; "": there is one or more
	Shared    bool      // the seeds are not independent: their standard deviation says nothing
}

// Summary summarises rows. Seeds that do not define the score count as missing. Without rows it is undefined.
func (rows Rows) Summary() Summary {
	s := Summary{}
	reason := "it was not taken"
	for _, r := range rows {
		if r.Undefined != "" {
			reason = r.Undefined
			continue
		}
		s.Values = append(s.Values, r.Value)
	}
	if len(s.Values) == 0 {
		s.Undefined = reason
	}
	return s
}

// N is the number of seeds that define the score.
func (s Summary) N() int { return len(s.Values) }

// Mean of the values. There must be one.
func (s Summary) Mean() float64 { return stat.Mean(s.Values, nil) }

// Deviation is the standard deviation, over n-1. It is known only of two or more independent seeds.
func (s Summary) Deviation() (deviation float64, known bool) {
	if len(s.Values) < 2 || s.Shared {
		return 0, false
	}
	return stat.StdDev(s.Values, nil), true
}

package experiments

import (
	"context"

	"fashionlatent/experiments/lab"
)

// Plan returns the runs that experiments need, in the form of [lab.Plan]. It needs no backend.
func Plan(ctx context.Context, o lab.Options, of ...Experiment) ([]lab.Planned, error) {
	l, err := lab.OpenData(ctx, o)
	if err != nil {
		return nil, err
	}
	var needed []lab.Needed
	for _, e := range of {
		units, err := e.units(l)
		if err != nil {
			return nil, err
		}
		needed = append(needed, lab.Needed{For: e.Name, Jobs: jobsOf(units)})
	}
	return lab.Plan(l, needed)
}

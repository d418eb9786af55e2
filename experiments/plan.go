package experiments

import (
	"context"
	"fmt"

	"fashionlatent/experiments/lab"
)

// Plan returns the runs that experiments need, in the form of [lab.Plan]. It needs no backend.
func Plan(ctx context.Context, o lab.Options, of ...Experiment) ([]lab.Planned, error) {
	return plan(ctx, o, func(_ *Lab, _ Experiment, units []unit) ([]unit, error) { return units, nil }, of)
}

// PlanAdd returns, like [Plan], the runs that experiments need for the scores that their reports lack: those that
// [Experiment.Add] trains.
func PlanAdd(ctx context.Context, o lab.Options, of ...Experiment) ([]lab.Planned, error) {
	return plan(ctx, o, func(l *Lab, e Experiment, units []unit) (missing []unit, err error) {
		old, err := e.earlier(l, l.Folder(e.Name), units)
		if err != nil {
			return nil, err
		}
		for _, at := range old.missing() {
			missing = append(missing, units[at])
		}
		return missing, nil
	}, of)
}

// plan returns the runs of the units that are chosen from those of each experiment.
func plan(ctx context.Context, o lab.Options, choose func(l *Lab, e Experiment, units []unit) ([]unit, error), of []Experiment) ([]lab.Planned, error) {
	l, err := lab.OpenData(ctx, o)
	if err != nil {
		return nil, err
	}
	var needed []lab.Needed
	for _, e := range of {
		units, err := e.units(l)
		if err == nil {
			units, err = choose(l, e, units)
		}
		if err != nil {
			return nil, fmt.Errorf("experiment %s: %w", e.Name, err)
		}
		needed = append(needed, lab.Needed{For: e.Name, Jobs: jobsOf(units)})
	}
	return lab.Plan(l, needed)
}

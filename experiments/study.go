package experiments

import (
	"context"
	"fmt"
	"slices"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
)

// Study runs the main experiments in order, prints which one is running, and calls after with the report of each. If
// the report of the first experiment has to be made, Study calls first beforehand with a smaller report that is ready
// sooner.
func Study(ctx context.Context, l *Lab, first, after func(*report.Report) error) error {
	study := slices.DeleteFunc(slices.Clone(All), func(e Experiment) bool { return !e.main })
	units, err := study[0].units(l)
	if err != nil {
		return err
	}
	there, err := study[0].saved(l, units, jobsOf(units))
	if err != nil {
		return err
	}
	if there == nil {
		look, err := firstLook.look(ctx, l)
		if err == nil {
			err = first(look)
		}
		if err != nil {
			return err
		}
	}
	for i, e := range study {
		fmt.Fprintf(l.Out, "experiment %d of %d, %s: %s\n", i+1, len(study), e.Name, e.Question)
		r := there
		if i > 0 || r == nil {
			if r, err = e.Run(ctx, l); err != nil {
				return err
			}
		}
		if err := after(r); err != nil {
			return err
		}
	}
	return nil
}

// firstLook is the report that is ready soonest: the reference AE and VAE of two dimensions, seed 0, with their losses
// and clusters.
var firstLook = Experiment{Name: "first", Question: "What do the latent spaces of AE and VAE look like, at 2 dimensions?",
	units: func(l *Lab) ([]unit, error) {
		return referenceUnits(l, []int{lab.Narrow}, 1, func(s metric.Setting) []metric.Metric { return append(losses(s), clusterings(s)...) })
	},
	report: func(rows score.Rows, s lab.Setting) (*report.Report, error) {
		columns := slices.Concat(lossColumns, clusterColumns)
		t := newTable("AE beside VAE", []string{"model", "d"}, columns)
		for _, model := range lab.Models {
			addRow(&t, rows, referenceName(model, lab.Narrow), columns, modelCells(model, lab.Narrow)...)
		}
		r := &report.Report{Tables: []report.Table{t}}
		r.Tables[0] = Summary(r)
		picture(r, "codes-2", "manifold")
		return r, nil
	},
	pictures: comparisonPlanes,
}

// look makes a report without writing it. Runs and scores are kept.
func (e Experiment) look(ctx context.Context, l *Lab) (*report.Report, error) {
	units, err := e.units(l)
	if err != nil {
		return nil, err
	}
	tell(l, units)
	r, _, _, err := e.compute(ctx, l, units, jobsOf(units))
	return r, err
}

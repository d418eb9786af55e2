package experiments

import (
	"context"
	"fmt"

	"fashionlatent/lib/figure"
	"fashionlatent/lib/training"
)

// variant is one configuration of a sweep. It is trained with several seeds.
type variant struct {
	cells  []string        // how its row of the table begins
	config training.Config // its seed is set by the sweep
}

// tried is what came of a variant.
type tried struct {
	variant
	scores  map[string]spread // of each measure on test images, over the seeds
	results []*training.Result
}

// sweepJobs are the runs of variants.
func (l *Lab) sweepJobs(variants []variant) []job {
	var jobs []job
	for _, v := range variants {
		for seed := range l.Scale.SweepSeeds {
			jobs = append(jobs, job{config: withSeed(v.config, seed)})
		}
	}
	return jobs
}

// sweep trains the variants, takes measures of each run, and adds a row for each to the report's table.
func (l *Lab) sweep(ctx context.Context, report *Report, variants []variant, columns []column, instruments ...instrument) ([]tried, error) {
	var all []tried
	for _, v := range variants {
		t := tried{variant: v, scores: map[string]spread{}}
		for seed := range l.Scale.SweepSeeds {
			r, err := l.Train(ctx, withSeed(v.config, seed))
			if err != nil {
				return nil, err
			}
			if err := gather(ctx, t.scores, r, append([]instrument{l.Bound}, instruments...)); err != nil {
				return nil, err
			}
			t.results = append(t.results, r)
		}
		row := append(append([]string{}, v.cells...), fmt.Sprint(l.Scale.SweepSeeds))
		for _, c := range columns {
			row = append(row, t.scores[c.measure].text(c.digits))
		}
		report.Table.Rows = append(report.Table.Rows, row)
		all = append(all, t)
	}
	return all, nil
}

func withSeed(c training.Config, seed int) training.Config {
	c.Seed = uint64(seed)
	return c
}

// gather takes measures of a run and adds those of the test images to scores.
func gather(ctx context.Context, scores map[string]spread, r *training.Result, instruments []instrument) error {
	measures, err := r.Run.Measures()
	if err != nil {
		return err
	}
	for _, take := range instruments {
		if measures, err = take(ctx, r); err != nil {
			return err
		}
	}
	for _, m := range measures {
		if m.Split == scored {
			scores[m.Name] = append(scores[m.Name], m.Value)
		}
	}
	return nil
}

// series is a measure of variants against x.
func series(name string, colour int, measure string, x func(i int, t tried) float64, all []tried) figure.Series {
	s := figure.Series{Name: name, Colour: colour}
	for i, t := range all {
		if len(t.scores[measure]) == 0 {
			continue
		}
		s.X = append(s.X, x(i, t))
		s.Y = append(s.Y, t.scores[measure].mean())
		s.Spread = append(s.Spread, t.scores[measure].deviation())
	}
	return s
}

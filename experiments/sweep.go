package experiments

import (
	"context"
	"errors"
	"fmt"
	"slices"

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

// bothJobs are the runs of the variants of each model.
func (l *Lab) bothJobs(variants func(l *Lab, model string) []variant) []job {
	var jobs []job
	for _, model := range comparedModels {
		jobs = append(jobs, l.sweepJobs(variants(l, model))...)
	}
	return jobs
}

// sweep trains the variants, takes measures of each run, and adds a row for each to the report's table.
func (l *Lab) sweep(ctx context.Context, report *Report, variants []variant, columns []column, instruments ...instrument) ([]tried, error) {
	var all []tried
	for _, v := range variants {
		scores, results, err := l.overSeeds(ctx, l.Scale.SweepSeeds, func(seed int) (*training.Result, error) {
			return l.Train(ctx, withSeed(v.config, seed))
		}, instruments...)
		if err != nil {
			return nil, err
		}
		t := tried{v, scores, results}
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

// overSeeds trains or finds a run with each seed, and gathers the measures of test images that it has, that instruments take and, of a
// VAE, its bound, by name.
func (l *Lab) overSeeds(ctx context.Context, seeds int, train func(seed int) (*training.Result, error), instruments ...instrument) (map[string]spread, []*training.Result, error) {
	scores := map[string]spread{}
	var results []*training.Result
	for seed := range seeds {
		r, err := train(seed)
		if err != nil {
			return nil, nil, err
		}
		measures, err := l.Bound(ctx, r)
		for i := 0; err == nil && i < len(instruments); i++ {
			measures, err = instruments[i](ctx, r)
		}
		if err != nil {
			return nil, nil, err
		}
		for _, m := range measures {
			if m.Split == scored {
				scores[m.Name] = append(scores[m.Name], m.Value)
			}
		}
		results = append(results, r)
	}
	return scores, results, nil
}

// errNothing says that there is nothing to draw, such as where all scores of a figure need labels.
var errNothing = errors.New("nothing to draw")

// panels draws the charts that have something to show, and of each the series that have points. Without any the error is errNothing.
func panels(charts []figure.Chart, columns int) (*figure.Figure, error) {
	var some []figure.Chart
	for _, c := range charts {
		c.Series = slices.DeleteFunc(slices.Clone(c.Series), func(s figure.Series) bool { return len(s.X) == 0 })
		if len(c.Series) > 0 {
			some = append(some, c)
		}
	}
	if some == nil {
		return nil, errNothing
	}
	return figure.Panels(some, figure.PanelsOptions{Columns: columns})
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

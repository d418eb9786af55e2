package experiments

import (
	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/lib/training"
)

// variant is one configuration of a sweep. It is trained with several seeds.
type variant struct {
	name   string          // unique in the sweep
	labels []report.Cell   // the first cells of its row of the table
	config training.Config // the sweep sets its seed
}

// sweepUnits are the variants with each seed. The same metrics are taken of all.
func sweepUnits(l *Lab, variants []variant, of func(s metric.Setting) []metric.Metric) ([]unit, error) {
	s, err := lab.Metrics(l, l.Data)
	if err != nil {
		return nil, err
	}
	var all []unit
	for _, v := range variants {
		for seed := range l.Scale.SweepSeeds {
			all = append(all, unit{variant: v.name, job: &lab.Job{Config: withSeed(v.config, seed)}, metrics: of(s)})
		}
	}
	return all, nil
}

// sweepTable is a table with one row for each variant.
func sweepTable(rows score.Rows, title string, labels []string, columns []column, variants []variant) report.Table {
	t := newTable(title, labels, columns)
	for _, v := range variants {
		addRow(&t, rows, v.name, columns, v.labels...)
	}
	return t
}

// both returns the variants of both models.
func both(s *lab.Setting, of func(s *lab.Setting, model string) []variant) (all []variant) {
	for _, model := range lab.Models {
		all = append(all, of(s, model)...)
	}
	return all
}

// pointsOf places variants on an axis by a number from their configuration.
func pointsOf(variants []variant, x func(c training.Config) float64) (all []point) {
	for _, v := range variants {
		all = append(all, point{v.name, x(v.config)})
	}
	return all
}

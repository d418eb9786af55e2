package experiments

import (
	"context"
	"slices"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/experiments/subject"
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

// extractor is the variant of the feature extractors: the classifiers in whose features decoded images are compared.
const extractor = "feature extractors"

// extractorUnit scores the feature extractors: their accuracies, and the scores of training images in place of decoded ones.
func extractorUnit(l *Lab) (unit, error) {
	s, err := lab.Metrics(l, l.Data)
	if err != nil {
		return unit{}, err
	}
	return unit{variant: extractor, slug: "extractors", spec: map[string]any{"extractors": s.Features},
		metrics: append(s.Generation(metric.Floor), s.Accuracies()...),
		subject: func(_ context.Context, l *Lab) (any, error) {
			images, err := lab.Images(l, "")
			return subject.Extractor{Images: images}, err
		}}, nil
}

// withExtractors adds the feature extractors to the units of an experiment.
func withExtractors(l *Lab, units []unit, err error) ([]unit, error) {
	if err != nil {
		return nil, err
	}
	features, err := extractorUnit(l)
	return append(units, features), err
}

// referenceUnits are the reference models of some sizes, with seeds from 0. The same metrics are taken of all.
func referenceUnits(l *Lab, sizes []int, seeds int, of func(s metric.Setting) []metric.Metric) ([]unit, error) {
	s, err := lab.Metrics(l, l.Data)
	if err != nil {
		return nil, err
	}
	var all []unit
	for _, j := range l.ReferenceJobs(sizes, seeds) {
		all = append(all, unit{variant: j.Config.Model.String(), job: &j, metrics: of(s)})
	}
	return all, nil
}

// clusterings are the clustering metrics of most tables: clusters are fitted to the codes of the training images and
// scored on the test images.
func clusterings(s metric.Setting) []metric.Metric {
	return slices.Concat(
		s.Agreement(metric.Clustering{Method: metric.KMeans, Fit: metric.Train}, metric.Test),
		s.Agreement(metric.Clustering{Method: metric.Mixture, Fit: metric.Train}, metric.Test))
}

// losses are the losses of the test images and the negative ELBO.
func losses(s metric.Setting) []metric.Metric { return append(s.Losses(), s.Bound()) }

package experiments

import (
	"fmt"
	"slices"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/lib/augment"
	"fashionlatent/lib/figure"
)

// augmentations are the random changes to training images that are tried. Noise is added to the encoder's input alone.
var augmentations = []struct {
	name    string
	augment augment.Config
	noise   float64
}{
	{"none", augment.Config{}, 0},
	{"flip", augment.Config{Flip: true}, 0},
	{"shift 2", augment.Config{Shift: 2}, 0},
	{"flip, shift 2", augment.Config{Flip: true, Shift: 2}, 0},
	{"noise .2", augment.Config{}, .2},
}

// augmented are the variants of a model.
func augmented(s *lab.Setting, model string) []variant {
	var variants []variant
	for _, a := range augmentations {
		c := s.Config(model, lab.Wide, 0)
		c.Augment, c.Model.Noise = a.augment, a.noise
		variants = append(variants, variant{name(model) + ", " + a.name, []report.Cell{report.Text(name(model)), report.Text(a.name)}, c})
	}
	return variants
}

// augmentationUnits vary how the training images are changed at random.
func augmentationUnits(l *Lab) ([]unit, error) {
	units, err := sweepUnits(l, both(&l.Setting, augmented), func(s metric.Setting) []metric.Metric {
		return slices.Concat(losses(s), clusterings(s), s.Generation(metric.Prior, metric.Mixtures))
	})
	return withExtractors(l, units, err)
}

func augmentationReport(rows score.Rows, s lab.Setting) (*report.Report, error) {
	columns := slices.Concat(lossColumns, clusterColumns)
	for _, f := range shownOfImages {
		columns = append(columns, generatedColumn(metric.Prior, f), generatedColumn(metric.Mixtures, f))
	}
	r := &report.Report{Tables: []report.Table{sweepTable(rows, "Augmentation", []string{"model", "augmentation"}, columns, both(&s, augmented))}}
	r.Note = fmt.Sprintf("Codes of %d dimensions. ", lab.Wide) + note(&s, s.Scale.SweepSeeds) + extractorNote(rows) + fittedNote(&s)
	var charts []figure.DotChart
	for _, c := range []struct{ title, x, metric string }{
		{"Squared error", "MSE per pixel", metric.MSE}, {"Clusters, mixture", "accuracy (ACC)", metric.Agreement(metric.Mixture, metric.ACC)},
		{"Images from the prior", "coverage", metric.Generated(metric.Prior, metric.Coverage)}, {"Images from a mixture", "coverage", metric.Generated(metric.Mixtures, metric.Coverage)},
	} {
		chart := figure.DotChart{Title: c.title, X: c.x}
		for _, a := range augmentations {
			chart.Rows = append(chart.Rows, a.name)
		}
		for _, model := range lab.Models {
			dots := figure.Dots{Name: name(model), Colour: colours[model]}
			for _, v := range augmented(&s, model) {
				addDot(&dots, onTest(rows, v.name, c.metric))
			}
			chart.Dots = append(chart.Dots, dots)
		}
		charts = append(charts, chart)
	}
	return r, dotCharts(r, "sweep", charts,
		fmt.Sprintf("Scores on the unchanged test images for each augmentation of the training images, with codes of %d dimensions.", lab.Wide)+sweepOf(&s, Augmentation, s.Scale.SweepSeeds)+oneSeed(&s, s.Scale.SweepSeeds)+ownRanges(charts, func(c figure.DotChart) string { return c.X }))
}

package experiments

import (
	"context"
	"fmt"

	"fashionlatent/lib/augment"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/show"
)

// augmentations are the random changes to training images that are tried; noise goes to the encoder's input alone.
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
func augmented(l *Lab, model string) []variant {
	var variants []variant
	for _, a := range augmentations {
		c := l.Config(model, wide, 0)
		c.Augment, c.Model.Noise = a.augment, a.noise
		variants = append(variants, variant{[]string{name(model), a.name}, c})
	}
	return variants
}

func augmentationJobs(l *Lab) []job { return l.bothJobs(augmented) }

// augmentation tells what changing the training images at random changes.
func augmentation(ctx context.Context, l *Lab) (*Report, error) {
	columns := append(append([]column{}, lossColumns...), clusterColumns...)
	for _, c := range []string{"prior Fréchet", "mixture Fréchet", "prior coverage", "mixture coverage"} {
		columns = append(columns, column{c, c, 3})
	}
	report := &Report{Table: show.Table{
		Title:  "Augmentation",
		Header: append([]string{"model", "augmentation", "seeds"}, heads(columns)...),
	}}
	charts := []figure.DotChart{
		{Title: "Squared error", X: "MSE per pixel"}, {Title: "Clusters, mixture", X: "accuracy (ACC)"},
		{Title: "Images from the prior", X: "coverage"}, {Title: "Images from a mixture", X: "coverage"},
	}
	for _, a := range augmentations {
		for i := range charts {
			charts[i].Rows = append(charts[i].Rows, a.name)
		}
	}
	for _, model := range comparedModels {
		all, err := l.sweep(ctx, report, augmented(l, model), columns, l.Clusters, l.Generation)
		if err != nil {
			return nil, err
		}
		for i, measure := range []string{"mse", "mixture ACC", "prior coverage", "mixture coverage"} {
			s := series(name(model), 0, measure, func(i int, _ tried) float64 { return float64(i) }, all)
			charts[i].Dots = append(charts[i].Dots, figure.Dots{Name: s.Name, Values: s.Y, Spread: s.Spread})
		}
	}
	judge, err := l.judge(ctx)
	if err != nil {
		return nil, err
	}
	report.Table.Note = fmt.Sprintf("Codes of %d dimensions. ", wide) + l.note() + judge.note()
	return report, report.draw([]drawing{{"sweep", func() (*figure.Figure, error) {
		f, err := figure.DotCharts(charts, 2)
		if err == nil {
			f.Caption = fmt.Sprintf("Scores on the unchanged test images by augmentation of the training images, codes of %d dimensions.", wide) + l.sweepOf("augmentation", l.Scale.SweepSeeds)
		}
		return f, err
	}}})
}

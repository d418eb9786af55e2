package experiments

import (
	"fmt"
	"slices"
	"strings"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/training"
)

// layers is a model with hidden layers of the given numbers of nodes.
func layers(s *lab.Setting, model string, hidden ...int) variant {
	c := s.Config(model, lab.Wide, 0)
	c.Model.Hidden = hidden
	units := strings.Trim(fmt.Sprint(hidden), "[]")
	counted := c.Model
	counted.Side = s.Side
	return variant{name(model) + ", " + units, []report.Cell{report.Text(name(model)), report.Text(units), report.Number(float64(counted.Variables().Count()), 0)}, c}
}

// depths are networks of 1 to 4 hidden layers. Each layer has half the nodes of the one before.
func depths(s *lab.Setting, model string) (all []variant) {
	for count := 1; count <= 4; count++ {
		var hidden []int
		for i := range count {
			hidden = append(hidden, s.Scale.Hidden[0]>>i)
		}
		all = append(all, layers(s, model, hidden...))
	}
	return all
}

// widths are networks of two hidden layers. The second layer has half the nodes of the first. One of them is also among
// the depths.
func widths(s *lab.Setting, model string) (all []variant) {
	first := s.Scale.Hidden[0]
	for _, units := range []int{first / 4, first / 2, first, 2 * first} {
		all = append(all, layers(s, model, units, units/2))
	}
	return all
}

// architectures are the depths and the widths. A network that is in both is listed once.
func architectures(s *lab.Setting, model string) []variant {
	all := depths(s, model)
	for _, v := range widths(s, model) {
		if !slices.ContainsFunc(all, func(other variant) bool { return other.name == v.name }) {
			all = append(all, v)
		}
	}
	return all
}

// architectureUnits vary the number of hidden layers, and the numbers of nodes of two layers.
func architectureUnits(l *Lab) ([]unit, error) {
	return sweepUnits(l, both(&l.Setting, architectures), func(s metric.Setting) []metric.Metric { return slices.Concat(losses(s), clusterings(s)) })
}

func architectureReport(rows score.Rows, s lab.Setting) (*report.Report, error) {
	r := &report.Report{Tables: []report.Table{sweepTable(rows, "Layers and nodes", []string{"model", "hidden layers", "weights"},
		slices.Concat(lossColumns, mixtureColumns), both(&s, architectures))}}
	r.Note = fmt.Sprintf("Codes of %d dimensions. Weights: the number of weights and biases of encoder and decoder together. ", lab.Wide) + note(&s, s.Scale.SweepSeeds)
	count := func(c training.Config) float64 { return float64(len(c.Model.Hidden)) }
	units := func(c training.Config) float64 { return float64(c.Model.Hidden[0]) }
	var charts []figure.Chart
	for _, m := range []struct{ title, y, metric string }{
		{"Error", "MSE per pixel", metric.MSE}, {"Clusters", "ACC of a mixture", metric.Agreement(metric.Mixture, metric.ACC)},
	} {
		deep := figure.Chart{Title: m.title + " by depth", X: "hidden layers of the encoder", Y: m.y}
		broad := figure.Chart{Title: m.title + " by width, two layers", X: "nodes of the first layer", Y: m.y, LogX: true}
		for _, model := range lab.Models {
			of := figure.Series{Name: name(model), Colour: colours[model]}
			deep.Series = append(deep.Series, curve(rows, of, m.metric, pointsOf(depths(&s, model), count)))
			broad.Series = append(broad.Series, curve(rows, of, m.metric, pointsOf(widths(&s, model), units)))
		}
		charts = append(charts, deep, broad)
	}
	return r, panels(r, "sweep", charts, figure.PanelsOptions{Columns: 2},
		fmt.Sprintf("Scores on the test images against depth and width, with codes of %d dimensions. Each layer is half as wide as the one before.", lab.Wide)+sweepOf(&s, Architecture, s.Scale.SweepSeeds)+oneSeed(&s, s.Scale.SweepSeeds))
}

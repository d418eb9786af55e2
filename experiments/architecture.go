package experiments

import (
	"context"
	"fmt"
	"strings"

	"fashionlatent/lib/figure"
	"fashionlatent/lib/show"
)

// wide is the size of the code in experiments that vary something else.
const wide = 16

// architectures are depths, each layer half as wide as the one before, and widths of two layers; the third width is the
// second depth.
func architectures(l *Lab, model string) []variant {
	first := l.Scale.Hidden[0]
	var all []variant
	add := func(hidden []int) {
		c := l.Config(model, wide, 0)
		c.Model.Hidden = hidden
		all = append(all, variant{[]string{name(model), strings.Trim(fmt.Sprint(hidden), "[]"), fmt.Sprint(c.Model.Variables().Count())}, c})
	}
	for layers := 1; layers <= 4; layers++ {
		var hidden []int
		for i := range layers {
			hidden = append(hidden, first>>i)
		}
		add(hidden)
	}
	for _, nodes := range []int{first / 4, first / 2, 2 * first} {
		add([]int{nodes, nodes / 2})
	}
	return all
}

func architectureJobs(l *Lab) []job { return l.bothJobs(architectures) }

// architecture sweeps the number of layers, each half as wide as the one before, and the nodes of two layers.
func architecture(ctx context.Context, l *Lab) (*Report, error) {
	columns := append(append([]column{}, lossColumns...), clusterColumns[3:]...)
	report := &Report{Table: show.Table{
		Title:  "Layers and nodes",
		Header: append([]string{"model", "hidden layers", "weights", "seeds"}, heads(columns)...),
	}}
	deep := figure.Chart{Title: "Error by depth", X: "hidden layers of the encoder", Y: "MSE per pixel"}
	broad := figure.Chart{Title: "Error by width, two layers", X: "nodes of the first layer", Y: "MSE per pixel", LogX: true}
	deepClusters := figure.Chart{Title: "Clusters by depth", X: "hidden layers of the encoder", Y: "ACC of a mixture"}
	broadClusters := figure.Chart{Title: "Clusters by width, two layers", X: "nodes of the first layer", Y: "ACC of a mixture", LogX: true}
	for place, model := range comparedModels {
		all, err := l.sweep(ctx, report, architectures(l, model), columns, l.Clusters)
		if err != nil {
			return nil, err
		}
		byDepth, byWidth := all[:4], []tried{all[4], all[5], all[1], all[6]}
		layers := func(_ int, t tried) float64 { return float64(len(t.config.Model.Hidden)) }
		nodes := func(_ int, t tried) float64 { return float64(t.config.Model.Hidden[0]) }
		deep.Series = append(deep.Series, series(name(model), place+1, "mse", layers, byDepth))
		broad.Series = append(broad.Series, series(name(model), place+1, "mse", nodes, byWidth))
		deepClusters.Series = append(deepClusters.Series, series(name(model), place+1, "mixture ACC", layers, byDepth))
		broadClusters.Series = append(broadClusters.Series, series(name(model), place+1, "mixture ACC", nodes, byWidth))
	}
	report.Table.Note = fmt.Sprintf("Codes of %d dimensions. Weights: of encoder and decoder together. ", wide) + l.note()
	return report, report.draw([]drawing{{"sweep", func() (*figure.Figure, error) {
		f, err := panels([]figure.Chart{deep, broad, deepClusters, broadClusters}, 2)
		if err == nil {
			f.Caption = fmt.Sprintf("Scores on the test images against depth, each layer half as wide as the one before, and width, codes of %d dimensions.", wide) + l.sweepOf("architecture", l.Scale.SweepSeeds)
		}
		return f, err
	}}})
}

// heads are the heads of columns.
func heads(columns []column) []string {
	var all []string
	for _, c := range columns {
		all = append(all, c.head)
	}
	return all
}

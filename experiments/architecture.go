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

// architecture sweeps the number of layers, each half as wide as the one before, and the nodes of two layers.
func architecture(ctx context.Context, l *Lab) (*Report, error) {
	columns := append(append([]column{}, lossColumns...), clusterColumns[3:]...)
	report := &Report{Table: show.Table{
		Title:  "Layers and nodes",
		Header: append([]string{"model", "hidden layers", "weights", "seeds"}, heads(columns)...),
	}}
	first := l.Scale.Hidden[0]
	var depths, widths [][]int
	for layers := 1; layers <= 4; layers++ {
		var hidden []int
		for i := range layers {
			hidden = append(hidden, first>>i)
		}
		depths = append(depths, hidden)
	}
	for _, nodes := range []int{first / 4, first / 2, first, 2 * first} {
		widths = append(widths, []int{nodes, nodes / 2})
	}
	deep := figure.Chart{Title: "Depth", X: "hidden layers of the encoder", Y: "MSE per pixel"}
	broad := figure.Chart{Title: "Width, two layers", X: "nodes of the first layer", Y: "MSE per pixel", LogX: true}
	deepClusters := figure.Chart{Title: "Depth", X: "hidden layers of the encoder", Y: "ACC of a mixture"}
	broadClusters := figure.Chart{Title: "Width, two layers", X: "nodes of the first layer", Y: "ACC of a mixture", LogX: true}
	for place, model := range comparedModels {
		of := func(hidden []int) variant {
			c := l.Config(model, wide, 0)
			c.Model.Hidden = hidden
			return variant{[]string{name(model), strings.Trim(fmt.Sprint(hidden), "[]"), fmt.Sprint(c.Model.Variables().Count())}, c}
		}
		var variants []variant
		for _, hidden := range append(append([][]int{}, depths...), widths[0], widths[1], widths[3]) { // widths[2] is depths[1]
			variants = append(variants, of(hidden))
		}
		all, err := l.sweep(ctx, report, variants, columns, l.Clusters)
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
		f, err := figure.Panels([]figure.Chart{deep, broad, deepClusters, broadClusters}, figure.PanelsOptions{Columns: 2})
		if err == nil {
			f.Caption = fmt.Sprintf("Scores on the test images against depth and width, codes of %d dimensions, seeds: %d.", wide, l.Scale.SweepSeeds)
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

package experiments

import (
	"slices"
	"strings"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/training"
)

// comparedSizes are the code sizes that are compared.
var comparedSizes = []int{lab.Narrow, lab.Wide}

// column is a column of a table: a metric on the test images.
type column struct {
	head   string
	metric string
	digits int
}

// Columns that several tables share.
var (
	mseColumn          = column{"MSE", metric.MSE, 4}
	crossEntropyColumn = column{"cross-entropy", metric.CrossEntropy, 1}
	klColumn           = column{"KL", metric.KL, 1}
	boundColumn        = column{"−ELBO", metric.Bound, 1}
	nllColumn          = column{"IWAE NLL", metric.NLL, 1}
	activeColumn       = column{"active units", metric.ActiveUnits, 1}

	lossColumns    = []column{mseColumn, crossEntropyColumn, klColumn, boundColumn}
	kMeansColumns  = agreementColumns(metric.KMeans)
	mixtureColumns = agreementColumns(metric.Mixture)
	clusterColumns = slices.Concat(kMeansColumns, mixtureColumns)
)

// agreementColumns are the columns of the agreement between a method's clusters and the classes.
func agreementColumns(method string) (columns []column) {
	for _, score := range metric.Agreements {
		columns = append(columns, agreementColumn(method, score))
	}
	return columns
}

func agreementColumn(method, score string) column {
	name := metric.Agreement(method, score)
	return column{name, name, 3}
}

// shownOfImages are the scores of decoded images in most tables and charts.
var shownOfImages = append(slices.Clone(metric.Distances), metric.Coverage)

// generatedColumn is the column of one score of images decoded from a source of codes.
func generatedColumn(source, figure string) column {
	digits := 3
	if slices.Contains(metric.Distances, figure) {
		digits = 2
	}
	return column{sourceName(source) + " " + figure, metric.Generated(source, figure), digits}
}

// heads are the headings of columns.
func heads(columns []column) []string {
	var all []string
	for _, c := range columns {
		all = append(all, c.head)
	}
	return all
}

// newTable is an empty table. Its columns are labels, the number of seeds, and scores.
func newTable(title string, labels []string, columns []column) report.Table {
	t := report.Table{Title: title, Columns: append(report.Labels(labels...), report.Column{Name: "seeds"})}
	for _, c := range columns {
		t.Columns = append(t.Columns, report.Column{Name: c.head, Score: true})
	}
	return t
}

// addRow adds a row with the scores of a variant, summarised over its seeds.
func addRow(t *report.Table, rows score.Rows, variant string, columns []column, labels ...report.Cell) {
	cells := append(slices.Clone(labels), report.Number(float64(seeds(rows, variant)), 0))
	for _, c := range columns {
		cells = append(cells, report.Score(onTest(rows, variant, c.metric), c.digits))
	}
	t.Add(cells...)
}

// onTest summarises a metric of a variant on the test images over its seeds.
func onTest(rows score.Rows, variant, name string) score.Summary {
	return rows.Of(variant, name, metric.Test).Summary()
}

// seeds is the number of seeds of a variant.
func seeds(rows score.Rows, variant string) int {
	seen := map[uint64]bool{}
	for _, r := range rows {
		if r.Variant == variant {
			seen[r.Seed] = true
		}
	}
	return len(seen)
}

// modelCells are the cells for a model's name and the size of its code.
func modelCells(model string, latent int) []report.Cell {
	return []report.Cell{report.Text(name(model)), report.Number(float64(latent), 0)}
}

// name is the name of a model in tables and figures.
func name(model string) string { return strings.ToUpper(model) }

// referenceName is the name of the variant of a reference model.
func referenceName(model string, latent int) string {
	return autoencoder.Config{Model: model, Latent: latent}.String()
}

// withSeed is a configuration with a seed.
func withSeed(c training.Config, seed int) training.Config {
	c.Seed = uint64(seed)
	return c
}

// sourceName is the name of a source of codes in tables and figures.
func sourceName(source string) string {
	switch source {
	case metric.Gaussians:
		return "Gaussian" // capitalised: it is the name of a person
	case metric.Selected:
		return "selected mixture"
	case metric.Encoded:
		return "codes themselves"
	}
	return source
}

package experiments

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/show"
)

// numbered is the representation in which the number of clusters is looked for.
const numbered = aeUnit

// criteria are the criteria for the number of clusters.
var criteria = []struct {
	name, title, y string
	lowest         bool // the lowest value is the best
}{
	{metric.BIC, "BIC, mixture", "BIC per image, above the least", true},
	{metric.Modularity, "Modularity, communities", "modularity", false},
	{metric.Stability, "Stability, mixture", "ARI of two halves", false},
}

// numberedData are the data sets on which the number of clusters is looked for, with their names in tables.
func numberedData(s *lab.Setting) (all []struct{ data, name string }) {
	for _, data := range clusteredData(s) {
		name := cmp.Or(data, s.Dataset)
		all = append(all, struct{ data, name string }{data, cmp.Or(titles[name], name)})
	}
	if s.Classes == nil {
		return all
	}
	return append(all, otherData...)
}

// numberUnits are the representation in which the number of clusters is looked for, in data without labels.
func numberUnits(l *Lab) (all []unit, err error) {
	for seed := range elsewhereSeeds(&l.Setting) {
		u, err := representationNamed(&l.Setting, numbered).unitOf(l, "", seed, nil, nil)
		if err != nil {
			return nil, err
		}
		all = append(all, u)
	}
	return all, nil
}

// numberTitle is the title of the table of the numbers of clusters.
const numberTitle = "The number of clusters that each criterion proposes"

// number adds a table and a chart: what the criteria say of the number of clusters when it is not given.
func number(r *report.Report, rows score.Rows, s lab.Setting) error {
	numbers := s.Scale.Numbers
	t := report.Table{Title: numberTitle, Columns: report.Labels("data", "classes", "seeds")}
	charts := make([]figure.Chart, len(criteria))
	for i, c := range criteria {
		t.Columns = append(t.Columns, report.Column{Name: c.name, Score: true})
		charts[i] = figure.Chart{Title: c.title, X: "number of clusters", Y: c.y}
	}
	images := 0
	for _, of := range numberedData(&s) {
		variant, classes := variantOn(of.data, numbered), report.Number(float64(s.K), 0)
		switch {
		case of.data == lab.MNIST || of.data == lab.Printed:
			classes = report.Number(10, 0)
		case s.Classes == nil:
			classes = report.Missing("the data set has no labels")
		}
		cells := []report.Cell{report.Text(of.name), classes, report.Number(float64(proposed(rows, variant, criteria[0].name, criteria[0].lowest, numbers).N()), 0)}
		for i, c := range criteria {
			cells = append(cells, report.Score(proposed(rows, variant, c.name, c.lowest, numbers), 1))
			line := figure.Series{Name: of.name}
			for _, k := range numbers {
				found := rows.Of(variant, metric.Criterion(c.name, k), metric.All)
				if len(found) > 0 {
					images = max(images, found[0].N)
				}
				if values := found.Summary(); values.N() > 0 {
					line.X, line.Y = append(line.X, float64(k)), append(line.Y, values.Mean())
				}
			}
			if c.lowest && len(line.Y) > 0 {
				least := slices.Min(line.Y)
				for k := range line.Y {
					line.Y[k] -= least
				}
			}
			charts[i].Series = append(charts[i].Series, line)
		}
		t.Add(cells...)
	}
	how := fmt.Sprintf("The criteria choose among %d to %d clusters of %s images drawn at random, represented by %s. BIC: of a mixture with that many Gaussians. Modularity: of that many communities. "+
		"Stability: one mixture is fitted to each half of the images, and the ARI compares how the two divide all of them.", slices.Min(numbers), slices.Max(numbers), show.Count(images), numbered)
	t.Note = how + fmt.Sprintf(" Each criterion proposes the number with its best value. A proposal of %d or %d, the ends of the range, says only on which side the best number lies.", slices.Min(numbers), slices.Max(numbers))
	r.Tables = append(r.Tables, t)
	return panels(r, "number", charts, figure.PanelsOptions{Columns: 3}, how+sweepShowing(&s, Clustering, elsewhereSeeds(&s), "mean"))
}

// proposed summarises, over the seeds, the number of clusters with the best value of a criterion.
func proposed(rows score.Rows, variant, criterion string, lowest bool, numbers []int) score.Summary {
	best, at := map[uint64]float64{}, map[uint64]int{} // by seed
	for _, k := range numbers {
		for _, r := range rows.Of(variant, metric.Criterion(criterion, k), metric.All) {
			if !lowest {
				r.Value = -r.Value
			}
			if least, known := best[r.Seed]; r.Undefined == "" && (!known || r.Value < least) {
				best[r.Seed], at[r.Seed] = r.Value, k
			}
		}
	}
	if len(at) == 0 {
		return rows.Of(variant, metric.Criterion(criterion, numbers[0]), metric.All).Summary()
	}
	var of score.Summary
	for _, seed := range slices.Sorted(maps.Keys(at)) {
		of.Values = append(of.Values, float64(at[seed]))
	}
	return of
}

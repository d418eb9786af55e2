package experiments

import (
	"fmt"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
)

// elsewhereSeeds is the number of seeds on other data. Each seed has its own encoders and its own data set.
func elsewhereSeeds(s *lab.Setting) int { return min(3, s.Scale.ManySeeds) }

// otherData are the other data sets, with their names in tables.
var otherData = []struct{ data, name string }{{lab.Unequal, "sizes of classes 4 : 1"}, {lab.Printed, "printed digits"}}

// trials are the representations that are tried on other data, each with its methods.
var trials = []struct {
	representation string
	methods        []string
}{{aeWide, []string{metric.KMeans, metric.Mixture}}, {aeBrightness, []string{metric.Search}}, {aeUnit, onGraph}}

// elsewhereUnits score the methods with unchanged settings on data that they were not chosen on: classes of unequal
// size, and a different data set.
func elsewhereUnits(l *Lab) ([]unit, error) {
	var all []unit
	for _, other := range otherData {
		for _, t := range trials {
			r := representationNamed(&l.Setting, t.representation)
			for seed := range elsewhereSeeds(&l.Setting) {
				u, err := r.unitOf(l, fmt.Sprint(other.data, " ", seed), seed, t.methods, []string{metric.All})
				if err != nil {
					return nil, err
				}
				data, err := l.Dataset(u.derived)
				if err != nil {
					return nil, err
				}
				u.variant = variantOn(other.data, t.representation)
				u.checkData(data, *r.config)
				all = append(all, u)
			}
		}
	}
	return all, nil
}

// elsewhereTable shows the scores of the clustering methods on other data.
func elsewhereTable(rows score.Rows) report.Table {
	t := report.Table{Title: "The same settings on other data", Columns: report.Labels("data", "representation", "method", "seeds")}
	for _, of := range metric.Agreements {
		t.Columns = append(t.Columns, report.Column{Name: of, Score: true})
	}
	for _, other := range otherData {
		for _, tried := range trials {
			variant := variantOn(other.data, tried.representation)
			for _, method := range tried.methods {
				cells := []report.Cell{report.Text(other.name), report.Text(tried.representation), report.Text(method), report.Number(float64(seeds(rows, variant)), 0)}
				for _, of := range metric.Agreements {
					cells = append(cells, report.Score(rows.Of(variant, metric.Agreement(method, of), metric.All).Summary(), 3))
				}
				t.Add(cells...)
			}
		}
	}
	return t
}

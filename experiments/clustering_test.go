package experiments

import (
	"strings"
	"testing"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/lib/fashion"
	"fashionlatent/lib/record"
)

// The published accuracies are lines in the chart of the data that they were published for, and in no other.
func TestPublishedAccuracies(t *testing.T) {
	made := func(variant, of string, value float64) score.Row {
		return score.Row{Variant: variant, Score: record.Score{Identity: record.Identity{Metric: metric.Agreement(metric.KMeans, of), Split: metric.All}, Value: value}}
	}
	var rows score.Rows
	for _, data := range []string{"", lab.MNIST} {
		rows = append(rows, made(variantOn(data, pixels), metric.ACC, .5), made(variantOn(data, pixels), metric.NMI, .4))
	}
	for _, c := range []struct {
		name, dataset string
		train, test   int
		data          string
		want          bool
	}{
		{"all of Fashion-MNIST", fashion.Name, 60_000, 10_000, "", true},
		{"MNIST beside it", fashion.Name, 60_000, 10_000, lab.MNIST, false},
		{"a part of Fashion-MNIST", fashion.Name, 600, 200, "", false},
		{"another data set", "tiny", 60_000, 10_000, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &report.Report{}
			s := lab.Setting{Scale: lab.Smoke, Dataset: c.dataset, Train: c.train, Test: c.test, K: 10}
			if err := methodsTable(r, rows, s, c.data); err != nil {
				t.Fatal(err)
			}
			f := r.Figures[0].Figure
			accuracy, information, _ := strings.Cut(f.Alt, "(b) Information")
			for _, line := range []string{"Line N2D .672: 0.672.", "Line SPC .679: 0.679."} {
				if strings.Contains(accuracy, line) != c.want {
					t.Errorf("the chart has the line %q: %v, want %v\n%s", line, !c.want, c.want, accuracy)
				}
			}
			if strings.Contains(information, "Line ") {
				t.Errorf("the chart of NMI has lines: %s", information)
			}
			if strings.Contains(f.Caption, "arXiv 1908.05968") != c.want {
				t.Errorf("the caption is %q", f.Caption)
			}
		})
	}
}

package experiments

import (
	"slices"
	"strings"
	"testing"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/lib/fashion"
)

// Five seeds leave out each of ten classes once. No class is left out twice with the same seed.
func TestLeftOuts(t *testing.T) {
	for _, c := range []struct{ classes, seeds, runs, different int }{
		{10, 5, 10, 10}, {10, 1, 2, 2}, {10, 10, 20, 10}, {3, 2, 4, 3}, {2, 2, 4, 2}, {26, 5, 10, 10}, {1, 5, 0, 0}, {0, 5, 0, 0},
	} {
		s := &lab.Setting{Classes: make([]string, c.classes)}
		s.Scale.Seeds = c.seeds
		runs, classes := map[leftOut]bool{}, map[int]bool{}
		for _, o := range leftOuts(s) {
			runs[o], classes[o.class] = true, true
		}
		if len(runs) != c.runs || len(leftOuts(s)) != c.runs || len(classes) != c.different || len(leftClasses(s)) != c.different {
			t.Errorf("%d classes, %d seeds: %v", c.classes, c.seeds, leftOuts(s))
		}
	}
}

// Made-up scores of an experiment on Fashion-MNIST: the likelihood is the wrong way round for MNIST in every seed, and
// the tables say so. Nothing is read of either data set.
func TestPlantedOutliers(t *testing.T) {
	l := planLab(t, t.TempDir())
	e, err := Named(Outliers)
	if err != nil {
		t.Fatal(err)
	}
	rows := plant(t, l, e)
	s := l.Setting
	s.Dataset = fashion.Name
	for i, r := range rows {
		rows[i].Variant = strings.Replace(r.Variant, "printed digits", "MNIST", 1)
		rows[i].Metric = strings.NewReplacer("printed digits", "MNIST", "tiny", "Fashion-MNIST").Replace(r.Metric)
		rows[i].Value = .6
		switch {
		case rows[i].Metric == metric.AUROC(metric.OfBound, "MNIST"):
			rows[i].Value = .1 + float64(r.Seed)/100
		case rows[i].Metric == metric.AUROC(metric.OfNLL, "MNIST"):
			rows[i].Value = .4 + float64(r.Seed)/5 // .4 and .6
		case rows[i].Metric == metric.AUROC(metric.OfMixture, "MNIST"):
			rows[i].Value = map[string]float64{"ae": .7, "vae": .95}[r.Model] + float64(r.Seed)/500
		}
	}
	r, err := e.derive(rows, s)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Tables[0].Show().Rows[1]; !slices.Equal(got[:4], []string{"Fashion-MNIST", "MNIST", "VAE", "2"}) || got[6] != "0.105 ± 0.007" {
		t.Errorf("the row is %q", got)
	}
	if got, want := r.Tables[1].Show().Rows[1], []string{"Fashion-MNIST", "MNIST", "VAE", "mixture", "0.951 ± 0.001", "−ELBO", "0.105 ± 0.007", "−ELBO"}; !slices.Equal(got, want) {
		t.Errorf("the best and the worst are %q, want %q", got, want)
	}
	if got := r.Tables[1].Show().Rows[3]; got[0] != "MNIST" || got[1] != "Fashion-MNIST" || got[7] != "none" {
		t.Errorf("the other way round it is %q", got)
	}
	// The smoke scale leaves out the first and the sixth class, and then the second and the seventh.
	classes := r.Tables[2].Show().Rows
	if len(classes) != 8 || classes[0][0] != "all but "+s.Classes[0] || classes[7][0] != "all but "+s.Classes[6] || classes[7][3] != "1" {
		t.Errorf("the classes are %q", classes)
	}
	if got := r.Tables[3].Show().Rows[0]; got[1] != "holds" || got[3] != "0.701 ± 0.001" || got[4] != "0.951 ± 0.001" {
		t.Errorf("the verdict is %q", got)
	}
	// In a report that is made in parts, the classes that are left out may not have been scored yet.
	rows = slices.DeleteFunc(rows, func(r score.Row) bool { return strings.Contains(r.Metric, leftOutName) })
	if r, err = e.derive(rows, s); err != nil {
		t.Fatal(err)
	}
	left := slices.DeleteFunc(r.Tables[0].Rows, func(row []report.Cell) bool { return row[1].Text != leftOutName })
	if len(left) != 2 || left[0][3].String() != "0" || left[0][4].Undefined != score.NotTaken {
		t.Errorf("without the classes that are left out, their rows are %v", left)
	}
}

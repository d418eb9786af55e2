package experiments

import (
	"slices"
	"strings"
	"testing"

	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
)

// planted is a comparison with planted scores of AE and VAE: those at 16 numbers, by claim in order, and at 2 numbers a tenth of the difference of them.
func planted(t *testing.T, seeds int, holes, mse, steps, jumps, fcd, fcdConvolutional, spread, acc [2]float64) *report.Report {
	t.Helper()
	values := [][2]float64{holes, {.3, .5}, {.3, .5}, steps, jumps, {.9, .9}, {.9, .9}, fcd, fcdConvolutional, spread, spread, mse, acc, acc}
	table := report.Table{Title: report.ClaimsTitle, Columns: report.Labels("claim", "verdict", "metric", "d = 2: AE", "VAE", "d = 16: AE", "VAE")}
	tests := report.Table{Title: report.TestsTitle, Columns: report.Labels("metric", "codes", "p, corrected")}
	for i, c := range claims {
		row := []report.Cell{report.Text(c.Words), report.Text("verdict"), report.Text(c.What)}
		for _, share := range []float64{.1, 1} {
			for _, model := range []int{0, 1} {
				cell := report.Number(values[i][0]+share*float64(model)*(values[i][1]-values[i][0]), 4)
				cell.N = seeds
				row = append(row, cell)
			}
		}
		// At d = 2 the models are nearly as the AE at 16.
		table.Add(row...)
		tests.Add(report.Text(c.What), report.Text("d = 2"), report.Number(.5, 3))
		p := .001
		if values[i][0] == values[i][1] {
			p = 1
		}
		tests.Add(report.Text(c.What), report.Text("d = 16"), report.Number(p, 3))
	}
	r := &report.Report{Tables: []report.Table{{}, table}}
	if seeds > 1 {
		r.Tables = append(r.Tables, tests)
	}
	return r
}

func TestAnswer(t *testing.T) {
	same := [2]float64{1, 1}
	for _, c := range []struct {
		name        string
		report      *report.Report
		says        []string
		saysNothing []string
	}{
		{"the AE is better at most", planted(t, 5, [2]float64{.6, .001}, [2]float64{.009, .0115}, [2]float64{1.4, 1.8}, [2]float64{.01, .06}, [2]float64{1.3, 2.2}, [2]float64{3, 5}, [2]float64{.85, .95}, same),
			[]string{"60\u00a0% of the AE's images lie far from the data, and less than 1\u00a0% of the VAE's", "the AE reconstructs images better, has smoother paths between images and draws images with the smaller Fréchet classifier distance", "; the VAE draws images with the larger precision and coverage", "differ much less"},
			[]string{"the VAE gives", "clusters"}},
		{"metrics of one strength disagree", planted(t, 5, [2]float64{.6, 0}, [2]float64{.009, .0115}, [2]float64{1.4, 1.8}, [2]float64{.06, .01}, same, same, same, [2]float64{.5, .6}),
			[]string{"the AE reconstructs images better; the VAE has clusters that agree better with the classes."}, []string{"smoother", "distance"}},
		{"one seed", planted(t, 1, [2]float64{.6, 0}, [2]float64{.02, .01}, same, same, same, same, same, same), []string{"the VAE reconstructs images better"}, nil},
	} {
		text := strings.Join(Answer(c.report), " ")
		for _, words := range c.says {
			if !strings.Contains(text, words) {
				t.Errorf("%s: got %q, want it to say %q", c.name, text, words)
			}
		}
		for _, words := range c.saysNothing {
			if strings.Contains(text, words) {
				t.Errorf("%s: got %q, want it not to say %q", c.name, text, words)
			}
		}
	}
	if got := Answer(&report.Report{Tables: []report.Table{{}, {}}}); got != nil {
		t.Errorf("without scores: %q", got)
	}
}

// What several seeds do not decide is no strength.
func TestUndecided(t *testing.T) {
	r := planted(t, 5, [2]float64{.6, 0}, [2]float64{.009, .0115}, [2]float64{1, 1}, [2]float64{1, 1}, [2]float64{1, 1}, [2]float64{1, 1}, [2]float64{1, 1}, [2]float64{.5, .6})
	for _, row := range r.Tables[2].Rows {
		*row[2].Value = .2
	}
	if text := strings.Join(Answer(r), " "); strings.Contains(text, "better") {
		t.Errorf("got %q, want no model to be better", text)
	}
}

func TestBeside(t *testing.T) {
	theirs := planted(t, 5, [2]float64{.6, .001}, [2]float64{.009, .0115}, [2]float64{1.4, 1.8}, [2]float64{.01, .06}, [2]float64{1.3, 2.2}, [2]float64{3, 5}, [2]float64{.9, .9}, [2]float64{.5, .5})
	own := planted(t, 1, [2]float64{.5, .5}, [2]float64{.009, .0115}, [2]float64{1.8, 1.4}, [2]float64{.01, .06}, [2]float64{1.3, 2.2}, [2]float64{3, 5}, [2]float64{.9, .9}, [2]float64{.5, .6})
	table := Beside(theirs, own)
	if !strings.Contains(table.Title, "5 seeds, and this run with 1") || len(table.Rows) != len(claims) {
		t.Errorf("%q with %d rows", table.Title, len(table.Rows))
	}
	for i, want := range map[int][2]string{0: {": no difference", ": no difference"}, 3: {": opposite of what is not decided", ": opposite"}, 11: {": same direction", ": same direction"}} {
		if row := table.Rows[i]; !strings.HasSuffix(row[4], want[0]) || !strings.HasSuffix(row[6], want[1]) {
			t.Errorf("%s: %q and %q, want %q", row[0], row[4], row[6], want)
		}
	}
}

// The direction of a claim is that of its metric.
func TestDirectionsOfClaims(t *testing.T) {
	s := metric.Setting{Train: 20, Test: 20, Classes: 2, TestClasses: 2, K: 2, Samples: 20}
	better := map[string]metric.Direction{}
	for _, m := range slices.Concat(losses(s), clusterings(s), s.Structure(), []metric.Metric{s.Holes()}, s.Paths(), s.Generation(metric.Sources...)) {
		better[m.Name] = m.Better
	}
	for _, c := range claims {
		if of := better[c.Metric]; of == metric.Neither || (of == metric.Lower) != c.Less {
			t.Errorf("%s: the direction of the metric is %d, and the claim says less: %v", c.Metric, of, c.Less)
		}
	}
}

package experiments

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/lib/autoencoder"
)

// begin: experiment

// activations asks what the activation changes: it trains AEs with ReLU and with tanh, with every seed of the scale.
var activations = Experiment{Name: "activations", Question: "What does the activation change?", units: activationUnits, report: activationReport}

var activationNames = []string{"relu", "tanh"}

func activationUnits(l *Lab) ([]unit, error) {
	s, err := lab.Metrics(l, l.Data)
	if err != nil {
		return nil, err
	}
	var units []unit
	for _, activation := range activationNames {
		for seed := range l.Scale.Seeds {
			c := l.Config(autoencoder.AE, lab.Wide, uint64(seed))
			c.Model.Activation = activation
			units = append(units, unit{variant: activation, job: &lab.Job{Config: c}, metrics: losses(s)})
		}
	}
	return units, nil
}

func activationReport(rows score.Rows, s lab.Setting) (*report.Report, error) {
	t := newTable("Activations", []string{"activation"}, []column{mseColumn})
	for _, activation := range activationNames {
		addRow(&t, rows, activation, []column{mseColumn}, report.Text(activation))
	}
	return &report.Report{Tables: []report.Table{t}, Note: note(&s, s.Scale.Seeds)}, nil
}

// end: experiment

func TestContributedExperiment(t *testing.T) {
	t.Parallel()
	l, _ := trainLab(t, t.TempDir())
	r, err := activations.Run(context.Background(), l)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range r.Tables[0].Rows {
		if mse := row[2]; mse.N != l.Scale.Seeds || mse.Value == nil || *mse.Value <= 0 || *mse.Value > .25 {
			t.Errorf("%s: %+v, want the MSE of %d seeds", row[0].Text, mse, l.Scale.Seeds)
		}
	}
	if got := len(r.Tables[0].Rows); got != len(activationNames) {
		t.Errorf("%d rows", got)
	}
}

// CONTRIBUTING.md shows the code that is tested here, in fewer than 40 lines each.
func TestContributing(t *testing.T) {
	guide, err := os.ReadFile(filepath.Join(lab.Root(), "CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"experiments/contributing_test.go", "experiments/metric/contributing_test.go"} {
		source, err := os.ReadFile(filepath.Join(lab.Root(), filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		shown := regexp.MustCompile(`(?s)// begin: \w+\n\n(.*?)\n// end: \w+\n`).FindSubmatch(source)
		if shown == nil || !strings.Contains(string(guide), string(shown[1])) {
			t.Errorf("CONTRIBUTING.md does not show the code of %s as it is", file)
		} else if lines := strings.Count(string(shown[1]), "\n"); lines >= 40 {
			t.Errorf("%s: %d lines, want fewer than 40", file, lines)
		}
	}
}

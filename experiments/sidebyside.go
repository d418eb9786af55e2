package experiments

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"

	"fashionlatent/experiments/lab"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"
)

// mostEpochs is the largest number of epochs that a table of a history has.
const mostEpochs = 10

// RunReport is what is known of a run: its listing, its history, and tables of both.
type RunReport struct {
	lab.Listed
	History []record.Epoch `json:"history"`
	config  training.Config
	run     *record.Run
}

// ReadRun reads a run for RunReport. A run without a history, such as one that has not begun, has none.
func ReadRun(run *record.Run) (RunReport, error) {
	r := RunReport{Listed: lab.Read(run), run: run}
	var err error
	if r.History, err = run.History(); errors.Is(err, fs.ErrNotExist) {
		r.History, err = []record.Epoch{}, nil
	}
	if of, err := training.SpecOf(run); err == nil {
		r.config = of.Config
	}
	return r, err
}

// Tables are the run's settings beside those of the reference configuration, its history and its scores on the test
// images.
func (r RunReport) Tables() []show.Table {
	settings := show.Table{Title: "Settings", Header: []string{"setting", "value", "reference"}}
	for _, s := range r.Settings {
		row := []string{s.Name, s.Value, ""}
		if slices.Contains(r.Differences, s) {
			row[2] = r.Reference.Value(s.Name)
		}
		settings.Rows = append(settings.Rows, row)
	}
	settings.Note = "The reference is given where it differs. The epochs and the seed have none."
	history := show.Table{Title: "History", Header: []string{"epoch", "train", "train KL", "test", "test KL", "rate", "seconds"}}
	for _, epoch := range shownOf(len(r.History)) {
		h := r.History[epoch]
		history.Rows = append(history.Rows, []string{strconv.Itoa(h.Epoch), fixed(h.Train.Reconstruction), fixed(h.Train.KL), fixed(h.Test.Reconstruction), fixed(h.Test.KL),
			fmt.Sprintf("%.2g", h.LearningRate), fmt.Sprintf("%.1f", h.Seconds)})
	}
	history.Note = "Train and test: the reconstruction loss, in " + reconstructionUnit(r.config) + ". KL: in nats per image, 0 for an AE."
	scores := show.Table{Title: "Scores", Header: []string{"score", "images", "n", "value", "unit"}, Labels: 1}
	kept := distinct(r.Scores)
	for _, s := range kept {
		value := "undefined: " + s.Undefined
		if s.Undefined == "" {
			value = significant(s.Value)
		}
		scores.Rows = append(scores.Rows, []string{scoreName(kept, s), s.Split, strconv.Itoa(s.N), value, s.Unit})
	}
	return withRows(settings, history, scores)
}

// SideBySide compares two runs: the settings in which they differ, their histories, and the scores that both have.
func SideBySide(a, b RunReport) []show.Table {
	settings := show.Table{Title: "Settings that differ", Header: []string{"setting", a.Short, b.Short}, Note: "All other settings are equal."}
	row := func(name, x, y string) {
		if x != y {
			settings.Rows = append(settings.Rows, []string{name, x, y})
		}
	}
	row("data", a.Data+" "+a.Checksum[:min(12, len(a.Checksum))], b.Data+" "+b.Checksum[:min(12, len(b.Checksum))])
	for _, s := range a.Settings {
		row(s.Name, s.Value, b.Setting(s.Name))
	}
	for _, s := range b.Settings {
		if !a.Settings.Has(s.Name) {
			row(s.Name, "", s.Value)
		}
	}
	start := func(r RunReport) string {
		if r.StartsFrom == nil {
			return "random weights"
		}
		return r.StartsFrom[0]
	}
	row("start", start(a), start(b))
	row("backend", a.Backend, b.Backend)
	row("commit", a.Commit, b.Commit)
	row("state", a.State, b.State)

	history := show.Table{Title: "Test loss: reconstruction and KL", Header: []string{"epoch", a.Short, "KL", b.Short, "KL"}}
	for _, epoch := range shownOf(max(len(a.History), len(b.History))) {
		row := []string{strconv.Itoa(epoch + 1), "", "", "", ""}
		for i, h := range [][]record.Epoch{a.History, b.History} {
			if epoch < len(h) {
				row[1+2*i], row[2+2*i] = fixed(h[epoch].Test.Reconstruction), fixed(h[epoch].Test.KL)
			}
		}
		history.Rows = append(history.Rows, row)
	}
	history.Note = "Reconstruction in " + reconstructionUnit(a.config)
	if ofB := reconstructionUnit(b.config); ofB != reconstructionUnit(a.config) {
		history.Note += " and in " + ofB
	}
	history.Note += ". KL in nats per image, 0 for an AE."
	if why := ofOneKind(a.config, b.config); why != "" {
		history.Note += " Note that " + why + "."
	}

	scores := show.Table{Title: "Scores that both runs have", Header: []string{"score", "images", "1", "2", "difference"}}
	ofA, ofB := distinct(a.Scores), map[record.Identity]record.Score{}
	for _, s := range distinct(b.Scores) {
		ofB[inOrder(s.Identity)] = s
	}
	for _, s := range ofA {
		other, there := ofB[inOrder(s.Identity)]
		if !there || s.Undefined != "" || other.Undefined != "" {
			continue
		}
		name := scoreName(ofA, s)
		if s.Unit != "" {
			name += " (" + s.Unit + ")"
		}
		scores.Rows = append(scores.Rows, []string{name, s.Split, significant(s.Value), significant(other.Value), significant(other.Value - s.Value)})
	}
	scores.Note = fmt.Sprintf("1: %s; 2: %s. The difference is the second minus the first. One run of each does not show the spread over seeds.", a.Short, b.Short)
	switch {
	case a.Checksum != b.Checksum:
		settings.Note += " The runs have different data sets, so their scores cannot be compared."
	case scores.Rows == nil:
		settings.Note += " The runs have no score in common."
	}
	return withRows(settings, history, scores)
}

// ofOneKind says why the losses of two models cannot be compared; "": they can.
func ofOneKind(a, b training.Config) string {
	if a.Model.Loss == b.Model.Loss || a.Epochs == 0 || b.Epochs == 0 { // a classifier has no such loss
		return ""
	}
	return fmt.Sprintf("the losses of the models are of different kinds, %s and %s, and cannot be compared", a.Model.Loss, b.Model.Loss)
}

// NoFigure is the error if two runs cannot be drawn in one figure: it says why.
type NoFigure struct{ error }

// SideBySideCurves plots the losses of two runs against epochs. Losses of different kinds are not drawn on one axis,
// and runs of classifiers have none; the error is then NoFigure.
func SideBySideCurves(a, b RunReport) (*figure.Figure, error) {
	if a.config.Epochs == 0 || b.config.Epochs == 0 || len(a.History) == 0 || len(b.History) == 0 {
		return nil, NoFigure{errors.New("there is no figure, because one of the runs has no history of a model's losses")}
	}
	if why := ofOneKind(a.config, b.config); why != "" {
		return nil, NoFigure{fmt.Errorf("there is no figure, because %s", why)}
	}
	x, y := result(a), result(b)
	if names := Names(x, y); names[0] == names[1] {
		return nil, NoFigure{errors.New("there is no figure, because the configurations are equal: the runs differ only in their data, or in the runs that they start from")}
	}
	return Curves(x, y)
}

// result is a run as a result without its model.
func result(r RunReport) *training.Result {
	return &training.Result{Config: r.config, History: r.History, Run: r.run}
}

func reconstructionUnit(c training.Config) string {
	if c.Model.Loss == autoencoder.MSE {
		return "squared error per image"
	}
	return "nats per image"
}

// shownOf are up to mostEpochs indices of n, evenly spaced, with the first and the last.
func shownOf(n int) (indices []int) {
	count := min(n, mostEpochs)
	for i := range count {
		indices = append(indices, int(math.Round(float64(i)*float64(n-1)/float64(max(1, count-1)))))
	}
	return indices
}

// distinct are the scores without those whose identity differs from one before them only in the order of the parameters.
func distinct(scores []record.Score) (kept []record.Score) {
	seen := map[record.Identity]bool{}
	for _, s := range scores {
		if i := inOrder(s.Identity); !seen[i] {
			seen[i] = true
			kept = append(kept, s)
		}
	}
	return kept
}

// inOrder is an identity with its parameters in alphabetical order. Earlier versions wrote some in another order.
func inOrder(i record.Identity) record.Identity {
	parameters := strings.Fields(i.Parameters)
	slices.Sort(parameters)
	i.Parameters = strings.Join(parameters, " ")
	return i
}

// scoreName is the metric of a score, with its parameters if it was taken with others too.
func scoreName(all []record.Score, s record.Score) string {
	for _, other := range all {
		if other.Metric == s.Metric && other.Split == s.Split && other.Identity != s.Identity {
			return fmt.Sprintf("%s, version %d, n=%d %s", s.Metric, s.Version, s.N, s.Parameters)
		}
	}
	return s.Metric
}

func fixed(v float64) string { return fmt.Sprintf("%.2f", v) }

func significant(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }

// withRows are the tables that have a row.
func withRows(tables ...show.Table) []show.Table {
	return slices.DeleteFunc(tables, func(t show.Table) bool { return len(t.Rows) == 0 })
}

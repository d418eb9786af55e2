package lab

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"fashionlatent/experiments/metric"
	"fashionlatent/lib/classifier"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"
)

// RunTables lists runs in one table for each data set, and for each way to normalise its images, because their scores
// cannot be compared. Classifiers have tables of their own, and so have scores of what is not trained as one run. Runs keep
// their order.
func RunTables(runs []Listed) (tables []show.Table) {
	type group struct {
		checksum, normalised string
		other                string // classifierModel or untrainedModel; "": models
	}
	var groups []group
	of := map[group][]Listed{}
	for _, l := range runs {
		g := group{l.Checksum, l.Normalised, l.Setting("model")}
		if g.other != classifierModel && g.other != untrainedModel {
			g.other = ""
		}
		if of[g] == nil {
			groups = append(groups, g)
		}
		of[g] = append(of[g], l)
	}
	for _, g := range groups {
		t := show.Table{Title: title(of[g], g.checksum, g.normalised), Header: []string{"run", "differs from the reference", "CE", "KL", "MSE", "ACC", "date", "size"}}
		switch g.other {
		case classifierModel:
			t.Title += ", classifiers"
			t.Header = []string{"run", "differs from the reference", "accuracy", "date", "size"}
		case untrainedModel:
			t.Title += ", scores of what is not trained as one run"
			t.Header = []string{"run", "made from", "scores", "date", "size"}
		}
		for _, l := range of[g] {
			row := []string{l.Short, l.About()}
			switch g.other {
			case classifierModel:
				row = append(row, l.short(classifier.Accuracy, 3))
			case untrainedModel:
				row = append(row, fmt.Sprint(len(l.Scores)))
			default:
				row = append(row, l.short(metric.CrossEntropy, 1), l.short(metric.KL, 1), l.short(metric.MSE, 4), l.short(metric.Agreement(metric.Mixture, metric.ACC), 3))
			}
			t.Rows = append(t.Rows, append(row, date(l.Started), Size(l.Bytes)))
		}
		tables = append(tables, t)
	}
	return tables
}

// RunsNote explains the tables of runs.
const RunsNote = "The name of a run holds the model, the dimensions of the code (d), the epochs (e) and the seed (s). Any beginning of it that no other run has names the run. " +
	"Settings have the names of the flags of train. CE: cross-entropy, in nats per image; KL: in nats per image; MSE: per pixel; ACC: of a mixture of Gaussians. All on test images. Date: start of training. " +
	"The command that trains a run continues it if it was stopped. Data of one name with several checksums: one is a part of the other, as at scale smoke, or has changed."

// title names a data set and how its images are normalised.
func title(runs []Listed, checksum, normalised string) string {
	name := ""
	for _, l := range runs {
		name = cmp.Or(name, l.Data)
	}
	switch {
	case checksum == "":
		return "Runs whose configuration cannot be read"
	case name == "":
		name = "Data set " + checksum[:min(12, len(checksum))]
	default:
		name = fmt.Sprintf("%s (checksum %.12s)", name, checksum)
	}
	if normalised != "" {
		name += ", images normalised by " + normalised
	}
	return name
}

// short is a score with a number of decimals and without the zero before the point; a dash if there is none.
func (l *Listed) short(metric string, digits int) string {
	s, there := l.Score(metric)
	if !there {
		return "–"
	}
	return strings.TrimPrefix(fmt.Sprintf("%.*f", digits, s.Value), "0")
}

func date(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.Format(time.DateOnly)
}

// Size is a number of bytes in the unit that fits, such as "12 MB".
func Size(bytes int64) string {
	value, unit := float64(bytes), "B"
	for _, next := range []string{"kB", "MB", "GB", "TB"} {
		if value < 999.5 {
			break
		}
		value, unit = value/1000, next
	}
	if value < 9.95 && unit != "B" {
		return fmt.Sprintf("%.1f %s", value, unit)
	}
	return fmt.Sprintf("%.0f %s", value, unit)
}

// leastID is the number of digits of a run's id that a short name has at least.
const leastID = 4

// shorten sets the short names of runs, which are sorted by name: the shortest beginnings that hold at least four digits
// of the id and begin no other run's name.
func shorten(runs []Listed) {
	common := func(a, b string) (n int) {
		for n < min(len(a), len(b)) && a[n] == b[n] {
			n++
		}
		return n
	}
	for i := range runs {
		name := runs[i].Run
		n := 0
		if i > 0 { // the names with the longest common beginning are neighbours
			n = common(name, runs[i-1].Run) + 1
		}
		if i+1 < len(runs) {
			n = max(n, common(name, runs[i+1].Run)+1)
		}
		runs[i].Short = beginning(name, n)
	}
}

// beginning is the beginning of a run's name with at least four digits of the id and at least n characters.
func beginning(name string, n int) string {
	n = max(n, strings.LastIndexByte(name, '-')+1+leastID)
	return name[:min(n, len(name))]
}

// Published reads the published run of a job on the lab's own data set.
func (l *Lab) Published(j Job) (*training.Result, error) {
	folders := modelsFolders(l.Results)
	models := record.Open(folders[0], folders[1:]...)
	run, err := training.RunOf(models, l.Data, j.Config)
	if err != nil {
		return nil, err
	}
	if run, err = models.Load(run.Name()); err != nil {
		return nil, fmt.Errorf("only reference models of Fashion-MNIST at scale %s with seed 0 are published: %w", Full.Name, err)
	}
	r, _, err := training.Open(l.Backend, run)
	return r, err
}

// OpenRun reads a finished run, given its name, the beginning of its name or its path. A run that was trained on another data set
// than the lab's is an error.
func (l *Lab) OpenRun(name string) (*training.Result, error) {
	run, err := l.Runs.Load(name)
	if err != nil {
		return nil, err
	}
	r, checksum, err := training.Open(l.Backend, run)
	if err != nil {
		return nil, err
	}
	if checksum != l.Data.Checksum {
		manifest, err := run.Manifest()
		if err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("run %s was trained on %q with checksum %.12s, but this data set, %q, has %.12s: "+
			"name the right data set with -data and its scale with -scale", run.Name(), manifest.Data, checksum, l.Data.Name, l.Data.Checksum)
	}
	return r, nil
}

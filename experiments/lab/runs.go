package lab

import (
	"fmt"

	"fashionlatent/experiments/metric"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"

	"golang.org/x/sync/errgroup"
)

// Runs lists the runs of a store in a table. Runs that cannot be listed are reported in the error, and the table has
// all others.
func Runs(runs *record.Store) (show.Table, error) {
	t := show.Table{Header: []string{"run", "state", "epochs", "backend", "cross-entropy, with a VAE's KL", "MSE", "k-means ACC", "mixture ACC"}}
	all, problems := runs.List()
	t.Rows = make([][]string, len(all))
	concurrently(len(all), func(i int) { t.Rows[i] = runRow(all[i]) })
	return t, problems
}

func runRow(run *record.Run) []string {
	manifest, err := run.Manifest()
	state := manifest.State
	if err != nil {
		state = "unknown"
	}
	if state == record.Training {
		state = unfinished(run)
	}
	scores, err := run.Scores()
	if err != nil {
		state = "damaged"
	}
	// text formats the first of the named metrics that has a defined score on the test images of the run's data set.
	text := func(digits int, names ...string) string {
		for _, name := range names {
			for _, s := range scores {
				if s.Metric == name && s.Split == metric.Test && s.Data == manifest.DataChecksum && s.Undefined == "" {
					return fmt.Sprintf("%.*f", digits, s.Value)
				}
			}
		}
		return "–"
	}
	return []string{run.Name(), state, fmt.Sprint(manifest.Epochs), manifest.Backend,
		text(1, metric.CrossEntropyKL, metric.CrossEntropy), text(4, metric.MSE),
		text(3, metric.Agreement(metric.KMeans, metric.ACC)), text(3, metric.Agreement(metric.Mixture, metric.ACC))}
}

// unfinished describes how far a run has come whose manifest says that it is being trained. It is being trained only if
// its lock is held. Otherwise its process has ended without finishing it.
func unfinished(run *record.Run) string {
	state := "stopped"
	if run.Locked() {
		state = record.Training
	}
	history, err := run.History()
	var spec map[string]any
	if err != nil || len(history) == 0 || run.Spec(&spec) != nil {
		return state + " before its first checkpoint"
	}
	return fmt.Sprintf("%s after epoch %d of %v", state, history[len(history)-1].Epoch, spec["epochs"])
}

// concurrently calls f with 0 to n-1, up to 16 at the same time. Reading many small files is mostly waiting, above all
// on a network.
func concurrently(n int, f func(i int)) {
	var group errgroup.Group
	group.SetLimit(16)
	for i := range n {
		group.Go(func() error { f(i); return nil })
	}
	group.Wait()
}

// OpenRun reads a finished run, given the name of its folder or its path. A run that was trained on another data set
// than the lab's is an error.
func (l *Lab) OpenRun(folder string) (*training.Result, error) {
	run, err := l.Runs.Load(folder)
	if err != nil {
		return nil, err
	}
	r, checksum, err := training.Open(l.Backend, run)
	if err != nil {
		return nil, err
	}
	if checksum != l.Data.Checksum {
		return nil, fmt.Errorf("run %s was trained on a data set with checksum %.12s, but this one has %.12s: "+
			"name the right data set with -data and its scale with -scale", run.Name(), checksum, l.Data.Checksum)
	}
	return r, nil
}

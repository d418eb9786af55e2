package lab

import (
	"fmt"

	"fashionlatent/experiments/metric"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"

	"golang.org/x/sync/errgroup"
)

// Runs lists the runs of a store. What cannot be read is in the error, the rest in the table all the same.
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
	// The first of the metrics that was taken on test images, in whichever way.
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

// unfinished says how far a run has come whose manifest says that it is being trained, and whether it is: it is if its lock is held. Else
// its process was killed.
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

// concurrently calls f with 0 to n-1, several at once: of many small files most of the time goes by waiting, on a network most of all.
func concurrently(n int, f func(i int)) {
	var group errgroup.Group
	group.SetLimit(16)
	for i := range n {
		group.Go(func() error { f(i); return nil })
	}
	group.Wait()
}

// OpenRun reads a finished run by the name of its folder or by its path, and checks that the lab's data set is the one
// that it was trained on.
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

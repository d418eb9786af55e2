package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend/backendtest"
	"fashionlatent/lib/fashion/fashiontest"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

func TestThreads(t *testing.T) {
	for _, c := range []struct {
		runs, atOnce, cores int
		want                []int // of each run
	}{
		{runs: 4, atOnce: 2, cores: 2, want: []int{1, 1, 1, 1}},
		{runs: 3, atOnce: 2, cores: 2, want: []int{1, 1, 2}}, // no other run is trained beside the last one
		{runs: 1, atOnce: 1, cores: 4, want: []int{4}},
		{runs: 6, atOnce: 4, cores: 4, want: []int{1, 1, 1, 1, 2, 2}},
		{runs: 3, atOnce: 3, cores: 2, want: []int{1, 1, 1}},
	} {
		var got []int
		for i := range c.runs {
			got = append(got, threads(i, c.runs, c.atOnce, c.cores))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%d runs, %d at once on %d cores: %v threads, want %v", c.runs, c.atOnce, c.cores, got, c.want)
		}
	}
}

// A run that was interrupted continues with its number of threads, whatever is trained beside it, so it ends with the
// bits of a run that was not.
func TestRunsKeepTheirThreads(t *testing.T) {
	backendtest.XLA(t) // or skip
	folder := fashiontest.Folder(t)
	weights := func(interrupted bool) string {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		l, err := Open(ctx, Options{Scale: Smoke.Name, Results: t.TempDir(), Data: folder, Out: io.Discard, SaveEvery: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		j := l.ReferenceJob(autoencoder.VAE, Wide, 0)
		j.Config.Epochs, j.Config.Model.Hidden, j.Threads = 10, []int{300}, 1
		if interrupted {
			go func() {
				defer cancel()
				for ; ctx.Err() == nil; time.Sleep(time.Millisecond) {
					if kept, _ := filepath.Glob(filepath.Join(l.Results, "runs", "*", "checkpoints", "epoch-*.npz")); len(kept) > 0 {
						return
					}
				}
			}()
		}
		err = Prepare(ctx, l, []Job{j})
		if interrupted {
			if !errors.As(err, new(*UnfinishedError)) {
				t.Fatalf("interrupted: %v, want an UnfinishedError", err)
			}
			j.Threads = 0
			err = Prepare(t.Context(), l, []Job{j})
		}
		if err != nil {
			t.Fatal(err)
		}
		run, _, _, err := l.Finished(j)
		if err != nil {
			t.Fatal(err)
		}
		m, err := run.Manifest()
		if err != nil || m.Threads != 1 || len(m.Earlier) > 0 || m.State != record.Finished {
			t.Errorf("interrupted %v: %s with %d threads, before at %q (%v), want one thread", interrupted, m.State, m.Threads, m.Earlier, err)
		}
		return m.WeightsSHA256
	}
	if got, want := weights(true), weights(false); got != want {
		t.Errorf("weights %.12s, without the interruption %.12s", got, want)
	}
}

func TestKept(t *testing.T) {
	stopped := func(epochs int) error { return &training.StoppedError{Done: epochs} }
	for _, c := range []struct {
		err  error
		want bool
	}{
		{stopped(0), false},
		{stopped(3), true},
		{fmt.Errorf("experiment: %w", stopped(0)), false},
		{errors.Join(stopped(0), stopped(0)), false},
		{errors.Join(stopped(0), stopped(1)), true},
		{&UnfinishedError{0, 4, stopped(0)}, false},
		{&UnfinishedError{0, 4, errors.Join(stopped(0), stopped(2))}, true},
		{fmt.Errorf("experiment: %w", &UnfinishedError{1, 4, stopped(0)}), true},
		{context.Canceled, true}, // nothing says that something is lost
	} {
		if got := Kept(c.err); got != c.want {
			t.Errorf("%v: %v", c.err, got)
		}
	}
	if said := (&UnfinishedError{1, 4, errors.New("stopped")}).Error(); said != "stopped\n1 of 4 runs are finished and kept" {
		t.Error(said)
	}
}

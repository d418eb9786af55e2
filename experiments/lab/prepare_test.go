package lab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

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

package experiments_test

import (
	"context"
	"strings"
	"testing"

	"fashionlatent/experiments"
	"fashionlatent/experiments/lab"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

// A run whose manifest says that it is being trained is listed so only while its lock is held.
func TestKilledRun(t *testing.T) {
	results := t.TempDir()
	p := planned(t, results, experiments.Epochs)[0]
	store := record.Open(results + "/runs")
	if err := synthetic(store, p); err != nil {
		t.Fatal(err)
	}
	run, err := store.Load(p.Run)
	if err != nil {
		t.Fatal(err)
	}
	m := record.NewManifest()
	if err := run.WriteManifest(m); err != nil {
		t.Fatal(err)
	}
	state := func() string {
		t.Helper()
		list, err := lab.List(store)
		if err != nil || len(list) != 1 {
			t.Fatalf("%v, %v", list, err)
		}
		state, _, _ := strings.Cut(list[0].About(), ",")
		return state
	}
	if got := state(); got != "stopped before its first checkpoint" {
		t.Errorf("it is %q", got)
	}
	if err := run.WriteHistory([]record.Epoch{{Epoch: 1}, {Epoch: 2}}); err != nil {
		t.Fatal(err)
	}
	if got := state(); got != "stopped after epoch 2 of 5" {
		t.Errorf("it is %q", got)
	}
	release, err := run.Lock(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := state(); got != "training after epoch 2 of 5" {
		t.Errorf("locked, it is %q", got)
	}
	release()
	if _, err := training.Exists(run, p.Config, nil); err != nil {
		t.Error(err)
	}
}

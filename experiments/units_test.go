package experiments

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"fashionlatent/experiments/lab"
	"fashionlatent/lib/autoencoder"
)

// losing is a subject of losses.
type losing func(name string) (float64, error)

func (f losing) Loss(_ context.Context, name string) (float64, error) { return f(name) }

// Scores are saved while others of the same unit are still being taken, so that a process that is killed loses little.
func TestScoresAreSavedSoon(t *testing.T) {
	defer func(every time.Duration) { saveEvery = every }(saveEvery)
	saveEvery = 0
	l := planLab(t, t.TempDir())
	s, err := lab.Metrics(l, l.Data)
	if err != nil {
		t.Fatal(err)
	}
	u := unit{variant: "planted", slug: "planted", spec: map[string]any{}, metrics: s.Losses()}
	run, err := u.run(l)
	if err != nil {
		t.Fatal(err)
	}
	var before []int // scores of the run when each loss is taken
	u.subject = func(context.Context, *Lab) (any, error) {
		return losing(func(string) (float64, error) {
			scores, err := run.Scores()
			before = append(before, len(scores))
			return 1, err
		}), nil
	}
	if _, err := take(t.Context(), l, []unit{u}); err != nil || fmt.Sprint(before) != "[0 1 2]" {
		t.Errorf("the run had %v scores, want [0 1 2]; %v", before, err)
	}
}

// Scores of something that is made from runs are taken again if these runs were trained to other weights.
func TestScoresOfOtherWeights(t *testing.T) {
	t.Parallel()
	l, _ := trainLab(t, t.TempDir())
	s, err := lab.Metrics(l, l.Data)
	if err != nil {
		t.Fatal(err)
	}
	j := lab.Job{Config: l.Config(autoencoder.AE, 2, 0)}
	r, err := l.Train(t.Context(), j.Config)
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	u := unit{variant: "planted", slug: "planted", spec: map[string]any{"of": r.Run.Name()}, needs: []lab.Job{j}, metrics: s.Losses(),
		subject: func(context.Context, *Lab) (any, error) {
			made++
			return losing(func(string) (float64, error) { return float64(made), nil }), nil
		}}
	taken := func(want float64) {
		t.Helper()
		rows, err := take(t.Context(), l, []unit{u})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if row.Value != want {
				t.Errorf("%s is %v, want %v", row.Metric, row.Value, want)
			}
		}
	}
	taken(1)
	taken(1)
	m, err := r.Run.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	m.WeightsSHA256 = strings.Repeat("ab", 32)
	release, err := r.Run.Lock(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Run.WriteManifest(m); err != nil {
		t.Fatal(err)
	}
	release()
	taken(2)
	taken(2)
}

// What one run is missing does not cost the others: if a run fails, the report has the scores that were taken before.
func TestAddFails(t *testing.T) {
	t.Parallel()
	l, _ := trainLab(t, t.TempDir())
	failed := errors.New("it was planted")
	e := inParts
	e.units = func(l *Lab) ([]unit, error) {
		all, err := inParts.units(l)
		for i := range all {
			if all[i].variant == "apart" {
				all[i].subject = func(context.Context, *Lab) (any, error) { return nil, failed }
			}
		}
		return all, err
	}
	if _, err := e.Add(t.Context(), l, 1e18); !errors.Is(err, failed) {
		t.Fatalf("it ended with %v", err)
	}
	u, err := e.units(l)
	if err != nil {
		t.Fatal(err)
	}
	old, err := e.earlier(l, l.Folder(e.Name), u)
	if err != nil || len(old.missing()) == 0 || len(old.missing()) == len(u) {
		t.Errorf("the report lacks scores of %d of %d units; %v", len(old.missing()), len(u), err)
	}
}

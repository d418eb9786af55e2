package record

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"sync"
	"testing"
)

// scored is a score of a metric at version 1.
func scored(metric string, value float64, split string) Score {
	return Score{Identity: Identity{Metric: metric, Version: 1, Split: split, N: 10, Data: "0a"}, Value: value}
}

func TestScores(t *testing.T) {
	store, run := created(t)
	if got, err := run.Scores(); err != nil || len(got) != 0 {
		t.Errorf("none yet: %v, %v", got, err)
	}
	other := scored("acc", 0.875, "test")
	other.Parameters = "k=5"
	fewer := scored("acc", 0.625, "test")
	fewer.N = 5
	newer := scored("acc", 0.125, "test")
	newer.Version = 2
	undefined := scored("silhouette", 0, "test")
	undefined.Undefined = "there is one class"
	for _, step := range [][]Score{
		{scored("nmi", 0.5, "test"), scored("acc", 0.75, "train")},
		{scored("acc", 0.5, "test"), other, fewer, newer},
		{},
		{undefined, scored("elbo", math.SmallestNonzeroFloat64, "test"), scored("acc", 0.5, "test")},
	} {
		if err := run.AddScores(step...); err != nil {
			t.Fatal(err)
		}
	}
	want := []Score{fewer, scored("acc", 0.5, "test"), other, newer, scored("acc", 0.75, "train"), scored("elbo", math.SmallestNonzeroFloat64, "test"), scored("nmi", 0.5, "test"), undefined}
	for _, run := range []*Run{run, listed(t, store)} {
		if got, err := run.Scores(); err != nil || !slices.Equal(got, want) {
			t.Errorf("scores\n%v, %v\nwant\n%v", got, err, want)
		}
	}
	for _, s := range want {
		if found, ok := Find(want, s.Identity); !ok || found != s {
			t.Errorf("found %v, %v, want %v", found, ok, s)
		}
	}
	missing := scored("acc", 0, "test").Identity
	missing.Data = "0b"
	if s, ok := Find(want, missing); ok {
		t.Errorf("of another data set: found %v", s)
	}
}

// An identity has only one value: the first.
func TestScoresStay(t *testing.T) {
	_, run := created(t)
	if err := run.AddScores(scored("acc", .5, "test")); err != nil {
		t.Fatal(err)
	}
	if err := run.AddScores(scored("acc", .25, "test"), scored("nmi", 1, "test")); err != nil {
		t.Fatal(err)
	}
	if got, err := run.Scores(); err != nil || len(got) != 2 || got[0].Value != .5 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestAddScoresAtOnce(t *testing.T) {
	_, run := created(t)
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			if err := run.AddScores(scored(string(rune('a'+i)), float64(i), "test"), scored("shared", 1, "test")); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got, err := run.Scores(); err != nil || len(got) != 17 {
		t.Errorf("%d scores, %v, want all 17", len(got), err)
	}
}

func TestAddScoresRefuses(t *testing.T) {
	_, run := created(t)
	good := scored("acc", 0.5, "test")
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		wantError(t, run.AddScores(good, scored("nmi", bad, "test")), run.Name(), `"nmi"`, `"test"`, "finite")
	}
	wantError(t, run.AddScores(good, scored("", 3, "test")), run.Name(), "3", "no metric name")
	wantError(t, run.AddScores(good, Score{Identity: Identity{Metric: "nmi"}}), `"nmi"`, "version of 1 or more")
	both := scored("nmi", 3, "test")
	both.Undefined = "there are no labels"
	wantError(t, run.AddScores(good, both), "there are no labels", "value 3")
	if got, err := run.Scores(); err != nil || len(got) != 0 {
		t.Errorf("added %v, %v", got, err)
	}
}

func TestScoresAreChecked(t *testing.T) {
	tests := []struct{ content, err string }{
		{``, "ends before"},
		{`null`, "null"},
		{`{}`, "object"},
		{`[{"metric": "acc", "version": 1, "value": 1`, "ends before"},
		{`[{"metric": "acc", "version": 1, "value": 1}]]`, "something follows"},
		{`[{"metric": "acc", "version": 1, "value": "1"}]`, "a text in quotes"},
		{`[{"metric": "acc", "version": 1, "value": NaN}]`, "invalid character"},
		{`[{"metric": "acc", "version": 1, "value": 1e999}]`, "1e999"},
		{`[{"metric": "acc", "version": 1}]`, `"acc", has no value`},
		{`[{"metric": "acc", "version": 1, "value": null}]`, `"acc", has no value`},
		{`[{"value": 1, "version": 1}]`, "no metric name"},
		{`[null]`, "no value"},
		{`[{"metric": "acc", "version": 1, "value": 1, "spread": 2}]`, `unknown field "spread"`},
		{`[{"metric": "acc", "version": 1, "value": 1}, {"metric": "b", "version": 1, "value": 1}, {"metric": "acc", "version": 1, "value": 2}]`, `score "acc" of split "", version 1, n = 0 is there twice`},
	}
	for _, test := range tests {
		_, err := parseScores([]byte(test.content))
		wantError(t, err, test.err)
	}
	_, run := created(t)
	for _, test := range []struct{ content, err string }{
		{``, "ends before"},
		{`[]`, "is a list"},
		{`{"format": 1, "scores": []}`, "has format 1"},
		{`{"format": 2, "scores": [{"metric": "acc", "version": 1}]}`, "has no value"},
		{`{"format": 2}`, "ends before"},
		{`{"format": 2, "scores": []}`, "checksum"},
		{`{"format": 2, "scores": [{"metric": "acc", "version": 1, "value": 1}], "sha256": "0a"}`, "checksum"},
	} {
		overwrite(t, run, scoresName, test.content)
		_, err := run.Scores()
		wantError(t, err, run.path(scoresName), test.err, "remove the run's folder")
		wantError(t, run.AddScores(scored("a", 1, "")), test.err)
		if content, err := os.ReadFile(run.path(scoresName)); err != nil || string(content) != test.content {
			t.Errorf("%q was replaced by %q, %v", test.content, content, err)
		}
	}
}

func FuzzScores(f *testing.F) {
	f.Add([]byte(`[{"metric": "acc", "version": 1, "value": 0.5, "unit": "", "split": "test"}, {"metric": "acc", "version": 1, "value": -1e-300}]`))
	f.Add([]byte(`[null]`))
	f.Fuzz(func(t *testing.T, content []byte) {
		scores, err := parseScores(content)
		if err != nil {
			return
		}
		written, err := json.Marshal(scores)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseScores(written)
		if err != nil || !slices.Equal(scores, again) {
			t.Errorf("%v is written as %s and read as %v, %v", scores, written, again, err)
		}
	})
}

package experiments

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/fashion/fashiontest"
	"fashionlatent/lib/record"
)

// inParts is an experiment of six runs, two of which continue the first. One has a table of its own.
var inParts = Experiment{Name: "parts", Question: "Do the parts add up?",
	units: func(l *Lab) (all []unit, err error) {
		s, err := lab.Metrics(l, l.Data)
		if err != nil {
			return nil, err
		}
		add := func(variant string, j lab.Job) {
			all = append(all, unit{variant: variant, job: &j, metrics: losses(s)})
		}
		first := l.Config(autoencoder.VAE, 2, 0)
		for seed := range 3 {
			add("from the start", lab.Job{Config: withSeed(first, seed)})
		}
		add("apart", lab.Job{Config: withSeed(first, 3)})
		for epochs := range 2 {
			more := first
			more.Start, more.Epochs = &first, 1+epochs
			add([]string{"one more epoch", "two more epochs"}[epochs], lab.Job{Config: more})
		}
		return all, nil
	},
	report: func(rows score.Rows, s lab.Setting) (*report.Report, error) {
		t := newTable("Parts", []string{"variant"}, lossColumns)
		for _, variant := range []string{"from the start", "one more epoch", "two more epochs"} {
			addRow(&t, rows, variant, lossColumns, report.Text(variant))
		}
		apart := newTable("Apart", []string{"variant"}, lossColumns)
		addRow(&apart, rows, "apart", lossColumns, report.Text("apart"))
		return &report.Report{Tables: []report.Table{t, apart}}, nil
	},
}

// trainLab is a lab with 60 training and 20 test images, synthetic, at smoke scale, which trains two runs at once.
func trainLab(t *testing.T, results string) (l *Lab, out *bytes.Buffer) {
	t.Helper()
	out = &bytes.Buffer{}
	l, err := lab.Open(context.Background(), lab.Options{Scale: lab.Smoke.Name, Results: results, Data: fashiontest.Folder(t), Out: out, Jobs: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l, out
}

// An experiment that is made in parts, with the runs removed in between, ends with the same report as in one go. What is
// there is not trained again. A run that continues another is trained in the same part as that one, and runs are counted
// once.
func TestAdd(t *testing.T) {
	t.Parallel()
	ctx, results := context.Background(), t.TempDir()
	add := func(within time.Duration) (r *report.Report, folder, said string) {
		t.Helper()
		l, out := trainLab(t, results)
		r, err := inParts.Add(ctx, l, within)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(results, "runs")); err != nil {
			t.Fatal(err)
		}
		return r, l.Folder(inParts.Name), out.String()
	}
	left := func() int {
		t.Helper()
		planned, err := PlanAdd(ctx, lab.Options{Scale: lab.Smoke.Name, Results: results, Data: fashiontest.Folder(t)}, inParts)
		if err != nil {
			t.Fatal(err)
		}
		return len(planned)
	}
	before := left()
	part, _, said := add(1)
	if after := left(); before != 6 || after != 2 {
		t.Errorf("%d runs are planned, and %d after the first part, want 6 and 2", before, after)
	}
	if !strings.Contains(said, "1 of 2 groups of runs are left") || part.Made.Runs != 4 || part.Made.Missing != 2*len(lossColumns) || !strings.Contains(part.Page(), "scores have not been computed yet") {
		t.Errorf("the first part lacks %d scores and says %q: %v", part.Made.Missing, said, part.Made)
	}
	if len(part.Tables) != 1 {
		t.Errorf("the first part has %d tables, want 1: no score of the other was taken", len(part.Tables))
	}
	if part, _, said = add(1); strings.Contains(said, "are left") || part.Made.Missing != 0 {
		t.Errorf("the second part lacks %d scores and says %q", part.Made.Missing, said)
	}
	again, folder, said := add(math.MaxInt64)
	if n := left(); n != 0 {
		t.Errorf("%d runs are planned at the end, want none", n)
	}
	if said != "" || !reflect.DeepEqual(again.Made.Places, part.Made.Places) {
		t.Errorf("nothing is missing, but it says %q: %v after %v", said, again.Made, part.Made)
	}
	l, _ := trainLab(t, t.TempDir())
	whole, err := inParts.Run(ctx, l)
	if err != nil {
		t.Fatal(err)
	}
	if again.Made.Runs != 6 || whole.Made.Runs != 6 || !reflect.DeepEqual(again.Made.Places, whole.Made.Places) {
		t.Errorf("made in parts: %v\nmade at once: %v", again.Made, whole.Made)
	}
	for _, name := range []string{report.ScoresName, report.TableName(0), report.TableName(1)} {
		parts, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if once, err := os.ReadFile(filepath.Join(l.Folder(inParts.Name), name)); err != nil || !bytes.Equal(parts, once) {
			t.Errorf("%s made in parts is\n%s\nand made at once (%v)\n%s", name, parts, err, once)
		}
	}
}

// Scores that the store has are taken first, and an interrupted part writes its report too.
func TestAddInterrupted(t *testing.T) {
	t.Parallel()
	results := t.TempDir()
	ctx, interrupt := context.WithCancel(context.Background())
	l, out := trainLab(t, results)
	units, err := inParts.units(l)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := take(ctx, l, units[3:4]); err != nil { // the one apart, which is of the second group
		t.Fatal(err)
	}
	e := inParts
	e.units = func(l *Lab) ([]unit, error) {
		units[1].subject = func(ctx context.Context, l *Lab) (any, error) {
			interrupt()
			return nil, ctx.Err()
		}
		return units, nil
	}
	if _, err := e.Add(ctx, l, math.MaxInt64); !errors.Is(err, context.Canceled) {
		t.Fatalf("it ended with %v", err)
	}
	part, err := report.Read(l.Folder(e.Name))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := report.ReadScores(l.Folder(e.Name))
	if err != nil {
		t.Fatal(err)
	}
	each := len(lossColumns)
	if len(rows) != 4*each || rows[0].Variant != "from the start" || rows[each].Variant != "apart" || part.Made.Missing != 2*each {
		t.Errorf("the report has %d scores and lacks %d: %v", len(rows), part.Made.Missing, rows)
	}
	if !strings.Contains(out.String(), "the report is written with the scores that are there") {
		t.Errorf("it says %q", out)
	}
}

// Scores that another process adds to the report meanwhile are kept, and its runs are counted once.
func TestAddAtTheSameTime(t *testing.T) {
	t.Parallel()
	ctx, results := t.Context(), t.TempDir()
	l, _ := trainLab(t, results)
	var others int // runs in the report of the other process
	e := inParts
	e.units = func(l *Lab) ([]unit, error) {
		all, err := inParts.units(l)
		all[0].subject = func(ctx context.Context, l *Lab) (any, error) {
			other, _ := trainLab(t, results)
			r, err := inParts.Add(ctx, other, math.MaxInt64)
			if err != nil {
				return nil, err
			}
			others = r.Made.Runs
			return l.TrainOn(ctx, l.Data, all[0].job.Config)
		}
		return all, err
	}
	r, err := e.Add(ctx, l, 1)
	if err != nil {
		t.Fatal(err)
	}
	if others != 6 || r.Made.Runs != 6 || r.Made.Missing != 0 {
		t.Errorf("the other process made %d runs; afterwards there are %d runs and %d scores are missing", others, r.Made.Runs, r.Made.Missing)
	}
	if rows, err := report.ReadScores(l.Folder(e.Name)); err != nil || len(rows) != 6*len(lossColumns) {
		t.Errorf("%d scores are in the report, want %d: %v", len(rows), 6*len(lossColumns), err)
	}
}

// Runs that are trained already are scored before others are trained.
func TestAddTrainedFirst(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	l, _ := trainLab(t, t.TempDir())
	units, err := inParts.units(l)
	if err != nil {
		t.Fatal(err)
	}
	if err := lab.Prepare(ctx, l, jobsOf(units[2:4])); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := inParts.Add(ctx, l, 1); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := report.ReadScores(l.Folder(inParts.Name))
	if err != nil {
		t.Fatal(err)
	}
	each := len(lossColumns)
	if len(rows) != 2*each || rows[0].Seed != 2 || rows[each].Variant != "apart" {
		t.Errorf("the first two parts have these scores: %v", rows)
	}
}

// A process may be killed between writing the scores and the report. The scores are kept then, too.
func TestAddToScoresAlone(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	l, _ := trainLab(t, t.TempDir())
	if _, err := inParts.Add(ctx, l, 1); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(l.Folder(inParts.Name), report.JSONName)); err != nil {
		t.Fatal(err)
	}
	r, err := inParts.Add(ctx, l, math.MaxInt64)
	if err != nil || r.Made.Runs != 6 || r.Made.Missing != 0 {
		t.Errorf("%v, %v", r, err)
	}
	// A report that is damaged is not written over.
	if err := os.WriteFile(filepath.Join(l.Folder(inParts.Name), report.JSONName), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := inParts.Add(ctx, l, 1); err == nil {
		t.Error("a damaged report is written over")
	}
}

// Pictures of models are drawn if all runs are there, and otherwise kept. Those that cannot be kept are left out.
func TestAddPictures(t *testing.T) {
	e, err := Named(Comparison)
	if err != nil {
		t.Fatal(err)
	}
	l := planLab(t, t.TempDir())
	r := leave(t, l, e, plant(t, l, e))
	if err := os.Remove(filepath.Join(l.Folder(e.Name), "samples.png")); err != nil {
		t.Fatal(err)
	}
	for i := range r.Figures {
		r.Figures[i].Figure = nil // none is drawn yet
	}
	had := len(r.Figures)
	omitted, err := e.drawOrKeep(context.Background(), l, r, []lab.Job{{Config: l.Config(autoencoder.AE, 2, 0)}})
	if err != nil || len(omitted) != 1 || omitted["samples"] == "" || len(r.Figures) != had-1 {
		t.Errorf("%d figures of %d, without %v: %v", len(r.Figures), had, omitted, err)
	}
}

// Scores that an experiment does not take any more are an error, and nothing is changed.
func TestAddToOther(t *testing.T) {
	l := planLab(t, t.TempDir())
	rows := plant(t, l, inParts)
	rows[3].Metric = "old metric"
	leave(t, l, inParts, rows)
	path := filepath.Join(l.Folder(inParts.Name), report.ScoresName)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := inParts.Add(context.Background(), l, 1); err == nil || !strings.Contains(err.Error(), "old metric") || !strings.Contains(err.Error(), "without -add") {
		t.Errorf("it says %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the scores were changed: %v", err)
	}
}

// A run whose score is missing keeps its other scores, also if its turn does not come.
func TestAddToPart(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	l, _ := trainLab(t, t.TempDir())
	if _, err := inParts.Run(ctx, l); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(l.Folder(inParts.Name), report.ScoresName)
	whole, err := report.ReadScores(l.Folder(inParts.Name))
	if err != nil {
		t.Fatal(err)
	}
	each := len(lossColumns)
	if err := os.RemoveAll(filepath.Join(l.Results, "runs")); err != nil {
		t.Fatal(err)
	}
	planted := slices.Clone(whole)
	planted[1].Value, planted[3*each+1].Value = 41, 42 // of the first run and of the one apart
	for _, at := range []int{3 * each, each, 0} {      // one score of each of three runs
		planted = slices.Delete(planted, at, at+1)
	}
	if err := record.WriteFile(path, planted.Write); err != nil {
		t.Fatal(err)
	}
	for part, missing := range []int{1, 0} {
		r, err := inParts.Add(ctx, l, 1)
		if err != nil || r.Made.Missing != missing || r.Made.Runs != 6 {
			t.Fatalf("part %d: %v, %v", part+1, r.Made, err)
		}
	}
	whole[1].Value, whole[3*each+1].Value = 41, 42
	if got, err := report.ReadScores(l.Folder(inParts.Name)); err != nil || !slices.Equal(got, whole) {
		t.Errorf("there are now %v (%v), want %v", got, err, whole)
	}
}

// An experiment of whose scores the data define none, and which draws no models, trains nothing.
func TestRefusesBeforeTraining(t *testing.T) {
	t.Parallel()
	l, _ := trainLab(t, t.TempDir())
	e := inParts
	e.units = func(l *Lab) ([]unit, error) {
		all, err := inParts.units(l)
		for _, u := range all {
			for i := range u.metrics {
				u.metrics[i].Unmet = "it was planted"
			}
		}
		return all, err
	}
	_, run := e.Run(t.Context(), l)
	_, add := e.Add(t.Context(), l, 1)
	for _, err := range []error{run, add} {
		if err == nil || !strings.Contains(err.Error(), "none of its scores is defined for tiny: nothing was trained") {
			t.Errorf("it says %v", err)
		}
	}
}

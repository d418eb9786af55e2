package experiments_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fashionlatent/experiments"
	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/report"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/digits"
	"fashionlatent/lib/fashion/fashiontest"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

// planned is the plan of experiments, or of all if none is named, at smoke scale on the synthetic images.
func planned(t *testing.T, results string, names ...string) []lab.Planned {
	t.Helper()
	of := experiments.All
	if len(names) > 0 {
		of = nil
	}
	for _, name := range names {
		e, err := experiments.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		of = append(of, e)
	}
	var out bytes.Buffer
	all, err := experiments.Plan(context.Background(), lab.Options{Scale: "smoke", Results: results, Data: fashiontest.Folder(t), Out: &out}, of...)
	if err != nil || out.Len() > 0 {
		t.Fatalf("%v, said %s", err, &out)
	}
	return all
}

// The number of different runs, counted by hand: architecture has 2 models of 7 shapes, loss has 7 betas, 4 losses of
// the AE and 3 more of the VAE, augmentation has 2 models with 5 augmentations, clustering has 4 models with 2
// seeds, of one of them 2 more for encoders that are used together, and 3 models with 2 seeds on 2 other data sets, and
// outliers have 2 models with 2 seeds on 2 data sets, and without 2 classes for each seed.
func TestPlan(t *testing.T) {
	for _, c := range []struct {
		names string
		runs  int
	}{
		{"comparison", 8}, {"latent-size", 6}, {"epochs", 8}, {"architecture", 14}, {"loss", 14}, {"augmentation", 10},
		{"comparison latent-size", 8 + 2}, // of d = 1
		{"comparison epochs", 8},          // at smoke scale the long runs are not longer than the others
		{"clustering", 4*2 + 2 + 3*2*2}, {"generation", 6}, {"likelihood", 8 + 4}, {"outliers", 4 + 4 + 8},
		{"", 8 + 2 + 12 + 12 + 8 + 4 + 2 + 6 + 3 + 12 + 13}, // the reference with 16 dimensions is also in the last six, and clustering, too, has an AE of printed digits
	} {
		all := planned(t, t.TempDir(), strings.Fields(c.names)...)
		names := map[string]bool{}
		for _, p := range all {
			names[p.Run] = true
			if p.Done || filepath.Base(p.Folder) != p.Run || p.Scale != "smoke" || len(p.For) == 0 {
				t.Errorf("%+v", p)
			}
		}
		if len(names) != len(all) || len(all) != c.runs {
			t.Errorf("%s: %d runs, %d names, want %d", c.names, len(all), len(names), c.runs)
		}
	}
	all := planned(t, t.TempDir(), "latent-size", "comparison")
	for _, p := range all {
		long := p.Config.Model.Latent >= 2 // these are also the runs whose epochs are shown
		if want := []int{0, 1, 2, 5}; long != slices.Equal(p.Snapshots, want) || !long && len(p.Snapshots) > 0 {
			t.Errorf("%s keeps the epochs %v", p.Run, p.Snapshots)
		}
		both := p.Config.Model.Latent != 1 && p.Config.Seed == 0
		if got := len(p.For) == 2; got != both {
			t.Errorf("%s is for %v", p.Run, p.For)
		}
	}
}

// Runs on derived data sets are planned under names that change only with the method of training.
func TestPlanOfDerivedData(t *testing.T) {
	e, err := experiments.Named("likelihood")
	if err != nil {
		t.Fatal(err)
	}
	d, err := digits.Draw(200, 20, 1) // 166 of the images are trained on, in batches of up to 128
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "digits")
	if err := d.Write(t.Context(), folder); err != nil {
		t.Fatal(err)
	}
	all, err := experiments.Plan(context.Background(), lab.Options{Scale: "full", Results: t.TempDir(), Data: folder}, e)
	if err != nil || len(all) != 8+3*2+8+2*4 { // on the data set itself, with a learned prior there, binarised of the first seed, and of two more
		t.Fatalf("%d runs, %v", len(all), err)
	}
	for _, want := range []string{"vae-d40-e2000-s0-23cbc47cb185", "vae-d40-e2000-s0-4f5d272e25cc"} {
		at := slices.IndexFunc(all, func(p lab.Planned) bool { return p.Run == want })
		if at < 0 {
			t.Fatalf("%s is not planned", want)
		}
		if p := all[at]; p.Derived != "binarised" || !strings.HasPrefix(p.Data, "bd17d6929b71") || len(p.Snapshots) != 0 {
			t.Errorf("want %s, got %+v", want, p)
		}
	}
}

// Runs that the data are too small for are not planned: codes of 80 numbers of 64 pixels, and batches of 20 of fewer images.
func TestPlanOfFewImages(t *testing.T) {
	for _, c := range []struct {
		name   string
		images int
		runs   int
	}{
		{"likelihood", 52, 2 + 2 + 4}, // without the two levels
		{"likelihood", 22, 4},         // 18 of them are binarised
		{"clustering", 22, 4*2 + 2 + 3*2},
	} {
		e, err := experiments.Named(c.name)
		if err != nil {
			t.Fatal(err)
		}
		all, err := experiments.Plan(t.Context(), lab.Options{Scale: "smoke", Results: t.TempDir(), Data: shapes(t, "few", 8, 0, 3, c.images, 12, nil)}, e)
		if err != nil || len(all) != c.runs {
			t.Errorf("%s with %d images: %d runs, want %d; %v", c.name, c.images, len(all), c.runs, err)
		}
	}
}

// planThenRun executes the plan of an experiment and runs it. The experiment then trains nothing and uses exactly the runs of the plan.
func planThenRun(t *testing.T, l *experiments.Lab, results string, out *bytes.Buffer, e experiments.Experiment) *report.Report {
	t.Helper()
	plan := planned(t, results, e.Name)
	for _, p := range plan {
		line, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		read, err := lab.ReadPlanned(bytes.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		r, err := l.Execute(context.Background(), read)
		if err != nil {
			t.Fatal(err)
		}
		if r.Run.Folder() != p.Folder || r.Found != p.Done {
			t.Errorf("%s: planned %+v, trained %s, found %v", e.Name, p, r.Run.Folder(), r.Found)
		}
	}
	for _, p := range planned(t, results, e.Name) {
		if !p.Done {
			t.Errorf("%s: %s was executed and is not done", e.Name, p.Run)
		}
	}
	out.Reset()
	r, err := e.Run(context.Background(), l)
	if err != nil {
		t.Fatal(err)
	}
	for said := range strings.Lines(out.String()) {
		if strings.Contains(said, "epoch 1 of") && !strings.Contains(said, "classifier for the features") { // that is in no plan
			t.Errorf("%s trained more than its plan: %s", e.Name, said)
		}
	}
	if want := fmt.Sprintf("summed over its %d runs", len(plan)); !strings.Contains(r.About(), want) {
		t.Errorf("%s: want %q in: %s", e.Name, want, r.About())
	}
	return r
}

func TestExecuteRefusesAnotherRun(t *testing.T) {
	var out bytes.Buffer
	results := t.TempDir()
	l := openLab(t, results, &out)
	for _, c := range []struct {
		change func(p *lab.Planned)
		says   string
	}{
		{func(p *lab.Planned) { p.Data = "0123456789abcdef" }, "planned for a data set with checksum 0123456789ab"},
		{func(p *lab.Planned) { p.Config.Batch++ }, "changed by hand"},
		{func(p *lab.Planned) { p.Derived = "binarised" }, "planned for a data set with checksum"},
		{func(p *lab.Planned) { p.Derived = "sonnets" }, `no data set made from tiny is called "sonnets"; want one of ["binarised" "mnist" "noisy" "only" "printed" "unequal" "upside-down" "without"]`},
		{func(p *lab.Planned) { p.Run = "" }, ""},
	} {
		p := planned(t, results, "comparison")[0]
		c.change(&p)
		_, err := l.Execute(context.Background(), p)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("got %v, want it to say %q", err, c.says)
		}
	}
}

func TestScaleNamed(t *testing.T) {
	s, err := lab.ScaleNamed("full,seeds=10,epochs=50")
	if err != nil || s.Seeds != 10 || s.SweepSeeds != 10 || s.ManySeeds != 10 || s.Epochs != 50 || s.LongEpochs != 50 || s.Samples != lab.Full.Samples {
		t.Errorf("%+v, %v", s, err)
	}
	for _, name := range []string{"full,", "full,seeds", "full,seeds=", "full,seeds=0", "full,nodes=5", "full,seeds=2,,epochs=3"} {
		if _, err := lab.ScaleNamed(name); err == nil || !strings.Contains(err.Error(), "want a change such as seeds=10") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The text below the table states that runs come from several places.
func TestPlacesThatDiffer(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	l := openLab(t, t.TempDir(), &out)
	l.Scale.LatentSizes = []int{1}
	e, err := experiments.Named(experiments.LatentSize)
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Run(context.Background(), l)
	if err != nil || strings.Contains(r.About(), "different backends, plugins, processors or numbers of threads") {
		t.Fatalf("%v, %s", err, r.About())
	}
	runs, err := l.Runs.List()
	if err != nil {
		t.Fatal(err)
	}
	run := runs[slices.IndexFunc(runs, func(r *record.Run) bool { return strings.HasPrefix(r.Name(), "vae-d1-") })]
	m, err := run.Manifest()
	if err == nil {
		m.CPU, m.Earlier = "abacus", []string{"go on slide rule"}
		err = run.WriteManifest(m)
	}
	if err != nil {
		t.Fatal(err)
	}
	if r, err = e.Run(context.Background(), l); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"different backends, plugins, processors or numbers of threads", "go on abacus (1 run)", "go on slide rule (0 runs)"} {
		if !strings.Contains(r.About(), want) {
			t.Errorf("want %q in: %s", want, r.About())
		}
	}
}

// many makes a plan of n runs, and records them as finished in the results, as far as listing and planning read them.
func many(t testing.TB, results string, n int) lab.Options {
	t.Helper()
	o := lab.Options{Scale: fmt.Sprintf("smoke,seeds=%d", (n+3)/4), Results: results, Data: fashiontest.Folder(t)}
	plan, err := experiments.Plan(context.Background(), o, experiments.All[0])
	if err != nil {
		t.Fatal(err)
	}
	store := record.Open(filepath.Join(results, "runs"))
	for _, p := range plan[:n] {
		if err := synthetic(store, p); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// synthetic writes the record of a finished run.
func synthetic(store *record.Store, p lab.Planned) error {
	run, err := training.RunOf(store, &dataset.Dataset{Checksum: p.Data}, p.Config)
	if err != nil {
		return err
	}
	if err := run.Create(); err != nil {
		return err
	}
	m := record.NewManifest()
	m.State, m.Backend, m.Data, m.DataChecksum, m.Epochs, m.Snapshots = record.Finished, "go", "synthetic", p.Data, p.Config.Epochs, p.Snapshots
	m.WeightsSHA256 = strings.Repeat("0", 64)
	score := func(metric string, value float64) record.Score {
		return record.Score{Identity: record.Identity{Metric: metric, Version: 1, Split: "test", N: 20, Data: p.Data}, Value: value}
	}
	if err := run.AddScores(score("cross-entropy", 250), score("mse", .02), score("k-means ACC", .5)); err != nil {
		return err
	}
	return run.WriteManifest(m)
}

func TestManyRuns(t *testing.T) {
	results := t.TempDir()
	o := many(t, results, 60)
	count := func() (done, of int) {
		var out bytes.Buffer
		o.Out = &out
		plan, err := experiments.Plan(context.Background(), o, experiments.All[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range plan {
			if p.Done {
				done++
			}
		}
		return done, len(plan)
	}
	if done, of := count(); done != 60 || of != 60 {
		t.Errorf("%d of %d are done, want all 60", done, of)
	}
	store := record.Open(filepath.Join(results, "runs"))
	list, err := lab.List(store)
	if err != nil || len(list) != 60 || list[59].State != record.Finished || len(list[59].Scores) == 0 {
		t.Errorf("%d runs, %v", len(list), err)
	}
	runs, err := store.List()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(runs[7].Folder(), "manifest.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(runs[8].Folder()); err != nil {
		t.Fatal(err)
	}
	if done, of := count(); done != 58 || of != 60 {
		t.Errorf("with one run gone and one damaged, %d of %d are done, want 58 of 60", done, of)
	}
	if said := o.Out.(*bytes.Buffer).String(); !strings.Contains(said, runs[7].Name()) {
		t.Errorf("the damaged run is not told: %s", said)
	}
	if list, _ := lab.List(store); len(list) != 59 || list[7].State != lab.Damaged || !strings.Contains(list[7].Problem, "manifest.json is damaged") {
		t.Errorf("%d runs; the damaged one is %+v", len(list), list[7])
	}
}

const manyRuns = 10_000

func BenchmarkPlan10000Runs(b *testing.B) {
	o := many(b, b.TempDir(), manyRuns)
	for b.Loop() {
		plan, err := experiments.Plan(context.Background(), o, experiments.All[0])
		if err != nil || len(plan) != manyRuns || !plan[manyRuns-1].Done {
			b.Fatalf("%d planned, %v", len(plan), err)
		}
	}
}

func BenchmarkList10000Runs(b *testing.B) {
	results := b.TempDir()
	many(b, results, manyRuns)
	for b.Loop() {
		list, err := lab.List(record.Open(filepath.Join(results, "runs")))
		if err != nil || len(list) != manyRuns {
			b.Fatalf("%d runs, %v", len(list), err)
		}
	}
}

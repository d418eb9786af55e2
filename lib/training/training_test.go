package training_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fashionlatent/lib/augment"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/backend/backendtest"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/fashion/fashiontest"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

// tiny is a training that takes at most a second.
func tiny(model string, seed uint64) training.Config {
	m := autoencoder.Default(model, 2)
	m.Hidden, m.Activation = []int{16}, "relu"
	c := training.Default(m, seed)
	c.Epochs, c.Batch, c.LearningRate, c.FinalRate, c.RateWarmup, c.RateHold = 6, 8, 1e-2, 1e-5, 0, 0
	return c
}

func fit(t *testing.T, b *backend.Backend, data *dataset.Dataset, c training.Config, o training.Options) *training.Result {
	t.Helper()
	r, err := training.Fit(context.Background(), b, data, c, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A batch that is larger than the data leaves no run.
func TestTooLargeBatch(t *testing.T) {
	runs := record.Open(t.TempDir())
	c := tiny(autoencoder.AE, 1)
	c.Batch = 61
	if _, err := training.Fit(t.Context(), backendtest.Go(t), fashiontest.Tiny(t), c, training.Options{Runs: runs}); err == nil {
		t.Fatal("it trains")
	}
	if left, err := runs.List(); err != nil || len(left) > 0 {
		t.Errorf("%d runs, %v", len(left), err)
	}
}

// A run that failed is not called unfinished.
func TestFailedRunIsSaid(t *testing.T) {
	run, err := training.RunOf(record.Open(t.TempDir()), fashiontest.Tiny(t), tiny(autoencoder.AE, 1))
	if err != nil {
		t.Fatal(err)
	}
	m := record.NewManifest()
	m.State, m.Error = record.Failed, "the loss became infinite"
	if err := errors.Join(run.Create(), run.WriteManifest(m)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := training.Open(backendtest.Go(t), run); err == nil || !strings.Contains(err.Error(), "failed: the loss became infinite") {
		t.Errorf("got %v", err)
	}
}

// Data sets are told apart by their checksums.
func TestRunOfNeedsChecksum(t *testing.T) {
	data := *fashiontest.Tiny(t)
	data.Checksum = ""
	for _, data := range []*dataset.Dataset{&data, data.Head(20, 10)} {
		if _, err := training.RunOf(record.Open(t.TempDir()), data, tiny(autoencoder.AE, 1)); !errors.Is(err, dataset.ErrNoChecksum) {
			t.Errorf("got %v", err)
		}
	}
}

// Each change of the images changes what is learned. The loss of the test split is that of the unchanged images.
func TestAugmentation(t *testing.T) {
	data := fashiontest.Tiny(t)
	weights := map[string]augment.Config{}
	for _, a := range []augment.Config{{}, {Flip: true}, {Shift: 1}, {Binarise: true}} {
		c := tiny(autoencoder.AE, 1)
		c.Epochs, c.Augment = 1, a
		r := fit(t, backendtest.Go(t), data, c, training.Options{})
		sum := r.Model.Weights.SHA256()
		if same, there := weights[sum]; there {
			t.Errorf("%+v and %+v give the same weights", a, same)
		}
		weights[sum] = a
		want, err := r.Model.Score(t.Context(), data.Test.Images)
		if got := r.History[0].Test.Reconstruction; err != nil || math.Abs(got-want.Reconstruction) > 1e-4*want.Reconstruction {
			t.Errorf("%+v: the loss of the test split is %g, want %g; %v", a, got, want.Reconstruction, err)
		}
	}
}

// each runs a test on both backends, or without XLA if it is not installed.
func each(t *testing.T, test func(t *testing.T, b *backend.Backend)) {
	t.Run("go", func(t *testing.T) { test(t, backendtest.Go(t)) })
	t.Run("xla", func(t *testing.T) { test(t, backendtest.XLA(t)) })
}

func TestSeedDeterminesWeights(t *testing.T) {
	data := fashiontest.Tiny(t)
	each(t, func(t *testing.T, b *backend.Backend) {
		for _, model := range []string{autoencoder.AE, autoencoder.VAE} {
			first := fit(t, b, data, tiny(model, 1), training.Options{})
			again := fit(t, b, data, tiny(model, 1), training.Options{})
			other := fit(t, b, data, tiny(model, 2), training.Options{})
			if first.Model.Weights.SHA256() != again.Model.Weights.SHA256() {
				t.Errorf("%s: one seed gave two models", model)
			}
			if first.Model.Weights.SHA256() == other.Model.Weights.SHA256() {
				t.Errorf("%s: two seeds gave one model", model)
			}
			start, end := first.History[0], first.History[len(first.History)-1]
			if !(end.Train.Total() < .9*start.Train.Total()) {
				t.Errorf("%s: the loss went from %.1f to %.1f", model, start.Train.Total(), end.Train.Total())
			}
		}
	})
}

// Both backends get the same weights, order of images and noise, so they differ only by rounding.
func TestBackendsAgree(t *testing.T) {
	data := fashiontest.Tiny(t)
	for _, model := range []string{autoencoder.AE, autoencoder.VAE} {
		c := tiny(model, 3)
		c.Epochs, c.Augment = 2, augment.Config{Flip: true, Shift: 2}
		if model == autoencoder.VAE {
			c.Model.Warmup = .5
		}
		x := fit(t, backendtest.XLA(t), data, c, training.Options{})
		g := fit(t, backendtest.Go(t), data, c, training.Options{})
		for i := range g.History {
			for name, pair := range map[string][2]float64{
				"train": {g.History[i].Train.Total(), x.History[i].Train.Total()},
				"test":  {g.History[i].Test.Total(), x.History[i].Test.Total()},
			} {
				if math.Abs(pair[0]-pair[1]) > 1e-4*pair[0] {
					t.Errorf("%s, epoch %d: %s loss %.4f on Go, %.4f on XLA", model, i+1, name, pair[0], pair[1])
				}
			}
		}
	}
}

func withoutSeconds(history []record.Epoch) []record.Epoch {
	same := slices.Clone(history)
	for i := range same {
		same[i].Seconds = 0
	}
	return same
}

// stopAt cancels a run in the middle of an epoch and returns the error of Fit.
func stopAt(t *testing.T, b *backend.Backend, data *dataset.Dataset, c training.Config, o training.Options, epoch int) error {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	o.Progress = func(p training.Progress) {
		if p.Epoch == epoch {
			cancel()
		}
	}
	_, err := training.Fit(ctx, b, data, c, o)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("a cancelled run returned %v", err)
	}
	return err
}

func TestStoppedRunGoesOnToTheSameBits(t *testing.T) {
	data := fashiontest.Tiny(t)
	each(t, func(t *testing.T, b *backend.Backend) {
		c := tiny(autoencoder.VAE, 4)
		c.Augment.Shift = 1
		whole := fit(t, b, data, c, training.Options{Runs: record.Open(t.TempDir())})
		o := training.Options{Runs: record.Open(filepath.Join(t.TempDir(), "my [runs]"))}
		if err := stopAt(t, b, data, c, o, 3); !strings.Contains(err.Error(), "after epoch 2 of 6") {
			t.Errorf("stopped in epoch 3, it said %q", err)
		}
		stopAt(t, b, data, c, o, 5)
		var said []string
		o.Say = func(s string) { said = append(said, s) }
		parts := fit(t, b, data, c, o)
		if whole.Model.Weights.SHA256() != parts.Model.Weights.SHA256() {
			t.Error("the stopped run has other weights")
		}
		if a, b := withoutSeconds(whole.History), withoutSeconds(parts.History); !slices.Equal(a, b) {
			t.Errorf("histories differ:\n%v\n%v", a, b)
		}
		if !slices.Equal(sorted(whole.Scores), sorted(parts.Scores)) {
			t.Errorf("scores differ:\n%v\n%v", whole.Scores, parts.Scores)
		}
		if len(said) != 1 || !strings.Contains(said[0], "after epoch 4 of 6") {
			t.Errorf("going on, it said %q", said)
		}
	})
}

func sorted(scores []record.Score) []string {
	var all []string
	for _, m := range scores {
		all = append(all, fmt.Sprint(m))
	}
	slices.Sort(all)
	return all
}

func TestRunIsFound(t *testing.T) {
	data, b := fashiontest.Tiny(t), backendtest.Go(t)
	o := training.Options{Runs: record.Open(t.TempDir()), Snapshots: []int{0, 2}}
	c := tiny(autoencoder.VAE, 5)
	made := fit(t, b, data, c, o)
	found := fit(t, b, data, c, o)
	if made.Found || !found.Found {
		t.Errorf("first found: %v, then found: %v", made.Found, found.Found)
	}
	if made.Model.Weights.SHA256() != found.Model.Weights.SHA256() {
		t.Error("the run found has other weights")
	}
	if !slices.Equal(sorted(made.Scores), sorted(found.Scores)) || !slices.Equal(made.History, found.History) {
		t.Error("the run found has other scores or another history")
	}
	manifest, err := found.Run.Manifest()
	if err != nil || manifest.State != record.Finished || manifest.Epochs != 6 || manifest.Backend != backend.Go {
		t.Errorf("manifest %+v, %v", manifest, err)
	}
	opened, checksum, err := training.Open(b, found.Run)
	if err != nil || checksum != data.Checksum || opened.Config.Seed != 5 {
		t.Errorf("opened %+v of data %s, %v", opened, checksum, err)
	}
	one := c
	one.Model.Samples = 1 // the same loss as with 0
	if r := fit(t, b, data, one, o); !r.Found {
		t.Errorf("with one code per image, another run was trained: %s", r.Run.Name())
	}
	for name, other := range map[string]func() *training.Result{
		"configuration": func() *training.Result {
			c := c
			c.LearningRate = 2e-3
			return fit(t, b, data, c, o)
		},
		"data": func() *training.Result { return fit(t, b, data.Head(50, 20), c, o) },
	} {
		if r := other(); r.Found {
			t.Errorf("another %s found the run %s", name, r.Run.Name())
		}
	}
}

func TestSnapshots(t *testing.T) {
	data, b := fashiontest.Tiny(t), backendtest.Go(t)
	o := training.Options{Runs: record.Open(t.TempDir())}
	c := tiny(autoencoder.AE, 6)
	plain := fit(t, b, data, c, o)
	o.Snapshots = []int{3, 0, 6, 99}
	kept := fit(t, b, data, c, o)
	if kept.Found || kept.Model.Weights.SHA256() != plain.Model.Weights.SHA256() {
		t.Error("a finished run without snapshots was not trained again to the same weights")
	}
	start, err := kept.Snapshot(0)
	if err != nil {
		t.Fatal(err)
	}
	if start.Weights.SHA256() != c.Model.Initial(c.Seed).SHA256() {
		t.Error("the snapshot before training does not hold the initial weights")
	}
	middle, err := kept.Snapshot(3)
	if err != nil {
		t.Fatal(err)
	}
	score, err := middle.Score(context.Background(), data.Test.Images)
	if err != nil {
		t.Fatal(err)
	}
	if want := kept.History[2].Test.Reconstruction; math.Abs(score.Reconstruction-want) > 1e-4*want {
		t.Errorf("the snapshot of epoch 3 has the test loss %.3f, the history %.3f", score.Reconstruction, want)
	}
	if last, err := kept.Snapshot(6); err != nil || last != kept.Model {
		t.Errorf("the snapshot of the last epoch is not the model: %v", err)
	}
	if _, err := kept.Snapshot(4); err == nil {
		t.Error("a snapshot that was not asked for is there")
	}
}

// A finished run is trained again for a snapshot, is stopped after it, and continues from its last checkpoint: its history is whole.
func TestHistoryAfterStop(t *testing.T) {
	data, b, c := fashiontest.Tiny(t), backendtest.Go(t), tiny(autoencoder.AE, 6)
	o := training.Options{Runs: record.Open(t.TempDir()), SaveEvery: 1}
	whole := fit(t, b, data, c, o)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	again := o
	again.Snapshots = []int{2}
	again.Progress = func(p training.Progress) {
		if p.Epoch == 4 {
			cancel()
		}
	}
	if _, err := training.Fit(ctx, b, data, c, again); err == nil {
		t.Fatal("the training was not stopped")
	}
	again.Progress = nil
	r := fit(t, b, data, c, again)
	kept, err := r.Run.History()
	if err != nil || len(kept) != c.Epochs || r.Model.Weights.SHA256() != whole.Model.Weights.SHA256() {
		t.Errorf("%d epochs are kept, %v; want %d", len(kept), err, c.Epochs)
	}

	// A history that was left short is mended.
	if err := r.Run.WriteHistory(kept[:3]); err != nil {
		t.Fatal(err)
	}
	if r = fit(t, b, data, c, again); r.Model.Weights.SHA256() != whole.Model.Weights.SHA256() {
		t.Error("other weights")
	}
	if kept, err = r.Run.History(); err != nil || len(kept) != c.Epochs {
		t.Errorf("%d epochs are kept, %v; want %d", len(kept), err, c.Epochs)
	}
}

// overwrite replaces a file of the run's checkpoints by the result of damage.
func overwrite(t *testing.T, run *record.Run, name string, damage func([]byte) []byte) (path string) {
	t.Helper()
	path = filepath.Join(run.Folder(), "checkpoints", name)
	content, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, damage(content), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func flip(content []byte) []byte {
	content[len(content)/3] ^= 4
	return content
}

func TestDamagedCheckpoint(t *testing.T) {
	data, b := fashiontest.Tiny(t), backendtest.Go(t)
	c := tiny(autoencoder.VAE, 7)
	whole := fit(t, b, data, c, training.Options{Runs: record.Open(t.TempDir())})
	other := tiny(autoencoder.VAE, 70)
	others := training.Options{Runs: record.Open(t.TempDir())}
	stopAt(t, b, data, other, others, 5)
	strange, err := training.RunOf(others.Runs, data, other)
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func([]byte) []byte{
		"truncated": func(content []byte) []byte { return content[:len(content)/2] },
		"bit flip":  flip,
		"empty":     func([]byte) []byte { return nil },
		"of another run": func([]byte) []byte {
			content, _ := os.ReadFile(filepath.Join(strange.Folder(), "checkpoints", "epoch-00004.npz"))
			return content
		},
	} {
		for _, finished := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, finished %v", name, finished), func(t *testing.T) {
				o := training.Options{Runs: record.Open(t.TempDir())}
				stopAt(t, b, data, c, o, 3) // leaves a checkpoint of epoch 2
				stopAt(t, b, data, c, o, 5) // and one of epoch 4
				run, err := training.RunOf(o.Runs, data, c)
				if err != nil {
					t.Fatal(err)
				}
				last, before := "epoch-00004.npz", "after epoch 2 of 6"
				if finished {
					fit(t, b, data, c, o)
					last, before = "epoch-00006.npz", "after epoch 4 of 6"
				}
				file := overwrite(t, run, last, damage)
				var said []string
				o.Say = func(s string) { said = append(said, s) }
				sameRun(t, whole, fit(t, b, data, c, o))
				if len(said) != 2 || !strings.Contains(said[0], file) || !strings.Contains(said[1], before) {
					t.Errorf("it said %q", said)
				}
			})
		}
	}
}

func TestDamagedSnapshot(t *testing.T) {
	data, b := fashiontest.Tiny(t), backendtest.Go(t)
	c := tiny(autoencoder.VAE, 71)
	var said []string
	o := training.Options{Runs: record.Open(t.TempDir()), Snapshots: []int{0, 5}, Say: func(s string) { said = append(said, s) }}
	whole := fit(t, b, data, c, o)
	file := overwrite(t, whole.Run, "weights-00005.npz", flip)
	sameRun(t, whole, fit(t, b, data, c, o))
	if len(said) < 2 || !strings.Contains(said[0], file) {
		t.Errorf("it said %q", said)
	}
}

// Damage to files that are read only at the end is found before training.
func TestDamagedRecord(t *testing.T) {
	data, b := fashiontest.Tiny(t), backendtest.Go(t)
	c := tiny(autoencoder.VAE, 72)
	for name, damage := range map[string]func(string) string{
		"config.json":   func(s string) string { return strings.Replace(s, `"seed": 72`, `"seed": 73`, 1) },
		"manifest.json": func(s string) string { return s[:len(s)/2] },
		"scores.json":   func(s string) string { return s[:len(s)/2] },
	} {
		o := training.Options{Runs: record.Open(t.TempDir()), Progress: func(training.Progress) { t.Errorf("damaged %s: it trains", name) }}
		whole := fit(t, b, data, c, training.Options{Runs: o.Runs})
		path := filepath.Join(whole.Run.Folder(), name)
		content, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(path, []byte(damage(string(content))), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		if name == "config.json" { // reading a finished run does not need it, because its folder has the name of the configuration
			os.Remove(filepath.Join(whole.Run.Folder(), "manifest.json"))
		}
		_, err = training.Fit(context.Background(), b, data, c, o)
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "restore") {
			t.Errorf("damaged %s: it said %v", name, err)
		}
	}
}

// A finished run that is trained again for its snapshots and is stopped continues later. It is not lost in the
// meantime.
func TestStoppedOnTheWayToSnapshots(t *testing.T) {
	data, b := fashiontest.Tiny(t), backendtest.Go(t)
	c := tiny(autoencoder.VAE, 73)
	o := training.Options{Runs: record.Open(t.TempDir())}
	whole := fit(t, b, data, c, o)
	var said []string
	more := o
	more.Snapshots, more.Say = []int{1, 5}, func(s string) { said = append(said, s) }
	stopAt(t, b, data, c, more, 4)
	sameRun(t, whole, fit(t, b, data, c, more))
	if want := "continues after epoch 3 of 6"; len(said) != 2 || !strings.Contains(said[1], want) {
		t.Errorf("it said %q, want %q", said, want)
	}
}

// remember changes what a run remembers of its training.
func remember(t *testing.T, run *record.Run, change func(m *record.Manifest)) {
	t.Helper()
	m, err := run.Manifest()
	if err == nil {
		change(&m)
		err = run.WriteManifest(m)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// other is a score of other weights.
var other = record.Score{Identity: record.Identity{Metric: "of other weights", Version: 1}, Value: 1}

// The manifest of a run that continued elsewhere lists the earlier place. The manifest of a run that continued in the
// same place does not.
func TestRunGoesOnElsewhere(t *testing.T) {
	data, b := fashiontest.Tiny(t), backendtest.Go(t)
	c := tiny(autoencoder.AE, 11)
	o := training.Options{Runs: record.Open(t.TempDir())}
	run, err := training.RunOf(o.Runs, data, c)
	if err != nil {
		t.Fatal(err)
	}
	stopAt(t, b, data, c, o, 2)
	started := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	remember(t, run, func(m *record.Manifest) { m.CPU, m.Started = "abacus", started })
	stopAt(t, b, data, c, o, 4)
	fit(t, b, data, c, o)
	if m, err := run.Manifest(); err != nil || !m.Started.Equal(started) {
		t.Errorf("it started %v, want %v; %v", m.Started, started, err)
	}
	if m, err := run.Manifest(); err != nil || !slices.Equal(m.Earlier, []string{"go on abacus"}) || m.State != record.Finished {
		t.Errorf("state %s, earlier %q, want go on abacus; %v", m.State, m.Earlier, err)
	}
}

// A run that was finished elsewhere and is trained again here for its snapshots keeps nothing of the other weights.
func TestFinishedElsewhere(t *testing.T) {
	data, b := fashiontest.Tiny(t), backendtest.Go(t)
	c := tiny(autoencoder.VAE, 74)
	o := training.Options{Runs: record.Open(t.TempDir())}
	whole := fit(t, b, data, c, o)
	remember(t, whole.Run, func(m *record.Manifest) { m.CPU = "abacus" })
	if err := whole.Run.AddScores(other); err != nil {
		t.Fatal(err)
	}
	more := o
	more.Snapshots = []int{1, 5}
	stopAt(t, b, data, c, more, 4)
	if scores, err := whole.Run.Scores(); err != nil || len(scores) != 0 {
		t.Errorf("after a stop it has the scores %v, %v", scores, err)
	}
	again := fit(t, b, data, c, more)
	sameRun(t, whole, again)
	if _, found := record.Find(again.Scores, other.Identity); found {
		t.Error("a score of the other weights is kept")
	}
	if m, err := again.Run.Manifest(); err != nil || m.Earlier != nil || m.State != record.Finished {
		t.Errorf("state %s, earlier %q; %v", m.State, m.Earlier, err)
	}
}

// A run that was trained in two places, and is trained again in the second of them for a snapshot, keeps nothing of the
// first.
func TestMixedRunIsTrainedAgain(t *testing.T) {
	data, b := fashiontest.Tiny(t), backendtest.Go(t)
	c := tiny(autoencoder.VAE, 75)
	o := training.Options{Runs: record.Open(t.TempDir())}
	r := fit(t, b, data, c, o)
	remember(t, r.Run, func(m *record.Manifest) { m.Earlier = []string{"go on abacus"} })
	if err := r.Run.AddScores(other); err != nil {
		t.Fatal(err)
	}
	o.Snapshots = []int{1}
	again := fit(t, b, data, c, o)
	if _, found := record.Find(again.Scores, other.Identity); found {
		t.Error("a score of the mixed weights is kept")
	}
	if m, err := again.Run.Manifest(); err != nil || m.Earlier != nil {
		t.Errorf("earlier %q; %v", m.Earlier, err)
	}
}

// A run that is trained again for a snapshot in its own place, is stopped, and goes on elsewhere, keeps nothing of the
// finished run.
func TestTrainedAgainAndElsewhere(t *testing.T) {
	data, b := fashiontest.Tiny(t), backendtest.Go(t)
	c := tiny(autoencoder.VAE, 76)
	o := training.Options{Runs: record.Open(t.TempDir())}
	run := fit(t, b, data, c, o).Run
	if err := run.AddScores(other); err != nil {
		t.Fatal(err)
	}
	o.Snapshots = []int{4}
	stopAt(t, b, data, c, o, 2)
	remember(t, run, func(m *record.Manifest) { m.CPU = "abacus" })
	again := fit(t, b, data, c, o)
	if _, found := record.Find(again.Scores, other.Identity); found {
		t.Error("a score of the other weights is kept")
	}
	if m, err := run.Manifest(); err != nil || !slices.Equal(m.Earlier, []string{"go on abacus"}) {
		t.Errorf("earlier %q, want go on abacus; %v", m.Earlier, err)
	}
}

// A run that starts from another one names the place where that one was trained.
func TestStartElsewhere(t *testing.T) {
	data, b := fashiontest.Tiny(t), backendtest.Go(t)
	c := tiny(autoencoder.AE, 77)
	o := training.Options{Runs: record.Open(t.TempDir())}
	first := fit(t, b, data, c, o)
	remember(t, first.Run, func(m *record.Manifest) { m.CPU = "abacus" })
	more := c
	more.Start, more.Epochs = &c, 1
	run := fit(t, b, data, more, o).Run
	if m, err := run.Manifest(); err != nil || !slices.Equal(m.Earlier, []string{"go on abacus"}) {
		t.Errorf("earlier %q, want go on abacus; %v", m.Earlier, err)
	}
	// If it is made again, it keeps no scores, because the run that it starts from may have other weights now.
	remember(t, run, func(m *record.Manifest) { m.Earlier = nil })
	if err := run.AddScores(other); err != nil {
		t.Fatal(err)
	}
	o.Snapshots = []int{0}
	if _, found := record.Find(fit(t, b, data, more, o).Scores, other.Identity); found {
		t.Error("a score of the other weights is kept")
	}
}

// A run whose manifest is lost is found again by its checkpoints.
func TestLostManifest(t *testing.T) {
	data, b := fashiontest.Tiny(t), backendtest.Go(t)
	c := tiny(autoencoder.AE, 78)
	o := training.Options{Runs: record.Open(t.TempDir())}
	run := fit(t, b, data, c, o).Run
	if err := os.Remove(filepath.Join(run.Folder(), "manifest.json")); err != nil {
		t.Fatal(err)
	}
	if m, err := fit(t, b, data, c, o).Run.Manifest(); err != nil || m.State != record.Finished || m.Started.IsZero() {
		t.Errorf("state %s, started %v; %v", m.State, m.Started, err)
	}
}

func TestNoTestImages(t *testing.T) {
	if _, err := training.Fit(context.Background(), backendtest.Go(t), fashiontest.Tiny(t).Head(20, 0), tiny(autoencoder.AE, 1), training.Options{}); err == nil || !strings.Contains(err.Error(), "no test images") {
		t.Errorf("it said %v", err)
	}
}

func TestMoreEpochs(t *testing.T) {
	data, b := fashiontest.Tiny(t), backendtest.Go(t)
	for _, c := range []struct {
		name   string
		change func(*training.Config)
		says   string
	}{
		{"constant rate", func(c *training.Config) { c.FinalRate = c.LearningRate }, "continues run vae-d2-e4-s9-"},
		{"cosine", func(c *training.Config) {}, "from the start"},
		{"rate warm-up", func(c *training.Config) { c.FinalRate, c.RateWarmup = c.LearningRate, .5 }, "from the start"},
		{"warm-up", func(c *training.Config) { c.FinalRate, c.Model.Warmup = c.LearningRate, .5 }, "from the start"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := tiny(autoencoder.VAE, 9)
			c.change(&config)
			whole := fit(t, b, data, config, training.Options{})
			var said []string
			o := training.Options{Runs: record.Open(t.TempDir()), Say: func(s string) { said = append(said, s) }}
			for _, config.Epochs = range []int{2, 4} {
				fit(t, b, data, config, o)
			}
			said = nil
			config.Epochs = 6
			more := fit(t, b, data, config, o)
			if len(said) != 1 || !strings.Contains(said[0], c.says) {
				t.Errorf("it said %q, want %q", said, c.says)
			}
			if more.Model.Weights.SHA256() != whole.Model.Weights.SHA256() || !slices.Equal(withoutSeconds(more.History), withoutSeconds(whole.History)) {
				t.Error("the continued run has other weights or another history")
			}
		})
	}
}

// A run starts from the end of another, which is trained first if it does not exist. If either is stopped, it continues
// to the same result to the bit.
func TestStart(t *testing.T) {
	data, b := fashiontest.Tiny(t), backendtest.Go(t)
	first, c := tiny(autoencoder.VAE, 9), tiny(autoencoder.VAE, 9)
	c.Start, c.Model.Samples = &first, 3
	whole := fit(t, b, data, c, training.Options{})
	o := training.Options{Runs: record.Open(t.TempDir()), Snapshots: []int{0}}
	stopped := stopAt(t, b, data, c, o, 2)
	start := fit(t, b, data, first, o)
	if want := "the run to start from: run " + start.Run.Name() + " was stopped; its state after epoch 1 of 6 is kept"; !strings.Contains(stopped.Error(), want) {
		t.Errorf("stopped on the way to its start it said %q, want %q", stopped, want)
	}
	stopAt(t, b, data, c, o, 3)
	r := fit(t, b, data, c, o)
	if r.Model.Weights.SHA256() != whole.Model.Weights.SHA256() || !slices.Equal(withoutSeconds(r.History), withoutSeconds(whole.History)) {
		t.Error("stopped, the run has other weights or another history")
	}
	if len(r.History) != c.Epochs || r.Model.Weights.SHA256() == start.Model.Weights.SHA256() || r.Run.Name() == start.Run.Name() {
		t.Errorf("%d epochs after the start, want %d that change it", len(r.History), c.Epochs)
	}
	if m, err := r.Snapshot(0); err != nil || m.Weights.SHA256() != start.Model.Weights.SHA256() {
		t.Errorf("it did not start from where the other ended: %v", err)
	}
	if again := fit(t, b, data, c, o); !again.Found {
		t.Error("it is trained again")
	}
}

func TestDivergedErrorWithoutMean(t *testing.T) {
	err := &training.DivergedError{Epoch: 1, Step: 4}
	if text := err.Error(); !strings.Contains(text, "no earlier step was measured") || strings.Contains(text, "0.00") {
		t.Errorf("it says %q", text)
	}
}

func TestDivergedRunStops(t *testing.T) {
	c := tiny(autoencoder.VAE, 5)
	data, b := fashiontest.Tiny(t), backendtest.Go(t)
	c.Epochs, c.Batch, c.LearningRate = 40, data.Train.Len(), .24 // one step per epoch, and the second step diverges
	c.Model.Loss, c.Model.Prior = autoencoder.MSE, 3
	o := training.Options{Runs: record.Open(t.TempDir())}
	_, err := training.Fit(context.Background(), b, data, c, o)
	var diverged *training.DivergedError
	var stopped *training.StoppedError
	if !errors.As(err, &diverged) || !errors.As(err, &stopped) || diverged.Epoch != 2 || stopped.Done != 1 {
		t.Fatalf("got %v, want it to go wrong in epoch 2", err)
	}
	run, err2 := training.RunOf(o.Runs, data, c)
	if err2 != nil {
		t.Fatal(err2)
	}
	history, err2 := run.History()
	if err2 != nil || len(history) != 1 || diverged.Last != history[0].Train {
		t.Errorf("the last good values are %+v, those of the history %+v, %v", diverged.Last, history, err2)
	}
	for _, want := range []string{run.Name(), "epoch 2", fmt.Sprint("step ", diverged.Step), fmt.Sprintf("reconstruction %.2f", diverged.Last.Reconstruction),
		"lower learning rate", "its state after epoch 1 of 40 is kept"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("it said %v, want %q", err, want)
		}
	}
	if manifest, err := run.Manifest(); err != nil || manifest.State != record.Failed || manifest.Epochs != 1 || manifest.Error != diverged.Error() {
		t.Errorf("the manifest is %+v, %v", manifest, err)
	}
	var said []string
	o.Say = func(s string) { said = append(said, s) }
	if _, again := training.Fit(context.Background(), b, data, c, o); again == nil || again.Error() != err.Error() || len(said) != 1 || !strings.Contains(said[0], "continues after epoch 1") {
		t.Errorf("again it said %q, then %v", said, again)
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		change func(*training.Config)
		says   string
	}{
		{func(c *training.Config) { c.Epochs = 0 }, "epochs is 0"},
		{func(c *training.Config) { c.Batch = -3 }, "batch is -3"},
		{func(c *training.Config) { c.Batch = 61 }, "at most the 60 training images"},
		{func(c *training.Config) { c.LearningRate = 0 }, "learning rate is 0"},
		{func(c *training.Config) { c.FinalRate = .1 }, "final rate is 0.1"},
		{func(c *training.Config) { c.Augment.Shift = 9 }, "shift is 9"},
		{func(c *training.Config) { c.Model.Latent = 0 }, "latent is 0"},
		{func(c *training.Config) { start := tiny(autoencoder.VAE, 0); start.Epochs, c.Start = 0, &start }, "start: epochs is 0"},
		{func(c *training.Config) { start := tiny(autoencoder.VAE, 0); start.Model.Latent, c.Start = 3, &start }, "same layers, code"},
		{func(c *training.Config) { start := tiny(autoencoder.AE, 0); c.Start = &start }, "start: "},
	} {
		config := tiny(autoencoder.VAE, 0)
		c.change(&config)
		_, err := training.Fit(context.Background(), backendtest.Go(t), fashiontest.Tiny(t), config, training.Options{})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("got %v, want an error that says %q", err, c.says)
		}
	}
}

func TestProgress(t *testing.T) {
	var steps []int
	c := tiny(autoencoder.AE, 0)
	fit(t, backendtest.Go(t), fashiontest.Tiny(t), c, training.Options{Progress: func(p training.Progress) {
		if p.Steps != 42 || p.Epochs != 6 || p.Epoch != (p.Step-1)/7+1 {
			t.Errorf("progress %+v", p)
		}
		steps = append(steps, p.Step)
	}})
	if !slices.IsSorted(steps) || steps[len(steps)-1] != 42 {
		t.Errorf("progress was told at steps %v, want them to rise to 42", steps)
	}
}

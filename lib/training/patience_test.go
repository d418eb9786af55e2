package training_test

import (
	"slices"
	"testing"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/fashion/fashiontest"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

func historyOf(losses ...float64) []record.Epoch {
	var history []record.Epoch
	for i, loss := range losses {
		history = append(history, record.Epoch{Epoch: i + 1, Test: record.Loss{Reconstruction: loss - 1, KL: 1}})
	}
	return history
}

func TestBestEpoch(t *testing.T) {
	for _, test := range []struct {
		patience int
		warmup   float64
		losses   []float64
		want     int
	}{
		{0, 0, []float64{5, 4, 3, 4}, 4},
		{2, 0, []float64{5, 4, 3, 4}, 3},
		{2, 0, []float64{5, 3, 3, 4}, 2},
		{1, 0, nil, 0},
		{1, 0, []float64{7}, 1},
	} {
		c := training.Config{Epochs: 10, Patience: test.patience, Model: autoencoder.Config{Beta: 1, Warmup: test.warmup}}
		if got := c.BestEpoch(historyOf(test.losses...)); got != test.want {
			t.Errorf("patience %d, losses %v: epoch %d, want %d", test.patience, test.losses, got, test.want)
		}
	}
	history := historyOf(10, 9, 9)
	history[2].Test = record.Loss{Reconstruction: 9.5, KL: .25} // the sum is larger, and with 8 times the KL it is smaller
	for beta, want := range map[float64]int{1: 2, 8: 3} {
		c := training.Config{Epochs: 3, Patience: 3, Model: autoencoder.Config{Beta: beta}}
		if got := c.BestEpoch(history); got != want {
			t.Errorf("beta %v: epoch %d, want %d", beta, got, want)
		}
	}
}

// impatient is a training that overfits the tiny data set and stops early.
func impatient() training.Config {
	c := tiny(autoencoder.VAE, 4)
	c.Model.Hidden, c.Model.Activation, c.Model.Warmup = []int{64}, autoencoder.Gated, .1
	c.Epochs, c.Patience, c.LearningRate, c.FinalRate = 60, 3, 1e-2, 1e-2
	return c
}

// Training stops after the epochs of patience. The result is the model of the best epoch, with the same weights as if
// training had ended there.
func TestEarlyStopping(t *testing.T) {
	data := fashiontest.Tiny(t)
	each(t, func(t *testing.T, b *backend.Backend) {
		c, runs := impatient(), record.Open(t.TempDir())
		r := fit(t, b, data, c, training.Options{Runs: runs})
		best := c.BestEpoch(r.History)
		if n := len(r.History); n != best+c.Patience || n == c.Epochs || best <= int(c.Model.Warmup*float64(c.Epochs)) {
			t.Fatalf("%d epochs, of which %d is the best, with a patience of %d", n, best, c.Patience)
		}
		for i, e := range r.History {
			if e.Test.Total() < r.History[best-1].Test.Total() {
				t.Errorf("the loss of epoch %d is below that of the best, %d", i+1, best)
			}
		}
		var atBest string
		watched := c
		watched.Patience = 0
		snapshots := training.Options{Runs: record.Open(t.TempDir()), Snapshots: []int{best}}
		m, err := fit(t, b, data, watched, snapshots).Snapshot(best)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Snapshot(c.Epochs); err == nil {
			t.Error("there is a model of an epoch that was never trained")
		}
		if atBest = m.Weights.SHA256(); atBest != r.Model.Weights.SHA256() {
			t.Error("the result is not the model of the best epoch")
		}
		again := fit(t, b, data, c, training.Options{Runs: runs})
		if !again.Found || again.Model.Weights.SHA256() != atBest || !slices.Equal(again.History, r.History) {
			t.Error("the finished run was not found as it was")
		}
		opened, _, err := training.Open(b, r.Run)
		if err != nil || opened.Model.Weights.SHA256() != atBest {
			t.Errorf("the opened run has other weights: %v", err)
		}
	})
}

// A run that is stopped before and after its best epoch ends with the same bits.
func TestEarlyStoppingResumes(t *testing.T) {
	data := fashiontest.Tiny(t)
	each(t, func(t *testing.T, b *backend.Backend) {
		c := impatient()
		whole := fit(t, b, data, c, training.Options{})
		best := c.BestEpoch(whole.History)
		o := training.Options{Runs: record.Open(t.TempDir())}
		stopAt(t, b, data, c, o, best-2)
		stopAt(t, b, data, c, o, best+2)
		parts := fit(t, b, data, c, o)
		if whole.Model.Weights.SHA256() != parts.Model.Weights.SHA256() {
			t.Error("the stopped run has other weights")
		}
		if a, b := withoutSeconds(whole.History), withoutSeconds(parts.History); !slices.Equal(a, b) {
			t.Errorf("histories differ: %d and %d epochs", len(a), len(b))
		}
	})
}

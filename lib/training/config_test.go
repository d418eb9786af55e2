package training

import (
	"testing"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/record"
)

// Training with patience stops when the loss has not fallen for that many epochs after the warm-up.
func TestPatience(t *testing.T) {
	for _, c := range []struct {
		patience int
		warmup   float64 // of 10 epochs
		losses   []float64
		best     int
		stop     bool
	}{
		{0, 0, []float64{5, 6, 7, 8}, 4, false},
		{2, 0, []float64{5, 6}, 1, false},
		{2, 0, []float64{5, 6, 7}, 1, true},
		{2, 0, []float64{5, 6, 4}, 3, false},
		{2, .4, []float64{5, 6, 7}, 1, false},
		{2, .4, []float64{5, 6, 7, 8}, 1, false},
		{2, .4, []float64{5, 6, 7, 8, 9}, 1, true},
		{20, 0, []float64{9, 8, 7, 6, 5, 4, 3, 2, 1, 2}, 9, true}, // all epochs are done
	} {
		var history []record.Epoch
		for i, loss := range c.losses {
			history = append(history, record.Epoch{Epoch: i + 1, Test: record.Loss{Reconstruction: loss}})
		}
		config := Config{Epochs: 10, Patience: c.patience, Model: autoencoder.Config{Warmup: c.warmup}}
		if best, stop := config.best(history); best != c.best || stop != c.stop {
			t.Errorf("patience %d, warm-up %v, losses %v: epoch %d, stop %v; want %d, %v", c.patience, c.warmup, c.losses, best, stop, c.best, c.stop)
		}
	}
}

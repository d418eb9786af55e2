// Package training trains a model on a data set, and continues a training that was stopped.
package training

import (
	"fmt"
	"math"

	"fashionlatent/lib/augment"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/record"
)

// Config is everything besides the data that determines the outcome of training.
type Config struct {
	Model        autoencoder.Config `json:"model"`
	Augment      augment.Config     `json:"augment"`
	Epochs       int                `json:"epochs"`
	Batch        int                `json:"batch"`         // images per step; the images left over after the last full batch of an epoch are not used in it
	LearningRate float64            `json:"learning_rate"` // highest learning rate of Adam
	FinalRate    float64            `json:"final_rate"`    // learning rate at the end, reached along half a cosine
	RateWarmup   float64            `json:"rate_warmup"`   // fraction of training in which the rate rises from 0 to LearningRate
	RateHold     float64            `json:"rate_hold"`     // fraction of training after which the rate falls
	Seed         uint64             `json:"seed"`          // of the initial weights, the order of images and the noise

	// Patience is the number of epochs without a lower loss on the test split after which training stops. Epochs of the KL
	// warm-up do not count. The result is the model of the epoch with the lowest loss. A VAE is then scored with codes drawn
	// from the posterior, and with the KL weighted by beta, so that at beta 1 its loss is the −ELBO. A data set that is given for this holds validation images in its
	// test split. 0: training takes all epochs, and nothing on the test split influences it.
	Patience int `json:"patience,omitempty"`

	// Start is a training on the same data. It is run first, and this one starts from its final weights; nil: this one
	// starts from random weights.
	Start *Config `json:"start,omitempty"`
}

// Default returns the study's reference training of a model: 15 epochs of Adam with batches of 128. The learning rate
// rises to 3e-3 in the first 5 % of training, stays there until 30 %, and falls to 0 along half a cosine.
func Default(model autoencoder.Config, seed uint64) Config {
	return Config{Model: model, Epochs: 15, Batch: 128, LearningRate: 3e-3, RateWarmup: .05, RateHold: .3, Seed: seed}
}

// Validate checks the configuration. The error names the field, its value and its range.
func (c Config) Validate() error {
	if err := c.Model.Validate(); err != nil {
		return err
	}
	if err := c.Augment.Validate(); err != nil {
		return err
	}
	switch {
	case c.Epochs < 1 || c.Epochs > 100_000:
		return fmt.Errorf("epochs is %d, want 1 to 100000", c.Epochs)
	case c.Batch < 1 || c.Batch > 1<<16:
		return fmt.Errorf("batch is %d images, want 1 to %d", c.Batch, 1<<16)
	case c.Patience < 0 || c.Patience > 100_000:
		return fmt.Errorf("patience is %d epochs, want 1 to 100000, or 0 for no early stopping", c.Patience)
	case !(c.LearningRate > 0 && c.LearningRate <= 1):
		return fmt.Errorf("learning rate is %g, want more than 0 and at most 1", c.LearningRate)
	case !(c.FinalRate >= 0 && c.FinalRate <= c.LearningRate):
		return fmt.Errorf("final rate is %g, want 0 to the learning rate %g", c.FinalRate, c.LearningRate)
	case !(c.RateWarmup >= 0 && c.RateWarmup < 1):
		return fmt.Errorf("rate warm-up is %g of training, want 0 to less than 1", c.RateWarmup)
	case !(c.RateHold >= 0 && c.RateHold < 1):
		return fmt.Errorf("rate hold is %g of training, want 0 to less than 1", c.RateHold)
	}
	if c.Start == nil {
		return nil
	}
	if err := c.Start.Validate(); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	if err := c.Start.Model.Variables().SameShapes(c.Model.Variables()); err != nil {
		return fmt.Errorf("start: %w: a run starts from a model with the same layers, code and kinds of loss and prior", err)
	}
	return nil
}

// on returns the configuration for the images of a data set. Most configurations that train the same become equal, so that
// they are one run.
func (c Config) on(data *dataset.Dataset) (Config, error) {
	var err error
	if c.Model.Hidden == nil {
		c.Model.Hidden = []int{}
	}
	if c.Model.Samples == 1 {
		c.Model.Samples = 0
	}
	if c.Model, err = c.Model.Of(data.Side()); err != nil || c.Start == nil {
		return c, err
	}
	start, err := c.Start.on(data)
	c.Start = &start
	return c, err
}

// rate is the learning rate after a fraction of training, 0 to 1. It rises linearly during RateWarmup, and falls after
// RateHold along half a cosine (Loshchilov and Hutter, arXiv 1608.03983). Config.rateAt computes the same in a graph.
func (c Config) rate(fraction float64) float64 {
	fall := max(0, fraction-c.RateHold) / (1 - c.RateHold)
	rate := c.FinalRate + (c.LearningRate-c.FinalRate)*(1+math.Cos(math.Pi*fall))/2
	if fraction < c.RateWarmup {
		rate *= fraction / c.RateWarmup
	}
	return rate
}

// fixedRate says whether the learning rate is constant, so that it does not depend on the number of epochs.
func (c Config) fixedRate() bool { return c.FinalRate == c.LearningRate && c.RateWarmup == 0 }

// beta is the weight of the KL after a fraction of training, 0 to 1.
func (c Config) beta(share float64) float64 {
	if c.Model.Warmup == 0 {
		return c.Model.Beta
	}
	return c.Model.Beta * min(1, share/c.Model.Warmup)
}

// best is the epoch with the lowest loss on the test split, with the KL weighted as at the end of training, and whether training
// stops after the epochs of a history.
func (c Config) best(history []record.Epoch) (epoch int, stop bool) {
	stop = len(history) == c.Epochs
	if c.Patience == 0 || len(history) == 0 {
		return len(history), stop
	}
	lowest, without := 0, 0
	for i, e := range history {
		if without++; c.objective(e.Test) < c.objective(history[lowest].Test) || i == 0 {
			lowest, without = i, 0
		}
		if float64(e.Epoch) < c.Model.Warmup*float64(c.Epochs) {
			without = 0
		}
		stop = stop || without >= c.Patience
	}
	return lowest + 1, stop
}

// objective is a loss with the KL weighted as at the end of training.
func (c Config) objective(l record.Loss) float64 { return l.Reconstruction + c.Model.Beta*l.KL }

// BestEpoch is the epoch of the model that a finished training with this history results in.
func (c Config) BestEpoch(history []record.Epoch) int {
	epoch, _ := c.best(history)
	return epoch
}

// slug is the first part of the name of a run's folder.
func (c Config) slug() string { return fmt.Sprintf("%se%d-s%d", c.family(), c.Epochs, c.Seed) }

// family is the common start of the names of all runs with the same model and code size.
func (c Config) family() string { return fmt.Sprintf("%s-d%d-", c.Model.Model, c.Model.Latent) }

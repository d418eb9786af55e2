package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"fashionlatent/experiments"
	"fashionlatent/experiments/lab"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/training"
)

func train(ctx context.Context, c *call) error {
	o := c.sourceFlags()
	c.scaleOfImages(o)
	planned := lab.Planned{Config: training.Default(autoencoder.Default(autoencoder.VAE, 2), 0)}
	t := &planned.Config
	m := &t.Model
	config := c.String("config", "", "`file` with a line that experiment -plan printed, or - for standard input; no other flags are allowed beside it except -results, -data and -save-every")
	c.DurationVar(&o.SaveEvery, "save-every", 10*time.Second, "least `time` between checkpoints, 0 for one after each epoch; a killed run repeats at most the work since its last checkpoint")
	hidden := training.Nodes(m.Hidden)
	beta := 1.0
	c.StringVar(&m.Model, "model", m.Model, "`model`: ae or vae")
	c.IntVar(&m.Latent, "latent", m.Latent, "`dimensions` of the code")
	c.StringVar(&hidden, "hidden", hidden, "`nodes` of the encoder's hidden layers, such as 512,256; \"\" for none")
	c.StringVar(&m.Activation, "activation", m.Activation, "activation `function` of the hidden layers: "+strings.Join(autoencoder.Activations, ", "))
	c.StringVar(&m.Loss, "loss", m.Loss, "reconstruction `loss`: "+strings.Join(autoencoder.Losses, ", "))
	c.Float64Var(&beta, "beta", beta, "`weight` of the KL term of a VAE")
	c.Float64Var(&m.Warmup, "warmup", m.Warmup, "`fraction` of training over which beta rises from 0")
	c.Float64Var(&m.FreeBits, "free-bits", 0, "`nats` of KL per latent dimension that do not count in the loss")
	c.IntVar(&m.Prior, "prior", 0, "number of `Gaussians` in a learned prior (default: the prior N(0, I))")
	c.BoolVar(&m.Vamp, "vamp", false, "let the Gaussians of the learned prior be the posteriors of learned images (VampPrior)")
	c.IntVar(&m.Levels, "levels", 0, "2: give the code two `levels`, of half the dimensions each (default: one level)")
	c.BoolVar(&m.Clipped, "clipped", false, "clip log-variances to [-6, 2]")
	c.IntVar(&m.Samples, "samples", 0, "number of `codes` drawn for each image in a step; above 1, training uses their importance-weighted bound instead of the ELBO")
	c.Float64Var(&m.Dropout, "dropout", 0, "`share` of hidden nodes that are left out in each step")
	c.Float64Var(&m.Noise, "noise", 0, "standard `deviation` of the noise added to the encoder's input (a denoising autoencoder)")
	c.StringVar(&m.Normalised, "normalised", "", "`method` by which images are normalised: brightness or length (default: none)")
	c.BoolVar(&t.Augment.Binarise, "binarise", false, "make pixels black or white at random, with probabilities given by the pixel values")
	c.BoolVar(&t.Augment.Flip, "flip", false, "flip images left to right at random")
	c.IntVar(&t.Augment.Shift, "shift", 0, "shift images at random by up to this number of `pixels`")
	c.IntVar(&t.Epochs, "epochs", t.Epochs, "`epochs` of training")
	c.IntVar(&t.Patience, "patience", 0, "stop after this number of `epochs` without a lower loss on the test images, and keep the model of the best epoch; the test images then choose the epoch, so scores on them are no longer independent (default: train all epochs)")
	c.IntVar(&t.Batch, "batch", t.Batch, "`images` per step")
	c.Float64Var(&t.LearningRate, "rate", t.LearningRate, "highest learning `rate`")
	c.Float64Var(&t.FinalRate, "final-rate", t.FinalRate, "learning `rate` at the end")
	c.Float64Var(&t.RateWarmup, "rate-warmup", t.RateWarmup, "`fraction` of training over which the learning rate rises from 0")
	c.Float64Var(&t.RateHold, "rate-hold", t.RateHold, "`fraction` of training after which the learning rate begins to fall")
	c.Uint64Var(&t.Seed, "seed", t.Seed, "`seed` of everything random")
	start := c.String("start", "", "finished `run`, by its name, the beginning of its name or its folder; training starts from its weights, and flags that are not given are as in that run, but without its warm-up")
	if _, err := c.parse(0); err != nil {
		return err
	}
	if o.SaveEvery < 0 {
		return usageError{fmt.Errorf("-save-every is %v, want 0 or more", o.SaveEvery)}
	}
	o.SaveEvery = max(o.SaveEvery, time.Nanosecond) // 0 would be the default
	var l *experiments.Lab
	var err error
	switch {
	case c.given("config"):
		if planned, err = c.planned(*config); err != nil {
			return err
		}
		if planned.Scale != "" {
			o.Scale = planned.Scale
		}
	case c.given("start"):
		var from *training.Result
		if l, from, err = openRun(ctx, o, "start", *start); err != nil {
			return err
		}
		defer l.Close()
		exact, _, err := l.RunOf("", from.Config)
		if err != nil {
			return err
		}
		if done, err := training.Exists(exact, from.Config, nil); err != nil || !done {
			fmt.Fprintf(c.errOut, "of the run %s, %s has no weights to continue from: it is trained again first\n", from.Run.Name(), filepath.Dir(exact.Folder()))
		}
		given := map[string]string{}
		c.Visit(func(f *flag.Flag) { given[f.Name] = f.Value.String() })
		*t = from.Config
		t.Start, m.Warmup = &from.Config, 0
		hidden, beta = training.Nodes(m.Hidden), m.Beta
		for name, value := range given {
			c.Set(name, value)
		}
	}
	if !c.given("config") {
		if m.Hidden, err = parseInts(hidden); err != nil {
			return usageError{err}
		}
		m.Beta = beta
		if m.Model == autoencoder.AE && !c.given("beta") {
			m.Beta = 0
		}
		if err := t.Validate(); err != nil {
			return usageError{err}
		}
	}
	if l == nil {
		if l, err = open(ctx, o); err != nil {
			return err
		}
		defer l.Close()
	}
	r, err := l.Execute(ctx, planned)
	if err != nil {
		return err
	}
	if r.Found {
		fmt.Fprintln(c.errOut, "found, not trained again")
	}
	for _, s := range r.Scores {
		if s.Undefined == "" {
			fmt.Fprintf(c.errOut, "%-5s %-18s %8.4f %s\n", s.Split, s.Metric, s.Value, s.Unit)
		}
	}
	fmt.Fprintln(c.out, r.Run.Folder())
	return nil
}

// planned reads a line of a plan from a file, or from standard input if the file is called -.
func (c *call) planned(file string) (p lab.Planned, err error) {
	c.Visit(func(f *flag.Flag) {
		if !slices.Contains([]string{"config", "results", "data", "save-every"}, f.Name) {
			err = usageError{fmt.Errorf("-%s is given with -config, want only one of them: the file of -config holds the whole configuration", f.Name)}
		}
	})
	if err != nil {
		return p, err
	}
	from := c.in
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return p, fmt.Errorf("-config: %w", err)
		}
		defer f.Close()
		from = f
	}
	if p, err = lab.ReadPlanned(from); err != nil {
		return p, usageError{fmt.Errorf("-config %s: %w", file, err)}
	}
	return p, nil
}

func parseInts(text string) ([]int, error) {
	values := []int{}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		v, err := strconv.Atoi(word)
		if err != nil {
			return nil, fmt.Errorf("hidden is %q: %q is not a number of nodes; want numbers such as 512,256", text, word)
		}
		values = append(values, v)
	}
	return values, nil
}

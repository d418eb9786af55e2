package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"fashionlatent/experiments"
	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/subject"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/fashion"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"
	"fashionlatent/lib/words"
)

// labFlags adds the flags of commands that need a lab.
func (c *call) labFlags() *lab.Options {
	o := &lab.Options{Out: c.errOut}
	c.resultsFlag(&o.Results)
	c.dataFlag(&o.Data)
	c.scaleFlag(&o.Scale)
	c.clustersFlag(o)
	return o
}

// clustersFlag adds the flag of commands that find clusters.
func (c *call) clustersFlag(o *lab.Options) {
	c.IntVar(&o.K, "k", 0, "number of `clusters` for a data set without labels (default: 10); with labels, it is the number of classes")
	c.checks = append(c.checks, func() error { return lab.CheckClusters(o.K) })
}

// jobsFlag adds the flag of commands that train several runs.
func (c *call) jobsFlag(o *lab.Options) {
	c.IntVar(&o.Jobs, "jobs", 0, "number of `runs` trained at the same time, as far as memory allows; it does not change the results (default: one per core, one on a GPU)")
	c.checks = append(c.checks, func() error { return notBelow("jobs", o.Jobs, 0) })
}

// checkFolder refuses standard output where a folder is written.
func (c *call) checkFolder(out *string) {
	c.checks = append(c.checks, func() error {
		if *out == "-" {
			return errors.New("-out is -, want the name of a folder: several files are written")
		}
		return nil
	})
}

// notBelow is the error of a flag whose value is below the least.
func notBelow(name string, value, least int) error {
	if value < least {
		return fmt.Errorf("-%s is %d, want %d or more", name, value, least)
	}
	return nil
}

func (c *call) scaleFlag(into *string) {
	var names []string
	for _, s := range lab.Scales {
		names = append(names, s.Name)
	}
	c.StringVar(into, "scale", cmp.Or(os.Getenv(lab.EnvScale), lab.Quick.Name), "`scale`: "+strings.Join(names, ", ")+"; seeds and epochs can be added, such as full,seeds=10,epochs=50")
	c.checkScale(into)
}

func (c *call) checkScale(scale *string) {
	c.checks = append(c.checks, func() error {
		_, err := lab.ScaleNamed(*scale)
		return err
	})
}

// scaleOfImages explains the flag -scale of a command that runs no experiment.
func (c *call) scaleOfImages(o *lab.Options) {
	c.Lookup("scale").Usage = fmt.Sprintf("`scale`, which here chooses the images: %s takes the first %d training and %d test images, the others take all", lab.Smoke.Name, lab.Smoke.Train, lab.Smoke.Test)
	c.checks = append(c.checks, func() error {
		if c.given("scale") && strings.Contains(o.Scale, ",") {
			return fmt.Errorf("-scale is %q, want a scale alone: this command runs no experiment, so that seeds and epochs of the scale change nothing", o.Scale)
		}
		return nil
	})
}

func (c *call) resultsFlag(into *string) {
	c.StringVar(into, "results", "", "`folder` of runs and results (default: results)")
}

func (c *call) dataFlag(into *string) {
	c.StringVar(into, "data", "", "`path` of another data set of grey images, 8 x 8 to 128 x 128: a folder of IDX files named like MNIST's, an .npz file as Keras or MedMNIST writes it, "+
		"a folder of PNG files in train/CLASS and test/CLASS, or mnist for MNIST (default: Fashion-MNIST)")
}

// open opens the lab. A scale that does not exist is a usageError.
func open(ctx context.Context, o *lab.Options) (*experiments.Lab, error) {
	if _, err := lab.ScaleNamed(o.Scale); err != nil {
		return nil, usageError{err}
	}
	l, err := lab.Open(ctx, *o)
	if err == nil {
		fmt.Fprintln(o.Out, "backend", l.Backend)
	}
	return l, err
}

func data(ctx context.Context, c *call) error {
	src := fashion.Source{Progress: c.errOut}
	c.dataFlag(&src.Path)
	out := c.String("out", "", "`folder` to write the data set to, uncompressed, as -data reads it")
	asJSON := c.jsonFlag()
	c.checkFolder(out)
	if _, err := c.parse(0); err != nil {
		return err
	}
	src.Path = cmp.Or(src.Path, os.Getenv(lab.EnvData))
	d, err := fashion.Load(ctx, src)
	if err == nil && *out != "" {
		err = d.Write(ctx, *out)
	}
	if err != nil {
		return err
	}
	if *asJSON {
		return c.printJSON(dataJSON{d.Name, d.Title, d.Folder, d.Checksum, d.Train.Len(), d.Test.Len(), d.Side(), d.Classes, *out})
	}
	classes := "none (the data set has no labels)"
	if d.Labelled() {
		classes = fmt.Sprintf("%d: %s", len(d.Classes), strings.Join(d.Classes, ", "))
	}
	fmt.Fprintf(c.out, "%s: %d training and %d test images of %d x %d\nfolder   %s\nchecksum %s\nclasses  %s\n",
		d.Title, d.Train.Len(), d.Test.Len(), d.Side(), d.Side(), d.Folder, d.Checksum, classes)
	if *out != "" {
		fmt.Fprintf(c.out, "written  %s\n", *out)
	}
	return nil
}

func showBackend(_ context.Context, c *call) error {
	asJSON := c.jsonFlag()
	if _, err := c.parse(0); err != nil {
		return err
	}
	b, err := backend.Open()
	if err != nil {
		return err
	}
	defer b.Close()
	if *asJSON {
		return c.printJSON(backendJSON{b.Kind, b.Plugin, b.Version, b.Reason})
	}
	fmt.Fprintln(c.out, b)
	return nil
}

func train(ctx context.Context, c *call) error {
	o := c.labFlags()
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
			fmt.Fprintf(c.errOut, "%-5s %-14s %8.4f %s\n", s.Split, s.Metric, s.Value, s.Unit)
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

// given says whether a flag is in the command line.
func (c *call) given(name string) bool {
	given := false
	c.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	return given
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

// runFlag adds the flag that names a finished run.
func (c *call) runFlag() *string {
	return c.String("run", "", "finished `run`, by its name, the beginning of its name or its folder, or a published model, such as vae-d16")
}

// missingRun is the error of a flag that must name a run and is not given.
func missingRun(flag string) error {
	return usageError{fmt.Errorf("-%s is missing: want the name of a run's folder, as listed by the command runs", flag)}
}

// openRun opens the lab and the run that a flag names.
func openRun(ctx context.Context, o *lab.Options, flag, run string) (*experiments.Lab, *training.Result, error) {
	if run == "" {
		return nil, nil, missingRun(flag)
	}
	l, err := open(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	r, err := l.OpenRun(run)
	if err != nil {
		l.Close()
		return nil, nil, err
	}
	return l, r, nil
}

// fromRun is a command that writes a file from the run that the flag -run names, and prints the file's name. file is
// the default name, and more are further endings that fit. The name - means standard output, which gets the content of
// the default ending. If stored is not nil and says so of the file's name, the lab is nil, and the run's data set is not needed.
func (c *call) fromRun(ctx context.Context, file string, stored func(path string) bool, write func(l *experiments.Lab, r *training.Result, path string) error, more ...string) error {
	o := c.labFlags()
	c.scaleOfImages(o)
	run := c.runFlag()
	out := c.String("out", file, "`file` to write, or - for standard output")
	if _, err := c.parse(0); err != nil {
		return err
	}
	if err := c.checkOut(*out, append([]string{filepath.Ext(file)}, more...)...); err != nil {
		return err
	}
	if stored != nil && stored(*out) {
		r, closeRun, err := storedRun(o.Results, *run)
		if err != nil {
			return err
		}
		defer closeRun()
		return c.writeOut(*out, filepath.Ext(file), func(path string) error { return write(nil, r, path) })
	}
	l, r, err := openRun(ctx, o, "run", *run)
	if err != nil {
		return err
	}
	defer l.Close()
	return c.writeOut(*out, filepath.Ext(file), func(path string) error { return write(l, r, path) })
}

// weights writes the learned weights of a run, without the state of its optimiser.
func weights(ctx context.Context, c *call) error {
	var results string
	c.resultsFlag(&results)
	run := c.runFlag()
	out := c.String("out", "weights.npz", "`file` to write, or - for standard output")
	if _, err := c.parse(0); err != nil {
		return err
	}
	if err := c.checkOut(*out, ".npz"); err != nil {
		return err
	}
	r, closeRun, err := storedRun(results, *run)
	if err != nil {
		return err
	}
	defer closeRun()
	return c.writeOut(*out, ".npz", func(path string) error { return training.WriteWeights(path, r.Model.Weights) })
}

// sample writes a picture, or arrays for NumPy if the file's name ends in .npz.
func sample(ctx context.Context, c *call) error {
	from := c.String("from", metric.Prior, "`source` of codes: "+strings.Join(subject.Sources, ", ")+"; prior is the model's learned prior if it has one, otherwise N(0, I); normal is always N(0, I); selected-mixture is a mixture whose size makes held-out codes most likely; codes stands for the codes of training images themselves")
	n := c.Int("n", 100, "`number` of samples")
	seed := c.Uint64("seed", 0, "`seed` of the random draws")
	c.checks = append(c.checks, func() error { return notBelow("n", *n, 1) }, func() error {
		if *n > experiments.MaxSamples {
			return fmt.Errorf("-n is %d, want at most %d", *n, experiments.MaxSamples)
		}
		if !slices.Contains(subject.Sources, *from) {
			return fmt.Errorf("-from is %q, want one of %s%s", *from, strings.Join(subject.Sources, ", "), words.DidYouMean(*from, subject.Sources))
		}
		return nil
	})
	return c.fromRun(ctx, "samples.png", nil, func(l *experiments.Lab, r *training.Result, path string) error {
		if strings.EqualFold(filepath.Ext(path), ".npz") {
			return experiments.WriteSamples(ctx, l, r, *from, *n, *seed, path)
		}
		f, err := experiments.Samples(ctx, l, r, *from, *n, *seed)
		if err != nil {
			return err
		}
		return show.Save(f, path)
	}, ".npz")
}

func experiment(ctx context.Context, c *call) error {
	o := c.labFlags()
	c.jobsFlag(o)
	plan := c.Bool("plan", false, "print the runs that are needed, one JSON object per line, which train -config reads; without a name, the runs of all experiments; with -add, only the runs that -add would train")
	add := c.Bool("add", false, "keep the scores of the experiment's report, even if their runs are not here, and take only those that are missing")
	within := c.Duration("within", 0, "`time` for each experiment, after which -add begins nothing further and writes the report with the scores that are there (default: no limit)")
	asJSON := c.jsonFlag()
	names, err := c.parse(len(experiments.All))
	if err != nil {
		return err
	}
	switch {
	case *within < 0:
		return usageError{fmt.Errorf("-within is %v, want a time above 0", *within)}
	case *add && len(names) == 0 && !*plan:
		return usageError{errors.New("-add is given without the name of an experiment")}
	case *within > 0 && *plan:
		return usageError{errors.New("-within limits the time of training, and -plan trains nothing")}
	case *within > 0 && !*add:
		return usageError{errors.New("-within limits the time of -add, which is not given")}
	case *within == 0:
		*within = math.MaxInt64
	}
	planOf := experiments.Plan
	if *add {
		planOf = experiments.PlanAdd
	}
	if len(names) == 0 && *plan {
		return c.plan(ctx, o, planOf, experiments.All)
	}
	if len(names) == 0 && *asJSON {
		return c.printJSON(experimentsJSON())
	}
	if len(names) == 0 {
		for _, e := range experiments.All {
			fmt.Fprintf(c.out, "%-12s %s\n", e.Name, e.Question)
		}
		return nil
	}
	var chosen []experiments.Experiment
	for _, name := range names {
		e, err := experiments.Named(name)
		if err != nil {
			return usageError{err}
		}
		chosen = append(chosen, e)
	}
	if *plan {
		return c.plan(ctx, o, planOf, chosen)
	}
	l, err := open(ctx, o)
	if err != nil {
		return err
	}
	defer l.Close()
	var reports []reportJSON
	for _, e := range chosen {
		run := e.Run
		if *add {
			run = func(ctx context.Context, l *experiments.Lab) (*report.Report, error) { return e.Add(ctx, l, *within) }
		}
		r, err := run(ctx, l)
		if err != nil && reports != nil { // those that are made are printed
			return errors.Join(err, c.printJSON(reports))
		}
		if err != nil {
			return err
		}
		if *asJSON {
			content, err := r.JSON()
			if err != nil {
				return err
			}
			reports = append(reports, reportJSON{l.Folder(e.Name), content})
			continue
		}
		c.tell(r, l.Folder(e.Name))
	}
	if *asJSON {
		return c.printJSON(reports)
	}
	return nil
}

// plan prints runs of experiments.
func (c *call) plan(ctx context.Context, o *lab.Options, planOf func(context.Context, lab.Options, ...experiments.Experiment) ([]lab.Planned, error), of []experiments.Experiment) error {
	planned, err := planOf(ctx, *o, of...)
	if err != nil {
		return err
	}
	lines := json.NewEncoder(c.out)
	for _, p := range planned {
		if err := lines.Encode(p); err != nil {
			return err
		}
	}
	return nil
}

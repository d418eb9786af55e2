package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fashionlatent/experiments"
	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/subject"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/fashion"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"
	"fashionlatent/lib/words"
)

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
		return c.writeStored(o.Results, *run, *out, filepath.Ext(file), func(r *training.Result, path string) error { return write(nil, r, path) })
	}
	l, r, err := openRun(ctx, o, "run", *run)
	if err != nil {
		return err
	}
	defer l.Close()
	return c.writeOut(*out, filepath.Ext(file), func(path string) error { return write(l, r, path) })
}

// weights writes the learned weights of a run, without the state of its optimiser.
func weights(_ context.Context, c *call) error {
	return c.fromStored("weights.npz", func(r *training.Result, path string) error { return training.WriteWeights(path, r.Model.Weights) })
}

// fromStored is fromRun for what needs only the run, and not its data set.
func (c *call) fromStored(file string, write func(r *training.Result, path string) error, more ...string) error {
	var results string
	c.resultsFlag(&results)
	run := c.runFlag()
	out := c.String("out", file, "`file` to write, or - for standard output")
	if _, err := c.parse(0); err != nil {
		return err
	}
	if err := c.checkOut(*out, append([]string{filepath.Ext(file)}, more...)...); err != nil {
		return err
	}
	return c.writeStored(results, *run, *out, filepath.Ext(file), write)
}

// writeStored writes a file from a run without its data set, and prints the file's name.
func (c *call) writeStored(results, run, out, ending string, write func(r *training.Result, path string) error) error {
	r, closeRun, err := storedRun(results, run)
	if err != nil {
		return err
	}
	defer closeRun()
	return c.writeOut(out, ending, func(path string) error { return write(r, path) })
}

// sample writes a picture, or arrays for NumPy if the file's name ends in .npz.
func sample(ctx context.Context, c *call) error {
	from := c.String("from", metric.Prior, "`source` of codes: "+strings.Join(subject.Sources, ", ")+"; prior is the model's learned prior if it has one, otherwise N(0, I); normal is always N(0, I); gaussian and mixture are fitted to the codes of the training images: one Gaussian, and one for each cluster; selected-mixture is a mixture whose size makes held-out codes most likely; codes stands for the codes of training images themselves")
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

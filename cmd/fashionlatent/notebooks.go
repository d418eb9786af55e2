package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"fashionlatent/experiments"
	"fashionlatent/experiments/lab"
	"fashionlatent/lib/notebook"
)

// runNotebooks executes and exports the notebooks.
func runNotebooks(ctx context.Context, c *call) error {
	o := notebook.Options{Root: lab.Root()}
	from := c.labFlags()
	c.StringVar(&o.Out, "out", "", "`folder` for the pages (default: html in the folder of the tables)")
	c.IntVar(&o.Jobs, "jobs", 0, "number of `notebooks` executed at the same time (default: one per core, at most 4)")
	c.DurationVar(&o.CellTimeout, "timeout", time.Hour, "`time` after which a cell fails")
	c.checks = append(c.checks, func() error { return notBelow("jobs", o.Jobs, 0) }, func() error {
		if o.CellTimeout <= 0 {
			return fmt.Errorf("-timeout is %v, want more than 0", o.CellTimeout)
		}
		return nil
	})
	fix := c.Bool("fix", false, "execute nothing: remove the outputs from the notebooks, format their Go, and name what must be changed by hand")
	var err error
	if o.Names, err = c.parse(100); err != nil {
		return err
	}
	if *fix {
		results, err := notebook.FixAll(filepath.Join(o.Root, "notebooks"), o.Names...)
		if err != nil {
			return misnamed(err)
		}
		return reportNotebooks(c, results)
	}
	p, err := newPages(ctx, *from, o)
	if err != nil {
		return misnamed(err)
	}
	results, err := p.execute(ctx, c)
	if err != nil {
		return p.stop(err)
	}
	err = p.readReports() // the notebooks have run experiments
	var l *lab.Lab
	if err == nil {
		l, err = lab.Open(ctx, *from)
	}
	if err != nil {
		return errors.Join(err, p.finish(), reportNotebooks(c, results))
	}
	defer l.Close()
	if len(o.Names) == 0 || experiments.ExplorerTrained(l) { // who asks for one notebook need not wait for four models
		p.explorer(ctx, l)
	}
	if ctx.Err() != nil {
		return p.stop(ctx.Err())
	}
	return errors.Join(p.finish(), reportNotebooks(c, results))
}

// misnamed makes the error of a name that no notebook has one of wrong use.
func misnamed(err error) error {
	if errors.As(err, new(notebook.NameError)) {
		return usageError{err}
	}
	return err
}

// reportNotebooks prints the result of each notebook. It returns an error if any has problems.
func reportNotebooks(c *call, results []notebook.Result) error {
	failed, err := notebook.Report(c.out, results)
	if err == nil && failed > 0 {
		err = fmt.Errorf("%d of %d notebooks failed", failed, len(results))
	}
	return err
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fashionlatent/experiments"
	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/report"
	"fashionlatent/lib/notebook"
	"fashionlatent/lib/show"
)

// study runs the main experiments and the notebooks, and prints the main results.
func study(ctx context.Context, c *call) error {
	started := time.Now()
	o := c.labFlags()
	c.jobsFlag(o)
	prepare := c.String("prepare", "", "shell `command` that prepares what the notebooks need; it runs in the project's folder at the same time as the experiments")
	if _, err := c.parse(0); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	root := lab.Root()
	var unprepared error
	prepared := make(chan struct{})
	go func() {
		defer close(prepared)
		unprepared = notebook.Prepare(ctx, root, *prepare)
	}()
	defer func() {
		stop()
		<-prepared // so that no process keeps running
	}()
	p, folders, err := studyExperiments(ctx, c, o, root)
	if err != nil {
		return err
	}
	<-prepared
	var results []notebook.Result
	if err = unprepared; err == nil {
		results, err = p.execute(ctx, c)
	}
	if ctx.Err() != nil {
		return p.stop(ctx.Err())
	}
	if err = errors.Join(err, p.finish()); err == nil {
		err = reportNotebooks(c, results)
	}
	summary := p.index.Tables[len(p.index.Tables)-1]
	summary.Note = ""
	fmt.Fprintf(c.out, "\n%s\nfigures  %s\npages    %s\n%s in all\n", summary.Text(c.width()), folders, p.address(), show.Duration(time.Since(started)))
	return err
}

// studyExperiments runs the main experiments, and writes their pages and the latent explorer. It returns the pages, and
// the folder of the experiments' tables and figures.
func studyExperiments(ctx context.Context, c *call, o *lab.Options, root string) (*pages, string, error) {
	l, err := open(ctx, o)
	if err != nil {
		return nil, "", err
	}
	defer l.Close()
	var awaited []string
	for _, e := range experiments.All {
		if e.Main() {
			awaited = append(awaited, e.Name)
		}
	}
	p, err := newPages(ctx, *o, notebook.Options{Root: root, Names: studied(root)}, awaited...)
	if err != nil {
		return nil, "", err
	}
	first := func(r *report.Report) error {
		others := p.index.Chapters
		p.index.Tables = []show.Table{r.Tables[0].Show()}
		p.index.Chapters = []notebook.Chapter{p.chapter(r, nil)}
		err := p.write()
		p.index.Chapters = others
		if err != nil {
			return err
		}
		fmt.Fprintf(c.errOut, "\n%s\nThis table and the first figures are on this page, which grows with every experiment and notebook: %s\n\n", r.Tables[0].Show().Text(show.Width(c.errOut)), p.address())
		return nil
	}
	after := func(r *report.Report) error {
		p.awaited = slices.DeleteFunc(p.awaited, func(name string) bool { return name == r.Name })
		p.add(r)
		return p.write()
	}
	if err := experiments.Study(ctx, l, first, after); err != nil {
		return nil, "", p.stop(err)
	}
	folders := filepath.Dir(l.Folder(experiments.Comparison))
	if p.explorer(ctx, l); ctx.Err() != nil {
		return nil, "", p.stop(ctx.Err())
	}
	return p, folders, p.write()
}

// studied are the notebooks that need no further runs than the main experiments: all except those that are named after
// another experiment.
func studied(root string) (names []string) {
	found, _ := fs.Glob(os.DirFS(root), "notebooks/*.ipynb") // the pattern is valid, so Glob cannot fail
	for _, path := range found {
		name := strings.TrimSuffix(filepath.Base(path), ".ipynb")
		_, topic, _ := strings.Cut(name, "-")
		if e, err := experiments.Named(topic); err != nil || e.Main() {
			names = append(names, name)
		}
	}
	return names
}

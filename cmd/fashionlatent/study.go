package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"fashionlatent/experiments"
	"fashionlatent/lib/notebook"
	"fashionlatent/lib/show"
)

// runNotebooks executes and exports the notebooks.
func runNotebooks(ctx context.Context, c *call) error {
	o := notebook.Options{Root: experiments.Root()}
	from := c.labFlags()
	c.StringVar(&o.Out, "out", "", "`folder` of the pages (default: html in the folder of the tables)")
	c.IntVar(&o.Jobs, "jobs", 0, "`notebooks` executed at once (default: one per core, at most 4)")
	c.DurationVar(&o.CellTimeout, "timeout", time.Hour, "`time` after which a cell fails")
	fix := c.Bool("fix", false, "execute nothing: take outputs out of the notebooks, format their Go and name what must be changed by hand")
	var err error
	if o.Names, err = c.parse(100); err != nil {
		return err
	}
	if *fix {
		results, err := notebook.FixAll(filepath.Join(o.Root, "notebooks"))
		if err != nil {
			return err
		}
		return report(c, results)
	}
	if _, err := experiments.ScaleNamed(from.Scale); err != nil {
		return usageError{err}
	}
	return export(ctx, c, *from, o)
}

// report says what became of the notebooks; it is an error if any has problems.
func report(c *call, results []notebook.Result) error {
	failed, err := notebook.Report(c.out, results)
	if err == nil && failed > 0 {
		err = fmt.Errorf("%d of %d notebooks failed", failed, len(results))
	}
	return err
}

// export executes the notebooks and leads to their pages, and through the experiments that there are at this scale, with an
// index.
func export(ctx context.Context, c *call, from experiments.Options, o notebook.Options) error {
	data, tables, err := experiments.Source(ctx, from)
	if err != nil {
		return err
	}
	if err := handOn(from); err != nil {
		return err
	}
	o.Scale, o.Checksum, o.Notice = from.Scale, data.Checksum, experiments.Sentence(data)
	if o.Results, err = filepath.Abs(experiments.ResultsFolder(from.Results)); err != nil {
		return err
	}
	if o.Out == "" {
		o.Out = filepath.Join(tables, "html")
	}
	progress := show.NewProgress(c.errOut, "notebooks", 0)
	o.Progress = func(done, total int, text string) {
		if progress == nil || done == 0 {
			progress = show.NewProgress(c.errOut, "notebooks", total)
		}
		progress.Update(done, text)
	}
	results, err := notebook.Execute(ctx, o)
	if err != nil {
		progress.Done("stopped")
		return err
	}
	progress.Done("executed")
	index := notebook.Index{
		Title:     "AE and VAE on " + data.Title,
		Lead:      o.Notice + "How do the latent spaces of a fully connected autoencoder and variational autoencoder differ? Scale: " + o.Scale + ".",
		Notebooks: results,
	}
	if index.Tables, index.Chapters, err = chapters(tables, o.Scale); err != nil {
		return err
	}
	problem := writeExplorer(ctx, from, filepath.Join(o.Out, explorerPage))
	if problem == nil {
		index.Pages = append(index.Pages, notebook.Link{
			Title: "Latent explorer",
			Summary: "Move about the planes of the two models and see what their decoders make of any place, what lies between two images, where the holes are " +
				"and, with a slider through the epochs of training, how the codes form.",
			Page: explorerPage,
		})
	}
	if err := errors.Join(notebook.WriteIndex(o.Out, index), problem); err != nil {
		return err
	}
	return report(c, results)
}

// handOn tells the notebooks' kernels, which inherit the environment, what data set is used. They run in another folder.
func handOn(o experiments.Options) error {
	if path := cmp.Or(o.Data, os.Getenv(experiments.EnvData)); path != "" {
		whole, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		if err := os.Setenv(experiments.EnvData, whole); err != nil {
			return err
		}
	}
	if o.K == 0 {
		return nil
	}
	return os.Setenv(experiments.EnvK, strconv.Itoa(o.K))
}

// chapters are the experiments that left a report in a folder of tables at a scale, in order, and the tables of the answer: those of the comparison.
func chapters(tables, scale string) (answer []show.Table, all []notebook.Chapter, err error) {
	for _, e := range experiments.All {
		r, err := experiments.ReadReport(tables, scale, e)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		parts, err := r.Parts()
		if err != nil {
			return nil, nil, err
		}
		chapter := notebook.Chapter{Name: e.Name, Question: e.Question, Note: r.Table.Note, Tables: parts}
		for _, f := range r.Figures {
			chapter.Pictures = append(chapter.Pictures, notebook.Picture(f))
		}
		all = append(all, chapter)
		if e.Name == experiments.All[0].Name {
			summary := experiments.Summary(r.Table)
			summary.Note = r.Table.Note
			answer = append(slices.Clone(r.More), summary)
		}
	}
	return answer, all, nil
}

const explorerPage = "explorer.html"

// writeExplorer writes the latent explorer to a file.
func writeExplorer(ctx context.Context, o experiments.Options, path string) error {
	lab, err := experiments.Open(ctx, o)
	if err != nil {
		return err
	}
	defer lab.Close()
	return lab.WriteExplorer(ctx, path)
}

// explore writes the latent explorer.
func explore(ctx context.Context, c *call) error {
	o := c.labFlags()
	out := c.String("out", "", "`file` to write (default: html/explorer.html in the folder of the tables)")
	if _, err := c.parse(0); err != nil {
		return err
	}
	if _, err := experiments.ScaleNamed(o.Scale); err != nil {
		return usageError{err}
	}
	if *out == "" {
		_, tables, err := experiments.Source(ctx, *o)
		if err != nil {
			return err
		}
		*out = filepath.Join(tables, "html", explorerPage)
	}
	if err := writeExplorer(ctx, *o, *out); err != nil {
		return err
	}
	fmt.Fprintln(c.out, *out)
	return nil
}

// study runs all experiments and notebooks, and says what was found.
func study(ctx context.Context, c *call) error {
	started := time.Now()
	o := c.labFlags()
	c.jobsFlag(o)
	if _, err := c.parse(0); err != nil {
		return err
	}
	reports, folders, err := runExperiments(ctx, o)
	if err != nil {
		return err
	}
	summary := experiments.Summary(reports[0].Table)
	_, tables, err := experiments.Source(ctx, *o)
	if err != nil {
		return err
	}
	pages := filepath.Join(tables, "html")
	err = export(ctx, c, *o, notebook.Options{Root: experiments.Root(), Out: pages, Names: studied(experiments.Root())})
	if errors.Is(err, context.Canceled) {
		return err
	}
	fmt.Fprintf(c.out, "\n%s\nfigures  %s\npages    %s\n%.0f s in all\n",
		summary.Text(), folders, filepath.Join(pages, "index.html"), time.Since(started).Seconds())
	return err
}

// runExperiments returns the reports of all experiments and where they left tables and figures.
func runExperiments(ctx context.Context, o *experiments.Options) ([]*experiments.Report, string, error) {
	lab, err := open(ctx, o)
	if err != nil {
		return nil, "", err
	}
	defer lab.Close()
	reports, err := experiments.Study(ctx, lab)
	return reports, filepath.Dir(lab.Folder(experiments.All[0].Name)), err
}

// studied are the notebooks that need no more runs than the study's: all but those named after an experiment that is not one of its.
func studied(root string) (names []string) {
	found, _ := filepath.Glob(filepath.Join(root, "notebooks", "*.ipynb")) // the pattern is none that can be wrong
	for _, path := range found {
		name := strings.TrimSuffix(filepath.Base(path), ".ipynb")
		_, topic, _ := strings.Cut(name, "-")
		if e, err := experiments.Named(topic); err != nil || e.Main() {
			names = append(names, name)
		}
	}
	return names
}

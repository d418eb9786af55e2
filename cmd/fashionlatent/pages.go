package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"fashionlatent/experiments"
	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/report"
	"fashionlatent/lib/fashion"
	"fashionlatent/lib/notebook"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
)

// pages is the folder of pages. Its index is written again whenever there is more to show.
type pages struct {
	notebook.Options
	tables  string // folder of tables and figures
	index   notebook.Index
	earlier []notebook.Result // the other notebooks that have a page
	awaited []string          // experiments that are still missing
	known   bool              // the data set is that of the published results
	done    bool              // nothing more will be added
	stopped bool              // the study ended before it was done
	problem error             // the error with which a part could not be made
}

// newPages returns the pages of the notebooks that the options name, with the existing experiments at this scale except
// the awaited ones.
func newPages(ctx context.Context, from lab.Options, o notebook.Options, awaited ...string) (p *pages, err error) {
	data, tables, err := lab.Source(ctx, from)
	if err != nil {
		return nil, err
	}
	if err := handOn(from); err != nil {
		return nil, err
	}
	o.Scale, o.Checksum, o.Notice = from.Scale, data.Checksum, lab.Sentence(data)
	if o.Results, err = filepath.Abs(lab.ResultsFolder(from.Results)); err != nil {
		return nil, err
	}
	if o.Out == "" {
		o.Out = filepath.Join(tables, "html")
	}
	p = &pages{Options: o, tables: tables, awaited: awaited, known: data.Name == fashion.Name, index: notebook.Index{
		Title:    "AE and VAE on " + data.Title,
		Lead:     o.Notice + "How do the latent spaces of a fully connected autoencoder (AE) and variational autoencoder (VAE) differ?",
		Made:     record.Made(),
		Commands: makes(from) + "    # makes these pages, at scale " + from.Scale,
	}}
	if p.index.Notebooks, err = notebook.Found(o); err != nil {
		return nil, err
	}
	var absent []string
	if p.earlier, absent, err = notebook.Earlier(o); err != nil {
		return nil, err
	}
	if absent != nil {
		p.index.Absent = "Not made: " + strings.Join(absent, ", ") + ". " + makesNotebooks(from) + " makes all notebooks."
	}
	return p, p.readReports()
}

// makes is the command that makes the pages.
func makes(from lab.Options) string {
	if usual(from) {
		return "make run"
	}
	return "bin/fashionlatent run" + options(from)
}

// makesNotebooks is the command that makes all notebooks.
func makesNotebooks(from lab.Options) string {
	if usual(from) {
		return "make html"
	}
	return "bin/fashionlatent notebooks" + options(from)
}

// usual says whether the options are those of make.
func usual(from lab.Options) bool { return options(from) == " -scale "+lab.Quick.Name }

// options are the options as flags of a command. Those of the environment are among them.
func options(from lab.Options) string {
	flags := " -scale " + from.Scale
	k := os.Getenv(lab.EnvK)
	if from.K > 0 {
		k = strconv.Itoa(from.K)
	}
	for _, f := range []struct{ name, value string }{
		{"data", cmp.Or(from.Data, os.Getenv(lab.EnvData))}, {"k", k}, {"results", cmp.Or(from.Results, os.Getenv(lab.EnvResults))},
	} {
		if f.value != "" {
			flags += " -" + f.name + " " + lab.Quoted(f.value)
		}
	}
	return flags
}

// readReports makes the chapters of the index: the experiments that left a report at the scale, except the awaited ones.
func (p *pages) readReports() error {
	p.index.Chapters = nil
	for _, e := range experiments.All {
		if slices.Contains(p.awaited, e.Name) {
			continue
		}
		r, err := report.Read(lab.FolderOf(p.tables, p.Scale, e.Name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		p.add(r)
	}
	return nil
}

// add adds an experiment's report to the index, in the order of experiments.All. The main tables of the index are those
// of the comparison.
func (p *pages) add(r *report.Report) {
	place := func(name string) int {
		return slices.IndexFunc(experiments.All, func(e experiments.Experiment) bool { return e.Name == name })
	}
	at, _ := slices.BinarySearchFunc(p.index.Chapters, place(r.Name), func(c notebook.Chapter, want int) int { return place(c.Name) - want })
	p.index.Chapters = slices.Insert(p.index.Chapters, at, p.chapter(r, r.Parts()))
	if r.Name == experiments.Comparison {
		p.answer(r)
	}
}

// answer puts the main result of the comparison first. For the data set of the published results, the claims are shown with the published
// verdicts, which come from several seeds.
func (p *pages) answer(r *report.Report) {
	summary := experiments.Summary(r).Show()
	summary.Note = r.About()
	claims := r.Table(report.ClaimsTitle).Show()
	p.index.Answer = experiments.Answer(r)
	if published, err := report.Read(filepath.Join(lab.Root(), "results", experiments.Comparison)); err == nil && p.known && p.Scale != lab.Full.Name {
		if p.index.Answer = experiments.Answer(published); p.index.Answer != nil {
			p.index.Answer[0] = fmt.Sprintf("These are the published results, with %d seeds. %s", lab.Full.Seeds, p.index.Answer[0])
		}
		if scale, err := lab.ScaleNamed(p.Scale); err == nil && scale.Train == 0 {
			claims = experiments.Beside(published, r)
		}
	}
	p.index.Tables = []show.Table{claims, summary}
	for _, c := range p.index.Chapters {
		if i := slices.IndexFunc(c.Pictures, func(of notebook.Picture) bool { return of.Name == "samples" }); c.Name == experiments.Comparison && i >= 0 {
			p.index.Picture = &c.Pictures[i]
		}
	}
}

// address is the address of the index for a browser.
func (p *pages) address() string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(p.Out, "index.html"))}).String()
}

// write writes the index, with what is still missing.
func (p *pages) write() error {
	p.index.Coming = ""
	if !p.done {
		p.index.Coming = "This page grows while the study runs. Reload it to see more. " + p.coming()
		if p.stopped {
			p.index.Coming = "The study was stopped before its end. The same command continues it. " + p.coming()
		}
	}
	index := p.index
	index.Notebooks = slices.SortedStableFunc(slices.Values(slices.Concat(p.index.Notebooks, p.earlier)), func(a, b notebook.Result) int { return a.Number() - b.Number() })
	return notebook.WriteIndex(p.Out, index)
}

// coming says what is still missing.
func (p *pages) coming() string {
	var names []string
	for _, name := range p.awaited {
		names = append(names, "the experiment "+name)
	}
	pending := 0
	for _, r := range p.index.Notebooks {
		if r.Pending {
			pending++
		}
	}
	if pending > 0 {
		names = append(names, fmt.Sprintf("%d of %d notebooks", pending, len(p.index.Notebooks)))
	}
	if p.index.Open == nil {
		names = append(names, "the latent explorer")
	}
	if len(names) == 0 {
		return "The last part is being written."
	}
	return "Still to come: " + strings.Join(names, ", ") + "."
}

// execute executes the notebooks and returns their results.
func (p *pages) execute(ctx context.Context, c *call) ([]notebook.Result, error) {
	o := p.Options
	var progress *show.Progress
	o.Progress = func(done, total int, text string) {
		if progress == nil {
			progress = show.NewProgress(c.errOut, "notebooks", total, "done")
		}
		progress.Update(done, text)
	}
	end := func(how string) {
		if progress != nil {
			progress.Done(how)
		}
	}
	o.Ended = func(results []notebook.Result) {
		p.index.Notebooks = results
		p.write() // if it cannot be written, finish returns the error
	}
	results, err := notebook.Execute(ctx, o)
	if err != nil {
		end("stopped")
		return nil, err
	}
	end("executed")
	p.index.Notebooks = results // Ended was not called for those that were up to date
	return results, nil
}

// explorer writes the latent explorer and adds it to the index. If it fails, the other parts are made nevertheless.
func (p *pages) explorer(ctx context.Context, l *experiments.Lab) {
	if p.problem = experiments.WriteExplorer(ctx, l, filepath.Join(p.Out, explorerPage)); p.problem != nil {
		return
	}
	p.index.Open = &notebook.Open{Link: notebook.Link{Title: "Open the explorer", Page: explorerPage + "#view=1.1&draw=0.100.1"}}
	if shot, err := os.ReadFile(filepath.Join(lab.Root(), "results", "explorer.jpg")); err == nil && p.known {
		p.index.Open.Shot, p.index.Open.ShotText = shot, "The latent explorer: 100 codes drawn from N(0, I) among the codes of test images, and the images decoded from them, AE beside VAE"
	}
}

// handOn passes the data set to the kernels of the notebooks through the environment, which they inherit. Paths are
// made absolute, because kernels run in another folder. The name of a known data set stays as it is.
func handOn(o lab.Options) error {
	if o.Data != "" {
		if err := os.Setenv(lab.EnvData, o.Data); err != nil {
			return err
		}
	}
	for _, name := range append(fashion.Variables(), lab.EnvData) {
		path := os.Getenv(name)
		if _, err := os.Stat(path); err != nil {
			continue
		}
		whole, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		if err := os.Setenv(name, whole); err != nil {
			return err
		}
	}
	if o.K == 0 {
		return nil
	}
	return os.Setenv(lab.EnvK, strconv.Itoa(o.K))
}

// stop writes that the study was stopped, unless it has shown nothing yet, and returns the error that stopped it.
func (p *pages) stop(err error) error {
	if p.stopped = true; p.index.Tables == nil {
		return err // an earlier index stays
	}
	return errors.Join(err, p.write())
}

// finish writes the page of the document, and the index for the last time. The error says which part of the pages could
// not be made.
func (p *pages) finish() error {
	p.done = true
	return errors.Join(p.problem, p.document(), p.write())
}

// document writes the page of the document that the study follows, and adds it to the index. The document is about
// Fashion-MNIST alone.
func (p *pages) document() error {
	if p.Notice != "" {
		return nil
	}
	d, err := experiments.NewDocument(p.tables, p.Scale)
	if err != nil {
		return err
	}
	page := notebook.Index{Title: d.Title, Lead: d.Lead, Made: record.Made(), Pages: []notebook.Link{{Title: "All results", Summary: "The notebooks, and each experiment with its figures and tables.", Page: "index.html"}}}
	for i, part := range d.Parts {
		short, _, _ := strings.Cut(part.Title, ":")
		c := notebook.Chapter{Name: fmt.Sprint("part-", i+1), Short: short, Question: part.Title, Quote: part.Quote, Text: part.Text, Open: true, Tables: part.Tables}
		for _, f := range part.Pictures {
			c.Pictures = append(c.Pictures, p.picture(f))
		}
		page.Chapters = append(page.Chapters, c)
	}
	p.index.Pages = append(p.index.Pages, notebook.Link{Title: d.Title, Summary: "The figures and claims of the document that the study follows, with what was found for each.", Page: documentPage})
	return notebook.WritePage(p.Out, documentPage, page)
}

// picture is a picture of the document: that of the index, if it has it.
func (p *pages) picture(f experiments.DocumentPicture) notebook.Picture {
	picture := notebook.Picture{Name: f.Name, Figure: f.Figure}
	for _, c := range p.index.Chapters {
		if i := slices.IndexFunc(c.Pictures, func(of notebook.Picture) bool { return of.Name == f.Name }); c.Name == f.Experiment && i >= 0 {
			picture = c.Pictures[i]
		}
	}
	picture.Chapter = f.Experiment
	return picture
}

// chapter is the chapter of a report, with some of its tables.
func (p *pages) chapter(r *report.Report, tables []show.Table) notebook.Chapter {
	c := notebook.Chapter{Name: r.Name, Question: r.Question, Note: r.About(), Tables: tables}
	if folder, err := filepath.Rel(p.Out, lab.FolderOf(p.tables, p.Scale, r.Name)); err == nil {
		c.Note += fmt.Sprintf(" Scores, tables and figures as files: %s.", filepath.ToSlash(folder))
	}
	for _, f := range r.Figures {
		c.Pictures = append(c.Pictures, notebook.Picture{Name: f.Name, Figure: f.Figure})
	}
	return c
}

package experiments

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"fashionlatent/lib/figure"
	"fashionlatent/lib/show"

	"gonum.org/v1/gonum/stat"
)

// Experiment answers one question with a table and figures.
type Experiment struct {
	Name     string
	Question string
	main     bool                 // part of the study that runs as a whole; the others are asked for by name
	jobs     func(lab *Lab) []job // the runs that it needs
	run      func(ctx context.Context, lab *Lab) (*Report, error)
}

// All are the experiments, in the order in which they are read.
var All = []Experiment{
	{"comparison", "How do the latent spaces of AE and VAE differ, at 2 and at 16 dimensions?", true, comparisonJobs, comparison},
	{"latent-size", "What does the size of the code change?", true, latentSizeJobs, latentSize},
	{"epochs", "How do the clusters of the latent space form with the epochs of training?", true, epochsJobs, epochs},
	{"architecture", "What do the number of layers and of nodes change?", false, architectureJobs, architecture},
	{"loss", "What do the likelihood of pixels and beta change?", false, lossJobs, loss},
	{"augmentation", "What does augmentation of the training images change?", false, augmentationJobs, augmentation},
	{"clustering", "Which representation and which method find the classes best, without labels?", false, clusteringJobs, clustering},
	{"generation", "From which codes do the decoders make images like those of the data?", false, generationJobs, generation},
	{"likelihood", "How likely are test images under the VAE, by the published protocol?", false, likelihoodJobs, likelihood},
}

// needClasses are the experiments that take no score without classes.
var needClasses = map[string]bool{"clustering": true, "generation": true}

// Named returns the experiment of that name.
func Named(name string) (Experiment, error) {
	var names string
	for _, e := range All {
		if e.Name == name {
			return e, nil
		}
		names += " " + e.Name
	}
	return Experiment{}, fmt.Errorf("no experiment is called %q; there are:%s", name, names)
}

// Main says whether the experiment is part of the study that runs as a whole; the others are asked for by name.
func (e Experiment) Main() bool { return e.main }

// Run runs the experiment and leaves its table and figures in the lab's folder of results. Runs that are already there
// are read, not trained. If the report is there, whole and made from the same, it is read and nothing is made again.
func (e Experiment) Run(ctx context.Context, lab *Lab) (*Report, error) {
	if r := lab.unchanged(e); r != nil {
		return r, ctx.Err()
	}
	started := time.Now()
	lab.used, lab.now = nil, 0
	if needClasses[e.Name] && !lab.scorable() {
		return nil, fmt.Errorf("experiment %s: all its scores need labels of two classes or more in both splits, and %s has none such: nothing was trained", e.Name, lab.Data.Title)
	}
	err := lab.prepare(ctx, e.jobs(lab))
	var report *Report
	if err == nil {
		report, err = e.run(ctx, lab)
	}
	if err != nil {
		return nil, fmt.Errorf("experiment %s: %w", e.Name, err)
	}
	var training time.Duration
	for _, took := range lab.used {
		training += took
	}
	report.Table.Note += fmt.Sprintf(" Command: fashionlatent experiment %s -scale %s%s. Backend: %s, cores: %d. Time: %.0f s of training, summed over its %d runs, and %.0f s to draw and to measure what had not been measured before.",
		e.Name, lab.Scale.Name, lab.again(), lab.Backend.Kind, runtime.NumCPU(), training.Seconds(), len(lab.used), (time.Since(started) - lab.now).Seconds())
	if len(lab.places) > 1 {
		var where []string
		for _, place := range slices.Sorted(maps.Keys(lab.places)) {
			where = append(where, fmt.Sprintf("%s (%d runs)", place, lab.places[place]))
		}
		report.Table.Note += " Runs were trained in places that differ, between which results agree to rounding at first and then statistically: " + strings.Join(where, "; ") + "."
	}
	if data := lab.named(); data != "" {
		report.Table.Note = data + report.Table.Note
		for _, f := range report.Figures {
			f.Figure.Caption = data + f.Figure.Caption
		}
	}
	if err := report.save(lab.Folder(e.Name), e, lab.origin(e.Name, e.jobs(lab))); err != nil || lab.Scale.Name != Full.Name {
		return report, err
	}
	return report, lab.writeIndex()
}

// Folder is where an experiment leaves its table and figures: NAME in Lab.Tables at full scale, SCALE/NAME otherwise. So
// neither another scale nor another data set touches the published tables.
func (l *Lab) Folder(experiment string) string { return folderOf(l.Tables(), l.Scale.Name, experiment) }

func folderOf(results, scale, experiment string) string {
	if scale == Full.Name {
		return filepath.Join(results, experiment)
	}
	return filepath.Join(results, scale, experiment)
}

// Report is what an experiment found.
type Report struct {
	Table   show.Table
	More    []show.Table // further tables, such as what the first says of claims
	Figures []NamedFigure

	groups []group // the columns that are shown together; none: all
}

// group is some columns of a table, under a title.
type group struct {
	title   string
	columns []column
}

// Group returns the columns of a group as a table.
func (r *Report) Group(title string) (show.Table, error) {
	var titles []string
	for _, g := range r.groups {
		if g.title == title {
			t := part(r.Table, g.columns)
			t.Title, t.Note = title, ""
			return t, nil
		}
		titles = append(titles, g.title)
	}
	return show.Table{}, fmt.Errorf("the report has no group of columns %q; it has %q", title, titles)
}

// Tables shows groups of columns, then the report's further tables, inline in a notebook.
func (r *Report) Tables(titles ...string) error {
	var all []show.Table
	for _, title := range titles {
		t, err := r.Group(title)
		if err != nil {
			return err
		}
		all = append(all, t)
	}
	for _, t := range append(all, r.More...) {
		if err := show.Display(t); err != nil {
			return err
		}
	}
	return nil
}

// Parts are the report's tables as they are read: its groups of columns where it has some, else its table, then its further
// tables. The note, which is Table.Note, is in none of them.
func (r *Report) Parts() ([]show.Table, error) {
	var all []show.Table
	if r.groups == nil {
		t := r.Table
		t.Note = ""
		all = append(all, t)
	}
	for _, g := range r.groups {
		t, err := r.Group(g.title)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return append(all, r.More...), nil
}

// Markdown is the report's tables and the note.
func (r *Report) Markdown() (string, error) {
	all, err := r.Parts()
	if err != nil {
		return "", err
	}
	text := ""
	for _, t := range all {
		text += t.Markdown() + "\n"
	}
	return text + show.Escape(r.Table.Note) + "\n", nil
}

// NamedFigure is a figure and the name of its file, without extension.
type NamedFigure struct {
	Name   string
	Figure *figure.Figure
}

// Experiment runs the experiment of that name.
func (l *Lab) Experiment(ctx context.Context, name string) (*Report, error) {
	e, err := Named(name)
	if err != nil {
		return nil, err
	}
	return e.Run(ctx, l)
}

// Show shows a figure that was just drawn, inline in a notebook: return experiments.Show(lab.SampleImages(10)).
func Show(f *figure.Figure, err error) error {
	if err != nil {
		return err
	}
	return show.Figure(f)
}

// Show shows figures of the report, inline in a notebook, in the order of the names.
func (r *Report) Show(names ...string) error {
	for _, name := range names {
		if err := Show(r.Figure(name)); err != nil {
			return err
		}
	}
	return nil
}

// Figure returns the figure of that name.
func (r *Report) Figure(name string) (*figure.Figure, error) {
	for _, f := range r.Figures {
		if f.Name == name {
			return f.Figure, nil
		}
	}
	return nil, fmt.Errorf("the report has no figure %q", name)
}

// Losses is the part of the table that says how well images come back.
func (r *Report) Losses() show.Table {
	t := part(r.Table, lossColumns)
	t.Note = "" // stands under the clusters
	return t
}

// Clusters is the part of the table that says how well clusters agree with classes.
func (r *Report) Clusters() show.Table { return part(r.Table, clusterColumns) }

// part is a table with the first three columns of another and some more.
func part(t show.Table, columns []column) show.Table {
	heads := slices.Clone(t.Header[:3])
	for _, c := range columns {
		heads = append(heads, c.head)
	}
	return t.Columns(heads...)
}

// drawing is a figure to be made for a report.
type drawing struct {
	name string
	make func() (*figure.Figure, error)
}

// draw adds figures to the report.
func (r *Report) draw(drawings []drawing) error {
	for _, d := range drawings {
		f, err := d.make()
		if errors.Is(err, errNothing) {
			continue
		}
		if err != nil {
			return fmt.Errorf("figure %s: %w", d.name, err)
		}
		r.Figures = append(r.Figures, NamedFigure{d.name, f})
	}
	return nil
}

// save writes the report's page, its tables as CSV, the first as table.csv, its figures, and all of it as report.json, with its origin.
func (r *Report) save(folder string, e Experiment, origin string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	page, err := r.page(e)
	if err != nil {
		return err
	}
	files := map[string]string{pageName: page, "table.csv": r.Table.CSV()}
	for i, t := range r.More {
		files[fmt.Sprintf("table-%d.csv", i+2)] = t.CSV()
	}
	for name, text := range files {
		if err := write(filepath.Join(folder, name), text); err != nil {
			return err
		}
	}
	names := slices.Collect(maps.Keys(files))
	for _, f := range r.Figures {
		if err := show.Save(f.Figure, filepath.Join(folder, f.Name+".png")); err != nil {
			return err
		}
		names = append(names, f.Name+".png")
	}
	return r.writeSaved(folder, origin, names)
}

// spread gathers a score over seeds.
type spread []float64

// text is mean ± standard deviation (over n-1), or the value alone where there is one seed, with the given digits.
func (s spread) text(digits int) string {
	switch len(s) {
	case 0:
		return "–"
	case 1:
		return fmt.Sprintf("%.*f", digits, s[0])
	}
	mean, deviation := stat.MeanStdDev(s, nil)
	return fmt.Sprintf("%.*f ± %.*f", digits, mean, digits, deviation)
}

func (s spread) mean() float64 { return stat.Mean(s, nil) }

func (s spread) deviation() float64 {
	if len(s) < 2 {
		return 0
	}
	return math.Sqrt(stat.Variance(s, nil))
}

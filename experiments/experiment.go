package experiments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/show"
)

// Experiment answers one question with tables and figures.
type Experiment struct {
	Name     string
	Question string
	main     bool // part of the study that runs as a whole; the others are asked for by name

	// What is varied and measured: the runs and the metrics that are taken of each.
	units func(l *Lab) ([]unit, error)
	// What is drawn of the scores: tables and charts, and the names of the pictures of models in their order. Nothing else goes in.
	report func(rows score.Rows, s Setting) (*report.Report, error)
	// Pictures of the models, by name; nil: there are none.
	pictures func(ctx context.Context, l *Lab) (pictures, error)
}

// pictures make figures of models, by their names.
type pictures map[string]func() (*figure.Figure, error)

// Names of the experiments.
const (
	Comparison   = "comparison"
	LatentSize   = "latent-size"
	Epochs       = "epochs"
	Architecture = "architecture"
	Loss         = "loss"
	Augmentation = "augmentation"
	Clustering   = "clustering"
	Generation   = "generation"
	Likelihood   = "likelihood"
)

// All are the experiments, in the order in which they are read.
var All = []Experiment{
	{Comparison, "How do the latent spaces of AE and VAE differ, at 2 and at 16 dimensions?", true, comparisonUnits, comparisonReport, comparisonPictures},
	{LatentSize, "What does the size of the code change?", true, latentSizeUnits, latentSizeReport, latentSizePictures},
	{Epochs, "How do the clusters of the latent space form with the epochs of training?", true, epochsUnits, epochsReport, epochsPictures},
	{Architecture, "What do the number of layers and of nodes change?", false, architectureUnits, architectureReport, nil},
	{Loss, "What do the likelihood of pixels and beta change?", false, lossUnits, lossReport, lossPictures},
	{Augmentation, "What does augmentation of the training images change?", false, augmentationUnits, augmentationReport, nil},
	{Clustering, "Which representation and which method find the classes best, without labels?", false, clusteringUnits, clusteringReport, nil},
	{Generation, "From which codes do the decoders make images like those of the data?", false, generationUnits, generationReport, generationPictures},
	{Likelihood, "How likely are test images under the VAE, by the published protocol?", false, likelihoodUnits, likelihoodReport, likelihoodPictures},
}

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

// Run runs the experiment and leaves its scores, tables and figures in the lab's folder of results. Runs that are already there are read,
// not trained, and so are scores.
func (e Experiment) Run(ctx context.Context, lab *Lab) (*report.Report, error) {
	r, err := e.run(ctx, lab)
	if err != nil {
		return nil, fmt.Errorf("experiment %s: %w", e.Name, err)
	}
	return r, nil
}

func (e Experiment) run(ctx context.Context, lab *Lab) (*report.Report, error) {
	started := time.Now()
	lab.now, lab.subjects = 0, nil
	units, err := e.units(lab)
	if err != nil {
		return nil, err
	}
	tell(lab, units)
	jobs := jobsOf(units)
	if err := lab.prepare(ctx, jobs); err != nil {
		return nil, err
	}
	rows, err := take(ctx, lab, units)
	if err != nil {
		return nil, err
	}
	r, err := e.derive(rows, lab.Setting)
	if err != nil {
		return nil, err
	}
	if err := e.draw(ctx, lab, r); err != nil {
		return nil, err
	}
	if r.Made, err = madeOf(lab, jobs); err != nil {
		return nil, err
	}
	r.Made.Command = fmt.Sprintf("fashionlatent experiment %s -scale %s", e.Name, lab.Scale.Name)
	r.Made.Seconds = (time.Since(started) - lab.now).Seconds()
	if err := r.Write(lab.Folder(e.Name), rows); err != nil || lab.Scale.Name != Full.Name {
		return r, err
	}
	return r, writeIndex(lab.Results)
}

// derive makes the report of scores: all of it but how it was made and the pictures of models.
func (e Experiment) derive(rows score.Rows, s Setting) (*report.Report, error) {
	r, err := e.report(rows, s)
	if err != nil {
		return nil, err
	}
	r.Name, r.Question = e.Name, e.Question
	if s.Dataset != "" && !s.published() {
		r.Note = fmt.Sprintf("Data set: %s (checksum %.12s). ", s.Dataset, s.Data) + r.Note
	}
	r.Setting, err = json.Marshal(s)
	return r, err
}

// draw fills in the pictures of models.
func (e Experiment) draw(ctx context.Context, lab *Lab, r *report.Report) error {
	var all pictures
	if e.pictures != nil {
		var err error
		if all, err = e.pictures(ctx, lab); err != nil {
			return err
		}
	}
	for i, f := range r.Figures {
		if f.Scores {
			continue
		}
		make := all[f.Name]
		if make == nil {
			return fmt.Errorf("nothing draws the picture %s", f.Name)
		}
		var err error
		if r.Figures[i].Figure, err = make(); err != nil {
			return fmt.Errorf("figure %s: %w", f.Name, err)
		}
	}
	return nil
}

// madeOf says how the runs of jobs were trained.
func madeOf(l *Lab, jobs []job) (*report.Made, error) {
	made := &report.Made{Backend: l.Backend.Kind, Cores: runtime.NumCPU(), Places: map[string]int{}}
	seen := map[string]bool{}
	for _, j := range jobs {
		run, _, err := l.runOf(j.derived, j.config)
		if err != nil {
			return nil, err
		}
		if seen[run.Name()] {
			continue
		}
		seen[run.Name()] = true
		manifest, err := run.Manifest()
		if err != nil {
			return nil, err
		}
		made.Runs++
		made.Training += manifest.WallSeconds
		made.Places[manifest.Place()]++
		for _, place := range manifest.Earlier {
			made.Places[place] += 0 // a part of a run
		}
	}
	return made, nil
}

// Report is what the experiment of that name found at the lab's scale: what it left is read where its scores are those that it would
// take, else it is run.
func Report(ctx context.Context, lab *Lab, name string) (*report.Report, error) {
	e, err := Named(name)
	if err != nil {
		return nil, err
	}
	current, err := e.current(lab)
	if err != nil {
		return nil, err
	}
	if current {
		return report.Read(lab.Folder(name))
	}
	return e.Run(ctx, lab)
}

// current says whether an experiment has left a report whose scores have the identities that it would take.
func (e Experiment) current(lab *Lab) (bool, error) {
	folder := lab.Folder(e.Name)
	rows, err := report.ReadScores(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	units, err := e.units(lab)
	if err != nil {
		return false, err
	}
	wanted, err := identities(lab, units)
	if err != nil {
		return false, err
	}
	have := score.Rows{}
	for _, r := range rows {
		r.Value, r.Undefined = 0, ""
		have = append(have, r)
	}
	_, err = os.Stat(filepath.Join(folder, report.PageName))
	return err == nil && slices.Equal(have, wanted), nil
}

// Folder is where an experiment leaves its tables and figures: results/NAME at full scale, results/SCALE/NAME otherwise, so that trying
// something never touches the published tables.
func (l *Lab) Folder(experiment string) string { return FolderOf(l.Results, l.Scale.Name, experiment) }

// FolderOf is where an experiment leaves its tables and figures in a folder of results, at a scale.
func FolderOf(results, scale, experiment string) string {
	if scale == Full.Name {
		return filepath.Join(results, experiment)
	}
	return filepath.Join(results, scale, experiment)
}

// Show shows a figure that was just drawn, inline in a notebook: return experiments.Show(experiments.SampleImages(lab, 10)).
func Show(f *figure.Figure, err error) error {
	if err != nil {
		return err
	}
	return show.Figure(f)
}

// Study runs the main experiments, telling which one it is at, and returns their reports.
func Study(ctx context.Context, lab *Lab) ([]*report.Report, error) {
	var reports []*report.Report
	study := slices.DeleteFunc(slices.Clone(All), func(e Experiment) bool { return !e.main })
	for i, e := range study {
		fmt.Fprintf(lab.out, "experiment %d of %d, %s: %s\n", i+1, len(study), e.Name, e.Question)
		r, err := e.Run(ctx, lab)
		if err != nil {
			return nil, err
		}
		reports = append(reports, r)
	}
	return reports, nil
}

// Index is the text of results/README.md: what each experiment left in its folder of results at full scale, in order.
func Index(results string) (string, error) {
	text := "# Results\n\nThe experiments at full scale, in the order in which they are read. This page is put together from the pages in the experiments' folders " +
		"whenever one of them is run at full scale; " + "[bench](bench/table.md) has the measurements of speed.\n"
	missing := ""
	for i, e := range All {
		page, err := os.ReadFile(filepath.Join(results, e.Name, report.PageName))
		if os.IsNotExist(err) {
			missing += fmt.Sprintf("- %s (`fashionlatent experiment %s -scale full`)\n", e.Question, e.Name)
			continue
		}
		if err != nil {
			return "", err
		}
		body := strings.ReplaceAll(string(page), `<img src="`, `<img src="`+e.Name+"/")
		text += fmt.Sprintf("\n## %d. %s", i+1, strings.TrimPrefix(body, "# "))
	}
	if missing != "" {
		text += "\n## Not run at full scale\n\n" + missing
	}
	return text, nil
}

// writeIndex brings results/README.md up to date.
func writeIndex(results string) error {
	text, err := Index(results)
	if err != nil {
		return err
	}
	return report.WriteText(filepath.Join(results, report.PageName), text)
}

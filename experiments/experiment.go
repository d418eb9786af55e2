// Package experiments holds the experiments of the study. The notebooks, the command line and the tests all call them.
package experiments

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"time"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/show"
	"fashionlatent/lib/words"
)

// Experiment answers one question with tables and figures.
type Experiment struct {
	Name     string
	Question string
	main     bool // it belongs to the study that runs as a whole; the others run only when they are named

	// What is varied and scored: the subjects, and the metrics that are taken of each.
	units func(l *Lab) ([]unit, error)
	// The report that is derived from the scores: tables, charts, and the names of the pictures of models in their
	// order. It depends on nothing but the scores and the setting.
	report func(rows score.Rows, s lab.Setting) (*report.Report, error)
	// The pictures of the models, by name; nil: there are none.
	pictures func(ctx context.Context, l *Lab) (pictures, error)
}

// pictures are functions that draw figures of models, by the figures' names.
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
	Outliers     = "outliers"
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
	{Generation, "Which codes do the decoders turn into images like those of the data?", false, generationUnits, generationReport, generationPictures},
	{Likelihood, "How likely are test images under the VAE, by the published protocol?", false, likelihoodUnits, likelihoodReport, nil},
	{Outliers, "Does the latent space know what does not belong?", false, outliersUnits, outliersReport, outliersPictures},
}

// Named returns the experiment of that name. An unknown name is an error.
func Named(name string) (Experiment, error) {
	var names []string
	for _, e := range All {
		if e.Name == name {
			return e, nil
		}
		names = append(names, e.Name)
	}
	return Experiment{}, fmt.Errorf("no experiment is called %q; want one of %s%s", name, strings.Join(names, ", "), words.DidYouMean(name, names))
}

// Main says whether the experiment belongs to the study that runs as a whole. The others run only when they are named.
func (e Experiment) Main() bool { return e.main }

// Run runs the experiment and writes its scores, tables and figures to the lab's folder of results. Runs and scores
// that exist already are read, not made again. If the folder holds a complete report that was made from the same code,
// data, backend and runs, that report is returned and nothing is computed.
func (e Experiment) Run(ctx context.Context, l *Lab) (*report.Report, error) {
	r, err := e.run(ctx, l)
	if err != nil {
		return nil, fmt.Errorf("experiment %s: %w", e.Name, err)
	}
	return r, nil
}

func (e Experiment) run(ctx context.Context, l *Lab) (*report.Report, error) {
	started := time.Now()
	lab.Begin(l)
	units, err := e.units(l)
	if err != nil {
		return nil, err
	}
	jobs := jobsOf(units)
	if r, err := e.saved(l, units, jobs); err != nil || r != nil {
		if err == nil && l.Scale.Name == lab.Full.Name { // a process that was stopped may have left an older index
			if err := WriteIndex(l.Tables, l.Setting); err != nil {
				fmt.Fprintf(l.Out, "the index of the results was not written again: %v\n", err)
			}
		}
		return r, cmp.Or(err, ctx.Err())
	}
	if err := e.tell(l, units); err != nil {
		return nil, err
	}
	r, rows, omitted, err := e.compute(ctx, l, units, jobs)
	if err != nil {
		return nil, err
	}
	if r.Made, err = madeOf(l, jobs, map[string]bool{}); err != nil {
		return nil, err
	}
	r.Made.Omitted = omitted
	r.Made.Command = e.command(l)
	r.Made.Seconds = (time.Since(started) - l.Trained).Seconds()
	r.Made.Origin = lab.Origin(l, e.Name, jobs)
	return r, e.write(l, r, rows)
}

// command is the command that makes the experiment's report.
func (e Experiment) command(l *Lab) string {
	return fmt.Sprintf("bin/fashionlatent experiment %s -scale %s%s", e.Name, l.Scale.Name, l.Flags)
}

// write writes the experiment's report, and at full scale the page that joins all reports.
func (e Experiment) write(l *Lab, r *report.Report, rows score.Rows) error {
	if err := r.Write(l.Folder(e.Name), rows); err != nil || l.Scale.Name != lab.Full.Name {
		return err
	}
	return WriteIndex(l.Tables, l.Setting)
}

// compute trains the runs that are missing, takes the scores that are missing, and makes the report of them. It also returns
// the pictures that the data do not define, with the reasons.
func (e Experiment) compute(ctx context.Context, l *Lab, units []unit, jobs []lab.Job) (r *report.Report, rows score.Rows, omitted map[string]string, err error) {
	if err := lab.Prepare(ctx, l, jobs); err != nil {
		return nil, nil, nil, err
	}
	if rows, err = take(ctx, l, units); err != nil {
		return nil, nil, nil, err
	}
	if r, err = e.derive(rows, l.Setting); err != nil {
		return nil, nil, nil, err
	}
	omitted, err = e.draw(ctx, l, r)
	return r, rows, omitted, err
}

// saved returns the report that the experiment left, if it is complete and was made from the same code, data, backend
// and runs. Otherwise it returns nil.
func (e Experiment) saved(l *Lab, units []unit, jobs []lab.Job) (*report.Report, error) {
	r, err := e.current(l, units)
	if r == nil || r.Made == nil || r.Made.Origin == "" || r.Made.Origin != lab.Origin(l, e.Name, jobs) {
		return nil, err
	}
	return r, nil
}

// current returns the report that the experiment left, if it is complete and its scores have the identities that would
// be taken now. Otherwise it returns nil.
func (e Experiment) current(l *Lab, units []unit) (*report.Report, error) {
	wanted, err := identities(l, units)
	if err != nil {
		return nil, err
	}
	r, rows, err := report.Whole(l.Folder(e.Name))
	if err != nil {
		return nil, nil // an unreadable or incomplete report is made again
	}
	for i, row := range rows {
		rows[i] = withoutValue(row)
	}
	if !slices.Equal(rows, wanted) {
		return nil, nil
	}
	return r, nil
}

// withoutValue is what identifies a score.
func withoutValue(r score.Row) score.Row {
	r.Value, r.Undefined = 0, ""
	return r
}

// derive makes the report from scores: everything except how it was made and the pictures of models.
func (e Experiment) derive(rows score.Rows, s lab.Setting) (*report.Report, error) {
	r, err := e.report(rows, s)
	if err != nil {
		return nil, err
	}
	if len(r.Tables) > 1 { // the main table stays
		r.Tables = append(r.Tables[:1], slices.DeleteFunc(r.Tables[1:], untaken)...)
	}
	r.Name, r.Question, r.Note = e.Name, e.Question, s.About+r.Note
	for _, f := range r.Figures {
		if f.Scores {
			f.Figure.Caption = s.About + f.Figure.Caption
		}
	}
	r.Setting, err = json.Marshal(s)
	return r, err
}

// untaken says whether no score of a table has been taken yet, as in a report that is made in parts.
func untaken(t report.Table) bool {
	scores := 0
	for _, row := range t.Rows {
		for i, cell := range row {
			if !t.Columns[i].Score {
				continue
			}
			if cell.Undefined != score.NotTaken {
				return false
			}
			scores++
		}
	}
	return scores > 0
}

// draw draws the pictures of models. A picture that the data do not define is left out; the result gives the reason of each.
func (e Experiment) draw(ctx context.Context, l *Lab, r *report.Report) (omitted map[string]string, err error) {
	var all pictures
	if e.pictures != nil {
		if all, err = e.pictures(ctx, l); err != nil {
			return nil, err
		}
	}
	omitted = map[string]string{}
	var drawn []int // the places of the pictures of models
	for i, f := range r.Figures {
		if !f.Scores {
			drawn = append(drawn, i)
		}
	}
	if len(drawn) == 0 {
		return omitted, nil
	}
	progress := show.NewProgress(l.Out, "drawing", len(drawn), "pictures")
	end := "stopped"
	defer func() { progress.Done(end) }()
	for k, i := range drawn {
		f := r.Figures[i]
		progress.Update(k, f.Name)
		draw := all[f.Name]
		if draw == nil {
			return nil, fmt.Errorf("no function draws the picture %s", f.Name)
		}
		picture, err := draw()
		var undefined metric.Undefined
		if errors.As(err, &undefined) {
			omitted[f.Name] = undefined.Reason
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("figure %s: %w", f.Name, err)
		}
		r.Figures[i].Figure = picture
		r.Figures[i].Figure.Caption = l.About + r.Figures[i].Figure.Caption
	}
	end = fmt.Sprintf("%d pictures", len(drawn)-len(omitted))
	r.Figures = slices.DeleteFunc(r.Figures, func(f report.Figure) bool { return omitted[f.Name] != "" })
	return omitted, nil
}

// madeOf summarises where and how the runs of jobs were trained, without those that are counted already, by name. It adds
// the runs that it counts.
func madeOf(l *Lab, jobs []lab.Job, counted map[string]bool) (*report.Made, error) {
	made := &report.Made{Backend: l.Backend.Kind, Cores: runtime.NumCPU(), Places: map[string]int{}, Trained: map[string]report.Place{}}
	for _, j := range jobs {
		run, _, err := l.RunOf(j.Derived, j.Config)
		if err != nil {
			return nil, err
		}
		manifest, err := run.Manifest()
		if errors.Is(err, fs.ErrNotExist) {
			continue // a run to start from, without which the run that continues it was copied
		}
		if err != nil {
			return nil, err
		}
		if counted[run.Name()] {
			made.Places[manifest.Place()] += 0 // a run that was counted elsewhere may have been trained again here
			continue
		}
		counted[run.Name()] = true
		made.Runs++
		made.Training += manifest.WallSeconds
		made.Places[manifest.Place()]++
		for _, place := range manifest.Earlier {
			made.Places[place] += 0 // part of a run was trained there
		}
		if len(manifest.Earlier) == 0 {
			made.Trained[run.Name()] = report.Place{Place: manifest.Place(), Threads: manifest.Threads}
		}
	}
	return made, nil
}

// Report runs the experiment of that name at the lab's scale and returns its report.
func Report(ctx context.Context, l *Lab, name string) (*report.Report, error) {
	e, err := Named(name)
	if err != nil {
		return nil, err
	}
	return e.Run(ctx, l)
}

// Show shows a figure that was just drawn inline in a notebook: return experiments.Show(experiments.SampleImages(l,
// 10)).
func Show(f *figure.Figure, err error) error {
	if err != nil {
		return err
	}
	return show.Figure(f)
}

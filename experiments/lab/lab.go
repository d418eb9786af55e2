// Package lab is where runs are made and found. A lab has a backend, a data set and a store of runs.
package lab

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"fashionlatent/experiments/subject"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/classifier"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"
)

// Environment variables for Options that are not set.
const (
	EnvScale   = "FASHIONLATENT_SCALE"
	EnvResults = "FASHIONLATENT_RESULTS"
	EnvData    = "FASHIONLATENT_DATA"
	EnvK       = "FASHIONLATENT_K"
)

// Options select the data set and the scale of the experiments, and the folder of their results.
type Options struct {
	Scale   string    // name of a Scale; "": FASHIONLATENT_SCALE, else quick
	Results string    // folder of results; "": FASHIONLATENT_RESULTS, else the project's folder results
	Data    string    // path of another data set, as for dataset.Read; "": FASHIONLATENT_DATA, else Fashion-MNIST
	K       int       // number of clusters in a data set without labels; 0: FASHIONLATENT_K, else 10
	Jobs    int       // runs trained at the same time, with the same results as one after another, up to rounding; 0: one per core, or one on a GPU
	Out     io.Writer // progress and messages; nil: standard error

	SaveEvery time.Duration // see training.Options
}

// Lab is where runs are made and found. It has a backend, a data set and a folder of results.
type Lab struct {
	Setting
	Backend *backend.Backend
	Data    *dataset.Dataset // the part of the data set that the scale uses
	Runs    *record.Store
	Results string // folder
	Out     io.Writer
	Tables  string // folder of tables and figures: TablesFolder of the data set

	opened     context.Context // of Open, which also ends the download of a derived data set
	runsAtOnce int             // Options.Jobs
	saveEvery  time.Duration   // Options.SaveEvery

	Trained time.Duration // time that Prepare has spent on training since Begin

	// Created on first use.
	derived    map[string]*dataset.Dataset
	images     map[string]*subject.Images
	extractors map[string]*classifier.Classifier
	subjects   map[string]*subject.Model // of runs of seed 0, which are drawn after they are scored
}

// Open opens a lab. The caller must close it.
func Open(ctx context.Context, o Options) (*Lab, error) {
	l, err := OpenData(ctx, o)
	if err != nil {
		return nil, err
	}
	l.Backend, err = backend.Open()
	return l, err
}

// OpenData opens a lab without a backend.
func OpenData(ctx context.Context, o Options) (*Lab, error) {
	scale, err := ScaleNamed(cmp.Or(o.Scale, os.Getenv(EnvScale), Quick.Name))
	if err != nil {
		return nil, err
	}
	if o.Jobs < 0 {
		return nil, fmt.Errorf("number of runs at the same time is %d, want 1 or more, or 0 for one per core", o.Jobs)
	}
	if err := CheckResults(o.Results); err != nil {
		return nil, err
	}
	k, err := clusters(o.K)
	if err != nil {
		return nil, err
	}
	l := &Lab{Setting: Setting{Scale: scale}, Results: ResultsFolder(o.Results), Out: o.Out, opened: ctx, runsAtOnce: o.Jobs, saveEvery: o.SaveEvery}
	if l.Out == nil {
		l.Out = os.Stderr
	}
	l.Runs = Store(l.Results)
	data, err := load(ctx, o, l.Out)
	if err != nil {
		return nil, err
	}
	if l.Data = data; scale.Train > 0 {
		l.Data = data.Head(scale.Train, scale.Test)
	}
	l.Tables = TablesFolder(l.Results, data)
	if data.Train.Sorted() || data.Test.Sorted() {
		fmt.Fprintln(l.Out, "The images are sorted by class. Where the first or the last images are taken, as for validation, classes are missing. Shuffle the images before they are written to the file.")
	}
	if data.Labelled() && k != len(data.Classes) && (o.K > 0 || os.Getenv(EnvK) != "") {
		fmt.Fprintf(l.Out, "%d clusters were asked for, but data with labels have as many clusters as classes: %d.\n", k, len(data.Classes))
	}
	l.Setting.describe(data, l.Data, cmp.Or(o.Data, os.Getenv(EnvData)), k)
	return l, nil
}

// Begin marks the start of an experiment. It resets Trained and releases what was computed of the models of the
// experiment before.
func Begin(l *Lab) { l.Trained, l.subjects = 0, nil }

// Close frees the backend. Models of this lab must not be used afterwards.
func (l *Lab) Close() { l.Backend.Close() }

// ResultsFolder is the folder of results: the named one, else that of the environment, else the project's.
func ResultsFolder(named string) string {
	return cmp.Or(named, os.Getenv(EnvResults), filepath.Join(Root(), "results"))
}

// Store is the store of the runs in a folder of results. The published runs there are found by name too, and those of the project
// if no other run has the name.
func Store(results string) *record.Store {
	models := modelsFolders(results)
	return record.Open(filepath.Join(results, "runs"), models[0]).Else(models[1:]...)
}

// modelsFolders are the folders of published runs: that in a folder of results, and that of the project.
func modelsFolders(results string) []string {
	own, project := modelsFolder(results), modelsFolder(filepath.Join(Root(), "results"))
	if one, err := filepath.Abs(own); err == nil && one == project {
		return []string{project}
	}
	return []string{own, project}
}

// modelsFolder is the folder of the published runs in a folder of results: the reference models in half precision, and the feature
// extractors.
func modelsFolder(results string) string { return filepath.Join(results, "models") }

// PublishedNames lists the names of the published models, in a folder of results and in the project.
func PublishedNames(results string) (names []string) {
	for _, folder := range modelsFolders(results) {
		runs, _ := record.Open(folder).List() // a damaged run is reported when it is read
		for _, r := range runs {
			if _, err := training.SpecOf(r); err == nil && !slices.Contains(names, r.Name()) {
				names = append(names, r.Name())
			}
		}
	}
	return names
}

// CheckResults returns an error if the folder of results, as ResultsFolder names it, is something else than a folder. It
// need not exist.
func CheckResults(named string) error {
	folder := ResultsFolder(named)
	if info, err := os.Stat(folder); err == nil && !info.IsDir() {
		return fmt.Errorf("the folder of results is %s, which is a file; want a folder, or the name of a new one", folder)
	}
	return nil
}

// Root is the project's folder: the nearest folder with a go.mod, from the working directory upwards. Without one it is
// the working directory.
func Root() string {
	here, err := os.Getwd()
	if err != nil {
		return "."
	}
	for folder := here; ; folder = filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		if folder == filepath.Dir(folder) {
			return here
		}
	}
}

// Train trains a model or finds its run, and shows progress. It keeps the weights of the snapshot epochs. It prints a
// warning if the code of a newly trained model carries no information, or if the model does not reconstruct.
func (l *Lab) Train(ctx context.Context, c training.Config, snapshots ...int) (*training.Result, error) {
	return l.TrainOn(ctx, l.Data, c, snapshots...)
}

// TrainOn is Train on a data set that Lab.Dataset returned.
func (l *Lab) TrainOn(ctx context.Context, data *dataset.Dataset, c training.Config, snapshots ...int) (*training.Result, error) {
	var progress *show.Progress
	steps := 0
	label := fmt.Sprintf("%v, seed %d", c.Model, c.Seed)
	r, err := training.Fit(ctx, l.Backend, data, c, training.Options{
		Runs:      l.Runs,
		Snapshots: snapshots,
		SaveEvery: l.saveEvery,
		Say:       func(s string) { fmt.Fprintln(l.Out, s) },
		Progress: func(p training.Progress) {
			if p.Steps != steps { // the run to start from is trained first
				if progress != nil {
					progress.Done("trained")
				}
				progress, steps = show.NewProgress(l.Out, label, p.Steps, "steps"), p.Steps
			}
			text := fmt.Sprintf("epoch %d of %d, train %.2f", p.Epoch, p.Epochs, p.Train.Total())
			if test := p.Test.Total(); test != 0 {
				text += fmt.Sprintf(", test %.2f", test)
			}
			progress.Update(p.Step, text+" "+c.LossUnit())
		},
	})
	if progress != nil {
		if err != nil {
			progress.Done("stopped")
		} else {
			h := r.History[len(r.History)-1]
			progress.Done(fmt.Sprintf("epoch %d, train %.2f, test %.2f %s", h.Epoch, h.Train.Total(), h.Test.Total(), c.LossUnit()))
		}
	}
	if err != nil || r.Found {
		return r, err
	}
	warning, err := empty(ctx, r, data.Test)
	if warning != "" {
		fmt.Fprintln(l.Out, warning)
	}
	return r, err
}

// Pair trains or finds the reference AE and VAE of a code size.
func (l *Lab) Pair(ctx context.Context, latent int, seed uint64) (ae, vae *training.Result, err error) {
	if ae, err = l.Reference(ctx, autoencoder.AE, latent, seed); err != nil {
		return nil, nil, err
	}
	vae, err = l.Reference(ctx, autoencoder.VAE, latent, seed)
	return ae, vae, err
}

// Reference trains or finds the reference model, with the snapshots of ReferenceJob.
func (l *Lab) Reference(ctx context.Context, model string, latent int, seed uint64) (*training.Result, error) {
	j := l.ReferenceJob(model, latent, seed)
	return l.Train(ctx, j.Config, j.Snapshots...)
}

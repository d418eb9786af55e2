// Package experiments holds the study's experiments, which notebooks, the command line and the tests call alike.
package experiments

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
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

// Environment variables that stand for Options not given.
const (
	EnvScale   = "FASHIONLATENT_SCALE"
	EnvResults = "FASHIONLATENT_RESULTS"
	EnvData    = "FASHIONLATENT_DATA"
	EnvK       = "FASHIONLATENT_K"
)

// Options say on what the experiments run and where their results go.
type Options struct {
	Scale   string    // name of a Scale; "": what FASHIONLATENT_SCALE says, else quick
	Results string    // folder of results; "": what FASHIONLATENT_RESULTS says, else the project's results
	Data    string    // path of another data set, as dataset.Read takes it; "": what FASHIONLATENT_DATA says, else Fashion-MNIST
	K       int       // clusters sought in a data set without labels; 0: what FASHIONLATENT_K says, else 10
	Jobs    int       // runs trained at once, with the results of one after another; 0: one per core, one on a GPU
	Out     io.Writer // progress and messages; nil: standard error

	SaveEvery time.Duration // as training.Options has it
}

// Lab is the place where runs are made and found: a backend, a data set and a folder of results.
type Lab struct {
	Setting
	Backend *backend.Backend
	Data    *dataset.Dataset // as much of it as the scale uses
	Runs    *record.Store
	Results string // folder
	out     io.Writer
	Tables  string // folder of tables and figures: TablesFolder of the data set

	runsAtOnce int           // Options.Jobs
	saveEvery  time.Duration // Options.SaveEvery
	now        time.Duration // that training runs took in this process for the experiment under way

	// Made when they are first asked for.
	derived   map[string]*dataset.Dataset
	images    map[string]*subject.Images
	extractor *classifier.Classifier
	subjects  map[string]*subject.Model // of runs of seed 0, which are drawn after they were measured
}

// Open opens a lab. Close it after use.
func Open(ctx context.Context, o Options) (*Lab, error) {
	l, err := openData(ctx, o)
	if err != nil {
		return nil, err
	}
	l.Backend, err = backend.Open()
	return l, err
}

// openData opens a lab without a backend.
func openData(ctx context.Context, o Options) (*Lab, error) {
	scale, err := ScaleNamed(first(o.Scale, os.Getenv(EnvScale), Quick.Name))
	if err != nil {
		return nil, err
	}
	if o.Jobs < 0 {
		return nil, fmt.Errorf("%d runs at once asked for, want 1 or more, or 0 for one per core", o.Jobs)
	}
	k, err := clusters(o.K)
	if err != nil {
		return nil, err
	}
	l := &Lab{Setting: Setting{Scale: scale}, Results: ResultsFolder(o.Results), out: o.Out, runsAtOnce: o.Jobs, saveEvery: o.SaveEvery}
	if l.out == nil {
		l.out = os.Stderr
	}
	l.Runs = record.Open(filepath.Join(l.Results, "runs"))
	data, err := load(ctx, o, l.out)
	if err != nil {
		return nil, err
	}
	if l.Data = data; scale.Train > 0 {
		l.Data = data.Head(scale.Train, scale.Test)
	}
	l.Tables = TablesFolder(l.Results, data)
	l.Setting.describe(data, l.Data, first(o.Data, os.Getenv(EnvData)), k)
	return l, nil
}

// Close frees the backend; models of this lab may not be used afterwards.
func (l *Lab) Close() { l.Backend.Close() }

// ResultsFolder is the folder of results: the one named, else what the environment says, else the project's.
func ResultsFolder(named string) string {
	return first(named, os.Getenv(EnvResults), filepath.Join(Root(), "results"))
}

// Root is the project's folder: the one with go.mod, from the working directory upwards; the working directory if there
// is none.
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

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// Cell is the body of a notebook's cell: it opens a lab, calls f and, if that fails, ends the cell with the error. Its
// context ends when the cell is interrupted.
func Cell(f func(ctx context.Context, lab *Lab) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := func() error {
		lab, err := Open(ctx, Options{})
		if err != nil {
			return err
		}
		defer lab.Close()
		return errors.Join(f(ctx, lab), show.Flush())
	}()
	if err != nil {
		if errors.Is(err, context.Canceled) {
			fmt.Fprintln(os.Stderr, "interrupted:", err)
			os.Exit(130)
		}
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// Train trains a model or finds it, showing progress. The weights of the snapshot epochs are kept.
func (l *Lab) Train(ctx context.Context, c training.Config, snapshots ...int) (*training.Result, error) {
	return l.train(ctx, l.Data, c, snapshots...)
}

func (l *Lab) train(ctx context.Context, data *dataset.Dataset, c training.Config, snapshots ...int) (*training.Result, error) {
	var progress *show.Progress
	label := fmt.Sprintf("%v, seed %d", c.Model, c.Seed)
	r, err := training.Fit(ctx, l.Backend, data, c, training.Options{
		Runs:      l.Runs,
		Snapshots: snapshots,
		SaveEvery: l.saveEvery,
		Say:       func(s string) { fmt.Fprintln(l.out, s) },
		Progress: func(p training.Progress) {
			if progress == nil {
				progress = show.NewProgress(l.out, label, p.Steps)
			}
			text := fmt.Sprintf("epoch %d of %d, train %.2f", p.Epoch, p.Epochs, p.Train.Total())
			if test := p.Test.Total(); test > 0 {
				text += fmt.Sprintf(", test %.2f", test)
			}
			progress.Update(p.Step, text)
		},
	})
	if progress != nil {
		if err != nil {
			progress.Done("stopped")
		} else {
			h := r.History[len(r.History)-1]
			progress.Done(fmt.Sprintf("%d epochs, train %.2f, test %.2f", h.Epoch, h.Train.Total(), h.Test.Total()))
		}
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

// Reference trains or finds the reference model, with the snapshots that the epochs experiment draws.
func (l *Lab) Reference(ctx context.Context, model string, latent int, seed uint64) (*training.Result, error) {
	j := l.reference(model, latent, seed)
	return l.Train(ctx, j.config, j.snapshots...)
}

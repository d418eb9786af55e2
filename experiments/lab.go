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
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/fashion"
	"fashionlatent/lib/latent"
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

// The number of clusters that are sought in a data set without labels.
const (
	defaultK = 10
	maxK     = 256
)

// Lab is the place where experiments run: a backend, a data set and a folder of results.
type Lab struct {
	Scale   Scale
	Backend *backend.Backend
	Data    *dataset.Dataset // as much of it as the scale uses
	Runs    *record.Store
	Results string // folder
	out     io.Writer
	source  *dataset.Dataset // the data set as it was read, of which Data is a part
	path    string           // Options.Data

	runsAtOnce int           // Options.Jobs
	saveEvery  time.Duration // Options.SaveEvery
	clusters   int           // Options.K

	// What several measures need, made when it is first asked for.
	floats         []float32
	manifoldOfData *latent.Manifold
	distances      []float64
	theJudge       *judge
	derived        map[string]*dataset.Dataset

	used map[string]time.Duration // the runs of the experiment under way, and the time that training them took
	now  time.Duration            // the part of it spent in this process

	places map[string]int // where the runs of the experiment under way were trained, and how many to their end
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
		return nil, fmt.Errorf("%d runs at once asked for, want 1 or more, or 0 for what is fastest here", o.Jobs)
	}
	if text := os.Getenv(EnvK); o.K == 0 && text != "" {
		if o.K, err = strconv.Atoi(text); err != nil {
			return nil, fmt.Errorf("%s is %q, want a number of clusters", EnvK, text)
		}
	}
	if o.K < 0 || o.K > maxK {
		return nil, fmt.Errorf("%d clusters asked for, want 1 to %d, or 0 for %d", o.K, maxK, defaultK)
	}
	l := &Lab{Scale: scale, Results: ResultsFolder(o.Results), out: o.Out, runsAtOnce: o.Jobs, saveEvery: o.SaveEvery, clusters: o.K}
	if l.clusters == 0 {
		l.clusters = defaultK
	}
	if l.out == nil {
		l.out = os.Stderr
	}
	l.Runs = record.Open(filepath.Join(l.Results, "runs"))
	l.path = first(o.Data, os.Getenv(EnvData))
	data, err := load(ctx, o, l.out)
	if err != nil {
		return nil, err
	}
	l.source = data
	if l.Data = data; scale.Train > 0 {
		l.Data = data.Head(scale.Train, scale.Test)
	}
	return l, nil
}

// load reads the data set that options name.
func load(ctx context.Context, o Options, progress io.Writer) (*dataset.Dataset, error) {
	return fashion.Load(ctx, fashion.Source{Path: first(o.Data, os.Getenv(EnvData)), Progress: progress})
}

// Source reads the data set that options name, and says where what is made of it goes: TablesFolder.
func Source(ctx context.Context, o Options) (data *dataset.Dataset, tables string, err error) {
	if data, err = load(ctx, o, o.Out); err != nil {
		return nil, "", err
	}
	return data, TablesFolder(ResultsFolder(o.Results), data), nil
}

// TablesFolder is the folder of the tables, figures and pages made of a data set: that of results for Fashion-MNIST, and one of
// its own in it for any other.
func TablesFolder(results string, data *dataset.Dataset) string {
	if data.Name == fashion.Name {
		return results
	}
	return filepath.Join(results, "other", fmt.Sprintf("%s-%.12s", fileName(data.Name), data.Checksum))
}

// fileName is a name with a hyphen for whatever is awkward in the name of a file.
func fileName(name string) string {
	safe := strings.Map(func(r rune) rune {
		if r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)) || r == '.' || r == '_' {
			return r
		}
		return '-'
	}, name)
	return strings.TrimLeft(safe, ".-")
}

// Tables is TablesFolder of the lab's data set.
func (l *Lab) Tables() string { return TablesFolder(l.Results, l.source) }

// Sentence says what a data set is, and ends with a space; "" for Fashion-MNIST, which the study is about.
func Sentence(data *dataset.Dataset) string {
	if data.Name == fashion.Name {
		return ""
	}
	classes := "without labels"
	if n := len(data.Classes); n == 1 {
		classes = "of one class"
	} else if n > 1 {
		classes = fmt.Sprintf("of %d classes", n)
	}
	return fmt.Sprintf("Data: %s, images of %d x %d %s, checksum %.12s. ", data.Title, data.Side(), data.Side(), classes, data.Checksum)
}

// named is the Sentence of the lab's data set.
func (l *Lab) named() string { return Sentence(l.source) }

// again is the part of a command that names the data set and the number of clusters; "" for Fashion-MNIST.
func (l *Lab) again() string {
	text := ""
	if l.path != "" && l.source.Name != fashion.Name {
		text = " -data " + l.path
		if strings.ContainsAny(l.path, " '\"\\$&;()*?") {
			text = " -data '" + strings.ReplaceAll(l.path, "'", `'\''`) + "'"
		}
	}
	if !l.source.Labelled() && l.clusters != defaultK {
		text += fmt.Sprintf(" -k %d", l.clusters)
	}
	return text
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

// ClassNames are the names of the classes, by label; nil where the data set has no labels.
func (l *Lab) ClassNames() []string { return l.Data.Classes }

// K is the number of clusters that are sought: as many as there are classes, or of a data set without labels as many as were asked for.
func (l *Lab) K() int {
	if l.Data.Labelled() {
		return len(l.Data.Classes)
	}
	return l.clusters
}

// scorable says whether scores that need labels can be taken: there are labels, and of two classes or more in both splits.
func (l *Lab) scorable() bool {
	several := func(s dataset.Split) bool { return len(s.Labels) > 0 && slices.Min(s.Labels) < slices.Max(s.Labels) }
	return several(l.Data.Train) && several(l.Data.Test)
}

// Config is the reference training of a model ("ae" or "vae") at the lab's scale.
func (l *Lab) Config(model string, latent int, seed uint64) training.Config {
	m := autoencoder.Default(model, latent)
	m.Hidden = slices.Clone(l.Scale.Hidden)
	c := training.Default(m, seed)
	c.Epochs, c.Batch, c.LearningRate = l.Scale.Epochs, l.Scale.Batch, l.Scale.Rate
	return c
}

// classic returns c with the activation and the schedule that most published work has: ReLU, and a learning rate that falls
// from the start along half a cosine.
func (l *Lab) classic(c training.Config) training.Config {
	c.Model.Activation = "relu"
	c.LearningRate, c.FinalRate, c.RateWarmup, c.RateHold = l.Scale.ClassicRate, 1e-5, 0, 0
	return c
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
	if err == nil {
		err = l.account(r)
	}
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

// account adds a run to those of the experiment under way.
func (l *Lab) account(r *training.Result) error {
	manifest, err := r.Run.Manifest()
	if err != nil {
		return err
	}
	if l.used == nil {
		l.used, l.places = map[string]time.Duration{}, map[string]int{}
	}
	if _, known := l.used[r.Run.Name()]; known {
		return nil
	}
	l.places[manifest.Place()]++
	for _, place := range manifest.Earlier {
		l.places[place] += 0 // a part of a run
	}
	took := time.Duration(manifest.WallSeconds * float64(time.Second))
	l.used[r.Run.Name()] = took
	if !r.Found {
		l.now += took
	}
	return nil
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

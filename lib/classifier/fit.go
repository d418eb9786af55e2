package classifier

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"path/filepath"
	"time"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Options say what is done around training; nothing in them changes its outcome.
type Options struct {
	Runs     *record.Store  // where the classifier is kept and looked for; nil: nowhere
	Progress func(Progress) // called several times in an epoch; nil: not
	Say      func(string)   // told in a sentence what a user should know; nil: nobody
}

// Progress is how far training has come.
type Progress struct {
	Step, Steps   int     // of all
	Epoch, Epochs int     // Epoch is the one under way, from 1
	Loss          float64 // mean of the epoch so far, nats per image
}

// spec is everything that determines the outcome of a run.
type spec struct {
	Config
	Data   string `json:"data"`   // checksum of the data set
	Method int    `json:"method"` // of this package
}

// method is raised with every change after which the same configuration trains another classifier.
const method = 1

const weightsName = "weights.npz"

// Fit trains a classifier on the labelled training images, and then takes its accuracy on both splits. If Options.Runs
// holds it already, it is read instead. Training takes half a minute on XLA, minutes on pure Go, and is not taken up half way.
func Fit(ctx context.Context, b *backend.Backend, data *dataset.Dataset, c Config, o Options) (*Classifier, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if !data.Labelled() {
		return nil, fmt.Errorf("classifier: the data set %s has no labels, want some to train on", data.Name)
	}
	c.pixels, c.classes = data.Pixels(), len(data.Classes)
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
	if o.Runs == nil {
		return fit(ctx, b, data, c, o)
	}
	run, err := o.Runs.Run(fmt.Sprintf("classifier-e%d-s%d", c.Epochs, c.Seed), spec{c, data.Checksum, method})
	if err != nil {
		return nil, err
	}
	if err := run.Create(); err != nil {
		return nil, err
	}
	release, err := run.Lock(ctx, func(holder string) { o.Say(fmt.Sprintf("%s is training %s: waiting for it", holder, run.Name())) })
	if err != nil {
		return nil, err
	}
	defer release()
	found, err := read(b, run, c)
	if err == nil {
		return found, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		o.Say(fmt.Sprintf("the classifier is trained again: %v", err))
	}

	manifest := record.NewManifest()
	manifest.Backend, manifest.Plugin = b.Kind, b.Version
	manifest.Data, manifest.DataChecksum = data.Name, data.Checksum
	if err := run.WriteManifest(manifest); err != nil {
		return nil, err
	}
	trained, err := fit(ctx, b, data, c, o)
	if err == nil {
		trained.Run = run
		err = errors.Join(training.WriteWeights(weightsPath(run), trained.Weights), run.AddMeasures(trained.Measures...))
	}
	switch {
	case err == nil:
		manifest.State, manifest.Epochs, manifest.WeightsSHA256 = record.Finished, c.Epochs, trained.Weights.SHA256()
	case ctx.Err() != nil:
		manifest.State = record.Interrupted
	default:
		manifest.State, manifest.Error = record.Failed, err.Error()
	}
	manifest.Finished = time.Now().UTC().Truncate(time.Millisecond)
	manifest.WallSeconds = manifest.Finished.Sub(manifest.Started).Seconds()
	manifest.PeakMemoryBytes = record.PeakMemory()
	if err := errors.Join(err, run.WriteManifest(manifest)); err != nil {
		return nil, err
	}
	return trained, nil
}

func weightsPath(run *record.Run) string { return filepath.Join(run.Folder(), weightsName) }

// read reads a finished run; the error is an fs.ErrNotExist where there is none.
func read(b *backend.Backend, run *record.Run, c Config) (*Classifier, error) {
	manifest, err := run.Manifest()
	if err != nil {
		return nil, err
	}
	if manifest.State != record.Finished {
		return nil, fs.ErrNotExist
	}
	w, err := training.ReadWeights(weightsPath(run), c.variables())
	if err != nil {
		return nil, err
	}
	if got := w.SHA256(); got != manifest.WeightsSHA256 {
		return nil, fmt.Errorf("run %s: its weights have the checksum %s, its manifest says %s", run.Name(), got, manifest.WeightsSHA256)
	}
	measures, err := run.Measures()
	if err != nil {
		return nil, err
	}
	found, err := newClassifier(b, c, w)
	if err != nil {
		return nil, err
	}
	found.Measures, found.Run, found.Found = measures, run, true
	return found, nil
}

// fit trains, and takes the accuracies.
func fit(ctx context.Context, b *backend.Backend, data *dataset.Dataset, c Config, o Options) (*Classifier, error) {
	w, err := train(ctx, b, data.Train, c, o.Progress)
	if err != nil {
		return nil, err
	}
	trained, err := newClassifier(b, c, w)
	if err != nil {
		return nil, err
	}
	for _, part := range []struct {
		name  string
		split dataset.Split
	}{{"test", data.Test}, {"train", data.Train}} {
		accuracy, err := trained.Accuracy(ctx, part.split)
		if err != nil {
			return nil, err
		}
		trained.Measures = append(trained.Measures, record.Measure{Name: accuracyName, Value: accuracy, Split: part.name})
	}
	return trained, nil
}

const accuracyName = "accuracy"

// reports is how often in an epoch the loss is looked at.
const reports = 8

// train returns the weights that training on a split ends with.
func train(ctx context.Context, b *backend.Backend, split dataset.Split, c Config, progress func(Progress)) (autoencoder.Weights, error) {
	n := split.Len()
	steps := n / c.Batch // per epoch
	if steps == 0 {
		return nil, fmt.Errorf("classifier: batch is %d images, but there are only %d to train on", c.Batch, n)
	}
	exec, err := graph.NewExec(b.Compute, c.step)
	if err != nil {
		return nil, err
	}
	images := tensors.FromFlatDataAndDimensions(split.Images, n, c.pixels)
	defer images.FinalizeAll()
	labels := tensors.FromFlatDataAndDimensions(split.Labels, n)
	defer labels.FinalizeAll()
	w := c.variables().Initial(c.Seed)
	now := []*tensors.Tensor{tensors.FromScalar(float32(0))} // the state on the device
	for _, v := range w {
		now = append(now, tensors.FromFlatDataAndDimensions(v.Values, v.Shape...))
	}
	for _, v := range w {
		now = append(now, tensors.FromFlatDataAndDimensions(make([]float32, len(v.Values)), v.Shape...))
	}
	defer func() { finalize(now) }()

	p := Progress{Steps: c.Epochs * steps, Epochs: c.Epochs}
	for epoch := range c.Epochs {
		order := permutation(c.Seed, epoch, n)
		now[0].FinalizeAll()
		now[0] = tensors.FromScalar(float32(0))
		for i := range steps {
			if err := ctx.Err(); err != nil {
				return nil, fmt.Errorf("classifier: stopped in epoch %d of %d, nothing is kept: %w", epoch+1, c.Epochs, err)
			}
			rate := c.LearningRate * (1 + math.Cos(math.Pi*float64(p.Step)/float64(p.Steps))) / 2
			args := []any{float32(rate), order[i*c.Batch : (i+1)*c.Batch], images, labels}
			for _, t := range now {
				args = append(args, t)
			}
			out, err := exec.Call(args...)
			if err != nil {
				return nil, err
			}
			finalize(now)
			now = out
			p.Step++
			if i+1 == steps || (i+1)%max(1, steps/reports) == 0 {
				p.Epoch, p.Loss = epoch+1, float64(tensors.ToScalar[float32](now[0]))/float64(i+1)
				if math.IsNaN(p.Loss) || math.IsInf(p.Loss, 0) {
					return nil, fmt.Errorf("classifier: the loss became %v in epoch %d: try a lower learning rate", p.Loss, p.Epoch)
				}
				progress(p)
			}
		}
	}
	for i := range w {
		w[i].Values = tensors.MustCopyFlatData[float32](now[1+i])
	}
	return w, nil
}

func finalize(all []*tensors.Tensor) {
	for _, t := range all {
		t.FinalizeAll()
	}
}

// permutation is the order of n images in an epoch.
func permutation(seed uint64, epoch, n int) []int32 {
	order := make([]int32, n)
	for i, place := range rand.New(rand.NewPCG(seed, 1+uint64(epoch))).Perm(n) {
		order[i] = int32(place)
	}
	return order
}

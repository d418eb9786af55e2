package classifier

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Options control everything around training. They do not change its outcome.
type Options struct {
	Runs      *record.Store  // where the classifier is kept and looked for; nil: it is not kept
	Published *record.Store  // where it is looked for before that, and never written; nil: nowhere
	Progress  func(Progress) // called several times in an epoch; nil: not called
	Say       func(string)   // receives messages to the user, each a sentence; nil: they are dropped
}

// Progress is how far training has come.
type Progress struct {
	Step, Steps   int     // steps done, of all steps
	Epoch, Epochs int     // Epoch is the one in progress, from 1
	Loss          float64 // mean of the epoch so far, nats per image
}

// Spec is everything that determines the outcome of a run, as its record keeps it.
type Spec struct {
	Config
	Data   string `json:"data"`   // checksum of the data set
	Method int    `json:"method"` // its number rises when training changes
}

// RunOf returns the run of a classifier of a data set, whether it exists or not. A data set without a checksum is an error.
func RunOf(runs *record.Store, data *dataset.Dataset, c Config) (*record.Run, error) {
	if data.Checksum == "" {
		return nil, dataset.ErrNoChecksum
	}
	kind := "classifier"
	if len(c.Kernels) > 0 {
		kind = "classifier-convolutional"
	}
	return runs.Run(fmt.Sprintf("%s-e%d-s%d", kind, c.Epochs, c.Seed), Spec{c, data.Checksum, method})
}

// method is raised with every change after which the same configuration trains another classifier.
const method = 2

const weightsName = "weights.npz"

// Fit trains a classifier on the labelled training images and computes its accuracy on both splits. If Options.Published or
// Options.Runs already holds it, it is read instead. Training takes about a minute on XLA and many minutes in pure Go. A training that was
// stopped starts from the beginning. A data set without labels is an error.
func Fit(ctx context.Context, b *backend.Backend, data *dataset.Dataset, c Config, o Options) (*Classifier, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if !data.Labelled() {
		return nil, fmt.Errorf("classifier: the data set %s has no labels, want labels to train on", data.Name)
	}
	if data.Train.Len() == 0 || data.Test.Len() == 0 {
		return nil, fmt.Errorf("classifier: %d training and %d test images, want one or more of each", data.Train.Len(), data.Test.Len())
	}
	c.pixels, c.classes = data.Pixels(), len(data.Classes)
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
	if o.Published != nil {
		run, err := RunOf(o.Published, data, c)
		if err != nil {
			return nil, err
		}
		if k, err := read(b, run, c); !errors.Is(err, fs.ErrNotExist) {
			return k, err
		}
	}
	if o.Runs == nil {
		return fit(ctx, b, data, c, o)
	}
	run, err := RunOf(o.Runs, data, c)
	if err != nil {
		return nil, err
	}
	var k *Classifier
	var damage error
	find := func() (bool, error) {
		k, damage = read(b, run, c)
		return damage == nil, nil
	}
	err = run.Once(ctx, o.Say, find, func() error {
		if !errors.Is(damage, fs.ErrNotExist) {
			o.Say(fmt.Sprintf("the classifier is trained again: %v", damage))
		}
		var err error
		k, err = keep(ctx, b, run, data, c, o)
		return err
	})
	return k, err
}

// keep trains a classifier and saves it with its run.
func keep(ctx context.Context, b *backend.Backend, run *record.Run, data *dataset.Dataset, c Config, o Options) (*Classifier, error) {
	manifest := record.NewManifest()
	manifest.Backend, manifest.Plugin, manifest.Threads = b.Kind, b.Version, b.Threads
	manifest.Data, manifest.DataChecksum = data.Name, data.Checksum
	record.Sweep(run.Folder(), weightsName)
	if err := errors.Join(run.RemoveScores(), run.WriteManifest(manifest)); err != nil {
		return nil, err
	}
	k, err := fit(ctx, b, data, c, o)
	weights, epochs := "", 0
	if err == nil {
		k.Run, weights, epochs = run, k.Weights.SHA256(), c.Epochs
		err = errors.Join(training.WriteWeights(weightsPath(run), k.Weights), run.AddScores(k.Scores...))
	}
	manifest.End(ctx, manifest.Started, epochs, weights, err)
	if err := errors.Join(err, run.WriteManifest(manifest)); err != nil {
		return nil, err
	}
	return k, nil
}

func weightsPath(run *record.Run) string { return filepath.Join(run.Folder(), weightsName) }

// read reads a finished run. If there is none, the error is an fs.ErrNotExist.
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
	scores, err := run.Scores()
	if err != nil {
		return nil, err
	}
	found, err := newClassifier(b, c, w)
	if err != nil {
		return nil, err
	}
	found.Scores, found.Run, found.Found = scores, run, true
	return found, nil
}

// fit trains a classifier and computes its accuracies.
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
		trained.Scores = append(trained.Scores, record.Score{Value: accuracy,
			Identity: record.Identity{Metric: Accuracy, Version: 1, Split: part.name, N: part.split.Len(), Data: data.Checksum}})
	}
	return trained, nil
}

// Accuracy is the name of the score that training leaves: the share of images whose class is predicted.
const Accuracy = "accuracy"

// train trains on a split and returns the final weights.
func train(ctx context.Context, b *backend.Backend, split dataset.Split, c Config, progress func(Progress)) (autoencoder.Weights, error) {
	n := split.Len()
	steps := n / c.Batch // per epoch
	if steps == 0 {
		return nil, fmt.Errorf("classifier: batch is %d images, but there are only %d to train on", c.Batch, n)
	}
	descent, err := b.NewSteps(2*len(c.variables()), 1, func(s backend.Step) ([]*graph.Node, *graph.Node) { return c.step(s, c.Epochs*steps) })
	if err != nil {
		return nil, err
	}
	images, labels := tensors.FromFlatDataAndDimensions(split.Images, n, c.pixels), tensors.FromFlatDataAndDimensions(split.Labels, n)
	defer backend.Free(images, labels)
	w := c.variables().Initial(c.Seed)
	var learned []*tensors.Tensor // weights, then their velocities
	for _, v := range w {
		learned = append(learned, tensors.FromFlatDataAndDimensions(v.Values, v.Shape...))
	}
	for _, v := range w {
		learned = append(learned, tensors.FromFlatDataAndDimensions(make([]float32, len(v.Values)), v.Shape...))
	}
	defer func() { backend.Free(learned...) }()

	for epoch := range c.Epochs {
		order := backend.Order(c.Seed, epoch, n)
		after, err := descent.Epoch(ctx, epoch, steps, learned, []*tensors.Tensor{images, labels, order}, func(done int, sums []float64) {
			progress(Progress{epoch*steps + done, c.Epochs * steps, epoch + 1, c.Epochs, sums[0] / float64(done)})
		})
		backend.Free(order)
		switch {
		case errors.As(err, new(*backend.NotFiniteError)):
			return nil, fmt.Errorf("classifier: the loss became infinite or not a number in epoch %d: try a lower learning rate", epoch+1)
		case ctx.Err() != nil:
			return nil, fmt.Errorf("classifier: stopped in epoch %d of %d, nothing was saved: %w", epoch+1, c.Epochs, ctx.Err())
		case err != nil:
			return nil, err
		}
		backend.Free(learned...)
		learned = after
	}
	for i := range w {
		var err error
		if w[i].Values, err = tensors.CopyFlatData[float32](learned[i]); err != nil {
			return nil, fmt.Errorf("classifier: %w", err)
		}
	}
	return w, nil
}

package training

import (
	"context"
	"errors"
	"fmt"
	"math"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/noise"
	"fashionlatent/lib/record"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// engine holds the data set and the state of training on the device.
type engine struct {
	config Config
	steps  int // per epoch

	train *backend.Steps
	score *graph.Exec

	learned []*tensors.Tensor // weights, then Adam's first moments, then its second moments
	images  *tensors.Tensor   // [n, pixels] uint8
	test    *rows
}

func newEngine(b *backend.Backend, c Config, data *dataset.Dataset, weights autoencoder.Weights, moments [][]float32) (*engine, error) {
	n := data.Train.Len()
	e := &engine{config: c, steps: n / c.Batch}
	if n > math.MaxInt32 {
		return nil, fmt.Errorf("%d training images, want at most %d", n, math.MaxInt32)
	}
	var err error
	e.train, err = b.NewSteps(3*len(weights), 2, func(s backend.Step) ([]*graph.Node, *graph.Node) {
		return c.step(s, e.steps, b.Loops())
	})
	if err != nil {
		return nil, err
	}
	e.score, err = graph.NewExec(b.Compute, func(nodes []*graph.Node) []*graph.Node {
		last := len(nodes) - 2
		loss := c.scored().network(nodes[:last], nodes[last+1]).Loss(autoencoder.Pixels(nodes[last]))
		return []*graph.Node{loss.Reconstruction, loss.KL}
	})
	if err != nil {
		return nil, err
	}
	for _, v := range weights {
		e.learned = append(e.learned, tensors.FromFlatDataAndDimensions(v.Values, v.Shape...))
	}
	for i := range 2 * len(weights) {
		v := weights[i%len(weights)]
		values := make([]float32, len(v.Values))
		if moments != nil {
			values = moments[i]
		}
		e.learned = append(e.learned, tensors.FromFlatDataAndDimensions(values, v.Shape...))
	}
	e.images = tensors.FromFlatDataAndDimensions(data.Train.Images, n, data.Pixels())
	e.test = newRows(data.Test.Images, data.Pixels())
	return e, nil
}

// close frees what the engine holds on the device.
func (e *engine) close() {
	backend.Free(e.learned...)
	backend.Free(e.test.parts...)
	backend.Free(e.images)
}

// epoch trains for one epoch, counted from 0, and returns the mean losses of its steps. If it fails or is cancelled,
// the engine returns to its state before the epoch.
func (e *engine) epoch(ctx context.Context, epoch int, progress func(step int, mean record.Loss)) (mean record.Loss, err error) {
	order := backend.Order(e.config.Seed, epoch, e.images.Shape().Dim(0))
	defer backend.Free(order)
	learned, err := e.train.Epoch(ctx, epoch, e.steps, e.learned, []*tensors.Tensor{e.images, order}, func(done int, sums []float64) {
		mean = record.Loss{Reconstruction: sums[0] / float64(done), KL: sums[1] / float64(done)}
		progress(done, mean)
	})
	if notFinite := new(backend.NotFiniteError); errors.As(err, &notFinite) {
		return record.Loss{}, &DivergedError{Epoch: epoch + 1, Step: epoch*e.steps + notFinite.Done, Last: mean}
	}
	if err != nil {
		return record.Loss{}, err
	}
	backend.Free(e.learned...)
	e.learned = learned
	return mean, nil
}

// DivergedError is the error of a loss that became infinite or NaN.
type DivergedError struct {
	Epoch, Step int         // epoch and step in which it was noticed, counted from 1
	Last        record.Loss // the last mean loss that was measured, of this epoch or of the one before; zero: none
}

func (e *DivergedError) Error() string {
	before := "no earlier step was measured"
	if e.Last != (record.Loss{}) {
		before = fmt.Sprintf("the last mean loss was reconstruction %.2f, KL %.2f", e.Last.Reconstruction, e.Last.KL)
	}
	return fmt.Sprintf("the loss became infinite or not a number in epoch %d, by step %d; %s: try a lower learning rate, or a KL warm-up", e.Epoch, e.Step, before)
}

// scored is the configuration with which the test split is scored.
func (c Config) scored() Config {
	c.Model.Dropout, c.Model.Noise, c.Model.Samples = 0, 0, 0
	return c
}

// network is the network that scores part of the test split, counted from 0 (uint32). With early stopping it draws codes, in
// every epoch the same for the same images.
func (c Config) network(weights []*graph.Node, part *graph.Node) *autoencoder.Network {
	if c.Patience == 0 {
		return autoencoder.NewNetwork(c.Model, weights, nil)
	}
	return autoencoder.NewNetwork(c.Model, weights, noise.New(c.Seed, part))
}

// evaluate returns the mean losses on the test split. Without early stopping a VAE reconstructs from the posterior mean.
func (e *engine) evaluate(ctx context.Context) (record.Loss, error) {
	var sum record.Loss
	for i, part := range e.test.parts {
		if err := ctx.Err(); err != nil {
			return record.Loss{}, err
		}
		var args []any
		for _, t := range e.learned[:len(e.learned)/3] {
			args = append(args, t)
		}
		out, err := e.score.Call(append(args, part, uint32(i))...)
		if err != nil {
			return record.Loss{}, err
		}
		for j, into := range []*float64{&sum.Reconstruction, &sum.KL} {
			losses, err := tensors.CopyFlatData[float32](out[j])
			if err != nil {
				return record.Loss{}, err
			}
			for _, v := range losses[e.test.skip(i):] {
				*into += float64(v)
			}
		}
		backend.Free(out...)
	}
	n := float64(e.test.n)
	return record.Loss{Reconstruction: sum.Reconstruction / n, KL: sum.KL / n}, nil
}

// state copies from the device the model's weights, and Adam's moments: the first moments of all variables, then the second
// moments.
func (e *engine) state() (w autoencoder.Weights, moments [][]float32, err error) {
	w = e.config.Model.Variables()
	for i, t := range e.learned {
		values, err := tensors.CopyFlatData[float32](t)
		if err != nil {
			return nil, nil, err
		}
		if i < len(w) {
			w[i].Values = values
		} else {
			moments = append(moments, values)
		}
	}
	return w, moments, nil
}

// rows are images on the device, in parts of one size, so that their graph is compiled only once. If n is not a
// multiple of the size, the last part overlaps the one before. The rows in both are skipped in the last part.
type rows struct {
	n, size int
	parts   []*tensors.Tensor // [size, pixels] uint8
}

// largestPart is the largest number of rows in a part, for images of up to 28 x 28 pixels. For larger images it is
// reduced in proportion to their pixels.
const largestPart = 2000

func newRows(images []uint8, pixels int) *rows {
	n := len(images) / pixels
	largest := largestPart * 784 / max(784, pixels)
	count := (n + largest - 1) / largest
	r := &rows{n: n}
	if n == 0 {
		return r
	}
	r.size = (n + count - 1) / count
	for i := range count {
		first := min(i*r.size, n-r.size)
		r.parts = append(r.parts, tensors.FromFlatDataAndDimensions(images[first*pixels:(first+r.size)*pixels], r.size, pixels))
	}
	return r
}

// skip is the number of rows of a part that also belong to the part before.
func (r *rows) skip(part int) int { return max(0, (part+1)*r.size-r.n) }

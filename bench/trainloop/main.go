// Trainloop trains the benchmark's VAE as GoMLX's documentation advises: with layers, a Trainer and its Loop over a
// data set in the device's memory. It reports as the peers do.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"log"
	"math/rand"
	"os"
	"runtime/debug"
	"time"

	"fashionlatent/lib/backend"
	grey "fashionlatent/lib/dataset"
	"fashionlatent/lib/fashion"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/dataset"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ml/train/optimizer"
)

const (
	batch = 128
	rate  = 1e-3
)

// vae returns the negative ELBO of each image of a batch of grey levels, uint8 [batch, 784]: [batch], nats. In training
// it uses a sample of the posterior, and otherwise the posterior mean.
func vae(scope *model.Scope, levels *Node) *Node {
	g := levels.Graph()
	hidden := func(name string, x *Node, nodes int) *Node {
		return activation.Relu(layers.DenseWithBias(scope.In("%s", name), x, nodes))
	}
	x := MulScalar(ConvertDType(levels, dtypes.Float32), 1.0/255)
	encoded := hidden("encoder_2", hidden("encoder_1", x, 512), 256)
	mean := layers.DenseWithBias(scope.In("mean"), encoded, 2)
	logVariance := layers.DenseWithBias(scope.In("log_variance"), encoded, 2)
	z := mean
	if scope.IsTraining(g) {
		z = Add(mean, Mul(Exp(MulScalar(logVariance, .5)), scope.RandomNormal(g, mean.Shape())))
	}
	logits := layers.DenseWithBias(scope.In("output"), hidden("decoder_2", hidden("decoder_1", z, 256), 512), 784)
	crossEntropy := Add(Sub(Max(logits, ZerosLike(logits)), Mul(logits, x)), Log1P(Exp(Neg(Abs(logits)))))
	kl := Sub(Add(Square(mean), Exp(logVariance)), OnePlus(logVariance))
	return Add(ReduceSum(crossEntropy, -1), MulScalar(ReduceSum(kl, -1), .5))
}

func loss(_, predictions []*Node) *Node { return predictions[0] }

func main() {
	data := flag.String("data", "", "`folder` of Fashion-MNIST's four files")
	images := flag.Int("images", 60_000, "`number` of training images")
	epochs := flag.Int("epochs", 5, "`epochs` of training")
	seed := flag.Int64("seed", 0, "`seed` of everything random")
	flag.Parse()
	if err := run(context.Background(), *data, *images, *epochs, *seed); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, folder string, images, epochs int, seed int64) error {
	device, err := backend.Open()
	if err != nil {
		return err
	}
	defer device.Close()
	data, err := fashion.Load(ctx, fashion.Source{Path: folder})
	if err != nil {
		return err
	}
	inMemory := func(name string, split grey.Split) (*dataset.InMemoryDataset, error) {
		levels := tensors.FromFlatDataAndDimensions(split.Images, split.Len(), 784)
		return dataset.InMemoryFromData(device.Compute, name, []any{levels}, nil)
	}
	trainSet, err := inMemory("train", data.Train.Head(images))
	if err != nil {
		return err
	}
	trainSet.Shuffle().BatchSize(batch, true).WithRand(rand.New(rand.NewSource(seed)))
	testSet, err := inMemory("test", data.Test)
	if err != nil {
		return err
	}
	testSet.BatchSize(2000, false)

	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(seed); err != nil {
		return err
	}
	trainer := train.NewTrainer(device.Compute, store, vae, loss,
		optimizer.Adam().LearningRate(rate).Epsilon(1e-8).Done(), nil, nil)
	loop := train.NewLoop(trainer)
	out := json.NewEncoder(os.Stdout)
	var seconds []float64
	for epoch := range epochs {
		started := time.Now()
		if _, err := loop.RunEpochs(trainSet, 1); err != nil {
			return err
		}
		seconds = append(seconds, time.Since(started).Seconds())
		out.Encode(map[string]int{"epoch": epoch + 1})
	}
	scores, err := trainer.Eval(testSet)
	if err != nil {
		return err
	}
	return out.Encode(map[string]any{"seconds": seconds, "loss": scores[0].Value(), "version": "gomlx " + version()})
}

// version is the version of GoMLX.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == "github.com/gomlx/gomlx" {
				return m.Version
			}
		}
	}
	return ""
}

// Ours trains the benchmark's VAE with this project, and reports as the peers do.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"log"
	"os"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/fashion"
	"fashionlatent/lib/training"
)

func main() {
	data := flag.String("data", "", "`folder` of Fashion-MNIST's four files")
	images := flag.Int("images", 60_000, "`number` of training images")
	model := flag.String("model", autoencoder.VAE, "`ae or vae`")
	c := training.Default(autoencoder.Config{}, 0)
	c.LearningRate, c.FinalRate, c.RateWarmup = 1e-3, 1e-3, 0
	flag.IntVar(&c.Epochs, "epochs", 5, "`epochs` of training")
	flag.IntVar(&c.Batch, "batch", c.Batch, "`images` per step")
	flag.Uint64Var(&c.Seed, "seed", 0, "`seed` of everything random")
	flag.Parse()
	c.Model = autoencoder.Default(*model, 2)
	c.Model.Activation = "relu"
	if err := run(context.Background(), *data, *images, c); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, folder string, images int, c training.Config) error {
	device, err := backend.Open()
	if err != nil {
		return err
	}
	defer device.Close()
	data, err := fashion.Load(ctx, fashion.Source{Path: folder})
	if err != nil {
		return err
	}
	data = data.Head(images, data.Test.Len())
	out := json.NewEncoder(os.Stdout)
	r, err := training.Fit(ctx, device, data, c, training.Options{Progress: func(p training.Progress) {
		if p.Step*p.Epochs == p.Steps*p.Epoch { // at the end of the epoch
			out.Encode(map[string]int{"epoch": p.Epoch})
		}
	}})
	if err != nil {
		return err
	}
	var seconds []float64
	for _, e := range r.History {
		seconds = append(seconds, e.Seconds)
	}
	version := "backend " + device.Kind
	if device.Version != "" {
		version += ", PJRT " + device.Version
	}
	return out.Encode(map[string]any{
		"seconds": seconds, "loss": r.History[c.Epochs-1].Test.Total(), "weights": r.Model.Weights.SHA256(), "version": version,
	})
}

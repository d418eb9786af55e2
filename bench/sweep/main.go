// Sweep trains runs that differ only in their seed, several of them at the same time, and reports the seconds for all
// of them.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"log"
	"os"
	"runtime"
	"time"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/fashion"
	"fashionlatent/lib/training"

	"golang.org/x/sync/errgroup"
)

func main() {
	data := flag.String("data", "", "`folder` of Fashion-MNIST's four files")
	images := flag.Int("images", 60_000, "`number` of training images")
	epochs := flag.Int("epochs", 2, "`epochs` of each run")
	runs := flag.Int("runs", 8, "`number` of runs")
	jobs := flag.Int("jobs", 1, "`number` of them trained at once")
	flag.Parse()
	if err := run(context.Background(), *data, *images, *epochs, *runs, *jobs); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, folder string, images, epochs, runs, jobs int) error {
	data, err := fashion.Load(ctx, fashion.Source{Path: folder})
	if err != nil {
		return err
	}
	data = data.Head(images, data.Test.Len())
	losses := make([]float64, runs)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(jobs)
	started := time.Now()
	for seed := range runs {
		group.Go(func() error {
			threads := 0
			if jobs > 1 {
				threads = max(1, runtime.NumCPU()/jobs)
			}
			device, err := backend.OpenThreads(threads) // runs that share a backend would wait for each other
			if err != nil {
				return err
			}
			defer device.Close()
			c := training.Default(autoencoder.Default(autoencoder.VAE, 2), uint64(seed))
			c.Epochs = epochs
			r, err := training.Fit(ctx, device, data, c, training.Options{})
			if err != nil {
				return err
			}
			losses[seed] = r.History[epochs-1].Test.Total()
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"seconds": time.Since(started).Seconds(), "losses": losses})
}

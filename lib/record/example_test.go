package record_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"fashionlatent/lib/record"
)

func Example() {
	folder, err := os.MkdirTemp("", "runs")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)

	type recipe struct {
		Model  string
		Latent int
		Seed   uint64
	}
	elbo := record.Identity{Metric: "elbo", Version: 1, Split: "test", N: 10000, Data: "3a0f"}
	// obtain trains the run that the recipe makes, or finds it.
	obtain := func(r recipe) error {
		run, err := record.Open(folder).Run(fmt.Sprintf("%s-%d", r.Model, r.Latent), r)
		if err != nil {
			return err
		}
		if err := run.Create(); err != nil {
			return err
		}
		release, err := run.Lock(context.Background(), func(holder string) {
			fmt.Println(holder, "is training this run; waiting")
		})
		if err != nil {
			return err
		}
		defer release()
		if m, err := run.Manifest(); err == nil && m.State == record.Finished {
			scores, err := run.Scores()
			if err != nil {
				return err
			}
			found, _ := record.Find(scores, elbo)
			fmt.Printf("%s: found, elbo %g %s\n", run.Name(), found.Value, found.Unit)
			return nil
		}

		fmt.Println(run.Name()+":", "training")
		manifest := record.NewManifest()
		if err := run.WriteManifest(manifest); err != nil {
			return err
		}
		epoch := record.Epoch{Epoch: 1, Step: 469, Test: record.Loss{Reconstruction: 240, KL: 4.5}, Beta: 1}
		if err := run.WriteHistory([]record.Epoch{epoch}); err != nil {
			return err
		}
		if err := run.AddScores(record.Score{Identity: elbo, Value: -epoch.Test.Total(), Unit: "nats"}); err != nil {
			return err
		}
		manifest.State, manifest.Epochs = record.Finished, 1
		return run.WriteManifest(manifest)
	}
	for _, seed := range []uint64{0, 0, 1} {
		if err := obtain(recipe{"vae", 2, seed}); err != nil {
			fmt.Println(err)
		}
	}
	runs, err := record.Open(folder).List()
	fmt.Println(len(runs), "runs", err)

	// Output:
	// vae-2-1d94c1ea414e: training
	// vae-2-1d94c1ea414e: found, elbo -244.5 nats
	// vae-2-9bb7cd707473: training
	// 2 runs <nil>
}

func ExampleStore_Run() {
	type recipe struct {
		Model string
		Seed  uint64
	}
	store := record.Open("results/runs")
	for _, r := range []recipe{{"vae", 0}, {"vae", 1}} {
		run, err := store.Run("vae", r)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(filepath.ToSlash(run.Folder()))
	}
	// Output:
	// results/runs/vae-e164a4d4264b
	// results/runs/vae-09b3abf8ed41
}

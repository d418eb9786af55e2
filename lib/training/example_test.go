package training_test

import (
	"context"
	"fmt"
	"os"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/digits"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

// A VAE is trained on printed digits and kept in a folder. The second call finds it there.
func ExampleFit() {
	ctx := context.Background()
	device, err := backend.Open() // XLA if it is here, else pure Go
	if err != nil {
		fmt.Println(err)
		return
	}
	defer device.Close()
	data, err := digits.Draw(600, 100, 1) // or fashion.Load, or dataset.Read
	if err != nil {
		fmt.Println(err)
		return
	}
	folder, err := os.MkdirTemp("", "runs")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	config := training.Default(autoencoder.Default(autoencoder.VAE, 2), 0)
	config.Model.Hidden, config.Epochs, config.Batch = []int{32}, 2, 50
	for range 2 {
		vae, err := training.Fit(ctx, device, data, config, training.Options{Runs: record.Open(folder)})
		if err != nil {
			fmt.Println(err)
			return
		}
		codes, logVariances, err := vae.Model.Encode(ctx, data.Test.Images)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(vae.Found, len(vae.History), "epochs,", len(codes), "and", len(logVariances), "numbers")
	}
	// Output:
	// false 2 epochs, 200 and 200 numbers
	// true 2 epochs, 200 and 200 numbers
}

// What is set in another way than in the reference training is what a list of runs shows.
func ExampleConfig_Differences() {
	config := training.Default(autoencoder.Default(autoencoder.VAE, 16), 0)
	config.Model.Beta, config.Batch = 4, 256
	for _, s := range config.Differences() {
		fmt.Println(s.Name, s.Value)
	}
	// Output:
	// beta 4
	// batch 256
}

// Command example is a project of its own that uses fashionlatent's packages: it draws images of bars that lie and bars that
// stand, trains an autoencoder on them and clusters its codes.
package main

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/cluster"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/training"
)

const side = 8

// bars draws n images, [n, side*side], of eight classes: a bar in one of four places that lies or stands, with a random grey level.
func bars(n int, random *rand.Rand) dataset.Split {
	s := dataset.Split{Side: side, Images: make([]uint8, n*side*side), Labels: make([]uint8, n)}
	for i := range n {
		standing, place, level := i%2, 2+random.IntN(4), uint8(150+random.IntN(100))
		s.Labels[i] = uint8(4*standing + place - 2)
		for j := range side {
			s.Images[i*side*side+[]int{place*side + j, j*side + place}[standing]] = level
		}
	}
	return s
}

func run(ctx context.Context) error {
	random := rand.New(rand.NewPCG(1, 2))
	data, err := dataset.New("bars", bars(2000, random), bars(400, random), nil)
	if err != nil {
		return err
	}
	device, err := backend.Open()
	if err != nil {
		return err
	}
	defer device.Close()
	config := training.Default(autoencoder.Default(autoencoder.AE, 4), 0)
	config.Model.Side, config.Model.Hidden, config.Epochs = side, []int{64, 32}, 20
	ae, err := training.Fit(ctx, device, data, config, training.Options{})
	if err != nil {
		return err
	}
	codes, _, err := ae.Model.Encode(ctx, data.Test.Images)
	if err != nil {
		return err
	}
	clusters, err := cluster.FitKMeans(ctx, codes, 4, cluster.KMeansConfig{K: 8})
	if err != nil {
		return err
	}
	accuracy, err := cluster.Accuracy(data.Test.Labels, clusters.Labels)
	fmt.Printf("8 clusters agree with the 8 classes on %.0f %% of the test images\n", 100*accuracy)
	return err
}

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

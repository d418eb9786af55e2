package figure_test

import (
	"context"
	"fmt"
	"os"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/generate"
)

// The plane of a VAE's codes: images decoded from a grid of codes. The model here is untrained.
func ExampleManifold() {
	os.Setenv(backend.EnvVar, backend.Go)
	defer os.Unsetenv(backend.EnvVar)
	device, err := backend.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer device.Close()
	c := autoencoder.Default(autoencoder.VAE, 2)
	model, err := autoencoder.NewModel(device, c, c.Initial(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	const side = 5
	grid := generate.PriorGrid(side) // [side*side, 2]
	images, err := model.Decode(context.Background(), grid)
	if err != nil {
		fmt.Println(err)
		return
	}
	o := figure.ManifoldOptions{XName: "code 1", YName: "code 2"}
	for i := range side {
		o.X = append(o.X, float64(grid[2*i]))        // of column i
		o.Y = append(o.Y, float64(grid[2*i*side+1])) // of row i
	}
	f, err := figure.Manifold(autoencoder.Levels(images), o)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.Alt)
	// Output: Latent manifold: 5 by 5 decoded images side by side, code 1 from −1.28 at the left to 1.28 at the right, code 2 from −1.28 at the bottom to 1.28 at the top.
}

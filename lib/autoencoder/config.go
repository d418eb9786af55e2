// Package autoencoder defines the fully connected autoencoder (AE) and variational autoencoder (VAE).
package autoencoder

import (
	"fmt"
	"slices"
	"strings"

	"fashionlatent/lib/fashion"
)

// Models.
const (
	AE  = "ae"
	VAE = "vae"
)

// Losses of the reconstruction, each summed over the pixels of an image.
const (
	BCE = "bce" // cross-entropy between grey values and Bernoulli means, nats
	MSE = "mse" // squared error; as a likelihood it is a Gaussian of variance 1/2, up to a constant
)

// Activations of the hidden layers.
var Activations = []string{"relu", "leaky_relu", "selu", "gelu", "silu", "tanh"}

// Config is everything that defines a model before training.
type Config struct {
	Model      string  `json:"model"`      // AE or VAE
	Latent     int     `json:"latent"`     // dimensions of the code
	Hidden     []int   `json:"hidden"`     // nodes of the encoder's hidden layers; the decoder mirrors them
	Activation string  `json:"activation"` // of the hidden layers, one of Activations
	Loss       string  `json:"loss"`       // BCE or MSE
	Beta       float64 `json:"beta"`       // weight of the KL term: 1 makes the loss the negative ELBO; 0 for an AE
	Warmup     float64 `json:"warmup"`     // fraction of training over which the weight of the KL term rises from 0 to Beta
}

// Default returns the configuration of the study's reference model: 784-512-256-latent and its mirror image, ReLU,
// cross-entropy, and beta 1 for a VAE.
func Default(model string, latent int) Config {
	c := Config{Model: model, Latent: latent, Hidden: []int{512, 256}, Activation: "relu", Loss: BCE}
	if model == VAE {
		c.Beta = 1
	}
	return c
}

// Limits of a configuration.
const (
	maxLayers = 16
	maxNodes  = 16384
)

// Validate returns an error that names the field, its value and its range if the configuration cannot be built.
func (c Config) Validate() error {
	switch {
	case c.Model != AE && c.Model != VAE:
		return fmt.Errorf("model is %q, want %q or %q", c.Model, AE, VAE)
	case c.Latent < 1 || c.Latent > fashion.Pixels:
		return fmt.Errorf("latent is %d dimensions, want 1 to %d", c.Latent, fashion.Pixels)
	case len(c.Hidden) > maxLayers:
		return fmt.Errorf("hidden has %d layers, want 0 to %d", len(c.Hidden), maxLayers)
	case !slices.Contains(Activations, c.Activation):
		return fmt.Errorf("activation is %q, want one of %s", c.Activation, strings.Join(Activations, ", "))
	case c.Loss != BCE && c.Loss != MSE:
		return fmt.Errorf("loss is %q, want %q or %q", c.Loss, BCE, MSE)
	case !(c.Beta >= 0 && c.Beta <= 1000):
		return fmt.Errorf("beta is %g, want 0 to 1000", c.Beta)
	case !(c.Warmup >= 0 && c.Warmup <= 1):
		return fmt.Errorf("warmup is %g of training, want 0 to 1", c.Warmup)
	case c.Model == AE && (c.Beta != 0 || c.Warmup != 0):
		return fmt.Errorf("beta is %g and warmup %g, want 0 and 0: an autoencoder has no KL term", c.Beta, c.Warmup)
	}
	for i, nodes := range c.Hidden {
		if nodes < 1 || nodes > maxNodes {
			return fmt.Errorf("hidden layer %d has %d nodes, want 1 to %d", i+1, nodes, maxNodes)
		}
	}
	return nil
}

// String names the model as figures and tables do: "VAE, d = 2".
func (c Config) String() string { return fmt.Sprintf("%s, d = %d", strings.ToUpper(c.Model), c.Latent) }

// Sizes returns the widths of the layers from the image through the code to the image: 784, 512, 256, 2, 256, 512, 784.
func (c Config) Sizes() []int {
	sizes := append([]int{fashion.Pixels}, c.Hidden...)
	mirror := slices.Clone(sizes)
	slices.Reverse(mirror)
	return append(append(sizes, c.Latent), mirror...)
}

// Package autoencoder defines the fully connected autoencoder (AE) and variational autoencoder (VAE).
package autoencoder

import (
	"fmt"
	"slices"
	"strings"

	"fashionlatent/lib/dataset"
	"fashionlatent/lib/words"
)

// Models.
const (
	AE  = "ae"
	VAE = "vae"
)

// Losses of the reconstruction, each summed over the pixels of an image. All except MSE are negative log-likelihoods,
// in nats. For grey pixels BCE is one in form only, because the pixels are not binary.
const (
	BCE        = "bce"        // cross-entropy between grey values and Bernoulli means
	MSE        = "mse"        // squared error
	Gaussian   = "gaussian"   // density of a normal distribution; its standard deviation is learned and the same for all pixels
	Continuous = "continuous" // continuous Bernoulli density on [0, 1]
)

// Losses lists the losses of the reconstruction.
var Losses = []string{BCE, MSE, Gaussian, Continuous}

// Gated is the activation of a hidden layer with two outputs per node: the first times the sigmoid of the second (Dauphin
// et al., arXiv 1612.08083).
const Gated = "gated"

// Activations of the hidden layers.
var Activations = []string{"relu", "leaky_relu", "selu", "gelu", "silu", "tanh", Gated}

// Ways to normalise the pixel values of an image, in [0, 1]; "" means none.
const (
	Brightness = "brightness" // divided by twice the root mean square of the pixels that are not black, then limited to 1
	UnitLength = "length"     // divided by the Euclidean length of the image; the decoder's output is then linear
)

// Normalisations lists the ways to normalise an image.
var Normalisations = []string{"", Brightness, UnitLength}

// DefaultSide is the height and width of an image, in pixels, if a configuration does not set them.
const DefaultSide = 28

const defaultPixels = DefaultSide * DefaultSide

// Config is everything that defines a model before training.
type Config struct {
	Model      string  `json:"model"`      // AE or VAE
	Latent     int     `json:"latent"`     // number of dimensions of the code
	Hidden     []int   `json:"hidden"`     // nodes of the encoder's hidden layers; the decoder has them in reverse order
	Activation string  `json:"activation"` // of the hidden layers, one of Activations
	Loss       string  `json:"loss"`       // one of Losses
	Beta       float64 `json:"beta"`       // weight of the KL: with 1 the loss is the negative ELBO; 0 for an AE
	Warmup     float64 `json:"warmup"`     // fraction of training in which the weight of the KL rises from 0 to Beta

	FreeBits   float64 `json:"free_bits,omitempty"`  // nats of KL per latent dimension, as a mean over the batch, below which the loss does not fall (Kingma et al., arXiv 1606.04934)
	Prior      int     `json:"prior,omitempty"`      // number of Gaussians in a learned prior; 0: the prior is N(0, I)
	Vamp       bool    `json:"vamp,omitempty"`       // the prior's Gaussians are the posteriors of learned images, all with the same weight (VampPrior, Tomczak and Welling, arXiv 1705.07120)
	Levels     int     `json:"levels,omitempty"`     // 2: the codes have two levels with half of the dimensions each, as described at Network; 0: one level
	Clipped    bool    `json:"clipped,omitempty"`    // log-variances are clipped to [-6, 2], as in the published protocol of the likelihood
	Samples    int     `json:"samples,omitempty"`    // codes drawn for each image in a training step; above 1, the loss is the importance-weighted bound
	Dropout    float64 `json:"dropout,omitempty"`    // share of each hidden layer's nodes that are dropped in a training step
	Noise      float64 `json:"noise,omitempty"`      // standard deviation of the normal noise added to the encoder's input in training
	Normalised string  `json:"normalised,omitempty"` // how images are normalised, one of Normalisations

	// Side is the height and width of an image, in pixels; 0 means 28, and in training the side of the data's images. The value 28 itself is not allowed, so that
	// every configuration has exactly one written form.
	Side int `json:"side,omitempty"`
}

// Default returns the configuration of the study's reference model: layers of 784, 512, 256 and latent nodes and their
// mirror image, SiLU, cross-entropy, and beta 1 for a VAE.
func Default(model string, latent int) Config {
	c := Config{Model: model, Latent: latent, Hidden: []int{512, 256}, Activation: "silu", Loss: BCE}
	if model == VAE {
		c.Beta = 1
	}
	return c
}

// Limits of a configuration.
const (
	maxLayers     = 16
	maxNodes      = 16384
	maxComponents = 4096
	maxSamples    = 1024
)

// Validate checks whether the model can be built. The error names the field, its value and its range.
func (c Config) Validate() error {
	switch {
	case c.Model != AE && c.Model != VAE:
		return fmt.Errorf("model is %q, want %q or %q", c.Model, AE, VAE)
	case c.Side != 0 && (c.Side < dataset.MinSide || c.Side > dataset.MaxSide || c.Side == DefaultSide):
		return fmt.Errorf("side is %d pixels, want %d to %d, or 0, which stands for %d", c.Side, dataset.MinSide, dataset.MaxSide, DefaultSide)
	case c.Latent < 1 || c.Latent > c.Pixels():
		return fmt.Errorf("latent is %d dimensions, want 1 to %d", c.Latent, c.Pixels())
	case len(c.Hidden) > maxLayers:
		return fmt.Errorf("hidden has %d layers, want 0 to %d", len(c.Hidden), maxLayers)
	case !slices.Contains(Activations, c.Activation):
		return fmt.Errorf("activation is %q, want one of %s%s", c.Activation, strings.Join(Activations, ", "), words.DidYouMean(c.Activation, Activations))
	case !slices.Contains(Losses, c.Loss):
		return fmt.Errorf("loss is %q, want one of %s%s", c.Loss, strings.Join(Losses, ", "), words.DidYouMean(c.Loss, Losses))
	case !(c.Beta >= 0 && c.Beta <= 1000):
		return fmt.Errorf("beta is %g, want 0 to 1000", c.Beta)
	case !(c.Warmup >= 0 && c.Warmup <= 1):
		return fmt.Errorf("warmup is %g of training, want 0 to 1", c.Warmup)
	case c.Model == AE && (c.Beta != 0 || c.Warmup != 0):
		return fmt.Errorf("beta is %g and warmup %g, want 0 and 0: an autoencoder has no KL term", c.Beta, c.Warmup)
	case c.Model == AE && (c.FreeBits != 0 || c.Prior != 0):
		return fmt.Errorf("free bits is %g and prior %d, want 0 and 0: an autoencoder has no KL term", c.FreeBits, c.Prior)
	case !(c.FreeBits >= 0 && c.FreeBits <= 100):
		return fmt.Errorf("free bits is %g nats per dimension, want 0 to 100", c.FreeBits)
	case c.Prior < 0 || c.Prior > maxComponents:
		return fmt.Errorf("prior has %d Gaussians, want 0 (it is N(0, I) and not learned) to %d", c.Prior, maxComponents)
	case c.Prior > 0 && c.FreeBits > 0:
		return fmt.Errorf("free bits is %g and prior %d, want one of them 0: the KL to a mixture cannot be split by dimension", c.FreeBits, c.Prior)
	case c.Samples < 0 || c.Samples > maxSamples:
		return fmt.Errorf("samples is %d codes per image, want 0 or 1 (the loss is the ELBO) to %d", c.Samples, maxSamples)
	case c.Samples > 1 && (c.Model == AE || c.Loss == MSE):
		return fmt.Errorf("samples is %d, want 0 for the model %q with the loss %q: importance weights need a VAE and one of %q", c.Samples, c.Model, c.Loss, []string{BCE, Gaussian, Continuous})
	case c.Samples > 1 && c.FreeBits > 0:
		return fmt.Errorf("free bits is %g and samples %d, want one of them 0: an importance weight cannot be split by dimension", c.FreeBits, c.Samples)
	case c.Vamp && c.Prior == 0:
		return fmt.Errorf("vamp is set and prior %d, want the number of learned images, 1 to %d", c.Prior, maxComponents)
	case c.Levels != 0 && c.Levels != 2:
		return fmt.Errorf("levels is %d, want 2, or 0 for one level", c.Levels)
	case c.Levels == 2 && (c.Model == AE || c.Latent%2 != 0 || len(c.Hidden) < 2):
		return fmt.Errorf("levels is 2 for the model %q with a code of %d dimensions and %d hidden layers, want a VAE with an even number of dimensions and 2 or more hidden layers", c.Model, c.Latent, len(c.Hidden))
	case c.Levels == 2 && c.FreeBits > 0:
		return fmt.Errorf("free bits is %g and levels 2, want free bits 0: the KL of two levels cannot be split by dimension", c.FreeBits)
	case c.Clipped && c.Model == AE:
		return fmt.Errorf("clipped is set, want it unset: an autoencoder has no log-variance")
	case !(c.Dropout >= 0 && c.Dropout < 1):
		return fmt.Errorf("dropout is %g, want 0 to less than 1", c.Dropout)
	case !(c.Noise >= 0 && c.Noise <= 10):
		return fmt.Errorf("noise is %g, want 0 to 10, in units of a white pixel", c.Noise)
	case !slices.Contains(Normalisations, c.Normalised):
		return fmt.Errorf("normalised is %q, want %q, %q, or nothing", c.Normalised, Brightness, UnitLength)
	case c.linear() && c.Loss != MSE && c.Loss != Gaussian:
		return fmt.Errorf("loss is %q, want %q or %q: the output for images of unit length is linear", c.Loss, MSE, Gaussian)
	}
	for i, nodes := range c.Hidden {
		if nodes < 1 || nodes > maxNodes {
			return fmt.Errorf("hidden layer %d has %d nodes, want 1 to %d", i+1, nodes, maxNodes)
		}
	}
	return nil
}

// Learned says whether a part of the prior is learned: a mixture, or the prior of the lower level.
func (c Config) Learned() bool { return c.Prior > 0 || c.Levels == 2 }

// top is the number of dimensions of the level of the code that the prior describes: of the upper level, if there are two.
func (c Config) top() int {
	if c.Levels == 2 {
		return c.Latent / 2
	}
	return c.Latent
}

// linear says whether the decoder's output is the image itself instead of logits.
func (c Config) linear() bool { return c.Normalised == UnitLength }

// ImageSide is the height and width of an image, in pixels.
func (c Config) ImageSide() int {
	if c.Side == 0 {
		return DefaultSide
	}
	return c.Side
}

// Pixels is the number of pixels of an image.
func (c Config) Pixels() int { return c.ImageSide() * c.ImageSide() }

// Of returns the configuration for images of the given height and width. A configuration without a side takes this one. It
// is an error if it has another side.
func (c Config) Of(side int) (Config, error) {
	if c.Side != 0 && c.Side != side {
		return c, fmt.Errorf("the model takes images of %d x %d, the data set's are of %d x %d", c.Side, c.Side, side, side)
	}
	if c.Side = side; side == DefaultSide {
		c.Side = 0
	}
	return c, nil
}

// String names the model as figures and tables do: "VAE, d = 2".
func (c Config) String() string { return fmt.Sprintf("%s, d = %d", strings.ToUpper(c.Model), c.Latent) }

// Sizes returns the widths of all layers, from the image through the code to the image, such as 784, 512, 256, 2, 256,
// 512, 784.
func (c Config) Sizes() []int {
	sizes := append([]int{c.Pixels()}, c.Hidden...)
	mirror := slices.Clone(sizes)
	slices.Reverse(mirror)
	return append(append(sizes, c.Latent), mirror...)
}

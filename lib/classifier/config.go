// Package classifier trains a network, fully connected or convolutional, to predict the classes of images. Generated images
// are scored in its features. Apart from this classifier, labels are fitted only by the linear probe of lib/latent, and used by its
// nearest-neighbour classification. Everywhere else they score or colour results, and set the number of clusters. The
// training of autoencoders does not use them.
package classifier

import (
	"fmt"
	"math"

	"fashionlatent/lib/autoencoder"
)

// Config is everything besides the data that determines the outcome of training.
type Config struct {
	Kernels      []int   `json:"kernels,omitempty"` // output channels of the convolutions before the hidden layers; none: there are only hidden layers
	Hidden       []int   `json:"hidden"`            // nodes of the hidden layers; the outputs of the last one are the features
	Epochs       int     `json:"epochs"`
	Batch        int     `json:"batch"`           // images per step; the images left over after the last full batch of an epoch are not used in it
	LearningRate float64 `json:"learning_rate"`   // learning rate at the start; it falls to 0 along half a cosine
	Decay        float64 `json:"decay,omitempty"` // weight decay: half of it times the sum of the squared weights and biases is added to the loss
	Seed         uint64  `json:"seed"`            // of the initial weights and the order of images

	pixels, classes int // of the data set, which is part of the run's identity
}

// Default returns the study's first classifier, which is fully connected. Its accuracy on the test images of Fashion-MNIST is
// .898 (.8977, .8964 and .8996 with the seeds 0 to 2 on XLA).
func Default(seed uint64) Config {
	return Config{Hidden: []int{512, 256}, Epochs: 15, Batch: 128, LearningRate: .1, Seed: seed}
}

// Convolutional returns the study's second classifier, a small convolutional network. Its accuracy on the test images of
// Fashion-MNIST is .910 (.9104 with seed 0 on XLA).
func Convolutional(seed uint64) Config {
	return Config{Kernels: []int{16, 32}, Hidden: []int{128}, Epochs: 10, Batch: 64, LearningRate: .1, Decay: 1e-3, Seed: seed}
}

// Validate checks the configuration. The error names the field, its value and its range.
func (c Config) Validate() error {
	switch {
	case len(c.Kernels) > maxKernels:
		return fmt.Errorf("classifier: kernels has %d convolutions, want 0 to %d", len(c.Kernels), maxKernels)
	case len(c.Hidden) < 1 || len(c.Hidden) > 16:
		return fmt.Errorf("classifier: hidden has %d layers, want 1 to 16", len(c.Hidden))
	case c.Epochs < 1 || c.Epochs > 10_000:
		return fmt.Errorf("classifier: epochs is %d, want 1 to 10000", c.Epochs)
	case c.Batch < 1 || c.Batch > 1<<16:
		return fmt.Errorf("classifier: batch is %d images, want 1 to %d", c.Batch, 1<<16)
	case !(c.Decay >= 0 && c.Decay < 1):
		return fmt.Errorf("classifier: decay is %g, want 0 to less than 1", c.Decay)
	case !(c.LearningRate > 0 && c.LearningRate <= 10):
		return fmt.Errorf("classifier: learning rate is %g, want more than 0 and at most 10", c.LearningRate)
	}
	for _, nodes := range c.Hidden {
		if nodes < 1 || nodes > 1<<14 {
			return fmt.Errorf("classifier: a hidden layer has %d nodes, want 1 to %d", nodes, 1<<14)
		}
	}
	for _, channels := range c.Kernels {
		if channels < 1 || channels > 1<<10 {
			return fmt.Errorf("classifier: a convolution has %d channels, want 1 to %d", channels, 1<<10)
		}
	}
	return nil
}

// Features is the number of features of an image.
func (c Config) Features() int { return c.Hidden[len(c.Hidden)-1] }

// variables returns the names and shapes of the weights, without values: for each layer the weights, [in, out], and the
// bias, [out]. Weights of hidden layers have that word in their name, by which their initial values are scaled.
func (c Config) variables() autoencoder.Weights {
	var w autoencoder.Weights
	layer := func(name string, in, out int) {
		w = append(w, autoencoder.Variable{Name: name + "/weights", Shape: []int{in, out}}, autoencoder.Variable{Name: name + "/bias", Shape: []int{out}})
	}
	side, channels := c.side()/c.square(), 1
	for i, out := range c.Kernels {
		layer(fmt.Sprintf("classifier/hidden_convolution_%d", i+1), kernelSide*kernelSide*channels, out)
		side, channels = max(1, (side-kernelSide+1)/2), out
	}
	in := side * side * channels
	if len(c.Kernels) == 0 {
		in = c.pixels
	}
	for i, nodes := range c.Hidden {
		layer(fmt.Sprintf("classifier/hidden_%d", i+1), in, nodes)
		in = nodes
	}
	layer("classifier/logits", in, c.classes)
	return w
}

// side is the height and width of an image, in pixels.
func (c Config) side() int { return int(math.Round(math.Sqrt(float64(c.pixels)))) }

// square is the side of the squares of pixels that an image is averaged over before it is convolved.
func (c Config) square() int { return (c.side() + widest - 1) / widest }

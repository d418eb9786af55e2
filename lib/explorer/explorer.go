// Package explorer writes the latent explorer: a web page in a single file, on which a reader moves through the latent
// spaces of models and sees the images that their decoders make.
//
// The package takes plain data. The sources of the page are in the folder page. The page computes its images itself, from
// rounded weights of encoders and decoders, and fetches nothing.
package explorer

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// MaxSize is the largest size, in bytes, of a page for images of up to 28 x 28 pixels. For larger images the limit
// grows in proportion to their pixels, as the networks do.
const MaxSize = 8_000_000

// maxSize is the largest size, in bytes, of a page for images of the given side.
func maxSize(side int) int { return MaxSize * max(28*28, side*side) / (28 * 28) }

const (
	maxSide    = 128
	maxModels  = 12 // the page has no room for more
	maxClasses = 256
)

// Data is what the page shows.
type Data struct {
	Key        string      // identifies everything that the page was made from; it is stored in the page's head; "": none
	Source     string      // a sentence that says what the page was made from
	Back       string      // address of the page that the explorer belongs to; "": none
	Side       int         // height and width of an image, in pixels
	Classes    []string    // names by label; nil: there are no labels
	Images     []uint8     // [n, Side*Side] grey levels
	Labels     []uint8     // [n]; nil: there are none
	Places     []int       // [n], indices of the images in their data set, from 0
	Far        float32     // an image lies far from the data if its distance to the nearest of Images is larger: the root of the sum of squared differences of pixel values in [0, 1]
	Classifier *Classifier // nil: none
	Spaces     []Space     // of which one is shown at a time
}

// Space is a number of dimensions. All spaces have models of the same names.
type Space struct {
	Name   string
	Dim    int
	Models []Model // shown side by side
}

// Model is a trained model.
type Model struct {
	Name      string
	About     string    // a sentence about the run
	Codes     []float32 // of the images, [n, dim]; for a VAE, the posterior means
	Encoder   Network   // pixel values in [0, 1] to the code
	Decoder   Network   // the code to the logits of the pixel values
	Clusters  []Clusters
	Sources   []Source
	Epochs    []Epoch // before the last; rising
	LastEpoch Epoch
	Maps      []Map // at least one; all models of a space have maps of the same names
}

// Clusters are the clusters in which a method puts the images.
type Clusters struct {
	Method string
	Of     []uint8 // [n], from 0; in the order of the classes that they agree with, where there are labels
}

// Source is a distribution that codes are drawn from: a mixture of Gaussians. N(0, I) has one.
type Source struct {
	Name    string
	Weights []float32 // [k], their sum is 1
	Means   []float32 // [k, dim]
	Factors []float32 // [k, dim, dim], the lower Cholesky factors of the covariances
}

// Epoch is a time of the training.
type Epoch struct {
	Number   int
	Loss     float64 // of the test images, nats per image; for a VAE with the KL
	Accuracy float64 // ACC of k-means on the codes of the page's images; negative: undefined
	Pictures []uint8 // [k, k, Side*Side], decoded at the places of Plane.Grid(k) of the first map; nil: none
}

// Map shows a space in the plane.
type Map struct {
	Name  string
	Kind  string   // Identity, Linear or Layout
	Plane Square   // the part of the plane that is shown at first
	Shown Points   // where the images lie after the last epoch
	Until []Points // where they lie after each of Model.Epochs; nil: the map shows only the last epoch

	// Of a Linear map: the code at a place (x, y) is Origin + x Axes[0] + y Axes[1] + the sum of the other components along
	// the other axes. Axes, [dim, dim], are orthonormal rows. Spread, [dim], are the standard deviations along them.
	Origin, Axes, Spread []float32
}

// Points are places in the plane, [n, 2].
type Points = []float32

// Kinds of maps.
const (
	Identity = "identity" // the code has two numbers, which are the place
	Linear   = "linear"   // components along axes
	Layout   = "layout"   // only the images have places; a place stands for the mean of the codes of the points near it, in which nearer ones count more
)

// Activations are the activations of hidden layers that the page can compute: ReLU, SiLU (x times its logistic
// function) and the hyperbolic tangent.
var Activations = []string{"relu", "silu", "tanh"}

// Classifier is the study's convolutional classifier: convolutions of 3 x 3 without padding, each followed by the largest
// value of 2 x 2 where there are as many pixels, and fully connected layers, all but the last with ReLU.
type Classifier struct {
	Convolutions []Layer // [9 * channels, out]
	Layers       []Layer
	Accuracy     float64 // share of the test images that it classifies correctly
}

// validate checks a classifier of images of a side. nil is no classifier.
func (c *Classifier) validate(side, classes int) error {
	if c == nil {
		return nil
	}
	if !finite(c.Accuracy) {
		return fmt.Errorf("the classifier's accuracy is %g, want a finite number", c.Accuracy)
	}
	channels := 1
	for i, l := range c.Convolutions {
		if err := l.validate(i, "classifier's convolutions", 9*channels); err != nil {
			return err
		}
		if side < 3 {
			return fmt.Errorf("%d convolutions leave nothing of the images, want fewer", len(c.Convolutions))
		}
		channels, side = l.Out, max(1, (side-2)/2) // one pixel stays as it is
	}
	return Network{c.Layers, Activations[0]}.validate("classifier", channels*side*side, classes)
}

// Validate checks the data. The error says what is wrong with them.
func (d Data) Validate() error {
	n, pixels := len(d.Places), d.Side*d.Side
	switch {
	case d.Side < 1 || d.Side > maxSide:
		return fmt.Errorf("explorer: images of side %d, want 1 to %d", d.Side, maxSide)
	case n == 0 || len(d.Images) != n*pixels:
		return fmt.Errorf("explorer: %d pixel values for the positions of %d images, want %d for each and at least one image", len(d.Images), n, pixels)
	case len(d.Labels) != n && (d.Labels != nil || d.Classes != nil):
		return fmt.Errorf("explorer: %d labels for %d images", len(d.Labels), n)
	case d.Labels != nil && (len(d.Classes) < 1 || len(d.Classes) > maxClasses):
		return fmt.Errorf("explorer: %d classes, want 1 to %d", len(d.Classes), maxClasses)
	case d.Labels != nil && int(slices.Max(d.Labels)) >= len(d.Classes):
		return fmt.Errorf("explorer: label %d, want less than the %d classes", slices.Max(d.Labels), len(d.Classes))
	case !finite(d.Far):
		return fmt.Errorf("explorer: images lie far from the data at the distance %g, want a finite number", d.Far)
	case len(d.Spaces) == 0:
		return fmt.Errorf("explorer: there is nothing to show, want at least one space")
	}
	if err := d.Classifier.validate(d.Side, len(d.Classes)); err != nil {
		return fmt.Errorf("explorer: %w", err)
	}
	for _, s := range d.Spaces {
		if k := len(s.Models); k < 1 || k > maxModels || k != len(d.Spaces[0].Models) {
			return fmt.Errorf("explorer: %s: %d models, want 1 to %d, as many as in the first space", s.Name, k, maxModels)
		}
		for i, m := range s.Models {
			if m.Name != d.Spaces[0].Models[i].Name {
				return fmt.Errorf("explorer: %s: model %d is %q, want %q as in the first space", s.Name, i+1, m.Name, d.Spaces[0].Models[i].Name)
			}
			if got, want := m.choices(), d.Spaces[0].Models[0].choices(); !slices.Equal(got, want) {
				return fmt.Errorf("explorer: %s: %s has %q to draw from and to cluster by, want %q as the first model", s.Name, m.Name, got, want)
			}
			if err := m.validate(n, pixels, s); err != nil {
				return fmt.Errorf("explorer: %s: %s: %w", s.Name, m.Name, err)
			}
		}
	}
	return nil
}

// finite says whether a number can be written as JSON.
func finite[T float32 | float64](v T) bool {
	return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0)
}

// choices are the names of the sources of codes and of the methods of clustering, which the page offers once for all models.
func (m Model) choices() (names []string) {
	for _, from := range m.Sources {
		names = append(names, from.Name)
	}
	for _, c := range m.Clusters {
		names = append(names, c.Method)
	}
	return names
}

func (m Model) validate(images, pixels int, s Space) error {
	if first := len(s.Models[0].Epochs); len(m.Epochs) != first {
		return fmt.Errorf("%d epochs before the last, want %d as with the first model", len(m.Epochs), first)
	}
	for _, e := range append(slices.Clone(m.Epochs), m.LastEpoch) {
		if k := int(math.Sqrt(float64(len(e.Pictures) / pixels))); len(e.Pictures) != k*k*pixels {
			return fmt.Errorf("epoch %d has %d pixels of pictures, want as many rows of images as columns, of %d pixels each", e.Number, len(e.Pictures), pixels)
		}
		if !finite(e.Loss) || !finite(e.Accuracy) {
			return fmt.Errorf("epoch %d has the loss %g and the accuracy %g, want finite numbers", e.Number, e.Loss, e.Accuracy)
		}
	}
	if len(m.Sources) == 0 {
		return errors.New("no source to draw codes from, want at least one")
	}
	if len(m.Codes) != images*s.Dim {
		return fmt.Errorf("%d values of codes, want %d for each of %d images", len(m.Codes), s.Dim, images)
	}
	if err := m.Encoder.validate("encoder", pixels, s.Dim); err != nil {
		return err
	}
	if err := m.Decoder.validate("decoder", s.Dim, pixels); err != nil {
		return err
	}
	for _, c := range m.Clusters {
		if len(c.Of) != images {
			return fmt.Errorf("%d clusters by %s for %d images", len(c.Of), c.Method, images)
		}
	}
	for _, from := range m.Sources {
		if k := len(from.Weights); k == 0 || len(from.Means) != k*s.Dim || len(from.Factors) != k*s.Dim*s.Dim {
			return fmt.Errorf("source %q has %d weights, %d means and %d factors, want 1, %d and %d for each Gaussian",
				from.Name, k, len(from.Means), len(from.Factors), s.Dim, s.Dim*s.Dim)
		}
	}
	if len(m.Maps) == 0 || len(m.Maps) != len(s.Models[0].Maps) {
		return fmt.Errorf("%d maps, want at least one, as many as the first model has", len(m.Maps))
	}
	for i, p := range m.Maps {
		if first := s.Models[0].Maps[i]; p.Name != first.Name || p.Kind != first.Kind || (p.Until == nil) != (first.Until == nil) {
			return fmt.Errorf("map %d is %q, want %q as with the first model", i+1, p.Name, first.Name)
		}
		if err := p.validate(images, len(m.Epochs), s.Dim); err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	return nil
}

func (p Map) validate(images, epochs, dim int) error {
	switch {
	case !(p.Plane.Side > 0) || !finite(p.Plane.Side) || !finite(p.Plane.X) || !finite(p.Plane.Y):
		return fmt.Errorf("the plane's side is %g at (%g, %g), want more than 0, and finite numbers", p.Plane.Side, p.Plane.X, p.Plane.Y)
	case !slices.Contains([]string{Identity, Linear, Layout}, p.Kind):
		return fmt.Errorf("kind %q, want %q, %q or %q", p.Kind, Identity, Linear, Layout)
	case p.Kind == Identity && dim != 2:
		return fmt.Errorf("a plane cannot be a space of %d dimensions", dim)
	case p.Kind == Linear && (len(p.Origin) != dim || len(p.Axes) != dim*dim || len(p.Spread) != dim):
		return fmt.Errorf("%d numbers of the origin, %d of the axes and %d spreads, want %d, %d and %d", len(p.Origin), len(p.Axes), len(p.Spread), dim, dim*dim, dim)
	case p.Until != nil && len(p.Until) != epochs:
		return fmt.Errorf("points of %d epochs, want %d", len(p.Until), epochs)
	}
	for _, points := range append(slices.Clone(p.Until), p.Shown) {
		if len(points) != 2*images {
			return fmt.Errorf("%d numbers of points, want 2 for each of %d images", len(points), images)
		}
	}
	return nil
}

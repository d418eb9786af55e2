// Package explorer writes the latent explorer: a web page in a single file, on which a reader moves through the latent
// planes of models and sees the images that their decoders make.
//
// The package takes plain data. The sources of the page are in the folder page. The page computes its images itself, from
// the decoders' weights at half precision, and fetches nothing.
package explorer

import (
	"fmt"
	"slices"
)

// MaxSize is the largest size, in bytes, of a page for images of up to 28 x 28 pixels. For larger images the limit
// grows in proportion to their pixels, as the decoders do.
const MaxSize = 6_000_000

// maxSize is the largest size, in bytes, of a page for images of the given side.
func maxSize(side int) int { return MaxSize * max(28*28, side*side) / (28 * 28) }

const (
	maxSide    = 128
	maxPart    = 12 // models; the page has no room for more
	maxClasses = 256
)

// Data is what the page shows.
type Data struct {
	Key     string   // identifies everything that the page was made from; it is stored in the page's head; "": none
	Source  string   // a sentence that says what the page was made from
	Side    int      // height and width of an image, in pixels
	Classes []string // names by label; nil: there are no labels
	Images  []uint8  // [n, Side*Side] grey levels
	Labels  []uint8  // [n]; nil: there are none
	Places  []int    // [n], indices of the images in their data set, from 0
	Epochs  []int    // after which the codes are shown, rising; the decoders are those of the last one
	Models  []Model  // shown side by side
}

// Model is a model with codes of two dimensions.
type Model struct {
	Name    string      // such as "AE"
	About   string      // a sentence below the plane
	Codes   [][]float32 // of the images after each of the epochs, [epochs][n, 2]
	Plane   Square      // the part of the plane that is shown at first
	Decoder []Layer     // hidden layers, and a last layer with the logistic function
	Hidden  string      // activation of the hidden layers, one of Activations
	Shades  []Shade
}

// Activations are the activations of hidden layers that the page can compute: ReLU, SiLU (x times its logistic
// function) and the hyperbolic tangent.
var Activations = []string{"relu", "silu", "tanh"}

// Layer is a fully connected layer: [in] x Weights [in, out] + Bias [out].
type Layer struct {
	In, Out int
	Weights []float32
	Bias    []float32
}

// Shade is a background for a plane after the last epoch. It shows how unusual each place is. All models must have
// shades of the same names.
type Shade struct {
	Name   string // the name that readers choose
	About  string // a sentence that says what is shaded and what a hole is
	Values []uint8
}

// Hole is the value of a Shade above which a place is a hole. Values, [k, k], belong to the places of Square.Grid(k).
const Hole = 128

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
	case len(d.Epochs) == 0 || !slices.IsSorted(d.Epochs):
		return fmt.Errorf("explorer: epochs %v, want one or more, rising", d.Epochs)
	case len(d.Models) < 1 || len(d.Models) > maxPart:
		return fmt.Errorf("explorer: %d models, want 1 to %d", len(d.Models), maxPart)
	}
	for _, m := range d.Models {
		if err := m.validate(n, pixels, len(d.Epochs), d.Models[0].Shades); err != nil {
			return fmt.Errorf("explorer: %s: %w", m.Name, err)
		}
	}
	return nil
}

func (m Model) validate(images, pixels, epochs int, shades []Shade) error {
	if len(m.Codes) != epochs {
		return fmt.Errorf("codes of %d epochs, want %d", len(m.Codes), epochs)
	}
	for i, codes := range m.Codes {
		if len(codes) != 2*images {
			return fmt.Errorf("%d values of codes at place %d of the epochs, want 2 for each of %d images", len(codes), i, images)
		}
	}
	if !(m.Plane.Side > 0) {
		return fmt.Errorf("the plane's side is %g, want more than 0", m.Plane.Side)
	}
	if !slices.Contains(Activations, m.Hidden) {
		return fmt.Errorf("the activation of hidden layers is %q, want one of %q", m.Hidden, Activations)
	}
	in := 2
	for i, l := range m.Decoder {
		if l.In != in || l.Out < 1 || len(l.Weights) != l.In*l.Out || len(l.Bias) != l.Out {
			return fmt.Errorf("layer %d of the decoder is %d to %d with %d weights and %d biases; want it to begin with %d and to be whole",
				i+1, l.In, l.Out, len(l.Weights), len(l.Bias), in)
		}
		in = l.Out
	}
	if in != pixels {
		return fmt.Errorf("the decoder ends with %d values, want %d", in, pixels)
	}
	if len(m.Shades) != len(shades) {
		return fmt.Errorf("%d shades, want %d as the first model has", len(m.Shades), len(shades))
	}
	for i, s := range m.Shades {
		if s.Name != shades[i].Name {
			return fmt.Errorf("shade %d is %q, want %q as with the first model", i+1, s.Name, shades[i].Name)
		}
		if k := s.side(); k < 2 || k*k != len(s.Values) {
			return fmt.Errorf("shade %q has %d values, want a square of 2 x 2 or more", s.Name, len(s.Values))
		}
	}
	return nil
}

// Package augment makes random changes to a batch of images inside a graph, so that training sees more different
// images.
package augment

import (
	"fmt"

	"fashionlatent/lib/backend"
	"fashionlatent/lib/noise"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// MaxShift is the largest shift that a configuration may have, in pixels.
const MaxShift = 7

// Config says which changes are made. The zero value makes none.
type Config struct {
	Flip  bool `json:"flip"`  // mirror left to right with probability 1/2
	Shift int  `json:"shift"` // move by -Shift to +Shift pixels along each axis, all equally likely; the space that opens is black

	// Binarise turns each pixel white with a probability equal to its pixel value, and black otherwise, again in every
	// step (dynamic binarisation; Burda et al., arXiv 1509.00519).
	Binarise bool `json:"binarise,omitempty"`
}

// Validate checks the configuration. The error names the field, its value and its range.
func (c Config) Validate() error {
	if c.Shift < 0 || c.Shift > MaxShift {
		return fmt.Errorf("augment: shift is %d pixels, want 0 (none) to %d", c.Shift, MaxShift)
	}
	return nil
}

// Apply changes each image of x, [batch, side*side] in [0, 1], independently, with random numbers from the source:
// first Flip, then Shift, then Binarise.
func (c Config) Apply(x *Node, side int, source *noise.Source) *Node {
	batch := x.Shape().Dim(0)
	if c.Flip {
		images := Reshape(x, batch, side, side)
		heads := LessThan(source.Uniform("flip", batch, 1, 1), Const(x.Graph(), float32(.5)))
		x = Reshape(Where(BroadcastToShape(heads, images.Shape()), Reverse(images, 2), images), batch, side*side)
	}
	if c.Shift > 0 {
		down := source.Integers("shift rows", 2*c.Shift+1, batch, 1)
		right := source.Integers("shift columns", 2*c.Shift+1, batch, 1)
		x = Reshape(c.window(Reshape(x, batch, side, side), down, right), batch, side*side)
	}
	if c.Binarise {
		x = ConvertDType(LessThan(source.Uniform("binarise", batch, side*side), x), x.DType())
	}
	return x
}

// window moves each image, [batch, side, side], down by down-c.Shift and right by right-c.Shift pixels, both [batch,
// 1]. It cuts the result out of the image with a black border. Choosing among all moved images would give the same, but
// XLA computes all of them for every pixel.
func (c Config) window(images, down, right *Node) *Node {
	g, batch, side := images.Graph(), images.Shape().Dim(0), images.Shape().Dim(1)
	border := PadAxis{Start: c.Shift, End: c.Shift}
	padded := Pad(images, Const(g, float32(0)), PadAxis{}, border, border)
	most := Const(g, int32(2*c.Shift))
	image := Iota(g, shapes.Make(dtypes.Int32, batch, 1), 0)
	corner := Concatenate([]*Node{image, Sub(most, down), Sub(most, right)}, 1)
	return GatherSlices(padded, []int{0, 1, 2}, corner, []int{1, side, side}, true)
}

// Images changes n images, [n, side*side] grey levels, as a training step with this seed does, so that they can be
// looked at.
func (c Config) Images(b *backend.Backend, images []uint8, side int, seed uint64, step uint32) ([]uint8, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if size := side * side; size == 0 || len(images) == 0 || len(images)%size != 0 {
		return nil, fmt.Errorf("augment: %d values, want images of %d x %d", len(images), side, side)
	}
	exec, err := NewExec(b.Compute, func(levels, step *Node) *Node {
		x := MulScalar(ConvertDType(levels, dtypes.Float32), 1.0/255)
		return ConvertDType(Round(MulScalar(c.Apply(x, side, noise.New(seed, step)), 255)), dtypes.Uint8)
	})
	if err != nil {
		return nil, err
	}
	out, err := exec.Call(tensors.FromFlatDataAndDimensions(images, len(images)/(side*side), side*side), step)
	if err != nil {
		return nil, err
	}
	return tensors.CopyFlatData[uint8](out[0])
}

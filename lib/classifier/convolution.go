package classifier

import . "github.com/gomlx/gomlx/core/graph"

// kernelSide is the height and width of a convolution's kernel, in pixels. After a convolution without padding, the side of
// the image is halved, unless it is one pixel.
const kernelSide = 3

// maxKernels is the largest number of convolutions. They turn the smallest images, of 8 x 8, into images of 1 x 1.
const maxKernels = 2

// widest is the largest side of an image that is convolved, in pixels. It limits the cost of large images, which are first
// averaged over squares of pixels.
const widest = 32

// convolved is the convolution of x, [batch, side, side, channels], with a kernel, [kernelSide^2 * channels, out], without
// padding: [batch, side - 2, side - 2, out]. It is written as a product of matrices, because on the pure Go backend GoMLX's
// Convolve and its gradient take more than three times as long.
func convolved(x, kernel *Node) *Node {
	batch, side, channels := x.Shape().Dim(0), x.Shape().Dim(1)-kernelSide+1, x.Shape().Dim(3)
	var shifted []*Node
	for i := range kernelSide {
		for j := range kernelSide {
			shifted = append(shifted, Slice(x, AxisRange(), AxisRange(i, i+side), AxisRange(j, j+side)))
		}
	}
	patches := Reshape(Concatenate(shifted, -1), batch*side*side, kernelSide*kernelSide*channels)
	return Reshape(MatMul(patches, kernel), batch, side, side, -1)
}

// averaged is the mean of each square of pixels of x, [batch, side, side, channels]: [batch, side/square, side/square,
// channels]. Rows and columns beyond the last whole square are dropped.
func averaged(x *Node, square int) *Node { return ReduceMean(squares(x, square), 2, 4) }

// pooled is the largest value in each square of 2 x 2 pixels of x, [batch, side, side, channels]: [batch, side/2, side/2,
// channels]. The last row and column of an odd side are dropped. An image of one pixel stays as it is. GoMLX's
// MaxPool does the same with windows; the published scores were made with this form.
func pooled(x *Node) *Node {
	if x.Shape().Dim(1) == 1 {
		return x
	}
	return ReduceMax(squares(x, 2), 2, 4)
}

// squares splits x, [batch, side, side, channels], into squares of pixels: [batch, side/square, square, side/square, square,
// channels].
func squares(x *Node, square int) *Node {
	batch, n, channels := x.Shape().Dim(0), x.Shape().Dim(1)/square, x.Shape().Dim(3)
	x = Slice(x, AxisRange(), AxisRange(0, n*square), AxisRange(0, n*square))
	return Reshape(x, batch, n, square, n, square, channels)
}

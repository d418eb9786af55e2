package autoencoder

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// scaleName is the variable that holds the log of the standard deviation of pixels, of the loss Gaussian: [1].
const scaleName = "decoder/log_scale"

// reconstruction is the configured loss of the decoder's output against x, both [batch, pixels], summed over pixels: [batch].
func (n *Network) reconstruction(output, x *Node) *Node {
	switch n.config.Loss {
	case MSE:
		return SquaredError(n.config.Image(output), x)
	case Gaussian:
		return GaussianNLL(n.config.Image(output), n.weights[scaleName], x)
	case Continuous:
		return ContinuousNLL(output, x)
	}
	return CrossEntropy(output, x)
}

// Image is the mean of the pixels' distribution given the decoder's output, [batch, pixels].
func (c Config) Image(output *Node) *Node {
	switch {
	case c.linear():
		return output
	case c.Loss == Continuous:
		return continuousMean(output)
	}
	return Sigmoid(output)
}

// CrossEntropy between grey values and Bernoulli means given by logits, summed over pixels: [batch], nats. It is
// max(l, 0) - l x + log(1 + exp(-|l|)), which no logit overflows.
func CrossEntropy(logits, x *Node) *Node {
	perPixel := Add(Sub(Max(logits, ZerosLike(logits)), Mul(logits, x)), Log1P(Exp(Neg(Abs(logits)))))
	return ReduceSum(perPixel, -1)
}

// crossEntropyOf is the cross-entropy between grey values and Bernoulli means p, both [batch, pixels], summed over pixels; p is
// kept a little away from 0 and 1.
func crossEntropyOf(p, x *Node) *Node {
	p = ClipScalar(p, 1e-6, 1-1e-6)
	return Neg(ReduceSum(Add(Mul(x, Log(p)), Mul(OneMinus(x), Log(OneMinus(p)))), -1))
}

// SquaredError between images, [batch, pixels], summed over pixels: [batch].
func SquaredError(image, x *Node) *Node { return ReduceSum(Square(Sub(image, x)), -1) }

// GaussianNLL is the negative log-density of x under independent normal distributions with the given means, [batch, pixels],
// and one standard deviation for all, given by its log, [1]; summed over pixels: [batch], nats (Rybkin et al., arXiv 2006.13202).
func GaussianNLL(mean, logScale, x *Node) *Node {
	pixels := float64(x.Shape().Dim(-1))
	logScale = Reshape(logScale)
	squares := Mul(SquaredError(mean, x), MulScalar(Exp(MulScalar(logScale, -2)), .5))
	return Add(squares, MulScalar(AddScalar(logScale, math.Log(2*math.Pi)/2), pixels))
}

// ContinuousNLL is the negative log-density of x in [0, 1] under independent continuous Bernoulli distributions given by
// logits l, summed over pixels: [batch], nats. It is the cross-entropy less log C, where C = l / tanh(l/2) makes the density
// integrate to 1 (Loaiza-Ganem and Cunningham, arXiv 1907.06845, with 2 atanh(1 - 2 lambda) = -l).
func ContinuousNLL(logits, x *Node) *Node {
	return Sub(CrossEntropy(logits, x), ReduceSum(logNormaliser(logits), -1))
}

// nearZero is the logit below which the continuous Bernoulli's normaliser and mean are taken from their series.
const nearZero = .25

// logNormaliser is log(l / tanh(l/2)) of each logit; near 0 its series log 2 + l^2/12 - 7 l^4/1440.
func logNormaliser(logits *Node) *Node {
	size, small := awayFromZero(logits)
	decay := Exp(Neg(size))
	exact := Sub(Log(size), Log(Div(OneMinus(decay), OnePlus(decay))))
	square := Square(logits)
	series := AddScalar(Mul(square, AddScalar(MulScalar(square, -7.0/1440), 1.0/12)), math.Ln2)
	return Where(small, series, exact)
}

// continuousMean is the mean 1/(1 - exp(-l)) - 1/l of the continuous Bernoulli; near 0 its series 1/2 + l/12 - l^3/720.
func continuousMean(logits *Node) *Node {
	size, small := awayFromZero(logits)
	upper := Sub(Inverse(OneMinus(Exp(Neg(size)))), Inverse(size)) // of |l|; the mean of -l is 1 less it
	exact := Where(LessThan(logits, ZerosLike(logits)), OneMinus(upper), upper)
	series := AddScalar(Mul(logits, AddScalar(MulScalar(Square(logits), -1.0/720), 1.0/12)), .5)
	return Where(small, series, exact)
}

// awayFromZero returns the size of each logit, at least nearZero so that no formula breaks there, and where it is less.
func awayFromZero(logits *Node) (size, small *Node) {
	size = Abs(logits)
	least := Const(logits.Graph(), float32(nearZero))
	return Max(size, least), LessThan(size, least)
}

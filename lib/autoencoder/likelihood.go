package autoencoder

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// scaleName is the variable of the loss Gaussian that holds the log of the pixels' standard deviation, [1].
const scaleName = "decoder/log_scale"

// reconstruction is the configured loss between the decoder's output and x, both [batch, pixels], summed over pixels:
// [batch].
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

// CrossEntropy is the cross-entropy between grey values x and Bernoulli means given by logits l, both [batch, pixels],
// summed over pixels: [batch], nats. It is computed as max(l, 0) - l x + log(1 + exp(-|l|)), which does not overflow.
func CrossEntropy(logits, x *Node) *Node {
	perPixel := Add(Sub(Max(logits, ZerosLike(logits)), Mul(logits, x)), Log1P(Exp(Neg(Abs(logits)))))
	return ReduceSum(perPixel, -1)
}

// crossEntropyOf is the cross-entropy between grey values x and Bernoulli means p, both [batch, pixels], summed over
// pixels: [batch], nats. p is limited to [1e-6, 1 - 1e-6].
func crossEntropyOf(p, x *Node) *Node {
	p = ClipScalar(p, 1e-6, 1-1e-6)
	return Neg(ReduceSum(Add(Mul(x, Log(p)), Mul(OneMinus(x), Log(OneMinus(p)))), -1))
}

// SquaredError is the squared error between images, both [batch, pixels], summed over pixels: [batch].
func SquaredError(image, x *Node) *Node { return ReduceSum(Square(Sub(image, x)), -1) }

// GaussianNLL is the negative log-density of x, [batch, pixels], under independent normal distributions, summed over
// pixels: [batch], nats (Rybkin et al., arXiv 2006.13202). mean, [batch, pixels], holds their means, and logScale, [1],
// the log of the standard deviation that all pixels share.
func GaussianNLL(mean, logScale, x *Node) *Node {
	pixels := float64(x.Shape().Dim(-1))
	logScale = Reshape(logScale)
	squares := Mul(SquaredError(mean, x), MulScalar(Exp(MulScalar(logScale, -2)), .5))
	return Add(squares, MulScalar(AddScalar(logScale, math.Log(2*math.Pi)/2), pixels))
}

// ContinuousNLL is the negative log-density of x in [0, 1] under independent continuous Bernoulli distributions given
// by logits l, both [batch, pixels], summed over pixels: [batch], nats. It is the cross-entropy minus log C, where C =
// l / tanh(l/2) normalises the density (Loaiza-Ganem and Cunningham, arXiv 1907.06845, with 2 atanh(1 - 2 lambda) =
// -l).
func ContinuousNLL(logits, x *Node) *Node {
	return Sub(CrossEntropy(logits, x), ReduceSum(logNormaliser(logits), -1))
}

// NearZero is the absolute value of a logit below which the normaliser and the mean of the continuous Bernoulli
// distribution are computed from their series.
const NearZero = .25

// logNormaliser is log(l / tanh(l/2)) of each logit. Near 0 it is the series log 2 + l^2/12 - 7 l^4/1440.
func logNormaliser(logits *Node) *Node {
	size, small := awayFromZero(logits)
	decay := Exp(Neg(size))
	exact := Sub(Log(size), Log(Div(OneMinus(decay), OnePlus(decay))))
	square := Square(logits)
	series := AddScalar(Mul(square, AddScalar(MulScalar(square, -7.0/1440), 1.0/12)), math.Ln2)
	return Where(small, series, exact)
}

// continuousMean is the mean of the continuous Bernoulli distribution, 1/(1 - exp(-l)) - 1/l. Near 0 it is the series
// 1/2 + l/12 - l^3/720.
func continuousMean(logits *Node) *Node {
	size, small := awayFromZero(logits)
	upper := Sub(Inverse(OneMinus(Exp(Neg(size)))), Inverse(size)) // for |l|; the mean for -l is 1 minus it
	exact := Where(LessThan(logits, ZerosLike(logits)), OneMinus(upper), upper)
	series := AddScalar(Mul(logits, AddScalar(MulScalar(Square(logits), -1.0/720), 1.0/12)), .5)
	return Where(small, series, exact)
}

// awayFromZero returns the absolute value of each logit, but at least NearZero, and a mask of the logits whose absolute
// value is below NearZero.
func awayFromZero(logits *Node) (size, small *Node) {
	size = Abs(logits)
	least := Const(logits.Graph(), float32(NearZero))
	return Max(size, least), LessThan(size, least)
}

package autoencoder

import (
	"math"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Variables of a learned prior: a mixture of Gaussians with diagonal covariances.
const (
	priorMeans        = "prior/means"         // [components, latent]
	priorLogVariances = "prior/log_variances" // [components, latent]
	priorLogWeights   = "prior/log_weights"   // [components]; their softmax is the weights
	priorImages       = "prior/images"        // [components, pixels], of a VampPrior
)

// divergence returns the KL of the posterior from the prior for each image, [batch] nats. charged is the scalar that
// the training loss uses instead of its mean; nil: the mean. For N(0, I) and one level the KL is exact. Otherwise it is log
// q(z|x) - log p(z) at the code.
func (n *Network) divergence(p posterior, c code) (kl, charged *Node) {
	if n.config.Learned() {
		return n.divergenceAt(c), nil
	}
	perDimension := klPerDimension(p.mean, p.logVariance)
	if n.config.FreeBits > 0 {
		charged = ReduceAllSum(MaxScalar(ReduceMean(perDimension, 0), n.config.FreeBits))
	}
	return ReduceSum(perDimension, -1), charged
}

// divergenceAt is log q(z|x) - log p(z) at codes z: [n] nats. Its mean over the posterior is the KL.
func (n *Network) divergenceAt(c code) *Node { return Sub(c.logDensity, n.logPrior(c.z)) }

// klPerDimension is the KL of N(mean, exp(logVariance)) from N(0, 1) in each dimension, [batch, latent] nats: (mean^2 +
// variance - 1 - log variance) / 2 (Kingma and Welling, arXiv 1312.6114, appendix B).
func klPerDimension(mean, logVariance *Node) *Node {
	return MulScalar(Sub(Add(Square(mean), Exp(logVariance)), OnePlus(logVariance)), .5)
}

// KL is the KL of N(mean, exp(logVariance)), both [batch, latent], from N(0, I), summed over latent dimensions:
// [batch], nats.
func KL(mean, logVariance *Node) *Node { return ReduceSum(klPerDimension(mean, logVariance), -1) }

// LogNormal is the log-density of z under N(mean, exp(logVariance)), all [n, latent], summed over the last axis: [n],
// nats.
func LogNormal(z, mean, logVariance *Node) *Node {
	perDimension := Add(Div(Square(Sub(z, mean)), Exp(logVariance)), AddScalar(logVariance, math.Log(2*math.Pi)))
	return MulScalar(ReduceSum(perDimension, -1), -.5)
}

// logPrior is the log-density of codes z, [n, latent], under the prior: [n], nats.
func (n *Network) logPrior(z *Node) *Node {
	if n.config.Levels == 2 {
		upper, lower := n.levels(z)
		mean, logVariance := n.gaussian(lowerPrior, n.layers(lowerPrior, upper, n.config.Hidden))
		return Add(n.logTop(upper), LogNormal(lower, mean, logVariance))
	}
	return n.logTop(z)
}

// logTop is the log-density of codes of the level that the prior describes.
func (n *Network) logTop(z *Node) *Node {
	switch {
	case n.config.Vamp:
		p := n.encode(ClipScalar(n.weights[priorImages], 0, 1))
		return LogMixture(z, p.mean, p.logVariance, Zeros(z.Graph(), shapes.Make(z.DType(), n.config.Prior)))
	case n.config.Prior > 0:
		return LogMixture(z, n.weights[priorMeans], n.weights[priorLogVariances], n.weights[priorLogWeights])
	}
	return LogNormal(z, ZerosLike(z), ZerosLike(z))
}

// LogMixture is the log-density of z, [n, latent], under a mixture of Gaussians with diagonal covariances: [n], nats.
// means and logVariances are [components, latent]. The weights are the softmax of logWeights, [components].
func LogMixture(z, means, logVariances, logWeights *Node) *Node {
	// The square of the difference is expanded, so that all pairs of codes and components take only two matrix
	// products.
	precisions := Exp(Neg(logVariances))
	cross := MatMul(z, Transpose(Mul(means, precisions), 0, 1))
	squares := MatMul(Square(z), Transpose(precisions, 0, 1))
	constant := ReduceSum(Add(Mul(Square(means), precisions), AddScalar(logVariances, math.Log(2*math.Pi))), -1)
	components := means.Shape().Dim(0)
	constant = Add(MulScalar(constant, -.5), LogSoftmax(logWeights))
	return logSumExp(Add(Sub(cross, MulScalar(squares, .5)), Reshape(constant, 1, components)))
}

// logSumExp is the log of the sum of exponentials along the last axis.
func logSumExp(x *Node) *Node {
	top := StopGradient(ReduceAndKeep(x, ReduceMax, -1))
	return Add(Log(ReduceSum(Exp(Sub(x, top)), -1)), Reshape(top, x.Shape().Dimensions[:x.Rank()-1]...))
}

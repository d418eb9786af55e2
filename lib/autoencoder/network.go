package autoencoder

import (
	"fashionlatent/lib/noise"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers/activation"
)

// Network is a model inside a graph. Its methods build graph nodes and, like all of GoMLX's, panic on wrong shapes.
type Network struct {
	config  Config
	weights map[string]*Node
}

// NewNetwork returns the network of the weights, given in the order of Config.Variables.
func NewNetwork(c Config, weights []*Node) *Network {
	n := &Network{c, map[string]*Node{}}
	for i, v := range c.Variables() {
		n.weights[v.Name] = weights[i]
	}
	return n
}

// dense is a fully connected layer, [batch, in] to [batch, out].
func (n *Network) dense(name string, x *Node) *Node {
	bias := n.weights[name+"/bias"]
	return Add(MatMul(x, n.weights[name+"/weights"]), Reshape(bias, 1, bias.Shape().Dim(0)))
}

func (n *Network) hidden(part string, i int, x *Node) *Node {
	return activation.Apply(activation.FromName(n.config.Activation), n.dense(hiddenName(part, i), x))
}

// Encode returns the code of x, [batch, 784] in [0, 1]: for a VAE the mean and the log-variance of the posterior
// q(z|x), for an AE the code and nil; each [batch, latent].
func (n *Network) Encode(x *Node) (mean, logVariance *Node) {
	for i := range n.config.Hidden {
		x = n.hidden("encoder", i, x)
	}
	if n.config.Model == VAE {
		logVariance = n.dense("encoder/log_variance", x)
	}
	return n.dense("encoder/mean", x), logVariance
}

// Decode returns the logits of the pixels, [batch, 784], of codes [batch, latent]; their sigmoid is the image.
func (n *Network) Decode(z *Node) *Node {
	for i := len(n.config.Hidden) - 1; i >= 0; i-- {
		z = n.hidden("decoder", i, z)
	}
	return n.dense("decoder/output", z)
}

// Losses holds the parts of the loss of each image, [batch]: sums over pixels and over latent dimensions.
type Losses struct {
	CrossEntropy *Node // nats
	SquaredError *Node
	KL           *Node // nats; zero for an AE
}

// Losses encodes and decodes x, [batch, 784] in [0, 1], and compares the result with the target, [batch, 784]. A VAE
// decodes a sample of the posterior if source is given and its mean if source is nil.
func (n *Network) Losses(x, target *Node, source *noise.Source) Losses {
	z, logVariance := n.Encode(x)
	kl := ZerosLike(ReduceSum(z, -1))
	if logVariance != nil {
		kl = KL(z, logVariance)
		if source != nil {
			epsilon := source.Normal("posterior", z.Shape().Dimensions...)
			z = Add(z, Mul(Exp(MulScalar(logVariance, .5)), epsilon))
		}
	}
	logits := n.Decode(z)
	return Losses{CrossEntropy: CrossEntropy(logits, target), SquaredError: SquaredError(logits, target), KL: kl}
}

// Reconstruction is the part of the loss that the configuration asks for.
func (l Losses) Reconstruction(c Config) *Node {
	if c.Loss == MSE {
		return l.SquaredError
	}
	return l.CrossEntropy
}

// CrossEntropy between grey values and Bernoulli means given by logits, summed over pixels: [batch], nats. It is
// max(l, 0) - l x + log(1 + exp(-|l|)), which no logit overflows.
func CrossEntropy(logits, x *Node) *Node {
	perPixel := Add(Sub(Max(logits, ZerosLike(logits)), Mul(logits, x)), Log1P(Exp(Neg(Abs(logits)))))
	return ReduceSum(perPixel, -1)
}

// SquaredError between x and the sigmoid of the logits, summed over pixels: [batch].
func SquaredError(logits, x *Node) *Node { return ReduceSum(Square(Sub(Sigmoid(logits), x)), -1) }

// KL is the divergence of N(mean, exp(logVariance)) from N(0, I), summed over latent dimensions: [batch], nats. It is
// (mean^2 + variance - 1 - log variance) / 2 (Kingma and Welling, arXiv 1312.6114, appendix B).
func KL(mean, logVariance *Node) *Node {
	perDimension := Sub(Add(Square(mean), Exp(logVariance)), OnePlus(logVariance))
	return MulScalar(ReduceSum(perDimension, -1), .5)
}

// Pixels converts grey levels 0 to 255 (uint8) to [0, 1].
func Pixels(levels *Node) *Node { return MulScalar(ConvertDType(levels, dtypes.Float32), 1.0/255) }

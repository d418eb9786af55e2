package autoencoder

import (
	"math"

	"fashionlatent/lib/noise"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers/activation"
)

// Network is a model inside a graph. Its methods build graph nodes. Like those of GoMLX they panic on wrong shapes.
type Network struct {
	config  Config
	weights map[string]*Node
	source  *noise.Source    // of the random numbers of training; nil: nothing is random
	inputs  map[string]*Node // the input of each layer, [batch, in], by the name of the layer's weights
}

// NewNetwork returns the network with these weights, which are in the order of Config.Variables. With a source it is
// the network of a training step, with sampled codes, dropout and input noise. Without a source it is the trained
// model.
func NewNetwork(c Config, weights []*Node, source *noise.Source) *Network {
	n := &Network{config: c, weights: map[string]*Node{}, source: source, inputs: map[string]*Node{}}
	for i, v := range c.Variables() {
		n.weights[v.Name] = weights[i]
	}
	return n
}

// dense is a fully connected layer, from [batch, in] to [batch, out].
func (n *Network) dense(name string, x *Node) *Node {
	bias := n.weights[name+"/bias"]
	n.inputs[name+"/weights"] = x
	return Add(MatMul(x, n.weights[name+"/weights"]), Reshape(bias, 1, bias.Shape().Dim(0)))
}

// Input returns the input, [batch, in], of the layer with weights of that name. It is nil before the layer is built.
func (n *Network) Input(weights string) *Node { return n.inputs[weights] }

// hidden is a hidden layer with its activation. In training a share Dropout of the nodes is set to zero at random, and
// the others are divided by 1 - Dropout (Srivastava et al. 2014).
func (n *Network) hidden(part string, i int, x *Node) *Node {
	name := hiddenName(part, i)
	h := activation.Apply(activation.FromName(n.config.Activation), n.dense(name, x))
	if n.config.Dropout == 0 || n.source == nil {
		return h
	}
	draws := n.source.Uniform("dropout "+name, h.Shape().Dimensions...)
	kept := GreaterOrEqual(draws, Const(h.Graph(), float32(n.config.Dropout)))
	return Where(kept, MulScalar(h, 1/(1-n.config.Dropout)), ZerosLike(h))
}

// Encode returns the code of x, [batch, pixels], as normalised by Normalise: for a VAE the mean and the log-variance of
// the posterior q(z|x), for an AE the code and nil, each [batch, latent].
func (n *Network) Encode(x *Node) (mean, logVariance *Node) {
	if n.config.Noise > 0 && n.source != nil {
		x = Add(x, MulScalar(n.source.Normal("input", x.Shape().Dimensions...), n.config.Noise))
	}
	for i := range n.config.Hidden {
		x = n.hidden("encoder", i, x)
	}
	if n.config.Model == VAE {
		logVariance = belowBound(n.dense("encoder/log_variance", x))
	}
	return n.dense("encoder/mean", x), logVariance
}

// mostLogVariance is the upper bound of the posterior's log-variance: the variance is at most e^2, while that of the
// prior N(0, I) is 1. Without a bound, a single step can make the variance of an image's code so large that training
// diverges.
const mostLogVariance = 2

// belowBound is bound - log(1 + exp(bound - x)) with bound mostLogVariance. It is close to x if x is well below the
// bound, and approaches the bound smoothly as x grows.
func belowBound(x *Node) *Node {
	room := AddScalar(Neg(x), mostLogVariance)
	softplus := Add(MaxScalar(room, 0), Log1P(Exp(Neg(Abs(room)))))
	return AddScalar(Neg(softplus), mostLogVariance)
}

// Decode returns the decoder's output, [batch, pixels], of codes, [batch, latent]. Config.Image turns it into pixel
// values.
func (n *Network) Decode(z *Node) *Node {
	for i := len(n.config.Hidden) - 1; i >= 0; i-- {
		z = n.hidden("decoder", i, z)
	}
	return n.dense("decoder/output", z)
}

// Parts holds the parts of the loss of a batch. If several codes are drawn for each image, they are means over its
// codes.
type Parts struct {
	Output         *Node // [batch, pixels], of the decoder; with several codes per image, [batch*samples, pixels]
	Reconstruction *Node // [batch], the configured loss, summed over pixels
	KL             *Node // [batch], summed over latent dimensions, nats; zero for an AE

	charged *Node // scalar: the mean KL per image in the training loss, with free bits; nil: there are several codes

	// Of each code, [batch, samples], if there are several per image; otherwise nil.
	reconstructions, kls *Node
}

// Loss normalises x, [batch, pixels] in [0, 1], encodes and decodes it, and compares the result with the normalised x.
// A VAE decodes samples of the posterior in training, and its mean otherwise.
func (n *Network) Loss(x *Node) Parts {
	x = n.config.Normalise(x)
	z, logVariance := n.Encode(x)
	if samples := n.config.Samples; samples > 1 && n.source != nil {
		epsilon := n.source.Normal("posterior", x.Shape().Dim(0)*samples, n.config.Latent)
		output, reconstructions, kls := n.ofCodes(x, z, logVariance, samples, epsilon)
		return Parts{Output: output, Reconstruction: ReduceMean(reconstructions, -1), KL: ReduceMean(kls, -1), reconstructions: reconstructions, kls: kls}
	}
	kl := ZerosLike(ReduceSum(z, -1))
	var charged *Node
	if logVariance != nil {
		mean := z
		if n.source != nil {
			z = draw(mean, logVariance, n.source.Normal("posterior", z.Shape().Dimensions...))
		}
		kl, charged = n.divergence(mean, logVariance, z)
	}
	if charged == nil {
		charged = ReduceAllMean(kl)
	}
	output := n.Decode(z)
	return Parts{Output: output, Reconstruction: n.reconstruction(output, x), KL: kl, charged: charged}
}

// Objective is the scalar that training minimises: the mean over the batch of reconstruction plus beta times KL. With k
// codes per image it is the mean of -log (1/k) sum exp(-reconstruction - beta KL). For beta 1 this is an upper bound of
// -log p(x) that gets tighter with more codes (Burda et al., arXiv 1509.00519).
func (p Parts) Objective(beta *Node) *Node {
	if p.kls == nil {
		return Add(ReduceAllMean(p.Reconstruction), Mul(beta, p.charged))
	}
	logWeights := Neg(Add(p.reconstructions, Mul(beta, p.kls)))
	return AddScalar(Neg(ReduceAllMean(logSumExp(logWeights))), math.Log(float64(logWeights.Shape().Dim(-1))))
}

// Pixels converts grey levels 0 to 255 (uint8) to pixel values in [0, 1] (float32).
func Pixels(levels *Node) *Node { return MulScalar(ConvertDType(levels, dtypes.Float32), 1.0/255) }

// Normalise normalises images, [batch, pixels] in [0, 1], as configured. A black image stays black.
func (c Config) Normalise(x *Node) *Node {
	if c.Normalised == "" {
		return x
	}
	scale := Sqrt(ReduceAndKeep(Square(x), ReduceSum, -1))
	if c.Normalised == Brightness {
		lit := ReduceAndKeep(ConvertDType(GreaterThan(x, ZerosLike(x)), dtypes.Float32), ReduceSum, -1)
		scale = MulScalar(Div(scale, Sqrt(MaxScalar(lit, 1))), 2)
	}
	x = Div(x, Where(Equal(scale, ZerosLike(scale)), OnesLike(scale), scale))
	if c.Normalised == Brightness {
		x = MinScalar(x, 1)
	}
	return x
}

package autoencoder

import (
	"math"
	"strings"

	"fashionlatent/lib/noise"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers/activation"
)

// Network is a model inside a graph. Its methods build graph nodes. Like those of GoMLX they panic on wrong shapes.
//
// With two levels, the code is that of the upper level and then that of the lower level. The upper level is encoded like a
// code of one level, and has the prior. The lower level has a Gaussian posterior that depends on the image and on the upper
// level, and a Gaussian prior that depends on the upper level. The decoder reads both (Tomczak and Welling, arXiv 1705.07120,
// section 4).
type Network struct {
	config  Config
	weights map[string]*Node
	source  *noise.Source      // of the random numbers of training; nil: nothing is random
	inputs  map[string][]*Node // the inputs of each layer, [batch, in], by the name of the layer's weights

	measured bool // the likelihood is measured: log-variances of posteriors are at least leastMeasured
}

// NewNetwork returns the network with these weights, which are in the order of Config.Variables. With a source it is
// the network of a training step, with sampled codes, dropout and input noise. Without a source it is the trained
// model.
func NewNetwork(c Config, weights []*Node, source *noise.Source) *Network {
	n := &Network{config: c, weights: map[string]*Node{}, source: source, inputs: map[string][]*Node{}}
	for i, v := range c.Variables() {
		n.weights[v.Name] = weights[i]
	}
	return n
}

// dense is a fully connected layer, from [batch, in] to [batch, out].
func (n *Network) dense(name string, x *Node) *Node {
	bias := n.weights[name+"/bias"]
	n.inputs[name+"/weights"] = append(n.inputs[name+"/weights"], x)
	return Add(MatMul(x, n.weights[name+"/weights"]), Reshape(bias, 1, bias.Shape().Dim(0)))
}

// Inputs returns the inputs, [batch, in], of the layer with weights of that name: one for each time that the layer is
// built.
func (n *Network) Inputs(weights string) []*Node { return n.inputs[weights] }

// hidden is a hidden layer with its activation. In training a share Dropout of the nodes is set to zero at random, and
// the others are divided by 1 - Dropout (Srivastava et al. 2014).
func (n *Network) hidden(name string, x *Node) *Node {
	h := n.dense(name, x)
	if n.config.Activation == Gated {
		half := h.Shape().Dim(1) / 2
		h = Mul(Slice(h, AxisRange(), AxisRangeFromStart(half)), Sigmoid(Slice(h, AxisRange(), AxisRangeToEnd(half))))
	} else {
		h = activation.Apply(activation.FromName(strings.ReplaceAll(n.config.Activation, "_", "")), h) // GoMLX writes leakyrelu
	}
	if n.config.Dropout == 0 || n.source == nil {
		return h
	}
	draws := n.source.Uniform("dropout "+name, h.Shape().Dimensions...)
	kept := GreaterOrEqual(draws, Const(h.Graph(), float32(n.config.Dropout)))
	return Where(kept, MulScalar(h, 1/(1-n.config.Dropout)), ZerosLike(h))
}

// layers are the hidden layers of a decoder: those of an encoder in reverse order.
func (n *Network) layers(part string, x *Node, nodes []int) *Node {
	for i := len(nodes) - 1; i >= 0; i-- {
		x = n.hidden(hiddenName(part, i), x)
	}
	return x
}

// gaussian is the mean and the log-variance of a part of the model, given its last hidden layer. For an AE the
// log-variance is nil.
func (n *Network) gaussian(part string, x *Node) (mean, logVariance *Node) {
	if n.config.Model == VAE {
		logVariance = n.dense(part+"/log_variance", x)
		if n.config.Clipped {
			logVariance = ClipScalar(logVariance, LeastLogVariance, MostLogVariance)
		} else {
			logVariance = belowBound(logVariance)
		}
	}
	return n.dense(part+"/mean", x), logVariance
}

// posterior is the posterior q(z|x) of images: of the upper level, if there are two.
type posterior struct {
	mean, logVariance *Node // [batch, dimensions]
	image             *Node // with two levels, what the lower level's encoder makes of the image; otherwise nil
}

// encode returns the posterior of x, [batch, pixels], as normalised by Normalise. For an AE the mean is the code.
func (n *Network) encode(x *Node) posterior {
	h := x
	for i := range n.config.Hidden {
		h = n.hidden(hiddenName("encoder", i), h)
	}
	var p posterior
	p.mean, p.logVariance = n.gaussian("encoder", h)
	return p
}

// encodeImages is encode with the noise of training, and for both levels.
func (n *Network) encodeImages(x *Node) posterior {
	if n.config.Noise > 0 && n.source != nil {
		x = Add(x, MulScalar(n.source.Normal("input", x.Shape().Dimensions...), n.config.Noise))
	}
	p := n.encode(x)
	if n.config.Levels == 2 {
		for i := range len(n.config.Hidden) - 1 {
			x = n.hidden(hiddenName(lowerEncoder, i), x)
		}
		p.image = x
	}
	return p
}

// repeat is the posterior with each row repeated in place.
func (p posterior) repeat(times int) posterior {
	p.mean, p.logVariance = repeat(p.mean, times), repeat(p.logVariance, times)
	if p.image != nil {
		p.image = repeat(p.image, times)
	}
	return p
}

// repeat repeats each row of v in place: from [rows, width] to [rows*times, width].
func repeat(v *Node, times int) *Node {
	rows, width := v.Shape().Dim(0), v.Shape().Dim(1)
	return Reshape(BroadcastToDims(Reshape(v, rows, 1, width), rows, times, width), rows*times, width)
}

// code is a code drawn from a posterior.
type code struct {
	z          *Node // [n, latent]
	logDensity *Node // [n]: log q(z|x), nats
}

// draw draws a code of each image. epsilon, [n, latent], is its distance from the posterior mean in standard deviations;
// nil: the code is the mean.
func (n *Network) draw(p posterior, epsilon *Node) code {
	var ofUpper, ofLower *Node
	if ofUpper = epsilon; epsilon != nil && n.config.Levels == 2 {
		ofUpper, ofLower = n.levels(epsilon)
	}
	c := n.drawn(p.mean, p.logVariance, ofUpper)
	if n.config.Levels != 2 {
		return c
	}
	mean, logVariance := n.lower(p, c.z)
	lower := n.drawn(mean, logVariance, ofLower)
	return code{Concatenate([]*Node{c.z, lower.z}, 1), Add(c.logDensity, lower.logDensity)}
}

// leastMeasured is the least log-variance of posteriors whose likelihood is measured. The variance of a lower one has no place
// in float32. Images unlike those of the training can have one after a long training.
const leastMeasured = -80

func (n *Network) drawn(mean, logVariance, epsilon *Node) code {
	if n.measured {
		logVariance = MaxScalar(logVariance, leastMeasured) // q(z|x) may be any density that codes are drawn from
	}
	z := mean
	if epsilon != nil {
		z = Add(mean, Mul(Exp(MulScalar(logVariance, .5)), epsilon))
	}
	return code{z, LogNormal(z, mean, logVariance)}
}

// lower is the posterior of the lower level, given the code of the upper level.
func (n *Network) lower(p posterior, upper *Node) (mean, logVariance *Node) {
	both := Concatenate([]*Node{p.image, n.hidden(ofCode(lowerEncoder), upper)}, 1)
	return n.gaussian(lowerEncoder, n.hidden(hiddenName(lowerEncoder, len(n.config.Hidden)-1), both))
}

// levels splits codes, [n, latent], into the upper and the lower level, [n, latent/2] each.
func (n *Network) levels(z *Node) (upper, lower *Node) {
	half := n.config.Latent / 2
	return Slice(z, AxisRange(), AxisRangeFromStart(half)), Slice(z, AxisRange(), AxisRangeToEnd(half))
}

// Encode returns the code of x, [batch, pixels], as normalised by Normalise: for a VAE the mean and the log-variance of
// the posterior q(z|x), for an AE the code and nil, each [batch, latent]. With two levels, those of the lower level are
// given for the mean of the upper level.
func (n *Network) Encode(x *Node) (mean, logVariance *Node) {
	p := n.encodeImages(x)
	if n.config.Levels != 2 {
		return p.mean, p.logVariance
	}
	mean, logVariance = n.lower(p, p.mean)
	return Concatenate([]*Node{p.mean, mean}, 1), Concatenate([]*Node{p.logVariance, logVariance}, 1)
}

// Bounds of log-variances. The variance is at most e^2, while that of the prior N(0, I) is 1. Without an upper bound, a
// single step can make the variance of an image's code so large that training diverges.
const (
	MostLogVariance  = 2
	LeastLogVariance = -6 // only if they are clipped
)

// belowBound is bound - log(1 + exp(bound - x)) with bound MostLogVariance. It is close to x if x is well below the
// bound, and approaches the bound smoothly as x grows.
func belowBound(x *Node) *Node {
	room := AddScalar(Neg(x), MostLogVariance)
	softplus := Add(MaxScalar(room, 0), Log1P(Exp(Neg(Abs(room)))))
	return AddScalar(Neg(softplus), MostLogVariance)
}

// Decode returns the decoder's output, [batch, pixels], of codes, [batch, latent]. Config.Image turns it into pixel
// values.
func (n *Network) Decode(z *Node) *Node {
	layers := n.config.Hidden
	if n.config.Levels == 2 {
		upper, lower := n.levels(z)
		last := len(layers) - 1
		z = Concatenate([]*Node{n.hidden(ofCode("decoder"), upper), n.hidden(hiddenName("decoder", last), lower)}, 1)
		layers = layers[:last]
	}
	return n.dense("decoder/output", n.layers("decoder", z, layers))
}

// Parts holds the parts of the loss of a batch. If several codes are drawn for each image, they are means over its
// codes.
type Parts struct {
	Output         *Node // [batch, pixels], of the decoder; with several codes per image, [batch*samples, pixels]
	Reconstruction *Node // [batch], the configured loss, summed over pixels
	KL             *Node // [batch], summed over latent dimensions, nats; zero for an AE; with a learned prior, log q(z|x) - log p(z) at the code; its mean over codes drawn from the posterior is the KL

	charged *Node // scalar: the mean KL per image in the training loss, with free bits; nil: there are several codes

	// Of each code, [batch, samples], if there are several per image; otherwise nil.
	reconstructions, kls *Node
}

// Loss normalises x, [batch, pixels] in [0, 1], encodes and decodes it, and compares the result with the normalised x.
// A VAE decodes samples of the posterior in training, and its mean otherwise.
func (n *Network) Loss(x *Node) Parts {
	x = n.config.Normalise(x)
	p := n.encodeImages(x)
	if samples := n.config.Samples; samples > 1 && n.source != nil {
		epsilon := n.source.Normal("posterior", x.Shape().Dim(0)*samples, n.config.Latent)
		output, reconstructions, kls := n.ofCodes(x, p, samples, epsilon)
		return Parts{Output: output, Reconstruction: ReduceMean(reconstructions, -1), KL: ReduceMean(kls, -1), reconstructions: reconstructions, kls: kls}
	}
	z := p.mean
	kl := ZerosLike(ReduceSum(z, -1))
	var charged *Node
	if n.config.Model == VAE {
		var epsilon *Node
		if n.source != nil {
			epsilon = n.source.Normal("posterior", x.Shape().Dim(0), n.config.Latent)
		}
		c := n.draw(p, epsilon)
		z = c.z
		kl, charged = n.divergence(p, c)
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

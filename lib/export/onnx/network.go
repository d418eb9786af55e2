package onnx

import (
	"fmt"
	"math"

	"fashionlatent/lib/autoencoder"
)

// The methods here are those of autoencoder.Network and autoencoder.Config, with operators of ONNX in place of GoMLX's. Values
// are [batch, width]. The tests compare both for every kind of model.

// dense is a fully connected layer.
func (g *graph) dense(name, x string) string {
	return g.named(name, "Gemm", []string{x, g.weight(name + "/weights"), g.weight(name + "/bias")})
}

// hidden is a hidden layer with its activation.
func (g *graph) hidden(name, x string) string {
	h := g.dense(name, x)
	switch g.config.Activation {
	case "relu":
		return g.add("Relu", h)
	case "leaky_relu":
		return g.with("LeakyRelu", attribute{"alpha", .3}, h)
	case "selu":
		return g.add("Selu", h) // its constants are the operator's defaults
	case "silu":
		return g.add("Mul", h, g.add("Sigmoid", h))
	case "tanh":
		return g.add("Tanh", h)
	case "gelu":
		cdf := g.add("Mul", g.add("Add", g.add("Erf", g.add("Div", h, g.scalar(math.Sqrt2))), g.scalar(1)), g.scalar(.5))
		return g.add("Mul", h, cdf)
	case autoencoder.Gated:
		value, gate := g.halves(h)
		return g.add("Mul", value, g.add("Sigmoid", gate))
	}
	g.problem = fmt.Errorf("activation is %q, for which there is no operator here", g.config.Activation)
	return h
}

// halves splits a value into the first and the second half of its width.
func (g *graph) halves(x string) (first, second string) {
	first, second = g.fresh("Split"), g.fresh("Split")
	g.nodes = append(g.nodes, node{op: "Split", name: first, inputs: []string{x}, outputs: []string{first, second}, attributes: []attribute{{"axis", 1}}})
	return first, second
}

func (g *graph) join(a, b string) string { return g.with("Concat", attribute{"axis", 1}, a, b) }

func hiddenName(part string, i int) string { return fmt.Sprintf("%s/hidden_%d", part, i+1) }

// encoder is the first hidden layers of a part.
func (g *graph) encoder(part, x string, layers int) string {
	for i := range layers {
		x = g.hidden(hiddenName(part, i), x)
	}
	return x
}

// gaussian is the mean and the log-variance of a part. For an AE the log-variance is "".
func (g *graph) gaussian(part, x string) (mean, logVariance string) {
	if g.config.Model == autoencoder.VAE {
		logVariance = g.dense(part+"/log_variance", x)
		if g.config.Clipped {
			logVariance = g.add("Clip", logVariance, g.scalar(autoencoder.LeastLogVariance), g.scalar(autoencoder.MostLogVariance))
		} else { // most - log(1 + exp(most - x))
			most := g.scalar(autoencoder.MostLogVariance)
			logVariance = g.add("Sub", most, g.add("Softplus", g.add("Sub", most, logVariance)))
		}
	}
	return g.dense(part+"/mean", x), logVariance
}

func (g *graph) encode(x string) (mean, logVariance string) {
	layers := len(g.config.Hidden)
	mean, logVariance = g.gaussian("encoder", g.encoder("encoder", x, layers))
	if g.config.Levels != 2 {
		return mean, logVariance
	}
	image := g.encoder("lower_encoder", x, layers-1)
	both := g.join(image, g.hidden("lower_encoder/hidden_code", mean))
	lower, lowerLogVariance := g.gaussian("lower_encoder", g.hidden(hiddenName("lower_encoder", layers-1), both))
	return g.join(mean, lower), g.join(logVariance, lowerLogVariance)
}

func (g *graph) decode(z string) string {
	last := len(g.config.Hidden) - 1
	if g.config.Levels == 2 {
		upper, lower := g.halves(z)
		z = g.join(g.hidden("decoder/hidden_code", upper), g.hidden(hiddenName("decoder", last), lower))
		last--
	}
	for i := last; i >= 0; i-- {
		z = g.hidden(hiddenName("decoder", i), z)
	}
	return g.dense("decoder/output", z)
}

// image is the mean of the pixels' distribution given the decoder's output.
func (g *graph) image(output string) string {
	switch {
	case g.config.Normalised == autoencoder.UnitLength:
		return output
	case g.config.Loss == autoencoder.Continuous:
		return g.continuousMean(output)
	}
	return g.add("Sigmoid", output)
}

// continuousMean is the mean of the continuous Bernoulli distribution given by logits l, 1/(1 - exp(-l)) - 1/l. Near 0 it is
// the series 1/2 + l/12 - l^3/720.
func (g *graph) continuousMean(l string) string {
	one, near := g.scalar(1), g.scalar(autoencoder.NearZero)
	absolute := g.add("Abs", l)
	size := g.add("Max", absolute, near)
	upper := g.add("Sub", g.add("Reciprocal", g.add("Sub", one, g.add("Exp", g.add("Neg", size)))), g.add("Reciprocal", size))
	exact := g.add("Where", g.add("Less", l, g.scalar(0)), g.add("Sub", one, upper), upper)
	slope := g.add("Add", g.add("Mul", g.add("Mul", l, l), g.scalar(-1.0/720)), g.scalar(1.0/12))
	series := g.add("Add", g.add("Mul", l, slope), g.scalar(.5))
	return g.add("Where", g.add("Less", absolute, near), series, exact)
}

// normalise normalises images as configured. A black image stays black.
func (g *graph) normalise(x string) string {
	if g.config.Normalised == "" {
		return x
	}
	zero, one := g.scalar(0), g.scalar(1)
	scale := g.with("ReduceL2", attribute{"axes", []int{1}}, x)
	if g.config.Normalised == autoencoder.Brightness {
		lit := g.with("Cast", attribute{"to", int(float32s)}, g.add("Greater", x, zero))
		lit = g.add("Max", g.add("ReduceSum", lit, g.axis(1)), one)
		scale = g.add("Mul", g.add("Div", scale, g.add("Sqrt", lit)), g.scalar(2))
	}
	x = g.add("Div", x, g.add("Where", g.add("Equal", scale, zero), one, scale))
	if g.config.Normalised == autoencoder.Brightness {
		x = g.add("Min", x, one)
	}
	return x
}

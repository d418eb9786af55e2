// Package onnx writes a model's encoder and decoder as ONNX graphs (https://onnx.ai), which onnxruntime and others run.
package onnx

import (
	"cmp"
	"encoding/json"
	"fmt"

	"fashionlatent/lib/autoencoder"
)

// Opset is the version of the operators that the graphs use. Programs from 2021 on know it.
const Opset = 13

// Names of the inputs and outputs of the graphs.
const (
	Images       = "images"        // [batch, pixels] float32
	Codes        = "codes"         // [batch, latent] float32
	LogVariances = "log_variances" // [batch, latent] float32, of a VAE
)

// Encoder returns the encoder as the content of an .onnx file. Its input is [Images]: pixel values, grey levels divided by
// 255. The graph normalises them as the configuration says. Its outputs are [Codes], which are the posterior means of a VAE,
// and for a VAE [LogVariances]. With two levels the codes are those of the upper and then those of the lower level, as in
// autoencoder.Network.Encode. The batch size is free. about is added to the metadata, which describe the
// input and the outputs and hold the configuration. A
// learned prior is in neither graph. Weights that do not fit the configuration are an error.
func Encoder(c autoencoder.Config, w autoencoder.Weights, about map[string]string) ([]byte, error) {
	g, err := newGraph(c, w)
	if err != nil {
		return nil, err
	}
	mean, logVariance := g.encode(g.normalise(Images))
	side := c.ImageSide()
	in := value{Images, c.Pixels(), fmt.Sprintf("images of %d x %d pixels, row by row: grey levels divided by 255, 0 to 1", side, side)}
	out := []value{{g.output(mean, Codes), c.Latent, "codes, in units of the latent space"}}
	if c.Model == autoencoder.VAE {
		out[0].doc = "codes: means of the posterior q(z|x), in units of the latent space"
		out = append(out, value{g.output(logVariance, LogVariances), c.Latent, "natural logarithms of the variances of the posterior q(z|x)"})
	}
	return g.model("encoder", in, out, about)
}

// Decoder returns the decoder as the content of an .onnx file. Its input is [Codes] and its output [Images]: the means of the
// pixels' distributions, as autoencoder.Model.Decode returns them. The batch size, about and errors are those of Encoder.
func Decoder(c autoencoder.Config, w autoencoder.Weights, about map[string]string) ([]byte, error) {
	g, err := newGraph(c, w)
	if err != nil {
		return nil, err
	}
	side := c.ImageSide()
	doc := fmt.Sprintf("images of %d x %d pixels, row by row: the mean of each pixel's distribution, ", side, side)
	if c.Normalised == autoencoder.UnitLength {
		doc += "for images that are divided by their Euclidean length"
	} else {
		doc += "0 to 1"
	}
	image := g.image(g.decode(Codes))
	return g.model("decoder", value{Codes, c.Latent, "codes, in units of the latent space"}, []value{{g.output(image, Images), c.Pixels(), doc}}, about)
}

func newGraph(c autoencoder.Config, w autoencoder.Weights) (*graph, error) {
	if err := w.Check(c); err != nil {
		return nil, err
	}
	g := &graph{config: c, weights: map[string]autoencoder.Variable{}, known: map[string]bool{}}
	for _, v := range w {
		g.weights[v.Name] = v
	}
	return g, nil
}

// model is the graph with its input, outputs and metadata as the content of a file.
func (g *graph) model(part string, in value, out []value, about map[string]string) ([]byte, error) {
	config, err := json.Marshal(g.config)
	if err = cmp.Or(g.problem, err); err != nil {
		return nil, err
	}
	metadata := map[string]string{"part": part, "config": string(config), "input " + in.name: in.describe()}
	for _, v := range out {
		metadata["output "+v.name] = v.describe()
	}
	for key, v := range about {
		metadata[key] = v
	}
	return g.encodeModel(part, fmt.Sprintf("The %s of a model, %v.", part, g.config), in, out, metadata), nil
}

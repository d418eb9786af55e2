package explorer

import (
	"fmt"
	"math"
	"slices"
)

// Network is a fully connected network: layers with an activation between them.
type Network struct {
	Layers []Layer
	Hidden string // activation of all layers but the last, one of Activations
}

// Layer is a fully connected layer: [in] x Weights [in, out] + Bias [out]. The page holds each weight as a whole number
// times the step of its column.
type Layer struct {
	In, Out int
	Weights []float32
	Bias    []float32
	Steps   []float32 // [out], set by Network.Round or RoundDecoder
}

func (n Network) validate(name string, in, out int) error {
	if !slices.Contains(Activations, n.Hidden) {
		return fmt.Errorf("the activation of the %s is %q, want one of %q", name, n.Hidden, Activations)
	}
	for i, l := range n.Layers {
		if err := l.validate(i, name, in); err != nil {
			return err
		}
		in = l.Out
	}
	if in != out {
		return fmt.Errorf("the %s ends with %d values, want %d", name, in, out)
	}
	return nil
}

// validate checks layer i of a network that a name stands for, which has so many inputs.
func (l Layer) validate(i int, name string, in int) error {
	if l.In != in || l.Out < 1 || len(l.Weights) != l.In*l.Out || len(l.Bias) != l.Out || len(l.Steps) != l.Out {
		return fmt.Errorf("layer %d of the %s is %d to %d with %d weights, %d biases and %d steps; want it to begin with %d, and to be complete and rounded",
			i+1, name, l.In, l.Out, len(l.Weights), len(l.Bias), len(l.Steps), in)
	}
	return nil
}

// Apply returns the outputs of the last layer, [n, out], for inputs, [n, in]. The page computes the same from rounded weights.
func (n Network) Apply(x []float32) []float32 {
	for i, l := range n.Layers {
		if i > 0 {
			x = n.activated(x)
		}
		x = l.apply(x)
	}
	return x
}

// Decode returns the pixel values in [0, 1], [n, pixels], that a decoder makes of codes, [n, dim].
func (n Network) Decode(codes []float32) []float32 {
	images := n.Apply(codes)
	for i, logit := range images {
		images[i] = float32(logistic(float64(logit)))
	}
	return images
}

func (n Network) activated(x []float32) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		switch n.Hidden {
		case "relu":
			y[i] = max(v, 0)
		case "silu":
			y[i] = v * float32(logistic(float64(v)))
		case "tanh":
			y[i] = float32(math.Tanh(float64(v)))
		}
	}
	return y
}

func logistic(v float64) float64 { return 1 / (1 + math.Exp(-v)) }

func (l Layer) apply(x []float32) []float32 {
	y := make([]float32, 0, len(x)/l.In*l.Out)
	for row := range slices.Chunk(x, l.In) {
		sums := slices.Clone(l.Bias)
		for i, v := range row {
			if v == 0 {
				continue
			}
			for j, w := range l.Weights[i*l.Out : (i+1)*l.Out] {
				sums[j] += v * w
			}
		}
		y = append(y, sums...)
	}
	return y
}

// Round rounds the weights of all layers, column by column, to so many steps in the root mean square of the column's weights.
func (n Network) Round(steps float64) {
	for i := range n.Layers {
		l := &n.Layers[i]
		l.finest()
		squares := make([]float64, l.Out)
		for j, w := range l.Weights {
			squares[j%l.Out] += float64(w) * float64(w)
		}
		for j, sum := range squares {
			l.Steps[j] = max(l.Steps[j], float32(math.Sqrt(sum/float64(l.In))/steps))
		}
		l.round()
	}
}

// RoundDecoder rounds a decoder's weights so that hardly any pixel of the images decoded from the codes, [n, dim], changes by
// more than one grey level of 255. The first layer is rounded to 16 bits, and the others but the last to a 512th of the root mean
// square of each column. In the last layer the weights of a pixel have steps in inverse proportion to how much they matter: if each
// weight is off by up to half a step, at random, the logit of image i is off by step |h_i| / sqrt(12), where h_i are the
// inputs of the layer, and the pixel value p by p (1 - p) times that. The step makes four times that one grey level, in
// the image in which it is largest.
func (n Network) RoundDecoder(codes []float32) {
	last := len(n.Layers) - 1
	for i := range last {
		if i == 0 {
			n.Layers[i].finest()
			n.Layers[i].round()
		} else {
			Network{n.Layers[i : i+1], n.Hidden}.Round(512)
		}
	}
	out := &n.Layers[last]
	inputs := codes
	if last > 0 {
		inputs = n.activated(Network{n.Layers[:last], n.Hidden}.Apply(codes))
	}
	sensitive := make([]float64, out.Out)
	logits := out.apply(inputs)
	for i := range len(inputs) / out.In {
		var squares float64
		for _, h := range inputs[i*out.In : (i+1)*out.In] {
			squares += float64(h) * float64(h)
		}
		for j, logit := range logits[i*out.Out : (i+1)*out.Out] {
			p := logistic(float64(logit))
			sensitive[j] = max(sensitive[j], p*(1-p)*math.Sqrt(squares))
		}
	}
	out.finest()
	for j, s := range sensitive {
		if s > 0 {
			out.Steps[j] = max(out.Steps[j], float32(min(math.Sqrt(12)/(4*255*s), 1)))
		}
	}
	out.round()
}

// finest sets the steps to the smallest that can be held in 16 bits.
func (l *Layer) finest() {
	l.Steps = make([]float32, l.Out)
	for i, w := range l.Weights {
		l.Steps[i%l.Out] = max(l.Steps[i%l.Out], w, -w)
	}
	for j, most := range l.Steps {
		l.Steps[j] = max(most/math.MaxInt16, 1e-30)
	}
}

// round rounds the weights to multiples of the steps.
func (l *Layer) round() {
	rounded := make([]float32, len(l.Weights))
	for i, w := range l.Weights {
		rounded[i] = l.Steps[i%l.Out] * float32(math.Round(float64(w/l.Steps[i%l.Out])))
	}
	l.Weights = rounded
}

// whole are the weights as numbers of steps.
func (l Layer) whole() []int16 {
	steps := make([]int16, len(l.Weights))
	for i, w := range l.Weights {
		steps[i] = int16(math.Round(float64(w / l.Steps[i%l.Out])))
	}
	return steps
}

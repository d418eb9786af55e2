package autoencoder

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// Variable is a named array of weights, row-major.
type Variable struct {
	Name   string
	Shape  []int
	Values []float32
}

// size is the number of values of the shape.
func (v Variable) size() int {
	size := 1
	for _, n := range v.Shape {
		size *= n
	}
	return size
}

// Weights are all learned variables of a model, in the order of Config.Variables.
type Weights []Variable

// Variables returns the names and shapes of the model's weights, without values. A layer computes [batch, in] x weights
// [in, out] + bias [out].
func (c Config) Variables() Weights {
	var w Weights
	dense := func(name string, in, out int) {
		w = append(w, Variable{Name: name + "/weights", Shape: []int{in, out}}, Variable{Name: name + "/bias", Shape: []int{out}})
	}
	hidden := func(name string, in, nodes int) int {
		out := nodes
		if c.Activation == Gated {
			out *= 2
		}
		dense(name, in, out)
		return nodes
	}
	gaussian := func(part string, in int) {
		dense(part+"/mean", in, c.top())
		if c.Model == VAE {
			dense(part+"/log_variance", in, c.top())
		}
	}
	encoder := func(part string, layers []int) int {
		in := c.Pixels()
		for i, nodes := range layers {
			in = hidden(hiddenName(part, i), in, nodes)
		}
		return in
	}
	decoder := func(part string, in int, layers []int) int {
		for i, nodes := range slices.Backward(layers) {
			in = hidden(hiddenName(part, i), in, nodes)
		}
		return in
	}
	gaussian("encoder", encoder("encoder", c.Hidden))
	layers, in := c.Hidden, c.Latent
	if c.Levels == 2 {
		last := len(layers) - 1
		nodes := layers[last]
		image := encoder(lowerEncoder, layers[:last])
		code := hidden(ofCode(lowerEncoder), c.top(), layers[last-1])
		gaussian(lowerEncoder, hidden(hiddenName(lowerEncoder, last), image+code, nodes))
		gaussian(lowerPrior, decoder(lowerPrior, c.top(), layers))
		in = hidden(ofCode("decoder"), c.top(), nodes) + hidden(hiddenName("decoder", last), c.top(), nodes)
		layers = layers[:last]
	}
	dense("decoder/output", decoder("decoder", in, layers), c.Pixels())
	if c.Loss == Gaussian {
		w = append(w, Variable{Name: scaleName, Shape: []int{1}})
	}
	switch {
	case c.Vamp:
		w = append(w, Variable{Name: priorImages, Shape: []int{c.Prior, c.Pixels()}})
	case c.Prior > 0:
		w = append(w, Variable{Name: priorMeans, Shape: []int{c.Prior, c.top()}},
			Variable{Name: priorLogVariances, Shape: []int{c.Prior, c.top()}},
			Variable{Name: priorLogWeights, Shape: []int{c.Prior}})
	}
	return w
}

// Parts of a model whose codes have two levels.
const (
	lowerEncoder = "lower_encoder" // of the lower level, from the image and the code of the upper level
	lowerPrior   = "lower_prior"   // of the lower level, from the code of the upper level
)

// ofCode names the hidden layer of a part that takes the code of the upper level.
func ofCode(part string) string { return part + "/hidden_code" }

func hiddenName(part string, i int) string { return fmt.Sprintf("%s/hidden_%d", part, i+1) }

// Initial returns the weights at the start of training.
func (c Config) Initial(seed uint64) Weights { return c.Variables().Initial(seed) }

// Initial returns w with the values at the start of training. Weights of hidden layers are normal with variance 2/in
// (He et al., arXiv 1502.01852), and weights of layers without an activation normal with variance 1/in. The means of a
// learned prior are standard normal. The learned images of a VampPrior are normal with mean .05 and standard deviation .01.
// The log of the pixels' standard deviation is -1, close to that of the images. All
// others are zero. The values depend only on the seed, the names and the shapes, so they are the same on every backend.
func (w Weights) Initial(seed uint64) Weights {
	w = slices.Clone(w)
	for i, v := range w {
		w[i].Values = make([]float32, v.size())
		if v.Name == scaleName {
			w[i].Values[0] = -1
		}
		if len(v.Shape) < 2 || v.Name == priorLogVariances {
			continue
		}
		name := fnv.New64a()
		name.Write([]byte(v.Name))
		random := rand.New(rand.NewPCG(seed, name.Sum64()))
		scale, mean := math.Sqrt(1/float64(v.Shape[0])), 0.
		switch {
		case strings.Contains(v.Name, "/hidden_"):
			scale *= math.Sqrt2
		case v.Name == priorMeans:
			scale = 1
		case v.Name == priorImages:
			scale, mean = .01, .05
		}
		for j := range w[i].Values {
			w[i].Values[j] = float32(mean + scale*random.NormFloat64())
		}
	}
	return w
}

// SHA256 returns the hash of names, shapes and values (little-endian), in hexadecimal. It is equal only for weights
// that are equal to the bit.
func (w Weights) SHA256() string {
	h := sha256.New()
	buffer := make([]byte, 0, 1<<16)
	for _, v := range w {
		fmt.Fprintf(h, "%s %v\n", v.Name, v.Shape)
		for chunk := range slices.Chunk(v.Values, 1<<14) {
			buffer = buffer[:0]
			for _, x := range chunk {
				buffer = binary.LittleEndian.AppendUint32(buffer, math.Float32bits(x))
			}
			h.Write(buffer)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Count returns the number of weights.
func (w Weights) Count() int {
	total := 0
	for _, v := range w {
		total += v.size()
	}
	return total
}

// Check returns an error if the configuration is not valid, or if the weights do not fit it or are not finite.
func (w Weights) Check(c Config) error {
	if err := c.Validate(); err != nil {
		return err
	}
	if err := w.CheckShapes(c.Variables()); err != nil {
		return err
	}
	for _, v := range w {
		for _, x := range v.Values {
			if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
				return fmt.Errorf("weights %q hold %v, want finite numbers", v.Name, x)
			}
		}
	}
	return nil
}

// CheckShapes returns an error if names or shapes differ from those of want, or if values are missing.
func (w Weights) CheckShapes(want Weights) error {
	if err := w.SameShapes(want); err != nil {
		return err
	}
	for _, v := range w {
		if len(v.Values) != v.size() {
			return fmt.Errorf("weights %q hold %d values, want %d", v.Name, len(v.Values), v.size())
		}
	}
	return nil
}

// SameShapes returns an error if names or shapes differ from those of want. Values are not checked.
func (w Weights) SameShapes(want Weights) error {
	if len(w) != len(want) {
		return fmt.Errorf("%d arrays of weights, want %d", len(w), len(want))
	}
	for i, v := range w {
		if v.Name != want[i].Name || !slices.Equal(v.Shape, want[i].Shape) {
			return fmt.Errorf("weights %q %v, want %q %v", v.Name, v.Shape, want[i].Name, want[i].Shape)
		}
	}
	return nil
}

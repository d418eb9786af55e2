package autoencoder

import (
	"context"
	"errors"
	"fmt"

	"fashionlatent/lib/backend"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Model is a trained model that encodes and decodes. Several goroutines may use it at the same time.
type Model struct {
	Config  Config
	Weights Weights

	backend *backend.Backend
	tensors []any // the weights on the device

	encode, decode, score func() (*graph.Exec, error)
}

// NewModel returns the model with these weights. The backend runs it. An invalid configuration and weights that do not
// fit it are errors.
func NewModel(b *backend.Backend, c Config, w Weights) (*Model, error) {
	if err := w.Check(c); err != nil {
		return nil, err
	}
	m := &Model{Config: c, Weights: w, backend: b}
	for _, v := range w {
		m.tensors = append(m.tensors, tensors.FromFlatDataAndDimensions(v.Values, v.Shape...))
	}
	m.encode = m.compiled("encode", func(n *Network, levels *graph.Node) []*graph.Node {
		mean, logVariance := n.Encode(c.Normalise(Pixels(levels)))
		if logVariance == nil {
			return []*graph.Node{mean}
		}
		return []*graph.Node{mean, logVariance}
	})
	m.decode = m.compiled("decode", func(n *Network, z *graph.Node) []*graph.Node {
		return []*graph.Node{c.Image(n.Decode(z))}
	})
	m.score = m.compiled("score", func(n *Network, levels *graph.Node) []*graph.Node {
		x := Pixels(levels)
		l := n.Loss(x)
		image, x := c.Image(l.Output), c.Normalise(x)
		entropy := l.Reconstruction
		if c.Loss != BCE {
			entropy = crossEntropyOf(image, x)
		}
		return []*graph.Node{l.Reconstruction, entropy, SquaredError(image, x), l.KL}
	})
	return m, nil
}

// compiled returns a graph with the weights and one input as arguments. All models with the same configuration share
// it, because the weights are arguments.
func (m *Model) compiled(name string, f func(n *Network, input *graph.Node) []*graph.Node) func() (*graph.Exec, error) {
	c, b := m.Config, m.backend // a graph outlives the model
	key := fmt.Sprintf("%s %#v", name, c)
	return func() (*graph.Exec, error) {
		return b.Graph(key, func(nodes []*graph.Node) []*graph.Node {
			last := len(nodes) - 1
			return f(NewNetwork(c, nodes[:last], nil), nodes[last])
		})
	}
}

// Encode returns the codes of n images, [n, pixels] grey levels, each [n, latent]. For a VAE they are the mean and the
// log-variance of the posterior, and for an AE the code and nil.
func (m *Model) Encode(ctx context.Context, images []uint8) (mean, logVariance []float32, err error) {
	out, err := rows(ctx, m, m.encode, images, m.Config.Pixels())
	if err != nil {
		return nil, nil, fmt.Errorf("encoding: %w", err)
	}
	if m.Config.Model == VAE {
		logVariance = out[1]
	}
	return out[0], logVariance, nil
}

// Decode returns the images, [n, pixels], of n codes, [n, latent]. They are the means of the pixels' distributions, and
// lie in [0, 1] unless images are normalised to unit length. Levels makes grey levels of them, which lib/figure draws.
func (m *Model) Decode(ctx context.Context, codes []float32) ([]float32, error) {
	out, err := rows(ctx, m, m.decode, codes, m.Config.Latent)
	if err != nil {
		return nil, fmt.Errorf("decoding: %w", err)
	}
	return out[0], nil
}

// Reconstruct encodes n images, [n, pixels] grey levels, and decodes their codes to [n, pixels], as Decode does. A VAE
// decodes the posterior mean.
func (m *Model) Reconstruct(ctx context.Context, images []uint8) ([]float32, error) {
	codes, _, err := m.Encode(ctx, images)
	if err != nil {
		return nil, err
	}
	return m.Decode(ctx, codes)
}

// Score holds mean losses per image over a set of images, which are normalised as the configuration says. A VAE
// reconstructs from the posterior mean. The KL to a learned prior is also evaluated at the posterior mean, and then
// does not give a bound of the likelihood.
type Score struct {
	Reconstruction float64 // the configured loss, summed over pixels, per image
	CrossEntropy   float64 // between pixels and their reconstruction, nats per image
	SquaredError   float64 // summed over pixels, per image
	MSE            float64 // squared error per pixel
	KL             float64 // nats per image
}

// Score computes the mean losses of images, [n, pixels] grey levels.
func (m *Model) Score(ctx context.Context, images []uint8) (Score, error) {
	if len(images) == 0 {
		return Score{}, errors.New("scoring: there are no images")
	}
	all, err := m.Scores(ctx, images)
	if err != nil {
		return Score{}, err
	}
	var means [4]float64
	for i, values := range [][]float64{all.Reconstruction, all.CrossEntropy, all.SquaredError, all.KL} {
		for _, v := range values {
			means[i] += v
		}
		means[i] /= float64(len(values))
	}
	return Score{means[0], means[1], means[2], means[2] / float64(m.Config.Pixels()), means[3]}, nil
}

// Scores holds the losses of each of n images, [n]. Their means are those in Score.
type Scores struct{ Reconstruction, CrossEntropy, SquaredError, KL []float64 }

// Scores computes the losses of each of n images, [n, pixels] grey levels.
func (m *Model) Scores(ctx context.Context, images []uint8) (Scores, error) {
	out, err := rows(ctx, m, m.score, images, m.Config.Pixels())
	if err != nil {
		return Scores{}, fmt.Errorf("scoring: %w", err)
	}
	return Scores{widen(out[0]), widen(out[1]), widen(out[2]), widen(out[3])}, nil
}

// rows runs a graph of the model's weights over the rows of input, [n, width].
func rows[T uint8 | float32](ctx context.Context, m *Model, compiled func() (*graph.Exec, error), input []T, width int) ([][]float32, error) {
	exec, err := compiled()
	if err != nil {
		return nil, err
	}
	return backend.Rows(ctx, exec, m.tensors, input, width)
}

// Levels converts pixel values to grey levels 0 to 255. Values outside [0, 1] are clipped.
func Levels(pixels []float32) []uint8 {
	levels := make([]uint8, len(pixels))
	for i, p := range pixels {
		levels[i] = uint8(min(max(p, 0), 1)*255 + .5)
	}
	return levels
}

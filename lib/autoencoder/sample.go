package autoencoder

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"fashionlatent/lib/generate"
	"fashionlatent/lib/points"

	"github.com/gomlx/gomlx/core/graph"
)

// maxCodes is the largest number of codes that are drawn in one call.
const maxCodes = 10_000_000

// PriorCodes draws n codes from the model's prior with the seed: [n, latent]. The prior is N(0, I), or what the model has
// learned. An AE has no prior. Its N(0, I) is there for comparison.
func (m *Model) PriorCodes(ctx context.Context, n int, seed uint64) ([]float32, error) {
	if n < 0 || n > maxCodes {
		return nil, fmt.Errorf("number of samples is %d, want 0 to %d", n, maxCodes)
	}
	prior, err := m.topPrior(ctx)
	if err != nil {
		return nil, fmt.Errorf("drawing from the prior: %w", err)
	}
	upper := prior.Sample(n, seed)
	if m.Config.Levels != 2 {
		return upper, nil
	}
	dim := m.Config.top()
	input := besideNormals(upper, dim, dim, rand.New(rand.NewPCG(seed, 4))) // a stream other than those of package generate
	out, err := rows(ctx, m, m.compiled("prior", func(n *Network, input *graph.Node) []*graph.Node {
		upper, normal := n.levels(input)
		mean, logVariance := n.gaussian(lowerPrior, n.layers(lowerPrior, upper, n.config.Hidden))
		return []*graph.Node{graph.Concatenate([]*graph.Node{upper, n.drawn(mean, logVariance, normal).z}, 1)}
	}), input, 2*dim)
	if err != nil {
		return nil, fmt.Errorf("drawing from the prior: %w", err)
	}
	return out[0], nil
}

// PosteriorCodes draws one code of the posterior of each image, [n, pixels] grey levels, with the seed: [n, latent]. With
// two levels, that of the lower level is drawn given that of the upper level. For an AE it is the image's code.
func (m *Model) PosteriorCodes(ctx context.Context, images []uint8, seed uint64) ([]float32, error) {
	if m.Config.Levels != 2 {
		mean, logVariance, err := m.Encode(ctx, images)
		if err != nil {
			return nil, err
		}
		return generate.PosteriorSamples(mean, logVariance, seed)
	}
	pixels, dim := m.Config.Pixels(), m.Config.Latent
	if len(images)%pixels != 0 {
		return nil, fmt.Errorf("%d values, want a whole number of images of %d values", len(images), pixels)
	}
	input := besideNormals(images, pixels, dim, rand.New(rand.NewPCG(seed, 6)))
	out, err := rows(ctx, m, m.compiled("posterior", func(n *Network, input *graph.Node) []*graph.Node {
		levels := graph.Slice(input, graph.AxisRange(), graph.AxisRangeFromStart(pixels))
		normals := graph.Slice(input, graph.AxisRange(), graph.AxisRangeToEnd(pixels))
		return []*graph.Node{n.draw(n.encodeImages(n.config.Normalise(Pixels(levels))), normals).z}
	}), input, pixels+dim)
	if err != nil {
		return nil, fmt.Errorf("encoding: %w", err)
	}
	return out[0], nil
}

// besideNormals puts standard normal numbers behind each of the rows, [n, width]: [n, width+normals].
func besideNormals[T uint8 | float32](rows []T, width, normals int, rng *rand.Rand) []float32 {
	n := len(rows) / width
	all := make([]float32, 0, n*(width+normals))
	for i := range n {
		if i%64 == 0 {
			points.ClearUpper()
		}
		for _, v := range rows[i*width : (i+1)*width] {
			all = append(all, float32(v))
		}
		for range normals {
			all = append(all, float32(rng.NormFloat64()))
		}
	}
	return all
}

// topPrior is the prior of the code, or of its upper level, if there are two.
func (m *Model) topPrior(ctx context.Context) (generate.Sampler, error) {
	k, dim := m.Config.Prior, m.Config.top()
	if k == 0 {
		return generate.Prior(dim), nil
	}
	values := map[string][]float32{}
	for _, v := range m.Weights {
		values[v.Name] = v.Values
	}
	means, logVariances, logWeights := values[priorMeans], values[priorLogVariances], values[priorLogWeights]
	if m.Config.Vamp {
		out, err := rows(ctx, m, m.compiled("components", func(n *Network, images *graph.Node) []*graph.Node {
			p := n.encode(graph.ClipScalar(images, 0, 1))
			return []*graph.Node{p.mean, p.logVariance}
		}), values[priorImages], m.Config.Pixels())
		if err != nil {
			return nil, err
		}
		means, logVariances, logWeights = out[0], out[1], make([]float32, k)
	}
	p := generate.Diagonal{Weights: make([]float64, k), Means: make([]float64, k*dim), Variances: make([]float64, k*dim), Width: dim}
	largest, sum := float64(slices.Max(logWeights)), 0.0
	for c, l := range logWeights {
		p.Weights[c] = math.Exp(float64(l) - largest)
		sum += p.Weights[c]
	}
	for c := range p.Weights {
		p.Weights[c] /= sum
	}
	for i, mean := range means {
		p.Means[i], p.Variances[i] = float64(mean), math.Exp(float64(logVariances[i]))
		if v := p.Variances[i]; !(v > 0) || math.IsInf(v, 1) || math.IsNaN(p.Means[i]) || math.IsInf(p.Means[i], 0) {
			return nil, fmt.Errorf("the prior's Gaussian %d has the mean %v and the variance %v, want finite numbers and a positive variance", i/dim, mean, v)
		}
	}
	if !(sum > 0) {
		return nil, errors.New("the weights of the prior's Gaussians are not numbers")
	}
	return p, nil
}

// Sample decodes n codes drawn from the prior with the seed: [n, pixels], as Decode does.
func (m *Model) Sample(ctx context.Context, n int, seed uint64) ([]float32, error) {
	codes, err := m.PriorCodes(ctx, n, seed)
	if err != nil {
		return nil, err
	}
	return m.Decode(ctx, codes)
}

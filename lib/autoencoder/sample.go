package autoencoder

import (
	"context"
	"fmt"
	"math"
	"slices"

	"fashionlatent/lib/cluster"
	"fashionlatent/lib/generate"
)

// Prior is the distribution from which the model draws codes: the mixture that it has learned, or else N(0, I). An AE
// has no prior. Its N(0, I) is there for comparison.
func (m *Model) Prior() generate.Sampler {
	k, dim := m.Config.Prior, m.Config.Latent
	if k == 0 {
		return generate.Prior(dim)
	}
	values := map[string][]float32{}
	for _, v := range m.Weights {
		values[v.Name] = v.Values
	}
	p := &cluster.Mixture{K: k, Dim: dim, Weights: make([]float64, k), Means: make([]float64, k*dim), Covariances: make([]float64, k*dim*dim)}
	logs := values[priorLogWeights]
	largest, sum := float64(slices.Max(logs)), 0.0
	for c, l := range logs {
		p.Weights[c] = math.Exp(float64(l) - largest)
		sum += p.Weights[c]
	}
	for c := range p.Weights {
		p.Weights[c] /= sum
	}
	for i, mean := range values[priorMeans] {
		c, j := i/dim, i%dim
		p.Means[i] = float64(mean)
		p.Covariances[(c*dim+j)*dim+j] = math.Exp(float64(values[priorLogVariances][i]))
	}
	return &generate.Mixture{Mixture: p}
}

// Sample decodes n codes drawn from Prior with the seed: [n, pixels], as Decode does.
func (m *Model) Sample(ctx context.Context, n int, seed uint64) ([]float32, error) {
	if n < 0 {
		return nil, fmt.Errorf("number of samples is %d, want 0 or more", n)
	}
	return m.Decode(ctx, m.Prior().Sample(n, seed))
}

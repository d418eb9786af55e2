package autoencoder

import (
	"context"
	"fmt"
	"math/bits"

	"fashionlatent/lib/latent"
	"fashionlatent/lib/noise"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Limits of one call of the decoder: the number of codes, and the number of codes of one image. For images of more than
// 28 x 28 pixels, codesPerCall is reduced in proportion to their pixels.
const (
	codesPerCall   = 5000
	samplesPerCall = 100
)

// NegativeELBO estimates the negative evidence lower bound of each of n images, [n, pixels] grey levels, from k samples
// of its posterior: [n] nats. It is the mean of -log p(x, z) + log q(z|x) over z ~ q(z|x) (Kingma and Welling, arXiv
// 1312.6114). Its expectation is at least -log p(x). With z at the posterior mean it would not be a bound. The
// requirements and the rounding of k are those of ImportanceWeighted.
func (m *Model) NegativeELBO(ctx context.Context, images []uint8, k int, seed uint64, progress func(done, total int)) ([]float64, error) {
	return m.importance(ctx, images, k, seed, (*latent.Importance).NegativeELBO, progress)
}

// ImportanceWeighted estimates the negative log-likelihood of each of n images, [n, pixels] grey levels, from k samples
// of its posterior: [n] nats. It is -log (1/k) sum p(x, z) / q(z|x), z ~ q(z|x) (Burda et al., arXiv 1509.00519). Its
// expectation falls towards -log p(x) as k grows. Above 100, k is rounded up to a multiple of 100. A model that is not
// a VAE, and the loss MSE, are errors. If progress is not nil, it receives the number of images done.
func (m *Model) ImportanceWeighted(ctx context.Context, images []uint8, k int, seed uint64, progress func(done, total int)) ([]float64, error) {
	return m.importance(ctx, images, k, seed, (*latent.Importance).NLL, progress)
}

// Likelihoods are NegativeELBO and ImportanceWeighted of each of n images, [n, pixels] grey levels, from the same k
// samples: [n] nats each. If progress is not nil, it receives the number of images done.
func (m *Model) Likelihoods(ctx context.Context, images []uint8, k int, seed uint64, progress func(done, total int)) (bound, nll []float64, err error) {
	nll, err = m.importance(ctx, images, k, seed, func(w *latent.Importance) ([]float64, error) {
		some, err := w.NegativeELBO()
		if err != nil {
			return nil, err
		}
		bound = append(bound, some...)
		return w.NLL()
	}, progress)
	if err != nil {
		return nil, nil, err
	}
	return bound, nll, nil
}

// importance samples k codes of each image and computes an estimate, [n], from their importance weights.
func (m *Model) importance(ctx context.Context, images []uint8, k int, seed uint64, estimate func(*latent.Importance) ([]float64, error), progress func(done, total int)) ([]float64, error) {
	pixels := m.Config.Pixels()
	switch {
	case m.Config.Model != VAE:
		return nil, fmt.Errorf("the model is %q, want a VAE for a likelihood: an autoencoder has no distribution of codes", m.Config.Model)
	case m.Config.Loss == MSE:
		return nil, fmt.Errorf("the loss is %q, want one of %q for a likelihood: a squared error is not a density", MSE, []string{BCE, Gaussian, Continuous})
	case k < 1:
		return nil, fmt.Errorf("number of samples is %d, want 1 or more", k)
	case len(images)%pixels != 0:
		return nil, fmt.Errorf("%d values, want a whole number of images of %d values", len(images), pixels)
	}
	n := len(images) / pixels
	samples := min(k, samplesPerCall)
	// Few images are padded to a power of two, because the graph of each number of images is compiled and kept.
	imagesPerCall := max(1, min(1<<bits.Len(uint(max(n, 1)-1)), codesPerCall*defaultPixels/max(defaultPixels, pixels)/samples))
	c := m.Config // a graph outlives the model
	exec, err := m.backend.Graph(fmt.Sprintf("importance %#v %d %d", c, seed, samples), func(nodes []*Node) []*Node {
		last := len(nodes) - 2
		return []*Node{NewNetwork(c, nodes[:last], nil).logWeights(nodes[last], samples, noise.New(seed, nodes[last+1]))}
	})
	if err != nil {
		return nil, err
	}
	calls := (k + samples - 1) / samples
	var all []float64
	for start := 0; start < n; start += imagesPerCall {
		rows := min(imagesPerCall, n-start)
		padded := make([]uint8, imagesPerCall*pixels)
		copy(padded, images[start*pixels:(start+rows)*pixels])
		in := tensors.FromFlatDataAndDimensions(padded, imagesPerCall, pixels)
		var weighted latent.Importance
		for call := range calls {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			step := uint32(start/imagesPerCall*calls + call)
			out, err := exec.Call(append(m.tensors[:len(m.tensors):len(m.tensors)], in, step)...)
			if err != nil {
				return nil, err
			}
			weights, err := tensors.CopyFlatData[float32](out[0])
			if err != nil {
				return nil, err
			}
			out[0].FinalizeAll()
			if err := weighted.Add(widen(weights[:rows*samples]), samples); err != nil {
				return nil, fmt.Errorf("images %d to %d: %w", start, start+rows-1, err)
			}
		}
		in.FinalizeAll()
		values, err := estimate(&weighted)
		if err != nil {
			return nil, err
		}
		all = append(all, values...)
		if progress != nil {
			progress(start+rows, n)
		}
	}
	return all, nil
}

// logWeights is log p(x, z) - log q(z|x) of samples z of the posterior of each image, [images, samples] nats.
func (n *Network) logWeights(levels *Node, samples int, source *noise.Source) *Node {
	x := n.config.Normalise(Pixels(levels))
	epsilon := source.Normal("importance", x.Shape().Dim(0)*samples, n.config.Latent)
	measured := *n
	measured.measured = true
	_, reconstruction, kl := measured.ofCodes(x, n.encodeImages(x), samples, epsilon)
	return Neg(Add(reconstruction, kl))
}

// ofCodes draws samples codes z of the posterior of each image. epsilon, [images*samples, latent], is their distance
// from the posterior mean in standard deviations. It returns the decoder's output, [images*samples, pixels], and for
// each code the reconstruction loss and log q(z|x) - log p(z), both [images, samples].
func (n *Network) ofCodes(x *Node, p posterior, samples int, epsilon *Node) (output, reconstruction, kl *Node) {
	images := x.Shape().Dim(0)
	c := n.draw(p.repeat(samples), epsilon)
	output = n.Decode(c.z)
	reconstruction = Reshape(n.reconstruction(output, repeat(x, samples)), images, samples)
	return output, reconstruction, Reshape(n.divergenceAt(c), images, samples)
}

func widen(values []float32) []float64 {
	wide := make([]float64, len(values))
	for i, v := range values {
		wide[i] = float64(v)
	}
	return wide
}

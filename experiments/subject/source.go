package subject

import (
	"context"
	"fmt"
	"slices"

	"fashionlatent/experiments/metric"
	"fashionlatent/lib/cluster"
	"fashionlatent/lib/generate"
)

// Normal is the source of codes N(0, I), whatever the model's prior is.
const Normal = "normal"

// Sources are the names of the sources of codes.
var Sources = append(slices.Clone(metric.Sources), Normal)

// Sampler returns a source of codes. It is one of four: the model's prior, which is N(0, I) or the mixture that it has
// learned; a Gaussian; a mixture of K Gaussians; or N(0, I). The Gaussian and the mixture are fitted to the codes of
// the training images, or, for a VAE, to one sample of each posterior.
func (s *Model) Sampler(ctx context.Context, source string) (generate.Sampler, error) {
	if known := s.samplers[source]; known != nil {
		return known, nil
	}
	made, err := s.sampler(ctx, source)
	if err == nil {
		s.samplers[source] = made
	}
	return made, err
}

func (s *Model) sampler(ctx context.Context, source string) (generate.Sampler, error) {
	dim := s.Model.Config.Latent
	switch source {
	case metric.Prior:
		return s.Model.Prior(), nil
	case Normal:
		return generate.Prior(dim), nil
	case metric.Gaussians, metric.Mixtures:
	default:
		return nil, fmt.Errorf("no source of codes is called %q; it can be one of %q", source, Sources)
	}
	codes, err := s.Codes(ctx, metric.Train)
	if err != nil {
		return nil, err
	}
	drawn, err := generate.PosteriorSamples(codes.Values, codes.LogVariances, s.seed)
	if err != nil {
		return nil, metric.Because(err)
	}
	var m *generate.Mixture
	if source == metric.Gaussians {
		m, err = generate.FitGaussian(drawn, dim)
	} else {
		m, err = generate.FitMixture(ctx, drawn, dim, cluster.MixtureConfig{K: s.K, Seed: s.seed})
	}
	if err != nil {
		return nil, metric.Because(err)
	}
	return m, nil
}

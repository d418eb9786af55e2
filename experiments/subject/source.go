package subject

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fashionlatent/experiments/metric"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/cluster"
	"fashionlatent/lib/generate"
	"fashionlatent/lib/words"
)

// Normal is the source of codes N(0, I), whatever the model's prior is.
const Normal = "normal"

// Sources are the names of the sources of codes.
var Sources = append(slices.Clone(metric.Sources), metric.Selected, metric.Encoded, Normal)

// Draw draws n codes from a source, [n, latent]. It is one of six: the model's prior, which is N(0, I) or what it has
// learned; a Gaussian; a mixture of K Gaussians; a mixture of as many as the likelihood of held-out codes selects; codes; or
// N(0, I). The codes are those of the training images, or, for a VAE, one sample of each posterior. The Gaussian and the
// mixtures are fitted to them.
func (s *Model) Draw(ctx context.Context, source string, n int, seed uint64) ([]float32, error) {
	if source == metric.Prior {
		return s.Model.PriorCodes(ctx, n, seed)
	}
	from, err := s.Source(ctx, source)
	if err != nil {
		return nil, err
	}
	return from.Sample(n, seed), nil
}

// Source returns a source of codes other than the prior. It is fitted once.
func (s *Model) Source(ctx context.Context, source string) (generate.Sampler, error) {
	return once(&s.samplers, source, func() (generate.Sampler, error) { return s.sampler(ctx, source) })
}

func (s *Model) sampler(ctx context.Context, source string) (generate.Sampler, error) {
	dim := s.Model.Config.Latent
	switch source {
	case Normal:
		return generate.Prior(dim), nil
	case metric.Gaussians, metric.Mixtures, metric.Selected, metric.Encoded:
	default:
		return nil, fmt.Errorf("no source of codes is called %q; want one of %s%s", source, strings.Join(Sources, ", "), words.DidYouMean(source, Sources))
	}
	if source == metric.Mixtures && s.Model.Config.Model == autoencoder.AE { // fitted to the codes themselves, like that of the clusters
		m, err := s.Mixture(ctx, metric.Clustering{Method: metric.Mixture, K: s.K, Fit: metric.Train})
		if err != nil {
			return nil, err
		}
		return m, nil
	}
	drawn, err := s.Drawn(ctx, metric.Train)
	if err != nil {
		return nil, err
	}
	var m *cluster.Mixture
	switch source {
	case metric.Encoded:
		return generate.Empirical{Codes: drawn, Width: dim}, nil
	case metric.Gaussians:
		m, err = generate.FitGaussian(ctx, drawn, dim)
	case metric.Mixtures:
		m, err = cluster.FitMixture(ctx, drawn, dim, cluster.MixtureConfig{K: s.K, Seed: s.seed})
	case metric.Selected:
		m, err = generate.SelectMixture(ctx, drawn, dim, metric.Components, cluster.MixtureConfig{Seed: s.seed})
	}
	if err != nil {
		return nil, metric.Because(err)
	}
	return m, nil
}

// Components is the number of Gaussians of the source metric.Selected.
func (s *Model) Components(ctx context.Context) (int, error) {
	from, err := s.Source(ctx, metric.Selected)
	if err != nil {
		return 0, err
	}
	return from.(*cluster.Mixture).K, nil
}

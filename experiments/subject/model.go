package subject

import (
	"context"
	"fmt"
	"math/rand/v2"

	"fashionlatent/experiments/metric"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/cluster"
	"fashionlatent/lib/generate"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/points"
)

// Model is a trained model on a data set, as a subject of metrics. Codes, losses, clusters and qualities are computed
// once.
type Model struct {
	clusterer
	Model *autoencoder.Model

	codes     map[string]metric.Codes
	score     *autoencoder.Score
	samplers  map[string]generate.Sampler
	qualities map[samplesOf]generate.Quality
	steps     map[[2]int]*latent.Steps
	outlying  map[outlyingOf][]float64
}

// samplesOf identifies decoded images.
type samplesOf struct {
	source string
	n      int
}

// New is the subject of a trained model. seed is the seed of its run.
func New(d *Images, m *autoencoder.Model, seed uint64) *Model {
	s := &Model{Model: m, codes: map[string]metric.Codes{}, outlying: map[outlyingOf][]float64{}}
	s.clusterer = clusterer{Images: d, seed: seed, views: func(ctx context.Context, split string) ([]cluster.View, error) {
		codes, err := s.Codes(ctx, split)
		return []cluster.View{{X: codes.Values, Dim: codes.Dim}}, err
	}}
	return s
}

// Codes returns the codes of the images of a split. For a VAE they are the posterior means.
func (s *Model) Codes(ctx context.Context, split string) (metric.Codes, error) {
	if known, ok := s.codes[split]; ok {
		return known, nil
	}
	codes := metric.Codes{Dim: s.Model.Config.Latent}
	if split == metric.All {
		for _, part := range []string{metric.Train, metric.Test} {
			c, err := s.Codes(ctx, part)
			if err != nil {
				return codes, err
			}
			codes.Values, codes.LogVariances = append(codes.Values, c.Values...), append(codes.LogVariances, c.LogVariances...)
		}
	} else {
		var err error
		if codes.Values, codes.LogVariances, err = s.Model.Encode(ctx, s.levels(split)); err != nil {
			return codes, err
		}
	}
	s.codes[split] = codes
	return codes, nil
}

// Drawn returns one code of the posterior of each image of a split, [n, latent]. For an AE it is the image's code.
func (s *Model) Drawn(ctx context.Context, split string) ([]float32, error) {
	if s.Model.Config.Levels == 2 {
		return s.Model.PosteriorCodes(ctx, s.levels(split), s.seed)
	}
	codes, err := s.Codes(ctx, split)
	if err != nil {
		return nil, err
	}
	return generate.PosteriorSamples(codes.Values, codes.LogVariances, s.seed)
}

// Loss returns the mean loss of the test images by its name. The KL of an AE is undefined, and that to a learned prior.
func (s *Model) Loss(ctx context.Context, name string) (float64, error) {
	c := s.Model.Config
	if c.Learned() && (name == metric.KL || name == metric.Total) {
		return 0, metric.Undefined{Reason: "the KL to a learned prior has no closed form"}
	}
	if s.score == nil {
		score, err := s.Model.Score(ctx, s.Data.Test.Images)
		if err != nil {
			return 0, err
		}
		s.score = &score
	}
	switch name {
	case metric.MSE:
		return s.score.MSE, nil
	case metric.CrossEntropy:
		return s.score.CrossEntropy, nil
	case metric.Total:
		return s.score.Reconstruction + s.score.KL, nil
	case metric.KL:
		if c.Model != autoencoder.VAE {
			return 0, metric.Undefined{Reason: "an AE has no KL term"}
		}
		return s.score.KL, nil
	}
	return 0, fmt.Errorf("no loss is called %q", name)
}

// likely returns the reason why the model has no likelihood, as Undefined; nil if it has one.
func (s *Model) likely() error {
	switch c := s.Model.Config; {
	case c.Model != autoencoder.VAE:
		return metric.Undefined{Reason: "an AE has no likelihood of images"}
	case c.Loss == autoencoder.MSE:
		return metric.Undefined{Reason: "a squared error is no likelihood"}
	}
	return nil
}

// Bound returns the negative ELBO of each of the first n test images, [n] nats. It is defined only for the
// cross-entropy, because likelihoods of different kinds cannot be compared.
func (s *Model) Bound(ctx context.Context, n, samples int) ([]float64, error) {
	if err := s.likely(); err != nil {
		return nil, err
	}
	if s.Model.Config.Loss != autoencoder.BCE {
		return nil, metric.Undefined{Reason: "likelihoods of different kinds do not compare, and it is given for the cross-entropy alone"}
	}
	return s.Model.NegativeELBO(ctx, s.Data.Test.Head(n).Images, samples, s.seed, nil)
}

// ImportanceWeighted returns the negative log-likelihood of each of the first n test images, [n] nats.
func (s *Model) ImportanceWeighted(ctx context.Context, n, samples int) ([]float64, error) {
	if err := s.likely(); err != nil {
		return nil, err
	}
	return s.Model.ImportanceWeighted(ctx, s.Data.Test.Head(n).Images, samples, s.seed, nil)
}

// Decode returns the images of codes, [n, pixels].
func (s *Model) Decode(ctx context.Context, codes []float32) ([]float32, error) {
	return s.Model.Decode(ctx, codes)
}

// Sample decodes n codes drawn from a source, [n, pixels].
func (s *Model) Sample(ctx context.Context, source string, n int, seed uint64) ([]float32, error) {
	codes, err := s.Draw(ctx, source, n, seed)
	if err != nil {
		return nil, err
	}
	return s.Model.Decode(ctx, codes)
}

// SampleDistances are the Euclidean distances of n images decoded from a source to their nearest training images, [n].
func (s *Model) SampleDistances(ctx context.Context, source string, n int) ([]float64, error) {
	images, err := s.Sample(ctx, source, n, s.seed)
	if err != nil {
		return nil, err
	}
	return s.trainDistances(ctx, images)
}

// Frechet is the Fréchet distance of n images decoded from a source to n test images, in the features of an extractor.
func (s *Model) Frechet(ctx context.Context, extractor, source string, n int) (float64, error) {
	images, err := s.sampled(ctx, samplesOf{source, n})
	if err != nil {
		return 0, err
	}
	return s.frechet(ctx, extractor, images)
}

// sampled are images decoded from a source, to be compared with test images.
func (s *Model) sampled(ctx context.Context, of samplesOf) (*compared, error) {
	if s.last.model != s || s.last.of != of {
		images, err := s.Sample(ctx, of.source, of.n, s.seed)
		if err != nil {
			return nil, err
		}
		s.last.model, s.last.of, s.last.samples = s, of, &compared{images: images}
	}
	return s.last.samples, nil
}

// Quality is the quality of n images decoded from a source, against n test images, in the features of the fully connected
// extractor.
func (s *Model) Quality(ctx context.Context, source string, n int) (generate.Quality, error) {
	of := samplesOf{source, n}
	return once(&s.qualities, of, func() (q generate.Quality, err error) {
		reference, err := s.reference(ctx, n)
		if err != nil {
			return q, err
		}
		images, err := s.sampled(ctx, of)
		if err != nil {
			return q, err
		}
		features, err := s.featuresOf(ctx, metric.Connected, images)
		if err != nil {
			return q, err
		}
		q, err = reference.Score(ctx, features)
		return q, metric.Because(err)
	})
}

// Ends returns the codes of pairs of different test images, each [pairs, dim].
func (s *Model) Ends(ctx context.Context, pairs int) (from, to metric.Codes, err error) {
	codes, err := s.Codes(ctx, metric.Test)
	if err != nil {
		return from, to, err
	}
	n := s.Data.Test.Len()
	ends := latent.Subsample(n, 2*pairs, s.seed)
	// If all are drawn, the same pairs would be formed with every seed. In images sorted by class, each class would be paired with one other.
	if 2*pairs >= n-1 || s.Data.Test.Sorted() {
		rand.New(rand.NewPCG(s.seed, 5)).Shuffle(len(ends), func(i, j int) { ends[i], ends[j] = ends[j], ends[i] })
	}
	of := func(rows []int) metric.Codes {
		return metric.Codes{Values: points.Rows(codes.Values, codes.Dim, rows), Dim: codes.Dim}
	}
	return of(ends[:pairs]), of(ends[pairs:]), nil
}

// Steps returns how far the decoded images move along the straight lines between Ends.
func (s *Model) Steps(ctx context.Context, pairs, steps int) (*latent.Steps, error) {
	return once(&s.steps, [2]int{pairs, steps}, func() (*latent.Steps, error) {
		from, to, err := s.Ends(ctx, pairs)
		if err != nil {
			return nil, err
		}
		codes, err := latent.Paths(from.Values, to.Values, from.Dim, steps)
		if err != nil {
			return nil, metric.Because(err)
		}
		return latent.DecodePaths(ctx, s.Model.Decode, codes, from.Dim, steps)
	})
}

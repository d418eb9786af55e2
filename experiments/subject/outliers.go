package subject

import (
	"context"
	"fmt"

	"fashionlatent/experiments/metric"
	"fashionlatent/lib/points"
)

// outlyingOf identifies scores of images.
type outlyingOf struct {
	score, data string
	n           int
}

// Outlying says how little images are like the training images: [n], by one of metric.OutlierScores. The likelihoods
// are defined only for a VAE.
func (s *Model) Outlying(ctx context.Context, score string, of metric.ImageSet) ([]float64, error) {
	key := func(score string) outlyingOf { return outlyingOf{score, of.Data, of.N} }
	if known := s.outlying[key(score)]; known != nil {
		return known, nil
	}
	found, err := s.outlyingBy(ctx, score, of)
	if err != nil {
		return nil, err
	}
	for score, values := range found {
		s.outlying[key(score)] = values
	}
	return found[score], nil
}

// outlyingBy computes a score of each image, and further scores that cost nothing beside it, by their names.
func (s *Model) outlyingBy(ctx context.Context, score string, of metric.ImageSet) (map[string][]float64, error) {
	switch score {
	case metric.OfSquaredError, metric.OfCrossEntropy:
		losses, err := s.Model.Scores(ctx, of.Images)
		return map[string][]float64{metric.OfSquaredError: losses.SquaredError, metric.OfCrossEntropy: losses.CrossEntropy}, err
	case metric.OfBound, metric.OfNLL:
		if err := s.likely(); err != nil {
			return nil, err
		}
		bound, nll, err := s.Model.Likelihoods(ctx, of.Images, metric.OutlierCodes, s.seed, nil)
		return map[string][]float64{metric.OfBound: bound, metric.OfNLL: nll}, err
	case metric.OfMixture, metric.OfNearest, metric.OfNeighbour:
		codes, _, err := s.Model.Encode(ctx, of.Images)
		if err != nil {
			return nil, err
		}
		if score == metric.OfMixture {
			values, err := s.unlikely(ctx, codes)
			return map[string][]float64{score: values}, err
		}
		train, err := s.Codes(ctx, metric.Train)
		if err != nil {
			return nil, err
		}
		return distant(ctx, train, codes)
	}
	return nil, fmt.Errorf("no score of outliers is called %q; it can be one of %q", score, metric.OutlierScores)
}

// unlikely is the negative log-density, in nats, of each code, [n, dim], under a mixture of K Gaussians fitted to the
// training codes: [n].
func (s *Model) unlikely(ctx context.Context, codes []float32) ([]float64, error) {
	m, err := s.Mixture(ctx, metric.Clustering{Method: metric.Mixture, K: s.K, Fit: metric.Train})
	if err != nil {
		return nil, err
	}
	values, err := m.LogDensity(codes)
	for i := range values {
		values[i] = -values[i]
	}
	return values, metric.Because(err)
}

// distant are the Euclidean distances of each code, [n, dim], to the nearest and to the 10th nearest training code: [n]
// each. With fewer training codes they are undefined.
func distant(ctx context.Context, train metric.Codes, codes []float32) (map[string][]float64, error) {
	among := points.Matrix{X: train.Values, Dim: train.Dim}
	near, err := points.Nearest(ctx, points.Matrix{X: codes, Dim: train.Dim}, among, metric.Nearest)
	if err != nil {
		return nil, metric.Because(err)
	}
	found := map[string][]float64{}
	for i := 0; i < len(near.Distances); i += near.K {
		found[metric.OfNearest] = append(found[metric.OfNearest], near.Distances[i])
		found[metric.OfNeighbour] = append(found[metric.OfNeighbour], near.Distances[i+near.K-1])
	}
	return found, nil
}

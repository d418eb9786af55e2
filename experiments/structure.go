package experiments

import (
	"context"
	"slices"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/generate"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

// nearest is the number of neighbours in the measures of neighbourhoods.
const nearest = 10

// Structure measures how the codes of a run lie: which dimensions are in use, whether neighbours stay neighbours, how easily
// classes are told apart, and how near all codes together come to the prior.
func (l *Lab) Structure(ctx context.Context, r *training.Result) ([]record.Measure, error) {
	return l.measured(r, "trustworthiness", func() ([]record.Measure, error) {
		dim, seed := r.Config.Model.Latent, r.Config.Seed
		train, _, err := r.Model.Encode(ctx, l.Data.Train.Images)
		if err != nil {
			return nil, err
		}
		test, logVariances, err := r.Model.Encode(ctx, l.Data.Test.Images)
		if err != nil {
			return nil, err
		}
		var all []record.Measure
		add := func(name, unit string, value float64) {
			all = append(all, record.Measure{Name: name, Value: value, Unit: unit, Split: scored})
		}
		active, err := activeUnits(test, dim)
		if err != nil {
			return nil, err
		}
		all = append(all, active)

		some := latent.Subsample(l.Data.Test.Len(), min(l.Scale.Samples, 5000), seed)
		codes := latent.Rows(test, dim, some)
		images := latent.Rows(dataset.Floats(l.Data.Test.Images), l.Data.Pixels(), some)
		for _, m := range []struct {
			name string
			of   func(ctx context.Context, x []float32, features int, codes []float32, dim, k int) (float64, error)
		}{{"trustworthiness", latent.Trustworthiness}, {"continuity", latent.Continuity}} {
			value, err := m.of(ctx, images, l.Data.Pixels(), codes, dim, min(nearest, (len(some)-1)/2))
			if err != nil {
				return nil, err
			}
			add(m.name, "", value)
		}
		if l.scorable() {
			ofClasses, err := l.separation(ctx, train, test, dim, some)
			if err != nil {
				return nil, err
			}
			all = append(all, ofClasses...)
		}

		aggregate, err := generate.PosteriorSamples(test, logVariances, seed)
		if err != nil {
			return nil, err
		}
		aggregate = latent.Rows(aggregate, dim, some)
		distance, err := latent.MMD(ctx, aggregate, generate.Prior(dim).Sample(len(some), seed), dim)
		if err != nil {
			return nil, err
		}
		add("MMD to N(0, I)", "", distance)
		return all, nil
	})
}

// separation measures how easily the classes are told apart by the codes, and in some of those of the test images how far apart they lie.
func (l *Lab) separation(ctx context.Context, train, test []float32, dim int, some []int) (all []record.Measure, err error) {
	add := func(name string, value float64) {
		all = append(all, record.Measure{Name: name, Value: value, Split: scored})
	}
	if labels := latent.Rows(l.Data.Test.Labels, 1, some); slices.Min(labels) < slices.Max(labels) {
		silhouette, err := latent.Silhouette(ctx, latent.Rows(test, dim, some), labels, dim)
		if err != nil {
			return nil, err
		}
		add("silhouette of classes", silhouette)
	}
	accuracy, err := latent.NeighbourAccuracy(ctx, train, l.Data.Train.Labels, test, l.Data.Test.Labels, dim, 5)
	if err != nil {
		return nil, err
	}
	add("5 neighbours ACC", accuracy)
	probe, err := latent.FitProbe(ctx, train, l.Data.Train.Labels, dim, latent.ProbeConfig{})
	if err != nil {
		return nil, err
	}
	if accuracy, _, err = probe.Score(test, l.Data.Test.Labels); err != nil {
		return nil, err
	}
	add("probe ACC", accuracy)
	return all, nil
}

// ActiveUnits counts the dimensions of a run's codes that are in use, the first of the measures of Structure.
func (l *Lab) ActiveUnits(ctx context.Context, r *training.Result) ([]record.Measure, error) {
	return l.measured(r, activeUnitsName, func() ([]record.Measure, error) {
		codes, _, err := r.Model.Encode(ctx, l.Data.Test.Images)
		if err != nil {
			return nil, err
		}
		active, err := activeUnits(codes, r.Config.Model.Latent)
		return []record.Measure{active}, err
	})
}

const activeUnitsName = "active units"

func activeUnits(codes []float32, dim int) (record.Measure, error) {
	count, _, err := latent.ActiveUnits(codes, dim)
	return record.Measure{Name: activeUnitsName, Value: float64(count), Split: scored}, err
}

// Continuity measures what the decoder makes of the straight way between the codes of two test images, many times: how
// uneven the steps of a path are, how often it jumps, and whether its middle still looks like an image of the data.
func (l *Lab) Continuity(ctx context.Context, r *training.Result) ([]record.Measure, error) {
	return l.measured(r, "path step ratio", func() ([]record.Measure, error) {
		const paths, steps = 500, 16
		dim := r.Config.Model.Latent
		test, _, err := r.Model.Encode(ctx, l.Data.Test.Images)
		if err != nil {
			return nil, err
		}
		ends := latent.Subsample(l.Data.Test.Len(), min(2*paths, l.Data.Test.Len()/2*2), r.Config.Seed)
		half := len(ends) / 2
		from, to := latent.Rows(test, dim, ends[:half]), latent.Rows(test, dim, ends[half:])
		codes, err := latent.Paths(from, to, dim, steps, latent.Linear)
		if err != nil {
			return nil, err
		}
		way, err := latent.DecodePaths(ctx, r.Model.Decode, codes, dim, steps)
		if err != nil {
			return nil, err
		}
		jumps, err := way.Jumps()
		if err != nil {
			return nil, err
		}
		manifold, err := l.pixelManifold(ctx)
		if err != nil {
			return nil, err
		}
		middles, err := latent.Midpoints(ctx, r.Model.Decode, manifold, from, to, dim, latent.Linear)
		if err != nil {
			return nil, err
		}
		return []record.Measure{
			{Name: "path step ratio", Value: spread(way.Ratios()).mean(), Split: scored},
			{Name: "path length", Value: spread(way.Lengths()).mean(), Unit: "Euclidean distance of pixels", Split: scored},
			{Name: "path jumps", Value: jumps, Unit: "share of steps", Split: scored},
			{Name: "midpoints in the data", Value: middles, Unit: "share", Split: scored},
		}, nil
	})
}

// Holes measures completeness: the share of images decoded from N(0, I) that are further from every training image than
// 99 % of the test images are.
func (l *Lab) Holes(ctx context.Context, r *training.Result) ([]record.Measure, error) {
	return l.measured(r, "holes", func() ([]record.Measure, error) {
		test, err := l.testDistances(ctx)
		if err != nil {
			return nil, err
		}
		images, err := r.Model.Sample(ctx, len(test), r.Config.Seed)
		if err != nil {
			return nil, err
		}
		samples, err := latent.NearestDistances(ctx, images, l.trainFloats(), l.Data.Pixels())
		if err != nil {
			return nil, err
		}
		share, _, err := latent.Holes(samples, test, .99)
		if err != nil {
			return nil, err
		}
		return []record.Measure{{Name: "holes", Value: share, Unit: "share of samples", Split: scored}}, nil
	})
}

// Bound measures the evidence lower bound of the test images, of 5 codes drawn from the posterior of each, for a VAE with the cross-entropy:
// likelihoods of different kinds do not compare.
func (l *Lab) Bound(ctx context.Context, r *training.Result) ([]record.Measure, error) {
	if r.Config.Model.Model != autoencoder.VAE || r.Config.Model.Loss != autoencoder.BCE {
		return r.Run.Measures()
	}
	return l.measured(r, "sampled negative ELBO", func() ([]record.Measure, error) {
		bound, err := r.Model.NegativeELBO(ctx, l.Data.Test.Images, 5, r.Config.Seed, nil)
		if err != nil {
			return nil, err
		}
		return []record.Measure{{Name: "sampled negative ELBO", Value: spread(bound).mean(), Unit: "nats per image", Split: scored}}, nil
	})
}

// Likelihood estimates the negative log-likelihood of a VAE's test images, importance-weighted.
func (l *Lab) Likelihood(ctx context.Context, r *training.Result) ([]record.Measure, error) {
	if r.Config.Model.Model != autoencoder.VAE || r.Config.Model.Loss == autoencoder.MSE {
		return r.Run.Measures()
	}
	return l.measured(r, "IWAE NLL", func() ([]record.Measure, error) {
		const samples = 500
		images := l.Data.Test.Head(min(l.Scale.Samples/5, l.Data.Test.Len())).Images
		nll, err := r.Model.ImportanceWeighted(ctx, images, samples, r.Config.Seed, nil)
		if err != nil {
			return nil, err
		}
		return []record.Measure{{Name: "IWAE NLL", Value: spread(nll).mean(), Unit: "nats per image", Split: scored}}, nil
	})
}

// trainFloats are the training images in [0, 1], [n, pixels].
func (l *Lab) trainFloats() []float32 {
	if l.floats == nil {
		l.floats = dataset.Floats(l.Data.Train.Images)
	}
	return l.floats
}

// pixelManifold is the neighbourhood of some training images, in pixels.
func (l *Lab) pixelManifold(ctx context.Context) (*latent.Manifold, error) {
	if l.manifoldOfData == nil {
		some := latent.Subsample(l.Data.Train.Len(), l.Scale.Samples, 0)
		m, err := latent.NewManifold(ctx, latent.Rows(l.trainFloats(), l.Data.Pixels(), some), l.Data.Pixels(), 5)
		if err != nil {
			return nil, err
		}
		l.manifoldOfData = m
	}
	return l.manifoldOfData, nil
}

// testDistances are the distances of some test images to their nearest training images, in pixels.
func (l *Lab) testDistances(ctx context.Context) ([]float64, error) {
	if l.distances == nil {
		some := latent.Subsample(l.Data.Test.Len(), l.Scale.Samples/10, 0)
		images := latent.Rows(dataset.Floats(l.Data.Test.Images), l.Data.Pixels(), some)
		distances, err := latent.NearestDistances(ctx, images, l.trainFloats(), l.Data.Pixels())
		if err != nil {
			return nil, err
		}
		l.distances = distances
	}
	return l.distances, nil
}

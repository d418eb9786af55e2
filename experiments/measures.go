package experiments

import (
	"context"
	"fmt"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/cluster"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

// Clustering is fitted to the codes of the training images, without labels, and scored on those of the test images.
const scored = "test"

// cluster measures' methods.
var methods = []string{"k-means", "mixture"}

// Clusters returns the agreement of clusters with classes: "k-means ACC", "mixture NMI", ... They are taken once and then
// kept with the run. Codes of a VAE are posterior means.
func (l *Lab) Clusters(ctx context.Context, r *training.Result) ([]record.Measure, error) {
	return l.measured(r, methods[0]+" ACC", func() ([]record.Measure, error) {
		train, test, err := l.codes(ctx, r.Model)
		if err != nil {
			return nil, err
		}
		dim, seed := r.Config.Model.Latent, r.Config.Seed
		means, err := cluster.FitKMeans(ctx, train, dim, cluster.KMeansConfig{K: l.K(), Seed: seed})
		if err != nil {
			return nil, err
		}
		mixture, err := cluster.FitMixture(ctx, train, dim, cluster.MixtureConfig{K: l.K(), Seed: seed})
		if err != nil {
			return nil, err
		}
		var all []record.Measure
		for i, predict := range []func([]float32) ([]int, error){means.Predict, mixture.Predict} {
			if !l.Data.Labelled() {
				break
			}
			clusters, err := predict(test)
			if err != nil {
				return nil, err
			}
			scores, err := agreement(methods[i], l.Data.Test.Labels, clusters)
			if err != nil {
				return nil, err
			}
			all = append(all, scores...)
		}
		return all, nil
	})
}

// agreement of clusters with classes.
func agreement(method string, classes []uint8, clusters []int) ([]record.Measure, error) {
	var all []record.Measure
	for _, score := range []struct {
		name string
		of   func([]uint8, []int) (float64, error)
	}{{"ACC", cluster.Accuracy}, {"NMI", cluster.NMI}, {"ARI", cluster.ARI}} {
		value, err := score.of(classes, clusters)
		if err != nil {
			return nil, err
		}
		all = append(all, record.Measure{Name: method + " " + score.name, Value: value, Split: scored})
	}
	return all, nil
}

// measured returns the run's measures, with those of take among them: taken now unless the one called name is there.
func (l *Lab) measured(r *training.Result, name string, take func() ([]record.Measure, error)) ([]record.Measure, error) {
	all, err := r.Run.Measures()
	if err != nil {
		return nil, err
	}
	if _, found := record.Find(all, name, scored); found {
		return all, nil
	}
	taken, err := take()
	if err != nil {
		return nil, err
	}
	if err := r.Run.AddMeasures(taken...); err != nil {
		return nil, err
	}
	return r.Run.Measures()
}

// codes of the training and the test images.
func (l *Lab) codes(ctx context.Context, m *autoencoder.Model) (train, test []float32, err error) {
	if train, _, err = m.Encode(ctx, l.Data.Train.Images); err != nil {
		return nil, nil, err
	}
	test, _, err = m.Encode(ctx, l.Data.Test.Images)
	return train, test, err
}

// value of a measure on test images; an error names one that is not there.
func value(measures []record.Measure, name string) (float64, error) {
	m, found := record.Find(measures, name, "test")
	if !found {
		return 0, fmt.Errorf("the run has no measure %q of the test images", name)
	}
	return m.Value, nil
}

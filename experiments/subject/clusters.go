package subject

import (
	"context"
	"fmt"
	"slices"

	"fashionlatent/experiments/metric"
	"fashionlatent/lib/cluster"
)

// clusterer finds clusters among the images of a data set, from one or several views of them. The methods on the graph
// of nearest neighbours use all views. All others use the first.
type clusterer struct {
	*Images
	seed    uint64
	views   func(ctx context.Context, split string) ([]cluster.View, error)
	weights []float64 // of the views' graphs in their sum; nil: 1 each

	found       map[metric.Clustering]func(ctx context.Context, split string) ([]int, error)
	means       map[metric.Clustering]*cluster.KMeans
	mixtures    map[metric.Clustering]*cluster.Mixture
	communities map[metric.Clustering]*cluster.Partition
}

// Seed is the seed of everything random about the subject.
func (c *clusterer) Seed() uint64 { return c.seed }

// Clusters returns the cluster of each image of a split, [n]. The methods never use labels.
func (c *clusterer) Clusters(ctx context.Context, how metric.Clustering, split string) ([]int, error) {
	predict, err := once(&c.found, how, func() (func(context.Context, string) ([]int, error), error) {
		if !slices.Contains(metric.Methods, how.Method) {
			return nil, fmt.Errorf("no method that finds clusters is called %q", how.Method)
		}
		views, err := c.views(ctx, how.Fit)
		if err != nil {
			return nil, err
		}
		predict, err := c.fit(ctx, how, views)
		return predict, metric.Because(err)
	})
	if err != nil {
		return nil, err
	}
	return predict(ctx, split)
}

// fit finds clusters with one of the methods and returns the function that gives the clusters of a split.
func (c *clusterer) fit(ctx context.Context, how metric.Clustering, views []cluster.View) (func(ctx context.Context, split string) ([]int, error), error) {
	first := views[0]
	switch how.Method {
	case metric.KMeans:
		m, err := c.KMeans(ctx, how.K, how.Fit)
		if err != nil {
			return nil, err
		}
		return c.predicted(how.Fit, m.Predict, m.Labels)
	case metric.Mixture:
		m, err := c.Mixture(ctx, how)
		if err != nil {
			return nil, err
		}
		return c.predicted(how.Fit, m.Predict, nil)
	case metric.Search:
		mixture := cluster.MixtureConfig{K: how.K, Restarts: how.Starts, EqualWeights: true, Seed: c.seed}
		m, err := cluster.SearchMixture(ctx, first.X, first.Dim, cluster.SearchConfig{MixtureConfig: mixture})
		if err != nil {
			return nil, err
		}
		return c.predicted(how.Fit, m.Predict, nil)
	default: // communities, refined or not
		p, err := c.partition(ctx, how, views)
		if err == nil && how.Method == metric.Refined {
			p, err = p.Refine(ctx, views, cluster.RefineConfig{})
		}
		if err != nil {
			return nil, err
		}
		return c.predicted(how.Fit, nil, p.Labels)
	}
}

// KMeans is k-means with k clusters, fitted to the points of a split.
func (c *clusterer) KMeans(ctx context.Context, k int, fit string) (*cluster.KMeans, error) {
	return once(&c.means, metric.Clustering{Method: metric.KMeans, K: k, Fit: fit}, func() (*cluster.KMeans, error) {
		views, err := c.views(ctx, fit)
		if err != nil {
			return nil, err
		}
		m, err := cluster.FitKMeans(ctx, views[0].X, views[0].Dim, cluster.KMeansConfig{K: k, Seed: c.seed})
		return m, metric.Because(err)
	})
}

// Mixture is the Gaussian mixture of a clustering, whose method is that of mixtures.
func (c *clusterer) Mixture(ctx context.Context, how metric.Clustering) (*cluster.Mixture, error) {
	return once(&c.mixtures, how, func() (*cluster.Mixture, error) {
		views, err := c.views(ctx, how.Fit)
		if err != nil {
			return nil, err
		}
		m, err := cluster.FitMixture(ctx, views[0].X, views[0].Dim, cluster.MixtureConfig{K: how.K, Restarts: how.Starts, Seed: c.seed})
		return m, metric.Because(err)
	})
}

// partition returns the communities of views. They are found once for both methods that use them.
func (c *clusterer) partition(ctx context.Context, how metric.Clustering, views []cluster.View) (*cluster.Partition, error) {
	how.Method = metric.Communities
	return once(&c.communities, how, func() (*cluster.Partition, error) {
		n := len(views[0].X) / views[0].Dim
		return cluster.CommunitiesOfViews(ctx, views, cluster.CommunitiesConfig{K: how.K, Neighbours: metric.GraphNeighbours(n), Restarts: how.Starts, Seed: c.seed, Weights: c.weights})
	})
}

// once returns what is known of a key. If nothing is, it computes it and keeps it, unless that fails.
func once[K comparable, V any](known *map[K]V, key K, compute func() (V, error)) (V, error) {
	if value, ok := (*known)[key]; ok {
		return value, nil
	}
	value, err := compute()
	if err != nil {
		return value, err
	}
	if *known == nil {
		*known = map[K]V{}
	}
	(*known)[key] = value
	return value, nil
}

// predicted returns the function that gives the clusters of a split, [n]. For the points that were fitted it uses their
// known clusters if there are any. Otherwise it calls predict on the split's points.
func (c *clusterer) predicted(fit string, predict func([]float32) ([]int, error), fitted []int) (func(ctx context.Context, split string) ([]int, error), error) {
	known := map[string][]int{}
	remember := func(split string, clusters []int) {
		known[split] = clusters
		if split == metric.All {
			known[metric.Train], known[metric.Test] = clusters[:c.Data.Train.Len()], clusters[c.Data.Train.Len():]
		}
	}
	if fitted != nil {
		remember(fit, fitted)
	}
	return func(ctx context.Context, split string) ([]int, error) {
		if known[split] == nil && predict == nil {
			return nil, metric.Undefined{Reason: fmt.Sprintf("communities of the split %q say nothing of the split %q", fit, split)}
		}
		if known[split] == nil {
			of := split
			if fit == metric.All {
				of = metric.All
			}
			views, err := c.views(ctx, of)
			if err != nil {
				return nil, err
			}
			clusters, err := predict(views[0].X)
			if err != nil {
				return nil, metric.Because(err)
			}
			remember(of, clusters)
		}
		return known[split], nil
	}, nil
}

// Representation describes all images of a data set by a few numbers each, as a subject of metrics. It is found without
// labels.
type Representation struct{ clusterer }

// NewRepresentation is the subject of views of all images, the training images before the test images. weights are
// those of the views' graphs in their sum; nil: 1 each.
func NewRepresentation(d *Images, seed uint64, weights []float64, views func(ctx context.Context) ([]cluster.View, error)) *Representation {
	var made []cluster.View
	return &Representation{clusterer{Images: d, seed: seed, weights: weights, views: func(ctx context.Context, split string) ([]cluster.View, error) {
		if split != metric.All {
			return nil, metric.Undefined{Reason: "a representation of all images is taken whole"}
		}
		if made == nil {
			all, err := views(ctx)
			if err != nil {
				return nil, err
			}
			made = all
		}
		return made, nil
	}}}
}

// Views returns the points of a split, of which only metric.All exists.
func (r *Representation) Views(ctx context.Context, split string) ([]cluster.View, error) {
	return r.views(ctx, split)
}

package metric

import (
	"context"
	"fmt"

	"fashionlatent/lib/cluster"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/points"
)

// Criteria for the number of clusters.
const (
	BIC        = "BIC"
	Modularity = "modularity"
	Stability  = "stability"
)

// Criterion is the name of the metric of a criterion for k clusters, such as "BIC of 10 clusters".
func Criterion(criterion string, k int) string { return fmt.Sprintf("%s of %d clusters", criterion, k) }

// Viewed is a subject that describes images by points.
type Viewed interface {
	Views(ctx context.Context, split string) ([]cluster.View, error)
	Seed() uint64
}

// Criteria returns, for each number of clusters, what judges it without labels. Each is taken of the first view of
// images drawn at random from all.
//
// BIC is that of a mixture of k Gaussians, -2 log-likelihood plus the number of parameters times the logarithm of the
// number of images, divided by the number of images. Modularity is that of k communities
// in the graph of all these images.
// Stability is the ARI of two clusterings of the images by mixtures of k Gaussians, each fitted to one half of them
// (Lange, Roth, Braun and Buhmann 2004, with the mixture as the classifier and with ARI, which is 0 for chance
// agreement).
func (s Setting) Criteria(numbers []int) []Metric {
	n := min(s.Samples, s.Train+s.Test)
	var all []Metric
	for _, k := range numbers {
		for _, c := range []struct {
			name, unit string
			better     Direction
			of         func(ctx context.Context, v cluster.View, k int, seed uint64) (float64, error)
		}{{BIC, "", Lower, bic}, {Modularity, "", Higher, modularity}, {Stability, "", Higher, stability}} {
			m := metric(s, Criterion(c.name, k), c.unit, c.better, n, func(ctx context.Context, of Viewed) (float64, error) {
				views, err := of.Views(ctx, All)
				if err != nil {
					return 0, err
				}
				some := latent.Subsample(views[0].N(), n, of.Seed())
				return value(c.of(ctx, cluster.View{X: points.Rows(views[0].X, views[0].Dim, some), Dim: views[0].Dim}, k, of.Seed()))
			}, "k", k, "seed", "run")
			m.Split = All
			if c.name == Modularity {
				m.Version = 2 // version 1 was that of the graph's large parts, which depend on k
			}
			all = append(all, m)
		}
	}
	return all
}

// bic is the Bayesian information criterion per point of a mixture of k Gaussians.
func bic(ctx context.Context, v cluster.View, k int, seed uint64) (float64, error) {
	of, err := cluster.BICs(ctx, v.X, v.Dim, []int{k}, cluster.MixtureConfig{Seed: seed})
	if err != nil {
		return 0, err
	}
	return of[0] / float64(v.N()), nil
}

// modularity is the modularity of k communities.
func modularity(ctx context.Context, v cluster.View, k int, seed uint64) (float64, error) {
	p, err := cluster.Communities(ctx, v.X, v.Dim, cluster.CommunitiesConfig{K: k, Neighbours: GraphNeighbours(v.N()), Seed: seed})
	if err != nil {
		return 0, err
	}
	return p.Modularity, nil
}

// stability is the agreement of the clusters that mixtures of k Gaussians, each fitted to one half of the points, find
// among all points.
func stability(ctx context.Context, v cluster.View, k int, seed uint64) (float64, error) {
	first := make([]bool, v.N())
	for _, i := range latent.Subsample(v.N(), v.N()/2, seed+1) {
		first[i] = true
	}
	var found [2][]int
	for half := range found {
		var rows []int
		for i, in := range first {
			if in == (half == 0) {
				rows = append(rows, i)
			}
		}
		m, err := cluster.FitMixture(ctx, points.Rows(v.X, v.Dim, rows), v.Dim, cluster.MixtureConfig{K: k, Seed: seed})
		if err != nil {
			return 0, err
		}
		if found[half], err = m.Predict(v.X); err != nil {
			return 0, err
		}
	}
	labels := make([]uint8, v.N())
	for i, l := range found[0] {
		labels[i] = uint8(l)
	}
	return cluster.ARI(labels, found[1])
}

package metric

import (
	"context"
	"slices"

	"fashionlatent/lib/generate"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/points"
)

// Names of the metrics of the arrangement of codes.
const (
	ActiveUnits     = "active units"
	Trustworthiness = "trustworthiness"
	Continuity      = "continuity"
	Silhouette      = "silhouette of classes"
	Neighbours      = "5 neighbours ACC"
	Probe           = "probe ACC"
	MMD             = "MMD to N(0, I)"
)

// Nearest is the number of neighbours in the metrics of neighbourhoods, if there are enough images.
const Nearest = 10

// pairwise is the largest number of images in metrics that compare all pairs.
const pairwise = 5000

// ActiveUnits counts the dimensions whose posterior mean has a variance above 0.01 over the test images (Burda et al.,
// arXiv 1509.00519). For an AE it takes the codes.
func (s Setting) ActiveUnits() Metric {
	return metric(s, ActiveUnits, "dimensions", Neither, s.Test, func(ctx context.Context, c Coded) (float64, error) {
		codes, err := c.Codes(ctx, Test)
		if err != nil {
			return 0, err
		}
		count, _, err := latent.ActiveUnits(codes.Values, codes.Dim)
		return value(float64(count), err)
	})
}

// Pictured is a subject whose images are known beside its codes.
type Pictured interface {
	Coded
	Pixels(split string) (pixels []float32, width int) // [n, width] in [0, 1]
}

// Structure are the metrics of the arrangement of codes: how many dimensions are active, whether neighbours stay
// neighbours, how well the classes can be told apart, and how close the codes of all images together are to the prior.
func (s Setting) Structure() []Metric {
	n := min(s.Samples, pairwise, s.Test)
	k := min(Nearest, (n-1)/2)
	all := []Metric{s.ActiveUnits()}
	for _, m := range []struct {
		name string
		of   func(ctx context.Context, x []float32, features int, codes []float32, dim, k int) (float64, error)
	}{{Trustworthiness, latent.Trustworthiness}, {Continuity, latent.Continuity}} {
		all = append(all, unmet([]Metric{metric(s, m.name, "", Higher, n, func(ctx context.Context, p Pictured) (float64, error) {
			some := latent.Subsample(s.Test, n, p.Seed())
			codes, err := p.Codes(ctx, Test)
			if err != nil {
				return 0, err
			}
			pixels, width := p.Pixels(Test)
			if !varies(codes.Values, codes.Dim) {
				return 0, sameCode
			}
			if !varies(pixels, width) {
				return 0, Undefined{"all test images are the same"}
			}
			return value(m.of(ctx, points.Rows(pixels, width, some), width, points.Rows(codes.Values, codes.Dim, some), codes.Dim, k))
		}, "k", k, "seed", "run")}, s.images(3))...)
	}
	probe := metric(s, Probe, "", Higher, s.Test, func(ctx context.Context, c Coded) (float64, error) {
		return byTraining(ctx, c, func(train, test Codes) (float64, error) {
			probe, err := latent.FitProbe(ctx, train.Values, c.Labels(Train), train.Dim, latent.ProbeConfig{})
			if err != nil {
				return 0, err
			}
			accuracy, _, err := probe.Score(test.Values, c.Labels(Test))
			return accuracy, err
		})
	})
	if s.NewClass {
		probe.Unmet = "a class of the test images has no training images"
	}
	classes := []Metric{
		metric(s, Silhouette, "", Higher, n, func(ctx context.Context, c Coded) (float64, error) {
			some := latent.Subsample(s.Test, n, c.Seed())
			codes, err := c.Codes(ctx, Test)
			if err != nil {
				return 0, err
			}
			if !varies(codes.Values, codes.Dim) {
				return 0, sameCode
			}
			return value(latent.Silhouette(ctx, points.Rows(codes.Values, codes.Dim, some), points.Rows(c.Labels(Test), 1, some), codes.Dim))
		}, "seed", "run"),
		metric(s, Neighbours, "", Higher, s.Test, func(ctx context.Context, c Coded) (float64, error) {
			return byTraining(ctx, c, func(train, test Codes) (float64, error) {
				return latent.NeighbourAccuracy(ctx, train.Values, c.Labels(Train), test.Values, c.Labels(Test), train.Dim, 5)
			})
		}, "k", 5),
		probe,
	}
	all = append(all, unmet(classes, s.labelled(2))...)
	return append(all, unmet([]Metric{metric(s, MMD, "", Lower, n, func(ctx context.Context, c Coded) (float64, error) {
		codes, err := c.Codes(ctx, Test)
		if err != nil {
			return 0, err
		}
		aggregate, err := c.Drawn(ctx, Test)
		if err != nil {
			return 0, err
		}
		aggregate = points.Rows(aggregate, codes.Dim, latent.Subsample(s.Test, n, c.Seed()))
		return value(latent.MMD(ctx, aggregate, generate.Prior(codes.Dim).Sample(n, c.Seed()), codes.Dim))
	}, "seed", "run")}, s.images(2))...)
}

// sameCode is why a metric that compares codes is not defined.
var sameCode = Undefined{"all test images have the same code"}

// varies says whether the rows of x, [n, dim], are not all the same.
func varies(x []float32, dim int) bool {
	return !slices.Equal(x[dim:], x[:len(x)-dim])
}

// byTraining scores the test codes with something that is fitted to the training codes.
func byTraining(ctx context.Context, c Coded, score func(train, test Codes) (float64, error)) (float64, error) {
	train, err := c.Codes(ctx, Train)
	if err != nil {
		return 0, err
	}
	test, err := c.Codes(ctx, Test)
	if err != nil {
		return 0, err
	}
	return value(score(train, test))
}

package metric

import (
	"context"
	"slices"

	"fashionlatent/lib/latent"
)

// Names of the metrics of images decoded along straight lines between codes.
const (
	StepRatio  = "path step ratio"
	PathLength = "path length"
	Jumps      = "path jumps"
	Midpoints  = "midpoints in the data"
)

// Walked is a subject whose decoder is followed along straight lines between the codes of pairs of test images.
type Walked interface {
	// Ends returns the codes of pairs of different test images, each [pairs, dim].
	Ends(ctx context.Context, pairs int) (from, to Codes, err error)
	// Steps returns how far the decoded image moves in each step along the lines between Ends.
	Steps(ctx context.Context, pairs, steps int) (*latent.Steps, error)
	// Decode returns the images of codes, [n, pixels].
	Decode(ctx context.Context, codes []float32) ([]float32, error)
	// Manifold is the estimated manifold of n training images, in pixel space.
	Manifold(ctx context.Context, n int) (*latent.Manifold, error)
}

// Paths are the metrics of continuity: how uneven the steps of a decoded path are, how long it is, how often it jumps,
// and whether its middle looks like an image of the data.
func (s Setting) Paths() []Metric {
	const steps = 16
	pairs := min(500, s.Test/2)
	samples := min(s.Samples, s.Train)
	how := []any{"seed", "run"}
	if 2*pairs >= s.Test-1 || s.Sorted {
		how = append(how, "pairs", "shuffled")
	}
	of := func(name, unit string, better Direction, take func(way *latent.Steps) (float64, error)) Metric {
		return metric(s, name, unit, better, pairs, func(ctx context.Context, w Walked) (float64, error) {
			way, err := w.Steps(ctx, pairs, steps)
			if err != nil {
				return 0, err
			}
			return value(take(way))
		}, append([]any{"steps", steps}, how...)...)
	}
	return unmet([]Metric{
		of(StepRatio, "", Lower, func(way *latent.Steps) (float64, error) { return mean(way.Ratios(), nil) }),
		of(PathLength, "Euclidean distance of pixels", Neither, func(way *latent.Steps) (float64, error) { return mean(way.Lengths(), nil) }),
		of(Jumps, "share of steps", Lower, func(way *latent.Steps) (float64, error) {
			if slices.Max(way.Code) == 0 {
				return 0, sameCode
			}
			return way.Jumps()
		}),
		metric(s, Midpoints, "share", Higher, pairs, func(ctx context.Context, w Walked) (float64, error) {
			from, to, err := w.Ends(ctx, pairs)
			if err != nil {
				return 0, err
			}
			manifold, err := w.Manifold(ctx, samples)
			if err != nil {
				return 0, err
			}
			var failed error // of the decoder: it says nothing about the images
			share, err := latent.Midpoints(ctx, func(ctx context.Context, codes []float32) (images []float32, err error) {
				images, failed = w.Decode(ctx, codes)
				return images, failed
			}, manifold, from.Values, to.Values, from.Dim)
			if failed != nil {
				return 0, failed
			}
			return value(share, err)
		}, append([]any{"training", samples, "k", 5}, how...)...),
	}, s.images(2))
}

// Holes is the name of the metric of completeness.
const Holes = "holes"

// Sampled is a subject that decodes codes drawn from a source.
type Sampled interface {
	// SampleDistances returns the distances of n images, decoded from codes of a source, to their nearest training
	// images, [n].
	SampleDistances(ctx context.Context, source string, n int) ([]float64, error)
	// TestDistances returns the same distances of n test images, [n].
	TestDistances(ctx context.Context, n int) ([]float64, error)
}

// Holes is the metric of the share of images decoded from the prior that are further from every training image than 99
// % of the test images are.
func (s Setting) Holes() Metric {
	n := min(max(1, s.Samples/10), s.Test)
	return unmet([]Metric{metric(s, Holes, "share of samples", Lower, n, func(ctx context.Context, d Sampled) (float64, error) {
		test, err := d.TestDistances(ctx, n)
		if err != nil {
			return 0, err
		}
		samples, err := d.SampleDistances(ctx, Prior, n)
		if err != nil {
			return 0, err
		}
		share, _, err := latent.Holes(samples, test, .99)
		return value(share, err)
	}, "level", .99, "seed", "run")}, s.images(1))[0]
}

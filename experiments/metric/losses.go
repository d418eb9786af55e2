package metric

import (
	"context"
	"fmt"

	"fashionlatent/lib/record"
)

// Losses. Training leaves them with a run under these names.
const (
	MSE          = record.MSE
	CrossEntropy = record.CrossEntropy
	KL           = record.KL
)

// Total is the name of the metric of reconstruction loss plus KL. The KL has weight 1, whatever the beta of training
// was. Free bits are not applied.
const Total = "test loss"

// Reconstructing is a subject that reconstructs images.
type Reconstructing interface {
	// Loss returns the mean loss of the test images by its name. It returns Undefined if the model has no such loss.
	Loss(ctx context.Context, name string) (float64, error)
}

// Losses are the metrics of MSE, cross-entropy and KL of the test images. A VAE reconstructs from the posterior mean.
func (s Setting) Losses() []Metric {
	return []Metric{s.Loss(MSE), s.Loss(CrossEntropy), s.Loss(KL)}
}

// Loss is the metric of a loss of the test images. MSE is per pixel, cross-entropy and KL are in nats per image, and
// Total is in the unit of the configured loss, per image.
func (s Setting) Loss(name string) Metric {
	unit := "nats per image"
	switch name {
	case MSE:
		unit = "per pixel"
	case Total:
		unit = "per image"
	}
	return metric(s, name, unit, Lower, s.Test, func(ctx context.Context, r Reconstructing) (float64, error) { return r.Loss(ctx, name) })
}

// Likely is a subject with a likelihood of images.
type Likely interface {
	// Bound returns the negative ELBO of each of the first n test images, [n] nats, estimated from samples codes of
	// each.
	Bound(ctx context.Context, n, samples int) ([]float64, error)
	// ImportanceWeighted returns the negative log-likelihood of each of the first n test images, [n] nats, estimated
	// from samples codes of each.
	ImportanceWeighted(ctx context.Context, n, samples int) ([]float64, error)
}

// Names of the metrics of the likelihood of test images.
const (
	Bound = "sampled negative ELBO"
	NLL   = "IWAE NLL"
)

// Bound is the metric of the mean negative ELBO of the test images, in nats per image, from 5 codes of each (Kingma and
// Welling, arXiv 1312.6114).
func (s Setting) Bound() Metric {
	const samples = 5
	return metric(s, Bound, "nats per image", Lower, s.Test, func(ctx context.Context, l Likely) (float64, error) {
		return mean(l.Bound(ctx, s.Test, samples))
	}, "samples", samples, "seed", "run")
}

// NLL is the metric of the mean importance-weighted negative log-likelihood of test images, in nats per image, from 500
// codes of each (Burda et al., arXiv 1509.00519). It takes the first Samples/5 test images.
func (s Setting) NLL() Metric {
	const samples = 500
	n := min(s.Samples/5, s.Test)
	return metric(s, NLL, "nats per image", Lower, n, func(ctx context.Context, l Likely) (float64, error) {
		return mean(l.ImportanceWeighted(ctx, n, samples))
	}, "samples", samples, "seed", "run")
}

// Binarised is a model of binarised images.
type Binarised interface {
	// Best is the epoch whose model was taken, and the −ELBO of the validation images then, in nats per image.
	Best() (epoch int, validation float64)
	// Validation is the −ELBO of the validation images after an epoch, in nats per image. trained: the training came so far.
	Validation(epoch int) (bound float64, trained bool)
	// TestNLL is the mean importance-weighted negative log-likelihood of the test images, binarised at random with a number
	// from 1, from samples codes of each: nats per image (Burda et al., arXiv 1509.00519).
	TestNLL(ctx context.Context, binarisation, samples int) (float64, error)
}

// Names of the metrics of early stopping.
const (
	BestEpoch       = "best epoch"
	ValidationBound = "validation −ELBO"
)

// Binarisations is the number of times that the test images are binarised.
const Binarisations = 5

// TestNLL is the name of the metric of the likelihood of the test images, binarised once.
const TestNLL = "test NLL"

// TestNLLOf is the name of the metric of the likelihood of test images that were binarised with a number, from fewer codes.
func TestNLLOf(binarisation int) string {
	return fmt.Sprintf("test NLL, fewer codes, binarisation %d", binarisation)
}

// FewerCodes is the number of codes of each image for TestNLLOf, given that for TestNLL: a tenth.
func FewerCodes(samples int) int { return max(1, samples/10) }

// stopping is a metric of early stopping. It belongs to the validation images, which are the test images of the data set
// of such a run.
func (s Setting) stopping(name, unit string, better Direction, of func(b Binarised) (float64, error)) Metric {
	m := metric(s, name, unit, better, s.Test, func(_ context.Context, b Binarised) (float64, error) { return of(b) })
	m.Split = Validation
	return m
}

// Stopping are the metrics of early stopping.
func (s Setting) Stopping() []Metric {
	return []Metric{
		s.stopping(BestEpoch, "epochs", Neither, func(b Binarised) (float64, error) {
			epoch, _ := b.Best()
			return float64(epoch), nil
		}),
		s.stopping(ValidationBound, "nats per image", Lower, func(b Binarised) (float64, error) {
			_, validation := b.Best()
			return validation, nil
		}),
	}
}

// ValidationBoundAfter is the name of the metric of the −ELBO of the validation images after an epoch.
func ValidationBoundAfter(epoch int) string {
	return fmt.Sprintf("%s after epoch %d", ValidationBound, epoch)
}

// ValidationBounds are the metrics of the −ELBO of the validation images after some epochs.
func (s Setting) ValidationBounds(epochs []int) (all []Metric) {
	for _, epoch := range epochs {
		all = append(all, s.stopping(ValidationBoundAfter(epoch), "nats per image", Lower, func(b Binarised) (float64, error) {
			bound, trained := b.Validation(epoch)
			if !trained {
				return 0, Undefined{"the training ended before this epoch"}
			}
			return bound, nil
		}))
	}
	return all
}

// TestLikelihood are the metrics of the likelihood of n test images: that of the first binarisation from samples codes of each
// image, and that of each binarisation from a tenth of them. More codes lower the negative log-likelihood of every binarisation
// by the same amount, up to noise, so it is enough to take all codes once. From 500 to 5,000 codes the noise was .8 nats for an
// image, and so .008 for the mean of 10,000.
func (s Setting) TestLikelihood(n, samples int) []Metric {
	of := func(name string, binarisation, samples int) Metric {
		return metric(s, name, "nats per image", Lower, n, func(ctx context.Context, b Binarised) (float64, error) {
			return b.TestNLL(ctx, binarisation, samples)
		}, "samples", samples, "binarisation", binarisation, "seed", 0)
	}
	all := []Metric{of(TestNLL, 1, samples)}
	for i := range Binarisations {
		all = append(all, of(TestNLLOf(i+1), i+1, FewerCodes(samples)))
	}
	return all
}

package metric

import "context"

// Losses. Training leaves them with a run under these names.
const (
	MSE            = "mse"
	CrossEntropy   = "cross-entropy"
	KL             = "kl"
	CrossEntropyKL = "cross-entropy + KL"
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

// Stopping is a subject with several epochs, of which the best on validation images is chosen.
type Stopping interface {
	// Stopped chooses the epoch with the best likelihood of n validation images. It returns that epoch, that
	// likelihood, and the negative log-likelihood of the test images from samples codes of each, in nats per image.
	Stopped(ctx context.Context, n, samples int) (Stop, error)
}

// Stop is the result of early stopping.
type Stop struct {
	Epoch            int
	Validation, Test float64 // mean negative log-likelihoods, nats per image
}

// Names of the metrics of early stopping.
const (
	BestEpoch     = "best epoch"
	ValidationNLL = "validation NLL"
	TestNLL       = "test NLL"
)

// Stopped are the metrics of the published protocol. validation and test are numbers of images, and samples is the
// number of codes of each test image.
func (s Setting) Stopped(validation, test, samples int) []Metric {
	of := func(name, unit string, better Direction, n int, part func(Stop) float64) Metric {
		return metric(s, name, unit, better, n, func(ctx context.Context, t Stopping) (float64, error) {
			stop, err := t.Stopped(ctx, validation, samples)
			return part(stop), err
		}, "validation", validation, "test", test, "samples", samples, "seed", 0)
	}
	return []Metric{
		of(BestEpoch, "epochs", Neither, validation, func(s Stop) float64 { return float64(s.Epoch) }),
		of(ValidationNLL, "nats per image", Lower, validation, func(s Stop) float64 { return s.Validation }),
		of(TestNLL, "nats per image", Lower, test, func(s Stop) float64 { return s.Test }),
	}
}

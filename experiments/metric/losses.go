package metric

import "context"

// Losses that training leaves with a run, under these names.
const (
	MSE            = "mse"
	CrossEntropy   = "cross-entropy"
	KL             = "kl"
	CrossEntropyKL = "cross-entropy + KL"
)

// Total is the loss that training lowers, with all of the KL of a VAE whatever beta was.
const Total = "test loss"

// Reconstructing is a subject that gives images back.
type Reconstructing interface {
	// Loss is a loss of the test images, by its name; Undefined where the model has no such loss.
	Loss(ctx context.Context, name string) (float64, error)
}

// Losses are the losses of the test images, from the posterior mean of a VAE.
func (s Setting) Losses() []Metric {
	return []Metric{s.Loss(MSE), s.Loss(CrossEntropy), s.Loss(KL)}
}

// Loss is a loss of the test images, by its name.
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
	// Bound is the negative evidence lower bound of each of the first n test images, from samples codes of each: [n] nats.
	Bound(ctx context.Context, n, samples int) ([]float64, error)
	// ImportanceWeighted is the negative log-likelihood of each of the first n test images, from samples codes of each: [n] nats.
	ImportanceWeighted(ctx context.Context, n, samples int) ([]float64, error)
}

// Likelihoods of test images.
const (
	Bound = "sampled negative ELBO"
	NLL   = "IWAE NLL"
)

// Bound is the negative evidence lower bound of the test images (Kingma and Welling, arXiv 1312.6114).
func (s Setting) Bound() Metric {
	const samples = 5
	return metric(s, Bound, "nats per image", Lower, s.Test, func(ctx context.Context, l Likely) (float64, error) {
		return mean(l.Bound(ctx, s.Test, samples))
	}, "samples", samples, "seed", "run")
}

// NLL is the importance-weighted negative log-likelihood of test images (Burda et al., arXiv 1509.00519).
func (s Setting) NLL() Metric {
	const samples = 500
	n := min(s.Samples/5, s.Test)
	return metric(s, NLL, "nats per image", Lower, n, func(ctx context.Context, l Likely) (float64, error) {
		return mean(l.ImportanceWeighted(ctx, n, samples))
	}, "samples", samples, "seed", "run")
}

// Stopping is a subject of several epochs, of which the best on validation images is taken.
type Stopping interface {
	// Stopped returns the epoch that is best by the likelihood of n validation images, that likelihood, and the negative
	// log-likelihood of the test images from samples codes of each, in nats per image.
	Stopped(ctx context.Context, n, samples int) (Stop, error)
}

// Stop is what came of stopping early.
type Stop struct {
	Epoch            int
	Validation, Test float64 // negative log-likelihoods, nats per image
}

// What stopping early gives.
const (
	BestEpoch     = "best epoch"
	ValidationNLL = "validation NLL"
	TestNLL       = "test NLL"
)

// Stopped are the metrics of the published protocol, with so many validation images, test images and codes of each of these.
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

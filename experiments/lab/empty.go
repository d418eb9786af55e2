package lab

import (
	"context"
	"fmt"
	"math"
	"slices"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"

	"gonum.org/v1/gonum/stat"
)

// leastVariance is the variance below which the codes of an AE are taken to be equal. In usable codes the variance is
// 0.1 or more.
const leastVariance = 1e-6

// empty returns a warning if the codes of a trained model carry no information on the first 1,000 images, or if their
// reconstructions are no better than one image for all. It is "" otherwise.
func empty(ctx context.Context, r *training.Result, images dataset.Split) (string, error) {
	m := r.Config.Model
	n := min(1000, images.Len())
	codes, _, err := r.Model.Encode(ctx, images.Head(n).Images)
	if err != nil {
		return "", err
	}
	active, variance, err := latent.ActiveUnits(codes, m.Latent)
	if err != nil {
		return "", err
	}
	score, err := r.Model.Score(ctx, images.Head(n).Images)
	if err != nil {
		return "", err
	}
	_, spread, err := latent.ActiveUnits(dataset.Floats(images.Head(n).Images), images.Pixels()) // the squared error of the mean image, by pixel
	if err != nil {
		return "", err
	}
	mean := stat.Mean(spread, nil)
	switch {
	case n < 2: // one code does not vary
	case m.Model == autoencoder.VAE && active == 0:
		return fmt.Sprintf("The code carries no information: no dimension of the posterior mean has a variance above 0.01 over the first %s test images. Try a beta below %g, a KL warm-up, or a lower learning rate.", show.Count(n), m.Beta), nil
	case m.Model == autoencoder.AE && slices.Max(variance) < leastVariance:
		return fmt.Sprintf("The code carries no information: it is the same for the first %s test images. Try a learning rate below %g.", show.Count(n), r.Config.LearningRate), nil
	case m.Loss == autoencoder.BCE && score.CrossEntropy > 1.1*math.Ln2*float64(m.Pixels()):
		return fmt.Sprintf("Training diverged: the cross-entropy of the first %s test images is %.3g nats, and that of grey images, with all pixels at a half, is %.0f. Try a learning rate below %g.",
			show.Count(n), score.CrossEntropy, math.Ln2*float64(m.Pixels()), r.Config.LearningRate), nil
	case steps(r) >= enoughSteps && m.Normalised == "" && !(score.MSE < mean):
		return fmt.Sprintf("The reconstructions of the first %s test images have an MSE of %.3g, and the mean of these images, taken for each of them, has %.3g. Try more epochs, or a learning rate below %g.",
			show.Count(n), score.MSE, mean, r.Config.LearningRate), nil
	}
	return "", nil
}

// enoughSteps is the number of steps after which a usable model reconstructs better than the mean image does.
const enoughSteps = 500

// steps is the number of steps of a training.
func steps(r *training.Result) int {
	if len(r.History) == 0 {
		return 0
	}
	return r.History[len(r.History)-1].Step
}

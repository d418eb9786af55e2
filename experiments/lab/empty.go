package lab

import (
	"context"
	"fmt"
	"slices"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"
)

// leastVariance is the variance below which the codes of an AE are taken to be equal. In usable codes the variance is
// 0.1 or more.
const leastVariance = 1e-6

// empty returns a warning if the codes of a trained model carry no information on the first 1,000 images. It is ""
// otherwise.
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
	switch {
	case n < 2: // one code does not vary
	case m.Model == autoencoder.VAE && active == 0:
		return fmt.Sprintf("The code carries no information: no dimension of the posterior mean has a variance above 0.01 over the first %s test images. Try a beta below %g, a KL warm-up, or a lower learning rate.", show.Count(n), m.Beta), nil
	case m.Model == autoencoder.AE && slices.Max(variance) < leastVariance:
		return fmt.Sprintf("The code carries no information: it is the same for the first %s test images. Try a learning rate below %g.", show.Count(n), r.Config.LearningRate), nil
	}
	return "", nil
}

package metric

import (
	"context"
	"fmt"

	"fashionlatent/lib/latent"
)

// Scores of how little an image is like those that a model was trained on. The larger, the less it is like them.
const (
	OfSquaredError = "squared error"     // of the reconstruction, of a VAE from the posterior mean
	OfCrossEntropy = "cross-entropy"     // the same
	OfBound        = "−ELBO"             // from OutlierCodes codes of each image
	OfNLL          = "IWAE NLL"          // importance-weighted negative log-likelihood, from the same codes
	OfMixture      = "mixture"           // negative log-density of the code under a mixture of Gaussians fitted to the training codes
	OfNearest      = "nearest code"      // distance of the code to the nearest training code
	OfNeighbour    = "10th nearest code" // distance of the code to the 10th nearest training code (Sun et al., arXiv 2204.06507)
)

// OutlierScores lists these scores in the order of tables.
var OutlierScores = []string{OfSquaredError, OfCrossEntropy, OfBound, OfNLL, OfMixture, OfNearest, OfNeighbour}

// OutlierCodes is the number of codes of each image in the scores of the likelihood.
const OutlierCodes = 50

// ImageSet is a set of images with a name and the checksum of the data set that it is from.
type ImageSet struct {
	Name   string
	Data   string
	N      int
	Images []uint8 // [N, pixels] grey levels
}

// Outlying is a subject that says how little images are like those that it was trained on.
type Outlying interface {
	// Outlying returns a score of each image, [n], one of OutlierScores.
	Outlying(ctx context.Context, score string, of ImageSet) ([]float64, error)
}

// AUROC is the name of the metric that says how well a score tells other images from test images.
func AUROC(score, others string) string { return fmt.Sprintf("AUROC of %s, %s", score, others) }

// Outliers returns, for each score, the metric of how well it tells other images from test images: the area under the
// ROC curve. 1: every other image has a larger score than every test image; 0.5: chance. Below 0.5, the score takes the
// other images for more like the training images than the test images are.
func (s Setting) Outliers(test, others ImageSet) []Metric {
	var all []Metric
	for _, score := range OutlierScores {
		parameters := []any{"test", test.N, "others", fmt.Sprintf("%.12s", others.Data)}
		switch score {
		case OfBound, OfNLL:
			parameters = append(parameters, "samples", OutlierCodes, "seed", "run")
		case OfMixture:
			parameters = append(parameters, "components", s.K, "fitted", Train, "seed", "run")
		case OfNearest:
			parameters = append(parameters, "k", 1)
		case OfNeighbour:
			parameters = append(parameters, "k", Nearest)
		}
		all = append(all, metric(s, AUROC(score, others.Name), "", Higher, test.N+others.N, func(ctx context.Context, o Outlying) (float64, error) {
			inside, err := o.Outlying(ctx, score, test)
			if err != nil {
				return 0, err
			}
			outside, err := o.Outlying(ctx, score, others)
			if err != nil {
				return 0, err
			}
			return value(latent.AUROC(inside, outside))
		}, parameters...))
	}
	return all
}

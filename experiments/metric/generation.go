package metric

import (
	"context"

	"fashionlatent/lib/generate"
)

// Sources of codes.
const (
	Prior     = "prior"           // the model's prior: N(0, I), or the mixture that it has learned
	Gaussians = "gaussian"        // a Gaussian fitted to codes of the training images
	Mixtures  = "mixture"         // a mixture of Gaussians fitted to those codes
	Floor     = "training images" // no codes: training images in place of decoded images
)

// Sources are the sources of codes, in the order in which they are shown.
var Sources = []string{Prior, Gaussians, Mixtures}

// Scores of decoded images.
const (
	Frechet   = "Fréchet"
	Precision = "precision"
	Recall    = "recall"
	Density   = "density"
	Coverage  = "coverage"
)

// Figures lists the scores of decoded images in the order of tables.
var Figures = []string{Frechet, Precision, Recall, Density, Coverage}

// Generated is the name of the metric of images decoded from a source, such as "prior coverage".
func Generated(source, figure string) string { return source + " " + figure }

// Generating is a subject that decodes drawn codes. The images are compared with test images in the features of a
// classifier.
type Generating interface {
	// Quality is the quality of n images decoded from codes of a source, against n test images.
	Quality(ctx context.Context, source string, n int) (generate.Quality, error)
}

// Generation returns the metrics of images decoded from codes of sources: their Fréchet distance to as many test
// images, and their precision, recall, density and coverage. Formulas and sources are in lib/generate.
func (s Setting) Generation(sources ...string) []Metric {
	n := min(s.Samples, s.Test, s.Train)
	var all []Metric
	for _, source := range sources {
		for _, f := range []struct {
			name   string
			better Direction
			of     func(q generate.Quality) float64
		}{
			{Frechet, Lower, func(q generate.Quality) float64 { return q.Frechet }},
			{Precision, Higher, func(q generate.Quality) float64 { return q.Precision }},
			{Recall, Higher, func(q generate.Quality) float64 { return q.Recall }},
			{Density, Higher, func(q generate.Quality) float64 { return q.Density }},
			{Coverage, Higher, func(q generate.Quality) float64 { return q.Coverage }},
		} {
			parameters := []any{"features", s.Features, "k", 5, "seed", "run"}
			if source == Mixtures {
				parameters = append(parameters, "components", s.K)
			}
			all = append(all, metric(s, Generated(source, f.name), "", f.better, n, func(ctx context.Context, g Generating) (float64, error) {
				q, err := g.Quality(ctx, source, n)
				return f.of(q), err
			}, parameters...))
		}
	}
	return unmet(all, s.labelled(2), s.images(7))
}

// Accuracy is the name of the metric of the share of images that a classifier classifies correctly.
const Accuracy = "accuracy"

// Classifying is a subject that classifies images.
type Classifying interface {
	Accuracy(ctx context.Context) (float64, error) // share of the test images
}

// Accuracy is the accuracy of the classifier in whose features images are compared.
func (s Setting) Accuracy() Metric {
	m := metric(s, Accuracy, "", Higher, s.Test, func(ctx context.Context, c Classifying) (float64, error) { return c.Accuracy(ctx) })
	return unmet([]Metric{m}, s.labelled(2))[0]
}

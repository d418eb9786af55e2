package metric

import (
	"context"
	"fmt"
	"strings"

	"fashionlatent/lib/generate"
)

// Sources of codes.
const (
	Prior     = "prior"            // the model's prior: N(0, I), or the mixture that it has learned
	Gaussians = "gaussian"         // a Gaussian fitted to codes of the training images
	Mixtures  = "mixture"          // a mixture of K Gaussians fitted to those codes
	Selected  = "selected-mixture" // such a mixture, with the number of Gaussians selected by the likelihood of held-out codes
	Encoded   = "codes"            // those codes themselves: what a perfect model of their distribution would reach, up to chance
	Floor     = "training images"  // no codes: training images in place of decoded images
)

// Sources are the sources of codes of most experiments, in the order in which they are shown.
var Sources = []string{Prior, Gaussians, Mixtures}

// Components are the numbers of Gaussians among which the number for Selected is chosen.
var Components = []int{10, 30, 100, 300}

// Feature extractors: the classifiers in whose features decoded images are compared.
const (
	Connected     = "fully connected"
	Convolutional = "convolutional"
)

// Extractors lists the feature extractors.
var Extractors = []string{Connected, Convolutional}

// Scores of decoded images. FCD is the Fréchet classifier distance: the Fréchet distance between the features of decoded
// images and of test images. All scores use the fully connected extractor, except that FCDConvolutional is the distance in
// the features of the convolutional one.
const (
	FCD              = "FCD"
	FCDConvolutional = "FCD (conv)"
	Precision        = "precision"
	Recall           = "recall"
	Density          = "density"
	Coverage         = "coverage"
)

// ImageScores lists the scores of decoded images in the order of tables.
var ImageScores = []string{FCD, FCDConvolutional, Precision, Recall, Density, Coverage}

// Distances lists the Fréchet classifier distances in the order of Extractors.
var Distances = []string{FCD, FCDConvolutional}

// Generated is the name of the metric of images decoded from a source, such as "prior coverage".
func Generated(source, score string) string { return source + " " + score }

// Generating is a subject that decodes drawn codes. The images are compared with test images in the features of
// classifiers.
type Generating interface {
	// Frechet is the Fréchet distance of n images decoded from codes of a source to n test images, in the features of an
	// extractor.
	Frechet(ctx context.Context, extractor, source string, n int) (float64, error)
	// Quality is the quality of n images decoded from codes of a source, against n test images, in the features of the fully
	// connected extractor.
	Quality(ctx context.Context, source string, n int) (generate.Quality, error)
}

// Generation returns the metrics of images decoded from codes of sources: their Fréchet classifier distances to as many
// test images, and their precision, recall, density and coverage. Formulas and sources are in lib/generate.
func (s Setting) Generation(sources ...string) []Metric {
	n := min(s.Samples, s.Test, s.Train)
	var all []Metric
	for _, source := range sources {
		add := func(score, extractor string, better Direction, of func(ctx context.Context, g Generating) (float64, error), parameters ...any) {
			parameters = append([]any{"features", s.Features[extractor], "seed", "run"}, parameters...)
			switch source {
			case Mixtures:
				parameters = append(parameters, "components", s.K)
			case Selected:
				parameters = append(parameters, "components", componentsText())
			}
			all = append(all, metric(s, Generated(source, score), "", better, n, of, parameters...))
		}
		for i, extractor := range Extractors {
			add(Distances[i], extractor, Lower, func(ctx context.Context, g Generating) (float64, error) { return g.Frechet(ctx, extractor, source, n) })
		}
		for _, f := range []struct {
			name string
			of   func(q generate.Quality) float64
		}{
			{Precision, func(q generate.Quality) float64 { return q.Precision }},
			{Recall, func(q generate.Quality) float64 { return q.Recall }},
			{Density, func(q generate.Quality) float64 { return q.Density }},
			{Coverage, func(q generate.Quality) float64 { return q.Coverage }},
		} {
			add(f.name, Connected, Higher, func(ctx context.Context, g Generating) (float64, error) {
				q, err := g.Quality(ctx, source, n)
				return f.of(q), err
			}, "k", 5)
		}
	}
	return unmet(all, s.labelled(2), s.images(6))
}

// SelectedComponents is the name of the metric of the number of Gaussians of Selected.
const SelectedComponents = "components"

// Selecting is a subject for whose codes a mixture is selected.
type Selecting interface {
	// Components is the number of Gaussians of the source Selected.
	Components(ctx context.Context) (int, error)
}

// SelectedComponents is the metric of the number of Gaussians of the source Selected.
func (s Setting) SelectedComponents() Metric {
	m := metric(s, SelectedComponents, "Gaussians", Neither, s.Train, func(ctx context.Context, c Selecting) (float64, error) {
		k, err := c.Components(ctx)
		return float64(k), err
	}, "among", componentsText(), "seed", "run")
	m.Split = Train
	return m
}

// componentsText lists Components, such as "10,30".
func componentsText() string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(Components), " ", ","), "[]")
}

// Accuracy is the name of the metric of the share of images that a feature extractor classifies correctly.
func Accuracy(extractor string) string { return extractor + " accuracy" }

// Classifying is a subject that classifies images.
type Classifying interface {
	Accuracy(ctx context.Context, extractor string) (float64, error) // share of the test images
}

// Accuracies are the accuracies of the feature extractors.
func (s Setting) Accuracies() []Metric {
	var all []Metric
	for _, extractor := range Extractors {
		all = append(all, metric(s, Accuracy(extractor), "", Higher, s.Test, func(ctx context.Context, c Classifying) (float64, error) { return c.Accuracy(ctx, extractor) },
			"features", s.Features[extractor]))
	}
	return unmet(all, s.labelled(2))
}

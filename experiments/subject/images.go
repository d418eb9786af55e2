// Package subject makes the subjects of metrics: above all a trained model on a data set, with its codes, clusters and
// samples. Each part is computed once.
package subject

import (
	"context"
	"slices"

	"fashionlatent/experiments/metric"
	"fashionlatent/lib/classifier"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/generate"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/points"
)

// Images is a data set, together with what models on it are compared with. Each part is computed on first use.
type Images struct {
	Data *dataset.Dataset
	K    int // number of clusters to find, and of Gaussians in the mixture that codes are drawn from

	extractor  func(ctx context.Context, name string) (*classifier.Classifier, error)
	tests      map[testOf]*testImages
	pixels     map[string][]float32
	manifolds  map[int]*latent.Manifold
	distances  map[int][]float64
	references map[int]*generate.Reference

	// The samples that were compared last, of any model. The scores of a source are taken one after another.
	last struct {
		model   *Model
		of      samplesOf
		samples *compared
	}
}

// testOf identifies testImages.
type testOf struct {
	extractor string
	n         int
}

// testImages are test images that models are compared with, in an extractor.
type testImages struct {
	extractor *classifier.Classifier
	features  []float32
	frechet   func(features []float32) (float64, error) // the Fréchet distance to them; nil: it has not been taken yet
}

// NewImages is a data set whose images are compared in the features of the classifiers that extractor returns by the names
// in metric.Extractors.
func NewImages(data *dataset.Dataset, k int, extractor func(ctx context.Context, name string) (*classifier.Classifier, error)) *Images {
	return &Images{Data: data, K: k, extractor: extractor, pixels: map[string][]float32{}}
}

// Labels are the labels of a split, [n]; nil if it has none.
func (d *Images) Labels(split string) []uint8 {
	return splitOf(split, d.Data.Train.Labels, d.Data.Test.Labels)
}

// splitOf is what a split has of the values of the training and the test images.
func splitOf(split string, train, test []uint8) []uint8 {
	switch split {
	case metric.Train:
		return train
	case metric.Test:
		return test
	}
	return slices.Concat(train, test)
}

// LabelsAt are the labels of some images of a split, [len(some)]; nil if it has none.
func LabelsAt(s dataset.Split, some []int) []uint8 {
	if s.Labels == nil {
		return nil
	}
	return points.Rows(s.Labels, 1, some)
}

// levels are the grey levels of a split, [n, width].
func (d *Images) levels(split string) []uint8 {
	return splitOf(split, d.Data.Train.Images, d.Data.Test.Images)
}

// Pixels are the pixel values of a split, [n, width] in [0, 1].
func (d *Images) Pixels(split string) (pixels []float32, width int) {
	if d.pixels[split] == nil {
		d.pixels[split] = dataset.Floats(d.levels(split))
	}
	return d.pixels[split], d.Data.Pixels()
}

// Manifold is the manifold estimated from n training images, in pixel space, with their 5th nearest neighbours.
func (d *Images) Manifold(ctx context.Context, n int) (*latent.Manifold, error) {
	return once(&d.manifolds, n, func() (*latent.Manifold, error) {
		pixels, width := d.Pixels(metric.Train)
		m, err := latent.NewManifold(ctx, points.Rows(pixels, width, latent.Subsample(d.Data.Train.Len(), n, 0)), width, 5)
		return m, metric.Because(err)
	})
}

// TestDistances are the Euclidean distances of n test images to their nearest training images, [n], in pixel space.
func (d *Images) TestDistances(ctx context.Context, n int) ([]float64, error) {
	return once(&d.distances, n, func() ([]float64, error) {
		pixels, width := d.Pixels(metric.Test)
		return d.trainDistances(ctx, points.Rows(pixels, width, latent.Subsample(d.Data.Test.Len(), n, 0)))
	})
}

// trainDistances are the Euclidean distances of images, [n, width], to their nearest training images, [n], in pixel
// space.
func (d *Images) trainDistances(ctx context.Context, images []float32) ([]float64, error) {
	train, width := d.Pixels(metric.Train)
	distances, err := latent.NearestDistances(ctx, images, train, width)
	return distances, metric.Because(err)
}

// real are n random images of a split, [n, width] in [0, 1]. They are the same for all models.
func (d *Images) real(s dataset.Split, n int) []float32 {
	return dataset.Floats(points.Rows(s.Images, d.Data.Pixels(), latent.Subsample(s.Len(), n, 0)))
}

// tested are n test images in an extractor.
func (d *Images) tested(ctx context.Context, extractor string, n int) (*testImages, error) {
	return once(&d.tests, testOf{extractor, n}, func() (*testImages, error) {
		k, err := d.extractor(ctx, extractor)
		if err != nil {
			return nil, err
		}
		features, err := k.Features(ctx, d.real(d.Data.Test, n))
		return &testImages{extractor: k, features: features}, err
	})
}

// reference returns n test images as a reference in the features of the fully connected extractor, with n training images
// as the floor.
func (d *Images) reference(ctx context.Context, n int) (*generate.Reference, error) {
	return once(&d.references, n, func() (*generate.Reference, error) {
		test, err := d.tested(ctx, metric.Connected, n)
		if err != nil {
			return nil, err
		}
		train, err := test.extractor.Features(ctx, d.real(d.Data.Train, n))
		if err != nil {
			return nil, err
		}
		r, err := generate.NewReference(ctx, test.features, train, test.extractor.Config.Features())
		return r, metric.Because(err)
	})
}

// compared are images, [n, width] in [0, 1], and their features in the extractors that they were compared in.
type compared struct {
	images   []float32
	features map[string][]float32
}

// featuresOf are the features of images in an extractor. They are computed once.
func (d *Images) featuresOf(ctx context.Context, extractor string, c *compared) ([]float32, error) {
	return once(&c.features, extractor, func() ([]float32, error) {
		k, err := d.extractor(ctx, extractor)
		if err != nil {
			return nil, err
		}
		return k.Features(ctx, c.images)
	})
}

// frechet is the Fréchet distance of images to as many test images, in the features of an extractor.
func (d *Images) frechet(ctx context.Context, extractor string, c *compared) (float64, error) {
	test, err := d.tested(ctx, extractor, len(c.images)/d.Data.Pixels())
	if err != nil {
		return 0, err
	}
	features, err := d.featuresOf(ctx, extractor, c)
	if err != nil {
		return 0, err
	}
	if test.frechet == nil {
		if test.frechet, err = generate.FrechetTo(test.features, test.extractor.Config.Features()); err != nil {
			return 0, metric.Because(err)
		}
	}
	distance, err := test.frechet(features)
	return distance, metric.Because(err)
}

// Extractor is the feature extractors, as a subject of metrics: their accuracy, and the scores of training images in place
// of decoded ones.
type Extractor struct{ *Images }

// Accuracy is the share of the test images that an extractor classifies correctly.
func (e Extractor) Accuracy(ctx context.Context, extractor string) (float64, error) {
	k, err := e.extractor(ctx, extractor)
	if err != nil {
		return 0, err
	}
	return k.Accuracy(ctx, e.Data.Test)
}

// Frechet is the Fréchet distance of n training images to n test images, in the features of an extractor.
func (e Extractor) Frechet(ctx context.Context, extractor, _ string, n int) (float64, error) {
	return e.frechet(ctx, extractor, &compared{images: e.real(e.Data.Train, n)})
}

// Quality is the quality of n training images against n test images.
func (e Extractor) Quality(ctx context.Context, _ string, n int) (generate.Quality, error) {
	r, err := e.reference(ctx, n)
	if err != nil {
		return generate.Quality{}, err
	}
	return r.Floor, nil
}

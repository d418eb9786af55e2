package subject

import (
	"context"
	"math"
	"slices"
	"testing"

	"fashionlatent/experiments/metric"
	"fashionlatent/lib/backend/backendtest"
	"fashionlatent/lib/classifier"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/fashion/fashiontest"
	"fashionlatent/lib/generate"
)

// nearest is the Euclidean distance of an image to the nearest of others, all [pixels] in [0, 1].
func nearest(image, others []float32) float64 {
	least := math.Inf(1)
	for other := range slices.Chunk(others, len(image)) {
		sum := 0.
		for i, v := range image {
			sum += float64(v-other[i]) * float64(v-other[i])
		}
		least = min(least, math.Sqrt(sum))
	}
	return least
}

// Test images and decoded images are compared with the nearest training image.
func TestDistances(t *testing.T) {
	data := fashiontest.Tiny(t)
	s := New(NewImages(data, 3, nil), untrained(t), 7)
	train := dataset.Floats(data.Train.Images)
	check := func(name string, got []float64, images []float32, err error) {
		t.Helper()
		if err != nil || len(got) == 0 || len(images) != len(got)*data.Pixels() {
			t.Fatalf("%s: %d distances of %d pixels, %v", name, len(got), len(images), err)
		}
		for i, d := range got {
			if want := nearest(images[i*data.Pixels():(i+1)*data.Pixels()], train); math.Abs(d-want) > 1e-5 {
				t.Errorf("%s: image %d has the distance %g, want %g", name, i, d, want)
			}
		}
	}
	got, err := s.TestDistances(t.Context(), data.Test.Len())
	check("test", got, dataset.Floats(data.Test.Images), err)
	sampled, err := s.Sample(t.Context(), metric.Prior, 5, 7)
	if err != nil {
		t.Fatal(err)
	}
	got, err = s.SampleDistances(t.Context(), metric.Prior, 5)
	check("samples", got, sampled, err)
}

// Decoded images and training images are compared with test images, in the features of the named extractor.
func TestComparedWithTestImages(t *testing.T) {
	data := fashiontest.Tiny(t)
	extractors := map[string]*classifier.Classifier{}
	for name, c := range map[string]classifier.Config{
		metric.Connected:     {Hidden: []int{6}, Epochs: 1, Batch: 10, LearningRate: .01, Seed: 1},
		metric.Convolutional: {Kernels: []int{2}, Hidden: []int{5}, Epochs: 1, Batch: 10, LearningRate: .01, Seed: 2},
	} {
		k, err := classifier.Fit(t.Context(), backendtest.Go(t), data, c, classifier.Options{})
		if err != nil {
			t.Fatal(err)
		}
		extractors[name] = k
	}
	images := NewImages(data, 3, func(_ context.Context, name string) (*classifier.Classifier, error) { return extractors[name], nil })
	n := data.Test.Len()
	features := func(extractor string, of []float32) []float32 {
		f, err := extractors[extractor].Features(t.Context(), of)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	test, train := dataset.Floats(data.Test.Images), images.real(data.Train, n)
	s := New(images, untrained(t), 7)
	decoded, err := s.Sample(t.Context(), metric.Prior, n, 7)
	if err != nil {
		t.Fatal(err)
	}
	connected := extractors[metric.Connected].Config.Features()
	reference, err := generate.NewReference(t.Context(), features(metric.Connected, test), features(metric.Connected, train), connected)
	if err != nil {
		t.Fatal(err)
	}
	compared, err := reference.Score(t.Context(), features(metric.Connected, decoded))
	if err != nil {
		t.Fatal(err)
	}
	for name, of := range map[string]struct {
		subject metric.Generating
		images  []float32
		want    generate.Quality
	}{
		"decoded":  {s, decoded, compared},
		"training": {Extractor{images}, train, reference.Floor},
	} {
		got, err := of.subject.Quality(t.Context(), metric.Prior, n)
		if err != nil || got.Precision != of.want.Precision || got.Recall != of.want.Recall || got.Density != of.want.Density || got.Coverage != of.want.Coverage {
			t.Errorf("%s images: %+v, %v; want %+v", name, got, err, of.want)
		}
		for extractor, k := range extractors {
			want, err := generate.Frechet(features(extractor, of.images), features(extractor, test), k.Config.Features())
			if err != nil {
				t.Fatal(err)
			}
			if got, err := of.subject.Frechet(t.Context(), extractor, metric.Prior, n); err != nil || math.Abs(got-want) > 1e-6*math.Max(1, want) {
				t.Errorf("%s images, %s: a Fréchet distance of %g, %v; want %g", name, extractor, got, err, want)
			}
		}
	}
}

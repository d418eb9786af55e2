package subject

import (
	"slices"
	"strings"
	"testing"

	"fashionlatent/experiments/metric"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend/backendtest"
	"fashionlatent/lib/fashion/fashiontest"
	"fashionlatent/lib/generate"
)

// untrained is an AE with a code of 2 dimensions.
func untrained(t *testing.T) *autoencoder.Model {
	t.Helper()
	c := autoencoder.Default(autoencoder.AE, 2)
	c.Hidden = []int{8}
	m, err := autoencoder.NewModel(backendtest.Go(t), c, c.Initial(1))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The sources of a model: each has its own distribution, and all are fitted to the codes of the training images.
func TestSources(t *testing.T) {
	s := New(NewImages(fashiontest.Tiny(t), 3, nil), untrained(t), 0)
	codes, err := s.Codes(t.Context(), metric.Train)
	if err != nil {
		t.Fatal(err)
	}
	drawn := map[string][]float32{}
	for _, source := range Sources {
		if drawn[source], err = s.Draw(t.Context(), source, 50, 1); err != nil || len(drawn[source]) != 100 {
			t.Fatalf("%s: %d values in 50 codes of 2 dimensions: %v", source, len(drawn[source]), err)
		}
	}
	for code := range slices.Chunk(drawn[metric.Encoded], 2) {
		if !slices.ContainsFunc(slices.Collect(slices.Chunk(codes.Values, 2)), func(of []float32) bool { return slices.Equal(of, code) }) {
			t.Fatalf("%v is not the code of a training image", code)
		}
	}
	if want := generate.Prior(2).Sample(50, 1); !slices.Equal(drawn[metric.Prior], want) || !slices.Equal(drawn[Normal], want) {
		t.Errorf("an AE's prior gives %v, and N(0, I) gives %v", drawn[metric.Prior], drawn[Normal])
	}
	if k := s.samplers[metric.Mixtures].(*generate.Mixture).K; k != 3 {
		t.Errorf("the mixture has %d Gaussians, want 3", k)
	}
	if k, err := s.Components(t.Context()); err != nil || !slices.Contains(metric.Components, k) || k != s.samplers[metric.Selected].(*generate.Mixture).K {
		t.Errorf("the selected mixture has %d Gaussians: %v", k, err)
	}
	if _, err := s.Draw(t.Context(), "dreams", 1, 1); err == nil || !strings.Contains(err.Error(), `"dreams"`) {
		t.Errorf("an unknown source: %v", err)
	}
}

// If all test images are used, seeds form other pairs nevertheless, and no image is paired with itself.
func TestEnds(t *testing.T) {
	m := untrained(t)
	images := NewImages(fashiontest.Tiny(t), 3, nil)
	pairs := images.Data.Test.Len() / 2
	var before []float32
	for seed := range uint64(2) {
		from, to, err := New(images, m, seed).Ends(t.Context(), pairs)
		if err != nil || len(from.Values) != 2*pairs || len(to.Values) != 2*pairs {
			t.Fatalf("%d and %d values, %v", len(from.Values), len(to.Values), err)
		}
		for i := range pairs {
			if slices.Equal(from.Values[2*i:2*i+2], to.Values[2*i:2*i+2]) {
				t.Errorf("pair %d has one code twice", i)
			}
		}
		if slices.Equal(before, from.Values) {
			t.Error("two seeds form the same pairs")
		}
		before = from.Values
	}
}

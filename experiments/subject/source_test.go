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

// The sources of a model: each has its own distribution, and all are fitted to the codes of the training images.
func TestSources(t *testing.T) {
	c := autoencoder.Default(autoencoder.AE, 2)
	c.Hidden = []int{8}
	m, err := autoencoder.NewModel(backendtest.Go(t), c, c.Initial(1))
	if err != nil {
		t.Fatal(err)
	}
	s := New(NewImages(fashiontest.Tiny(t), 3, nil), m, 0)
	codes, err := s.Codes(t.Context(), metric.Train)
	if err != nil {
		t.Fatal(err)
	}
	drawn := map[string]generate.Sampler{}
	for _, source := range Sources {
		if drawn[source], err = s.Sampler(t.Context(), source); err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		if n := len(drawn[source].Sample(7, 1)); n != 14 {
			t.Errorf("%s: %d values in 7 codes of 2 dimensions", source, n)
		}
	}
	for code := range slices.Chunk(drawn[metric.Encoded].Sample(50, 1), 2) {
		if !slices.ContainsFunc(slices.Collect(slices.Chunk(codes.Values, 2)), func(of []float32) bool { return slices.Equal(of, code) }) {
			t.Fatalf("%v is not the code of a training image", code)
		}
	}
	if drawn[metric.Prior] != generate.Sampler(generate.Prior(2)) || drawn[Normal] != drawn[metric.Prior] {
		t.Errorf("an AE's prior is %v, and N(0, I) is %v", drawn[metric.Prior], drawn[Normal])
	}
	if k := drawn[metric.Mixtures].(*generate.Mixture).K; k != 3 {
		t.Errorf("the mixture has %d Gaussians, want 3", k)
	}
	if k, err := s.Components(t.Context()); err != nil || !slices.Contains(metric.Components, k) || k != drawn[metric.Selected].(*generate.Mixture).K {
		t.Errorf("the selected mixture has %d Gaussians: %v", k, err)
	}
	if _, err := s.Sampler(t.Context(), "dreams"); err == nil || !strings.Contains(err.Error(), `"dreams"`) {
		t.Errorf("an unknown source: %v", err)
	}
}

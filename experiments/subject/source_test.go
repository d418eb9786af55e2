package subject

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"fashionlatent/experiments/metric"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend/backendtest"
	"fashionlatent/lib/cluster"
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
	if k := s.samplers[metric.Mixtures].(*cluster.Mixture).K; k != 3 {
		t.Errorf("the mixture has %d Gaussians, want 3", k)
	}
	if k, err := s.Components(t.Context()); err != nil || !slices.Contains(metric.Components, k) || k != s.samplers[metric.Selected].(*cluster.Mixture).K {
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

// Of test images that are sorted by class, pairs are formed of all classes.
func TestEndsOfSorted(t *testing.T) {
	data := *fashiontest.Tiny(t)
	n, few := data.Test.Len(), data.Test.Len()/4
	data.Test.Labels = make([]uint8, n)
	for i := n / 2; i < n; i++ {
		data.Test.Labels[i] = 1
	}
	s := New(NewImages(&data, 3, nil), untrained(t), 0)
	codes, err := s.Codes(t.Context(), metric.Test)
	if err != nil {
		t.Fatal(err)
	}
	from, _, err := s.Ends(t.Context(), few)
	if err != nil {
		t.Fatal(err)
	}
	var of [2]int
	for code := range slices.Chunk(from.Values, 2) {
		at := slices.IndexFunc(slices.Collect(slices.Chunk(codes.Values, 2)), func(of []float32) bool { return slices.Equal(of, code) })
		of[data.Test.Labels[at]]++
	}
	if of[0] == 0 || of[1] == 0 {
		t.Errorf("the first images of the pairs are of the classes %v", of)
	}
}

// A learned prior has no KL at the posterior mean.
func TestLearnedKL(t *testing.T) {
	c := autoencoder.Default(autoencoder.VAE, 2)
	c.Hidden, c.Prior = []int{8}, 3
	m, err := autoencoder.NewModel(backendtest.Go(t), c, c.Initial(1))
	if err != nil {
		t.Fatal(err)
	}
	s := New(NewImages(fashiontest.Tiny(t), 3, nil), m, 0)
	for _, name := range []string{metric.KL, metric.Total} {
		if _, err := s.Loss(t.Context(), name); !errors.As(err, new(metric.Undefined)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if mse, err := s.Loss(t.Context(), metric.MSE); err != nil || !(mse > 0) {
		t.Errorf("MSE %v, %v", mse, err)
	}
}

// A method that does not exist is an error. It is not a score that the data do not define.
func TestUnknownMethod(t *testing.T) {
	s := New(NewImages(fashiontest.Tiny(t), 3, nil), untrained(t), 0)
	if _, err := s.Clusters(t.Context(), metric.Clustering{Method: "voices", K: 3, Fit: metric.Train}, metric.Train); err == nil || errors.As(err, new(metric.Undefined)) || !strings.Contains(err.Error(), `"voices"`) {
		t.Errorf("it says %v", err)
	}
}

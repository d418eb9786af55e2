package metric

import (
	"context"
	"math"
	"testing"

	"fashionlatent/lib/generate"
	"fashionlatent/lib/latent"
)

// known is a subject whose parts are given, so that each metric of it is known.
type known struct{ codes }

// Of the four samples two are further from the training images than all but one of 100 test images.
func (k known) TestDistances(context.Context, int) (distances []float64, err error) {
	for i := range 100 {
		distances = append(distances, float64(i))
	}
	return distances, nil
}

func (k known) SampleDistances(_ context.Context, source string, _ int) ([]float64, error) {
	return map[string][]float64{Prior: {0, 97, 98.5, 120}}[source], nil
}

// One of the two paths has a step five times as long as the others.
func (k known) Steps(context.Context, int, int) (*latent.Steps, error) {
	return &latent.Steps{N: 2, PerPath: 4, Image: []float64{1, 1, 1, 1, 1, 5, 1, 1}, Code: []float64{1, 1, 1, 1, 1, 1, 1, 1}}, nil
}

// The codes half-way are -1, 0 and 40. As images, two of them lie among the training images.
func (k known) Ends(context.Context, int) (from, to Codes, err error) {
	return Codes{Values: []float32{-2, -1, 30}, Dim: 1}, Codes{Values: []float32{0, 1, 50}, Dim: 1}, nil
}
func (k known) Decode(_ context.Context, codes []float32) ([]float32, error) { return codes, nil }
func (k known) Manifold(ctx context.Context, _ int) (*latent.Manifold, error) {
	return latent.NewManifold(ctx, []float32{-3, -2, -1, 0, 1, 2, 3}, 1, 5)
}

func (k known) Frechet(_ context.Context, extractor, source string, _ int) (float64, error) {
	return map[string]float64{Connected: 6, Convolutional: 7}[extractor] + map[string]float64{Prior: 10, Mixtures: 20}[source], nil
}
func (k known) Quality(_ context.Context, source string, _ int) (generate.Quality, error) {
	return generate.Quality{Precision: .1, Recall: .2, Density: .3, Coverage: .4}, nil
}

// The pixels fold the line of codes: images 0 and 5 are nearly equal, and their codes are the furthest apart.
func (k known) Pixels(string) (pixels []float32, width int) {
	return []float32{0, 1, 2, 2.1, 1.1, .1}, 1
}

func (k known) Bound(context.Context, int, int) ([]float64, error) { return []float64{3, 5}, nil }
func (k known) ImportanceWeighted(context.Context, int, int) ([]float64, error) {
	return []float64{2, 3}, nil
}
func (k known) Loss(_ context.Context, name string) (float64, error) {
	return map[string]float64{MSE: .01, CrossEntropy: 200, KL: 10, Total: 210}[name], nil
}
func (k known) Components(context.Context) (int, error) { return 30, nil }
func (k known) Accuracy(_ context.Context, extractor string) (float64, error) {
	return map[string]float64{Connected: .8, Convolutional: .9}[extractor], nil
}

// Each metric takes its own part of the subject, and what lib computes of it.
func TestKnown(t *testing.T) {
	subject := known{codes{values: []float32{0, 1, 2, 3, 4, 5}, labels: []uint8{0, 0, 0, 1, 1, 1}}}
	pixels, _ := subject.Pixels(Test)
	neighbourhoods := func(of func(context.Context, []float32, int, []float32, int, int) (float64, error)) float64 {
		value, err := of(t.Context(), pixels, 1, subject.values, 1, 2)
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	trustworthiness, continuity := neighbourhoods(latent.Trustworthiness), neighbourhoods(latent.Continuity)
	if trustworthiness == continuity {
		t.Fatalf("both are %g, so that they could be mistaken for each other", continuity)
	}
	mmd, err := latent.MMD(t.Context(), subject.values, generate.Prior(1).Sample(6, 0), 1)
	if err != nil {
		t.Fatal(err)
	}
	structure, paths, generated := setting.Structure(), setting.Paths(), setting.Generation(Prior, Mixtures)
	for _, c := range []struct {
		metric Metric
		want   float64
	}{
		{setting.Holes(), .5},
		{named(t, paths, StepRatio), (1 + 2.5) / 2},
		{named(t, paths, PathLength), 6},
		{named(t, paths, Jumps), 1. / 8},
		{named(t, paths, Midpoints), 2. / 3},
		{named(t, generated, Generated(Prior, FCD)), 16},
		{named(t, generated, Generated(Prior, FCDConvolutional)), 17},
		{named(t, generated, Generated(Mixtures, FCD)), 26},
		{named(t, generated, Generated(Mixtures, Precision)), .1},
		{named(t, generated, Generated(Mixtures, Recall)), .2},
		{named(t, generated, Generated(Mixtures, Density)), .3},
		{named(t, generated, Generated(Mixtures, Coverage)), .4},
		{named(t, structure, Trustworthiness), trustworthiness},
		{named(t, structure, Continuity), continuity},
		{named(t, structure, MMD), mmd},
		{named(t, structure, Neighbours), 1},
		{named(t, structure, Probe), 1},
		{setting.Bound(), 4},
		{setting.NLL(), 2.5},
		{setting.Loss(MSE), .01},
		{setting.Loss(CrossEntropy), 200},
		{setting.Loss(KL), 10},
		{setting.Loss(Total), 210},
		{setting.SelectedComponents(), 30},
		{named(t, setting.Accuracies(), Accuracy(Connected)), .8},
		{named(t, setting.Accuracies(), Accuracy(Convolutional)), .9},
	} {
		s, err := c.metric.Take(t.Context(), subject)
		if err != nil || s.Undefined != "" || math.Abs(s.Value-c.want) > 1e-12 {
			t.Errorf("%s: %v %s, %v; want %v", c.metric.Name, s.Value, s.Undefined, err, c.want)
		}
	}
}

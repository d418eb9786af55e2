package experiments_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/classifier"
	"fashionlatent/lib/fashion/fashiontest"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

// open opens the backend that programs choose.
func open(t *testing.T) *backend.Backend {
	t.Helper()
	t.Setenv(backend.EnvVar, "")
	device, err := backend.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(device.Close)
	return device
}

// The published models are the six reference models. They have the losses on the test images that their scores say, but for rounding.
func TestPublishedModels(t *testing.T) {
	data, device := fashiontest.Real(t), open(t)
	published := record.Open("../results/models")
	names := lab.PublishedNames("../results")
	if len(names) != 6 {
		t.Fatalf("published models are %v, want 6", names)
	}
	var bytes int64
	for _, name := range names {
		run, err := published.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		r, checksum, err := training.Open(device, run)
		if err != nil || checksum != data.Checksum {
			t.Fatalf("data %s: %v", checksum, err)
		}
		got, err := r.Model.Score(context.Background(), data.Test.Images)
		if err != nil {
			t.Fatal(err)
		}
		compared := 0
		for _, s := range r.Scores {
			value, ok := map[string]float64{metric.MSE: got.MSE, metric.CrossEntropy: got.CrossEntropy, metric.KL: got.KL}[s.Metric]
			if !ok || s.Split != metric.Test || s.Undefined != "" {
				continue
			}
			compared++
			if !(math.Abs(value-s.Value) <= 1e-4*s.Value) {
				t.Errorf("%s: %s is %g, want %g of the exact weights", run.Name(), s.Metric, value, s.Value)
			}
			t.Logf("%s: %s %g, exact %g", run.Name(), s.Metric, value, s.Value)
		}
		if compared < 2 {
			t.Errorf("%s: %d of its scores were compared", run.Name(), compared)
		}
		for _, name := range append(run.Records(), training.PublishedWeights) {
			info, err := os.Stat(filepath.Join(run.Folder(), name))
			if err != nil {
				t.Fatal(err)
			}
			bytes += info.Size()
		}
	}
	if bytes > 15e6 {
		t.Errorf("the published models take %d bytes, want at most 15 MB", bytes)
	}
}

// The published feature extractors are found in place of a training, and are as accurate as their scores say.
func TestPublishedExtractors(t *testing.T) {
	data, device := fashiontest.Real(t), open(t)
	for _, c := range []classifier.Config{classifier.Default(0), classifier.Convolutional(0)} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // so that nothing is trained
		k, err := classifier.Fit(ctx, device, data, c, classifier.Options{Published: record.Open("../results/models")})
		if err != nil {
			t.Fatal(err)
		}
		got, err := k.Accuracy(t.Context(), data.Test)
		if err != nil || !(math.Abs(got-k.Scores[0].Value) < 3e-4) || k.Scores[0].Split != metric.Test {
			t.Errorf("%s: accuracy %g, %v; want that of %+v", k.Run.Name(), got, err, k.Scores[0])
		}
	}
}

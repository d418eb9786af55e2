package classifier_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fashionlatent/lib/backend"
	"fashionlatent/lib/backend/backendtest"
	"fashionlatent/lib/classifier"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/fashion/fashiontest"
	"fashionlatent/lib/record"
)

// tiny is a training that takes less than a second.
func tiny(seed uint64) classifier.Config {
	return classifier.Config{Hidden: []int{32, 16}, Epochs: 10, Batch: 10, LearningRate: .05, Seed: seed}
}

// kinds are both kinds of networks, as tiny as tiny.
func kinds(seed uint64) map[string]classifier.Config {
	convolutional := tiny(seed)
	convolutional.Kernels, convolutional.Hidden, convolutional.Epochs = []int{4, 8}, []int{16}, 15
	return map[string]classifier.Config{"fully connected": tiny(seed), "convolutional": convolutional}
}

func fit(t *testing.T, b *backend.Backend, data *dataset.Dataset, c classifier.Config, o classifier.Options) *classifier.Classifier {
	t.Helper()
	k, err := classifier.Fit(t.Context(), b, data, c, o)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func features(t *testing.T, k *classifier.Classifier, images []uint8) []float32 {
	t.Helper()
	f, err := k.Features(t.Context(), dataset.Floats(images))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestSeparableClasses(t *testing.T) {
	data := fashiontest.Tiny(t)
	for name, open := range map[string]func(testing.TB) *backend.Backend{"go": backendtest.Go, "xla": backendtest.XLA} {
		t.Run(name, func(t *testing.T) {
			b := open(t)
			for kind, c := range kinds(1) {
				k := fit(t, b, data, c, classifier.Options{})
				if len(k.Scores) != 2 {
					t.Errorf("%s, %s: scores %v, want the accuracy on train and test", name, kind, k.Scores)
				}
				for _, s := range k.Scores {
					if s.Metric != "accuracy" || s.Value < .95 {
						t.Errorf("%s, %s: %v, want all right or nearly", name, kind, s)
					}
				}
				f := features(t, k, data.Test.Images)
				if len(f) != 20*16 || k.Config.Features() != 16 || slices.Min(f) != 0 || !(slices.Max(f) > 0) {
					t.Errorf("%s, %s: features %v", name, kind, f)
				}
				// The features of single images equal those of all images together.
				if one := features(t, k, data.Test.Image(7)); !slices.Equal(one, f[7*16:8*16]) {
					t.Errorf("%s, %s: features of an image alone %v, among others %v", name, kind, one, f[7*16:8*16])
				}
			}
		})
	}
}

// With weight decay the weights stay smaller.
func TestDecay(t *testing.T) {
	data, b := fashiontest.Tiny(t), backendtest.Go(t)
	norm := func(decay float64) (sum float64) {
		c := tiny(1)
		c.Decay = decay
		for _, v := range fit(t, b, data, c, classifier.Options{}).Weights {
			for _, w := range v.Values {
				sum += float64(w * w)
			}
		}
		return sum
	}
	if none, some := norm(0), norm(.01); !(some < .9*none) {
		t.Errorf("the squared weights sum to %v with weight decay, and to %v without", some, none)
	}
}

func TestSeedDeterminesWeights(t *testing.T) {
	data, b := fashiontest.Tiny(t), backendtest.Go(t)
	first := fit(t, b, data, tiny(1), classifier.Options{})
	again := fit(t, b, data, tiny(1), classifier.Options{})
	other := fit(t, b, data, tiny(2), classifier.Options{})
	if first.Weights.SHA256() != again.Weights.SHA256() {
		t.Error("one seed gave two classifiers")
	}
	if first.Weights.SHA256() == other.Weights.SHA256() {
		t.Error("two seeds gave one classifier")
	}
}

// Both backends get the same weights and order of images, so they differ only by rounding.
func TestBackendsAgree(t *testing.T) {
	data := fashiontest.Tiny(t)
	for kind, c := range kinds(3) {
		c.Epochs = 2
		x := features(t, fit(t, backendtest.XLA(t), data, c, classifier.Options{}), data.Test.Images)
		g := features(t, fit(t, backendtest.Go(t), data, c, classifier.Options{}), data.Test.Images)
		for i := range g {
			if math.Abs(float64(g[i]-x[i])) > 1e-3 {
				t.Fatalf("%s: feature %d is %v on Go, %v on XLA", kind, i, g[i], x[i])
			}
		}
	}
}

// The convolutional network takes images of every size. Its two classes are bright upper and bright lower halves.
func TestSizes(t *testing.T) {
	for _, side := range []int{8, 9, 33, 128} {
		split := dataset.Split{Side: side, Images: make([]uint8, 12*side*side)}
		for i := range 12 {
			half := split.Image(i)[i%2*side*(side/2):]
			for j := range half[:side*(side/2)] {
				half[j] = uint8(200 + i)
			}
			split.Labels = append(split.Labels, uint8(i%2))
		}
		data, err := dataset.New("halves", split, split, nil)
		if err != nil {
			t.Fatal(err)
		}
		c := kinds(1)["convolutional"]
		c.Batch, c.LearningRate = 4, .01
		k := fit(t, backendtest.Go(t), data, c, classifier.Options{})
		if k.Scores[0].Value != 1 {
			t.Errorf("images of %d x %[1]d: accuracy %v", side, k.Scores[0].Value)
		}
	}
}

func TestClassifierIsFound(t *testing.T) {
	data, b := fashiontest.Tiny(t), backendtest.Go(t)
	var said []string
	o := classifier.Options{Runs: record.Open(t.TempDir()), Say: func(s string) { said = append(said, s) }}
	made := fit(t, b, data, tiny(4), o)
	found := fit(t, b, data, tiny(4), o)
	if made.Found || !found.Found || made.Weights.SHA256() != found.Weights.SHA256() {
		t.Errorf("first found: %v, then found: %v; checksums %s, %s", made.Found, found.Found, made.Weights.SHA256(), found.Weights.SHA256())
	}
	for _, s := range made.Scores {
		if other, _ := record.Find(found.Scores, s.Identity); other != s {
			t.Errorf("score %v was found as %v", s, other)
		}
	}
	if !slices.Equal(features(t, made, data.Test.Images), features(t, found, data.Test.Images)) {
		t.Error("the classifier found has other features")
	}
	if m, err := found.Run.Manifest(); err != nil || m.State != record.Finished || m.Epochs != 10 || m.Backend != backend.Go {
		t.Errorf("manifest %+v, %v", m, err)
	}
	another := tiny(4)
	another.LearningRate = .04
	if k := fit(t, b, data, another, o); k.Found {
		t.Error("another configuration found the classifier")
	}
	convolutional := kinds(4)["convolutional"]
	if one, two := fit(t, b, data, convolutional, o), fit(t, b, data, convolutional, o); one.Found || !two.Found {
		t.Error("the convolutional network is not found, or found in place of another")
	}
	if k := fit(t, b, data.Head(50, 20), tiny(4), o); k.Found {
		t.Error("another data set found the classifier")
	}
	if len(said) != 0 {
		t.Errorf("it said %q", said)
	}

	file := filepath.Join(made.Run.Folder(), "weights.npz")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/3] ^= 4
	if err := os.WriteFile(file, content, 0o644); err != nil {
		t.Fatal(err)
	}
	mended := fit(t, b, data, tiny(4), o)
	if mended.Found || mended.Weights.SHA256() != made.Weights.SHA256() {
		t.Error("damaged weights were not made again")
	}
	if len(said) != 1 || !strings.Contains(said[0], file) {
		t.Errorf("with damaged weights it said %q", said)
	}
}

// A published classifier is read before one of the user's own, and nothing is written beside it.
func TestPublishedClassifier(t *testing.T) {
	b, data, c := backendtest.Go(t), fashiontest.Tiny(t), tiny(0)
	folder := t.TempDir()
	published := record.Open(folder)
	made := fit(t, b, data, c, classifier.Options{Runs: published})
	before, err := filepath.Glob(filepath.Join(folder, "*", "*"))
	if err != nil || len(before) == 0 {
		t.Fatal(before, err)
	}
	own := record.Open(t.TempDir())
	found := fit(t, b, data, c, classifier.Options{Runs: own, Published: published})
	if !found.Found || found.Weights.SHA256() != made.Weights.SHA256() {
		t.Errorf("found: %v", found.Found)
	}
	if kept, err := own.List(); err != nil || len(kept) != 0 {
		t.Errorf("%d own runs, %v; want none", len(kept), err)
	}
	if after, err := filepath.Glob(filepath.Join(folder, "*", "*")); err != nil || !slices.Equal(before, after) {
		t.Errorf("%v: the published run had the files %v and has %v", err, before, after)
	}
	c.Seed = 1 // is not published
	if other := fit(t, b, data, c, classifier.Options{Runs: own, Published: published}); other.Found {
		t.Error("a classifier of another seed was found")
	}
}

func TestStopped(t *testing.T) {
	data, b := fashiontest.Tiny(t), backendtest.Go(t)
	ctx, cancel := context.WithCancel(t.Context())
	o := classifier.Options{Runs: record.Open(t.TempDir()), Progress: func(p classifier.Progress) {
		if p.Epoch == 3 {
			cancel()
		}
	}}
	_, err := classifier.Fit(ctx, b, data, tiny(5), o)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "in epoch 3 of 10") {
		t.Errorf("stopped, it returned %v", err)
	}
	runs, err := o.Runs.List()
	if err != nil || len(runs) != 1 {
		t.Fatal(runs, err)
	}
	if m, err := runs[0].Manifest(); err != nil || m.State != record.Interrupted {
		t.Errorf("manifest %+v, %v", m, err)
	}
	whole := fit(t, b, data, tiny(5), classifier.Options{})
	if after := fit(t, b, data, tiny(5), o); after.Found || after.Weights.SHA256() != whole.Weights.SHA256() {
		t.Error("after a stop, another classifier was made")
	}
}

func TestProgress(t *testing.T) {
	var steps []int
	first, last := 0., 0.
	fit(t, backendtest.Go(t), fashiontest.Tiny(t), tiny(6), classifier.Options{Progress: func(p classifier.Progress) {
		if p.Steps != 60 || p.Epochs != 10 || p.Epoch != (p.Step-1)/6+1 {
			t.Errorf("progress %+v", p)
		}
		if steps = append(steps, p.Step); p.Step == 6 {
			first = p.Loss
		}
		last = p.Loss
	}})
	if !slices.IsSorted(steps) || steps[len(steps)-1] != 60 {
		t.Errorf("progress was told at steps %v, want them to rise to 60", steps)
	}
	if !(last < first/2) {
		t.Errorf("the loss went from %v to %v", first, last)
	}
}

func TestRefused(t *testing.T) {
	data, b := fashiontest.Tiny(t), backendtest.Go(t)
	for _, c := range []struct {
		change func(*classifier.Config)
		says   string
	}{
		{func(c *classifier.Config) { c.Hidden = nil }, "hidden has 0 layers"},
		{func(c *classifier.Config) { c.Hidden = []int{4, 0} }, "0 nodes"},
		{func(c *classifier.Config) { c.Kernels = []int{4, 4, 4} }, "kernels has 3 convolutions"},
		{func(c *classifier.Config) { c.Kernels = []int{4, 0} }, "0 channels"},
		{func(c *classifier.Config) { c.Epochs = 0 }, "epochs is 0"},
		{func(c *classifier.Config) { c.Batch = -1 }, "batch is -1"},
		{func(c *classifier.Config) { c.Batch = 61 }, "only 60"},
		{func(c *classifier.Config) { c.Decay = -1 }, "decay is -1"},
		{func(c *classifier.Config) { c.LearningRate = math.NaN() }, "learning rate is NaN"},
		{func(c *classifier.Config) { c.LearningRate, c.Hidden = 10, []int{64, 64, 64, 64, 64, 64} }, "lower learning rate"},
	} {
		config := tiny(0)
		c.change(&config)
		if _, err := classifier.Fit(t.Context(), b, data, config, classifier.Options{}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("got %v, want an error that says %q", err, c.says)
		}
	}
	k := fit(t, b, data, tiny(0), classifier.Options{})
	if _, err := k.Features(t.Context(), make([]float32, 785)); err == nil || !strings.Contains(err.Error(), "785 values") {
		t.Errorf("785 pixels: %v", err)
	}
	if f, err := k.Features(t.Context(), nil); err != nil || len(f) != 0 {
		t.Errorf("no images have the features %v, %v", f, err)
	}
}

func ExampleConfig_Features() {
	fmt.Println(classifier.Default(0).Features(), "features of an image")
	// Output: 256 features of an image
}

func TestAccuracyNeedsLabels(t *testing.T) {
	data := fashiontest.Tiny(t)
	k := fit(t, backendtest.Go(t), data, tiny(1), classifier.Options{})
	for _, split := range []dataset.Split{{Side: data.Side()}, {Side: data.Side(), Images: data.Test.Images}} {
		if _, err := k.Accuracy(t.Context(), split); err == nil || !strings.Contains(err.Error(), "0 labels, want a label for each") {
			t.Errorf("%d images: %v", split.Len(), err)
		}
	}
	if _, err := classifier.Fit(t.Context(), backendtest.Go(t), data.Head(20, 0), tiny(1), classifier.Options{}); err == nil || !strings.Contains(err.Error(), "0 test images") {
		t.Errorf("without test images: %v", err)
	}
}

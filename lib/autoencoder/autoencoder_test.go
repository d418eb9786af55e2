package autoencoder_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend/backendtest"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/fashion/fashiontest"

	"github.com/gomlx/gomlx/core/graph"
)

func ExampleConfig_Sizes() {
	c := autoencoder.Default(autoencoder.VAE, 2)
	fmt.Println(c, c.Sizes())
	c.Hidden = nil
	fmt.Println(c.Sizes())
	// Output:
	// VAE, d = 2 [784 512 256 2 256 512 784]
	// [784 2 784]
}

func ExampleConfig_Variables() {
	c := autoencoder.Default(autoencoder.VAE, 2)
	c.Hidden = []int{64}
	for _, v := range c.Variables() {
		fmt.Println(v.Name, v.Shape)
	}
	// Output:
	// encoder/hidden_1/weights [784 64]
	// encoder/hidden_1/bias [64]
	// encoder/mean/weights [64 2]
	// encoder/mean/bias [2]
	// encoder/log_variance/weights [64 2]
	// encoder/log_variance/bias [2]
	// decoder/hidden_1/weights [2 64]
	// decoder/hidden_1/bias [64]
	// decoder/output/weights [64 784]
	// decoder/output/bias [784]
}

func TestValidate(t *testing.T) {
	ok := autoencoder.Default(autoencoder.VAE, 2)
	for _, c := range []struct {
		change func(*autoencoder.Config)
		says   []string // none: valid
	}{
		{func(c *autoencoder.Config) {}, nil},
		{func(c *autoencoder.Config) { c.Hidden = nil }, nil},
		{func(c *autoencoder.Config) { c.Beta, c.Warmup = 0, 1 }, nil},
		{func(c *autoencoder.Config) { c.Model = "gan" }, []string{"model", `"gan"`, `"ae"`}},
		{func(c *autoencoder.Config) { c.Latent = 0 }, []string{"latent", "0", "1 to 784"}},
		{func(c *autoencoder.Config) { c.Latent = 785 }, []string{"latent", "785"}},
		{func(c *autoencoder.Config) { c.Hidden = []int{512, -1} }, []string{"hidden layer 2", "-1"}},
		{func(c *autoencoder.Config) { c.Hidden = make([]int, 17) }, []string{"hidden", "17 layers"}},
		{func(c *autoencoder.Config) { c.Activation = "step" }, []string{"activation", `"step"`, "relu"}},
		{func(c *autoencoder.Config) { c.Loss = "mae" }, []string{"loss", `"mae"`, "bce"}},
		{func(c *autoencoder.Config) { c.Loss, c.FreeBits, c.Dropout, c.Noise = autoencoder.Gaussian, .5, .2, .1 }, nil},
		{func(c *autoencoder.Config) {
			c.Loss, c.Prior, c.Normalised = autoencoder.Continuous, 500, autoencoder.Brightness
		}, nil},
		{func(c *autoencoder.Config) { c.FreeBits = -1 }, []string{"free bits", "-1", "0 to 100"}},
		{func(c *autoencoder.Config) { c.FreeBits, c.Prior = 1, 5 }, []string{"free bits", "prior"}},
		{func(c *autoencoder.Config) { c.Prior = -3 }, []string{"prior", "-3"}},
		{func(c *autoencoder.Config) { c.Samples, c.Prior = 5, 10 }, nil},
		{func(c *autoencoder.Config) { c.Samples = -1 }, []string{"samples", "-1", "1024"}},
		{func(c *autoencoder.Config) { c.Model, c.Beta, c.Samples = autoencoder.AE, 0, 5 }, []string{"samples", "5", `"ae"`, "VAE"}},
		{func(c *autoencoder.Config) { c.Loss, c.Samples = autoencoder.MSE, 5 }, []string{"samples", `"mse"`, `"bce"`}},
		{func(c *autoencoder.Config) { c.FreeBits, c.Samples = 1, 5 }, []string{"free bits", "samples"}},
		{func(c *autoencoder.Config) {
			c.Levels, c.Vamp, c.Prior, c.Clipped, c.Activation = 2, true, 5, true, autoencoder.Gated
		}, nil},
		{func(c *autoencoder.Config) { c.Vamp = true }, []string{"vamp", "prior 0", "1 to 4096"}},
		{func(c *autoencoder.Config) { c.Levels = 3 }, []string{"levels", "3", "2"}},
		{func(c *autoencoder.Config) { c.Levels, c.Latent = 2, 3 }, []string{"levels", "3 dimensions", "even"}},
		{func(c *autoencoder.Config) { c.Levels, c.FreeBits = 2, .1 }, []string{"levels", "free bits"}},
		{func(c *autoencoder.Config) { c.Model, c.Beta, c.Clipped = autoencoder.AE, 0, true }, []string{"clipped", "no log-variance"}},
		{func(c *autoencoder.Config) { c.Dropout = 1 }, []string{"dropout", "1"}},
		{func(c *autoencoder.Config) { c.Noise = math.NaN() }, []string{"noise", "NaN"}},
		{func(c *autoencoder.Config) { c.Normalised = "z" }, []string{"normalised", `"z"`, "brightness"}},
		{func(c *autoencoder.Config) { c.Normalised = autoencoder.UnitLength }, []string{"loss", `"bce"`, `"mse"`, "linear"}},
		{func(c *autoencoder.Config) { c.Model, c.Beta, c.Prior = autoencoder.AE, 0, 5 }, []string{"prior", "no KL"}},
		{func(c *autoencoder.Config) { c.Beta = -1 }, []string{"beta", "-1"}},
		{func(c *autoencoder.Config) { c.Beta = math.NaN() }, []string{"beta", "NaN"}},
		{func(c *autoencoder.Config) { c.Warmup = 1.5 }, []string{"warmup", "1.5", "0 to 1"}},
		{func(c *autoencoder.Config) { c.Model = autoencoder.AE }, []string{"beta", "no KL"}},
	} {
		config := ok
		c.change(&config)
		err := config.Validate()
		if (err == nil) != (c.says == nil) {
			t.Errorf("%+v: %v", config, err)
			continue
		}
		for _, want := range c.says {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%+v: error %q does not say %q", config, err, want)
			}
		}
	}
}

// call evaluates a graph function of two inputs on the pure Go backend.
func call(t *testing.T, f func(a, b *graph.Node) *graph.Node, a, b any) []float32 {
	t.Helper()
	return floats(t, evaluate(t, func(n []*graph.Node) []*graph.Node { return []*graph.Node{f(n[0], n[1])} }, a, b)[0])
}

func TestKLClosedForm(t *testing.T) {
	got := call(t, autoencoder.KL,
		[][]float32{{0, 0}, {1, 0}, {0, 0}, {3, -2}},
		[][]float32{{0, 0}, {0, 0}, {float32(math.Log(4)), 0}, {1, -1}})
	want := []float64{0, .5, (4 - 1 - math.Log(4)) / 2, (9 + math.E - 1 - 1 + 4 + 1/math.E - 1 + 1) / 2}
	for i := range want {
		if math.Abs(float64(got[i])-want[i]) > 1e-5 {
			t.Errorf("row %d: KL %v, want %v", i, got[i], want[i])
		}
	}
}

func squaredErrorOfLogits(logits, x *graph.Node) *graph.Node {
	return autoencoder.SquaredError(graph.Sigmoid(logits), x)
}

func TestLossesOfExtremeLogits(t *testing.T) {
	logits := [][]float32{{0, 0}, {100, -100}, {100, -100}, {2, -1}}
	x := [][]float32{{.5, .5}, {1, 0}, {0, 1}, {.25, .75}}
	sigmoid := func(l float64) float64 { return 1 / (1 + math.Exp(-l)) }
	crossEntropy := func(l, x float64) float64 { return -x*math.Log(sigmoid(l)) - (1-x)*math.Log(1-sigmoid(l)) }
	entropies := []float64{2 * math.Ln2, 0, 200, crossEntropy(2, .25) + crossEntropy(-1, .75)}
	errors := []float64{0, 0, 2, math.Pow(sigmoid(2)-.25, 2) + math.Pow(sigmoid(-1)-.75, 2)}
	for name, c := range map[string]struct {
		f    func(a, b *graph.Node) *graph.Node
		want []float64
	}{"cross-entropy": {autoencoder.CrossEntropy, entropies}, "squared error": {squaredErrorOfLogits, errors}} {
		for i, got := range call(t, c.f, logits, x) {
			if math.Abs(float64(got)-c.want[i]) > 1e-5*max(1, c.want[i]) {
				t.Errorf("%s, row %d: %v, want %v", name, i, got, c.want[i])
			}
		}
	}
}

// Losses on the real test images that no model can beat, and those that the simplest model reaches.
// lib/fashion/testdata/facts.py computes the same values.
func TestCrossEntropyOnRealImages(t *testing.T) {
	data := fashiontest.Real(t)
	x := dataset.Floats(data.Test.Images)
	mean := make([]float64, 784)
	for i, p := range dataset.Floats(data.Train.Images) {
		mean[i%784] += float64(p) / float64(data.Train.Len())
	}
	logit := func(p float64) float32 { return float32(math.Log(p / (1 - p))) }
	for name, c := range map[string]struct {
		predict func(i int) float32
		want    float64
	}{
		"the image itself, the pixels' own entropy": {func(i int) float32 { return min(max(logit(float64(x[i])), -40), 40) }, 189.86},
		"the mean training image":                   {func(i int) float32 { return logit(mean[i%784]) }, 385.02},
	} {
		const rows = 1000 // per call, to limit memory
		exec, err := graph.NewExec(backendtest.Go(t).Compute, autoencoder.CrossEntropy)
		if err != nil {
			t.Fatal(err)
		}
		total := 0.0
		for start := 0; start < len(x); start += rows * 784 {
			target, logits := make([][]float32, rows), make([][]float32, rows)
			for r := range rows {
				from := start + r*784
				target[r] = x[from : from+784]
				for i := range 784 {
					logits[r] = append(logits[r], c.predict(from+i))
				}
			}
			out, err := exec.Call(logits, target)
			if err != nil {
				t.Fatal(err)
			}
			for _, nats := range out[0].Value().([]float32) {
				total += float64(nats)
			}
		}
		if got := total / float64(data.Test.Len()); math.Abs(got-c.want) > .01 {
			t.Errorf("%s: %.3f nats per image, want %.2f", name, got, c.want)
		}
	}
}

func small(model string) autoencoder.Config {
	c := autoencoder.Default(model, 3)
	c.Hidden = []int{16, 8}
	return c
}

func newModel(t *testing.T, c autoencoder.Config) *autoencoder.Model {
	t.Helper()
	m, err := autoencoder.NewModel(backendtest.Go(t), c, c.Initial(1))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestBatchesDoNotChangeResults(t *testing.T) {
	tiny := fashiontest.Tiny(t).Train
	var images []uint8
	for range 20 { // 1,200 images: several batches, the last one incomplete
		images = append(images, tiny.Images...)
	}
	ctx := context.Background()
	for _, model := range []string{autoencoder.AE, autoencoder.VAE} {
		m := newModel(t, small(model))
		mean, logVariance, err := m.Encode(ctx, images)
		if err != nil {
			t.Fatal(err)
		}
		if len(mean) != 1200*3 || (model == autoencoder.VAE) != (len(logVariance) == 1200*3) {
			t.Fatalf("%s: %d means and %d log-variances of 1,200 images", model, len(mean), len(logVariance))
		}
		one, _, err := m.Encode(ctx, tiny.Image(7))
		if err != nil {
			t.Fatal(err)
		}
		if last := mean[(1140+7)*3 : (1140+8)*3]; !slices.Equal(one, last) {
			t.Errorf("%s: an image alone has the code %v, in a batch %v", model, one, last)
		}
		pixels, err := m.Decode(ctx, mean[:30])
		if err != nil {
			t.Fatal(err)
		}
		again, err := m.Reconstruct(ctx, images[:10*784])
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(pixels, again) {
			t.Errorf("%s: reconstructing is not encoding and decoding", model)
		}
		if low, high := slices.Min(pixels), slices.Max(pixels); low < 0 || high > 1 {
			t.Errorf("%s: pixels from %v to %v, want 0 to 1", model, low, high)
		}
	}
}

// Models that differ in any setting have separate graphs, also on the same backend.
func TestModelsBesideEachOther(t *testing.T) {
	b, images, ctx := backendtest.Go(t), fashiontest.Tiny(t).Test.Images, context.Background()
	deeper, linear := small(autoencoder.AE), small(autoencoder.AE)
	deeper.Hidden = []int{16, 12, 5}
	linear.Loss, linear.Normalised = autoencoder.MSE, autoencoder.UnitLength
	for _, c := range []autoencoder.Config{small(autoencoder.AE), deeper, linear} {
		alone := newModel(t, c)
		beside, err := autoencoder.NewModel(b, c, c.Initial(1))
		if err != nil {
			t.Fatal(err)
		}
		one, err := alone.Reconstruct(ctx, images)
		if err != nil {
			t.Fatal(err)
		}
		two, err := beside.Reconstruct(ctx, images)
		if err != nil || !slices.Equal(one, two) {
			t.Errorf("%+v reconstructs otherwise beside other models (%v)", c, err)
		}
	}
}

// Scores agrees with Encode and Decode, and Score with its means.
func TestScore(t *testing.T) {
	tiny := fashiontest.Tiny(t).Train
	ctx := context.Background()
	m := newModel(t, small(autoencoder.VAE))
	score, err := m.Score(ctx, tiny.Images)
	if err != nil {
		t.Fatal(err)
	}
	mean, logVariance, _ := m.Encode(ctx, tiny.Images)
	pixels, _ := m.Decode(ctx, mean)
	losses, err := m.Scores(ctx, tiny.Images)
	if err != nil {
		t.Fatal(err)
	}
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-4*math.Abs(b) }
	var want autoencoder.Score
	n, x := float64(tiny.Len()), dataset.Floats(tiny.Images)
	for i := range tiny.Len() {
		var entropy, squares, kl float64
		for j := i * tiny.Pixels(); j < (i+1)*tiny.Pixels(); j++ {
			p, x := float64(pixels[j]), float64(x[j])
			entropy -= x*math.Log(p) + (1-x)*math.Log(1-p)
			squares += (p - x) * (p - x)
		}
		for j := 3 * i; j < 3*(i+1); j++ {
			mu, lv := float64(mean[j]), float64(logVariance[j])
			kl += (mu*mu + math.Exp(lv) - 1 - lv) / 2
		}
		if !near(losses.CrossEntropy[i], entropy) || !near(losses.SquaredError[i], squares) || !near(losses.KL[i], kl) || losses.Reconstruction[i] != losses.CrossEntropy[i] {
			t.Fatalf("image %d: losses %v, %v, %v, want %v, %v, %v", i, losses.CrossEntropy[i], losses.SquaredError[i], losses.KL[i], entropy, squares, kl)
		}
		want.CrossEntropy, want.SquaredError, want.KL = want.CrossEntropy+entropy/n, want.SquaredError+squares/n, want.KL+kl/n
	}
	if !near(score.CrossEntropy, want.CrossEntropy) || !near(score.SquaredError, want.SquaredError) || !near(score.KL, want.KL) {
		t.Errorf("score %+v, want %+v", score, want)
	}
}

func TestErrors(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	m := newModel(t, small(autoencoder.VAE))
	if _, _, err := m.Encode(ctx, make([]uint8, 785)); err == nil || !strings.Contains(err.Error(), "785") {
		t.Errorf("785 values encoded: %v", err)
	}
	if _, err := m.Decode(ctx, make([]float32, 4)); err == nil || !strings.Contains(err.Error(), "rows of 3") {
		t.Errorf("4 values decoded as codes of 3: %v", err)
	}
	if got, err := m.Decode(ctx, nil); err != nil || len(got) != 0 {
		t.Errorf("no codes decoded to %v, %v", got, err)
	}
	wide := small(autoencoder.VAE)
	wide.Latent = 4
	if _, err := autoencoder.NewModel(backendtest.Go(t), wide, small(autoencoder.VAE).Initial(0)); err == nil || !strings.Contains(err.Error(), "encoder/mean") {
		t.Errorf("weights of another model taken: %v", err)
	}
	cancel()
	if _, err := m.Sample(ctx, 5, 0); err == nil {
		t.Error("sampled after the context was cancelled")
	}
}

func TestInitialWeights(t *testing.T) {
	c := autoencoder.Default(autoencoder.VAE, 2)
	w := c.Initial(0)
	if got, want := w.Count(), 1_068_820; got != want {
		t.Errorf("%d weights, want %d", got, want)
	}
	if w.SHA256() != c.Initial(0).SHA256() || w.SHA256() == c.Initial(1).SHA256() {
		t.Error("weights are not determined by the seed")
	}
	for _, v := range w {
		if !strings.HasSuffix(v.Name, "hidden_1/weights") {
			continue
		}
		var square float64
		for _, x := range v.Values {
			square += float64(x) * float64(x)
		}
		if got, want := square/float64(len(v.Values)), 2/float64(v.Shape[0]); math.Abs(got/want-1) > .02 {
			t.Errorf("%s: variance %.6f, want %.6f", v.Name, got, want)
		}
	}
}

// Weights from elsewhere are refused if they, or the configuration beside them, cannot be used.
func TestForeignWeights(t *testing.T) {
	c := small(autoencoder.VAE)
	if err := c.Initial(1).Check(c); err != nil {
		t.Error(err)
	}
	for _, x := range []float64{math.NaN(), math.Inf(-1)} {
		w := c.Initial(1)
		w[2].Values[1] = float32(x)
		if err := w.Check(c); err == nil || !strings.Contains(err.Error(), w[2].Name) || !strings.Contains(err.Error(), fmt.Sprint(x)) {
			t.Errorf("with %v: %v", x, err)
		}
	}
	broken := c
	broken.Levels, broken.Hidden = 2, nil
	if err := c.Initial(1).Check(broken); err == nil {
		t.Error("two levels without hidden layers are accepted")
	}
}

func TestLevels(t *testing.T) {
	if got, want := autoencoder.Levels([]float32{-1, 0, .5, 1, 2}), []uint8{0, 0, 128, 255, 255}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

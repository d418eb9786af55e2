package autoencoder_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend/backendtest"
	"fashionlatent/lib/noise"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"gonum.org/v1/gonum/mat"
)

// A model with every activation can be built.
func TestActivations(t *testing.T) {
	for _, name := range autoencoder.Activations {
		c := autoencoder.Default(autoencoder.AE, 1)
		c.Side, c.Hidden, c.Activation = 8, []int{3}, name
		m, err := autoencoder.NewModel(backendtest.Go(t), c, c.Initial(1))
		if err != nil {
			t.Fatal(err)
		}
		image, err := m.Decode(t.Context(), []float32{2})
		if err != nil || len(image) != 64 || slices.Max(image) == slices.Min(image) {
			t.Errorf("%s: decodes to %v, %v", name, image, err)
		}
	}
}

// evaluate runs a graph function on the pure Go backend.
func evaluate(t *testing.T, f func(nodes []*graph.Node) []*graph.Node, inputs ...any) []*tensors.Tensor {
	t.Helper()
	exec, err := graph.NewExec(backendtest.Go(t).Compute, f)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Call(inputs...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func floats(t *testing.T, x *tensors.Tensor) []float32 {
	t.Helper()
	values, err := tensors.CopyFlatData[float32](x)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func TestGaussianNLLClosedForm(t *testing.T) {
	out := evaluate(t, func(n []*graph.Node) []*graph.Node {
		return []*graph.Node{autoencoder.GaussianNLL(n[0], n[1], n[2])}
	}, [][]float32{{.5, .25}, {0, 1}}, []float32{float32(math.Log(.3))}, [][]float32{{.5, .5}, {1, 1}})
	constant := 2 * (math.Log(.3) + math.Log(2*math.Pi)/2)
	for i, want := range []float64{.0625/2/.09 + constant, 1/2./.09 + constant} {
		if got := float64(floats(t, out[0])[i]); math.Abs(got-want) > 1e-5 {
			t.Errorf("row %d: %v, want %v", i, got, want)
		}
	}
}

// The density of the continuous Bernoulli distribution integrates to 1 and has the mean that Image returns, for logits
// on both sides of the point where the formulas change to their series.
func TestContinuousBernoulli(t *testing.T) {
	logits := []float32{-30, -5, -.3, -.2501, -.2499, -.01, 0, 1e-4, .2, .2499, .2501, 1, 8, 40}
	const steps = 20000 // of the midpoint rule
	config := autoencoder.Config{Loss: autoencoder.Continuous}
	for _, logit := range logits {
		rows, x := make([][]float32, steps), make([][]float32, steps)
		for i := range steps {
			rows[i], x[i] = []float32{logit}, []float32{(float32(i) + .5) / steps}
		}
		nll := call(t, autoencoder.ContinuousNLL, rows, x)
		var total, mean float64
		for i, v := range nll {
			p := math.Exp(-float64(v)) / steps
			total += p
			mean += p * float64(x[i][0])
		}
		if math.Abs(total-1) > 1e-5 {
			t.Errorf("logit %g: the density integrates to %.7f", logit, total)
		}
		image := call(t, func(l, _ *graph.Node) *graph.Node { return config.Image(l) }, [][]float32{{logit}}, [][]float32{{0}})
		if got := float64(image[0]); math.Abs(got-mean) > 1e-5 {
			t.Errorf("logit %g: mean %.7f, want %.7f", logit, got, mean)
		}
	}
}

func TestLogMixtureClosedForm(t *testing.T) {
	z := [][]float32{{0, 0}, {1, -2}, {5, 5}}
	means := [][]float32{{0, 0}, {1, 1}, {4, 6}}
	logVariances := [][]float32{{0, 0}, {-1, .5}, {1, -1}}
	logWeights := []float32{0, 1, -1}
	out := evaluate(t, func(n []*graph.Node) []*graph.Node {
		return []*graph.Node{autoencoder.LogMixture(n[0], n[1], n[2], n[3])}
	}, z, means, logVariances, logWeights)
	normaliser := 1 + math.E + 1/math.E
	for i, point := range z {
		density := 0.0
		for c := range means {
			p := math.Exp(float64(logWeights[c])) / normaliser
			for j, v := range point {
				variance := math.Exp(float64(logVariances[c][j]))
				p *= math.Exp(-math.Pow(float64(v-means[c][j]), 2)/2/variance) / math.Sqrt(2*math.Pi*variance)
			}
			density += p
		}
		if got, want := float64(floats(t, out[0])[i]), math.Log(density); math.Abs(got-want) > 1e-4 {
			t.Errorf("point %v: %v, want %v", point, got, want)
		}
	}
}

func TestNormalise(t *testing.T) {
	x := [][]float32{{0, .3, .4, 0}, {0, 0, 0, 0}, {1, .1, .1, .1}}
	for normalised, want := range map[string][]float64{
		"":                     {0, .3, .4, 0, 0, 0, 0, 0, 1, .1, .1, .1},
		autoencoder.UnitLength: {0, .6, .8, 0, 0, 0, 0, 0, 1 / math.Sqrt(1.03), .1 / math.Sqrt(1.03), .1 / math.Sqrt(1.03), .1 / math.Sqrt(1.03)},
		autoencoder.Brightness: {0, .3 / 2 / math.Sqrt(.125), .4 / 2 / math.Sqrt(.125), 0, 0, 0, 0, 0, 1 / 2. / math.Sqrt(1.03/4), .1 / math.Sqrt(1.03), .1 / math.Sqrt(1.03), .1 / math.Sqrt(1.03)},
	} {
		c := autoencoder.Config{Normalised: normalised}
		got := call(t, func(x, _ *graph.Node) *graph.Node { return graph.MulScalar(c.Normalise(x), 1) }, x, x)
		for i, w := range want {
			if math.Abs(float64(got[i])-w) > 1e-6 {
				t.Errorf("%q, pixel %d: %v, want %v", normalised, i, got[i], w)
			}
		}
	}
}

// objectives are configurations that together use every part of the loss.
func objectives() map[string]autoencoder.Config {
	all := map[string]autoencoder.Config{}
	add := func(name, model string, change func(c *autoencoder.Config)) {
		c := autoencoder.Default(model, 2)
		c.Hidden, c.Activation = []int{6, 5}, "tanh" // smooth, for finite differences
		change(&c)
		all[name] = c
	}
	for _, loss := range autoencoder.Losses {
		add("AE, "+loss, autoencoder.AE, func(c *autoencoder.Config) { c.Loss = loss })
		add("VAE, "+loss, autoencoder.VAE, func(c *autoencoder.Config) { c.Loss, c.Beta = loss, .7 })
	}
	add("free bits", autoencoder.VAE, func(c *autoencoder.Config) { c.FreeBits = .05 })
	add("mixture prior", autoencoder.VAE, func(c *autoencoder.Config) { c.Prior = 3 })
	add("samples", autoencoder.VAE, func(c *autoencoder.Config) { c.Samples = 3 })
	add("samples, mixture prior", autoencoder.VAE, func(c *autoencoder.Config) { c.Samples, c.Prior, c.Loss = 2, 3, autoencoder.Gaussian })
	add("gated", autoencoder.VAE, func(c *autoencoder.Config) { c.Activation = autoencoder.Gated })
	add("clipped", autoencoder.VAE, func(c *autoencoder.Config) { c.Clipped = true })
	add("VampPrior", autoencoder.VAE, func(c *autoencoder.Config) { c.Vamp, c.Prior = true, 3 })
	add("two levels", autoencoder.VAE, func(c *autoencoder.Config) { c.Levels = 2 })
	add("two levels, VampPrior, samples", autoencoder.VAE, func(c *autoencoder.Config) { c.Levels, c.Vamp, c.Prior, c.Samples = 2, true, 3, 3 })
	add("dropout", autoencoder.VAE, func(c *autoencoder.Config) { c.Dropout = .3 })
	add("noise", autoencoder.AE, func(c *autoencoder.Config) { c.Noise = .2 })
	add("brightness", autoencoder.VAE, func(c *autoencoder.Config) { c.Normalised = autoencoder.Brightness })
	add("unit length", autoencoder.AE, func(c *autoencoder.Config) { c.Normalised, c.Loss = autoencoder.UnitLength, autoencoder.MSE })
	return all
}

// The gradient of every objective along a random direction agrees with finite differences.
func TestGradientsByFiniteDifferences(t *testing.T) {
	const images, h = 4, .01
	random := rand.New(rand.NewPCG(1, 2))
	x := make([][]float32, images)
	for i := range x {
		for range 784 {
			x[i] = append(x[i], random.Float32())
		}
	}
	for name, c := range objectives() {
		t.Run(name, func(t *testing.T) {
			if err := c.Validate(); err != nil {
				t.Fatal(err)
			}
			weights := c.Initial(3)
			random := rand.New(rand.NewPCG(3, 4))
			along := c.Initial(4)
			for i := range along { // including biases
				for j := range along[i].Values {
					along[i].Values[j] = float32(random.NormFloat64() * .1)
				}
			}
			objective := func(nodes []*graph.Node) *graph.Node {
				last := len(nodes) - 1
				source := noise.New(5, graph.Const(nodes[0].Graph(), uint32(1)))
				return autoencoder.NewNetwork(c, nodes[:last], source).Loss(nodes[last]).Objective(graph.Const(nodes[0].Graph(), float32(c.Beta)))
			}
			at := func(step float32) []any {
				var inputs []any
				for i, v := range weights {
					moved := make([]float32, len(v.Values))
					for j := range moved {
						moved[j] = v.Values[j] + step*along[i].Values[j]
					}
					inputs = append(inputs, tensors.FromFlatDataAndDimensions(moved, v.Shape...))
				}
				return append(inputs, x)
			}
			value := func(step float32) float64 {
				out := evaluate(t, func(n []*graph.Node) []*graph.Node { return []*graph.Node{objective(n)} }, at(step)...)
				return float64(tensors.ToScalar[float32](out[0]))
			}
			gradients := evaluate(t, func(n []*graph.Node) []*graph.Node {
				return graph.Gradient(objective(n), n[:len(n)-1]...)
			}, at(0)...)
			got := 0.0
			for i, g := range gradients {
				for j, v := range floats(t, g) {
					got += float64(v) * float64(along[i].Values[j])
				}
			}
			want := (8*(value(h)-value(-h)) - (value(2*h) - value(-2*h))) / (12 * h) // of fourth order in h
			if math.Abs(got-want) > 2e-3*math.Abs(want)+.03 {
				t.Errorf("the gradient says %.4f, finite differences %.4f", got, want)
			}
			if math.Abs(want) < .5 {
				t.Errorf("the objective changes by %.4f along the direction: too little to test", want)
			}
		})
	}
}

// KL below the free bits costs nothing more: for a posterior equal to the prior, whose KL is 0, the loss has the floor
// of each dimension.
func TestFreeBits(t *testing.T) {
	c := autoencoder.Default(autoencoder.VAE, 3)
	c.Hidden, c.FreeBits = nil, .5
	weights := c.Variables()
	var inputs []any
	for _, v := range weights {
		zero := make([]float32, product(v.Shape))
		if v.Name == "encoder/mean/bias" {
			zero[1] = 3 // its KL is 4.5 nats
		}
		if v.Name == "encoder/log_variance/bias" {
			for i := range zero {
				zero[i] = float32(2 - math.Log(math.Exp(2)-1)) // the bound turns this into a log-variance of 0
			}
		}
		inputs = append(inputs, tensors.FromFlatDataAndDimensions(zero, v.Shape...))
	}
	out := evaluate(t, func(n []*graph.Node) []*graph.Node {
		x := graph.Zeros(n[0].Graph(), n[0].Shape())
		x = graph.Slice(graph.Transpose(x, 0, 1), graph.AxisRange(0, 2))
		loss := autoencoder.NewNetwork(c, n, nil).Loss(x)
		one := graph.Const(n[0].Graph(), float32(1))
		return []*graph.Node{graph.Sub(loss.Objective(one), graph.ReduceAllMean(loss.Reconstruction)), graph.ReduceAllMean(loss.KL)}
	}, inputs...)
	if charged, kl := tensors.ToScalar[float32](out[0]), tensors.ToScalar[float32](out[1]); math.Abs(float64(charged)-5.5) > 1e-3 || math.Abs(float64(kl)-4.5) > 1e-5 {
		t.Errorf("charged %v nats for a KL of %v, want 5.5 for 4.5", charged, kl)
	}
}

func product(shape []int) int {
	size := 1
	for _, n := range shape {
		size *= n
	}
	return size
}

// principal is probabilistic PCA as a VAE, with three images and their exact negative log-likelihoods. A linear decoder
// W and normal noise make x normal with covariance W'W + s^2 I. The encoder is the true posterior, so that every
// importance weight equals the likelihood.
func principal(t *testing.T) (c autoencoder.Config, w autoencoder.Weights, images []uint8, nll []float64) {
	t.Helper()
	c = autoencoder.Config{Model: autoencoder.VAE, Latent: 2, Activation: "relu", Loss: autoencoder.Gaussian, Beta: 1, Normalised: autoencoder.UnitLength}
	const scale = .03
	w = c.Variables()
	for i, v := range w {
		w[i].Values = make([]float32, product(v.Shape))
	}
	named := func(name string) []float32 {
		for _, v := range w {
			if v.Name == name {
				return v.Values
			}
		}
		t.Fatalf("no variable %s", name)
		return nil
	}
	rows := named("decoder/output/weights") // [2, 784]: the two rows are orthogonal, so that the posterior is diagonal
	lengths := [2]float64{}
	for j := range 784 {
		rows[j%2*784+j] = float32(.02 * (1 + math.Sin(float64(j))))
		lengths[j%2] += math.Pow(float64(rows[j%2*784+j]), 2)
	}
	bias := named("decoder/output/bias")
	for j := range bias {
		bias[j] = .03
	}
	named("decoder/log_scale")[0] = float32(math.Log(scale))
	encoder, shift, logVariance := named("encoder/mean/weights"), named("encoder/mean/bias"), named("encoder/log_variance/bias")
	for d, length := range lengths {
		total := length + scale*scale
		logVariance[d] = float32(math.Log(scale * scale / total))
		for j := range 784 {
			encoder[j*2+d] = rows[d*784+j] / float32(total)
			shift[d] -= encoder[j*2+d] * bias[j]
		}
	}
	random := rand.New(rand.NewPCG(1, 1))
	images = make([]uint8, 3*784)
	for i := range images {
		images[i] = uint8(random.IntN(256))
	}
	covariance := mat.NewSymDense(784, nil)
	for i := range 784 {
		for j := i; j < 784; j++ {
			v := float64(rows[i])*float64(rows[j]) + float64(rows[784+i])*float64(rows[784+j])
			if i == j {
				v += scale * scale
			}
			covariance.SetSym(i, j, v)
		}
	}
	var factor mat.Cholesky
	if !factor.Factorize(covariance) {
		t.Fatal("the covariance is not positive definite")
	}
	for i := range 3 {
		x, length := mat.NewVecDense(784, nil), 0.0
		for j := range 784 {
			v := float64(images[i*784+j]) / 255
			x.SetVec(j, v)
			length += v * v
		}
		for j := range 784 {
			x.SetVec(j, x.AtVec(j)/math.Sqrt(length)-float64(bias[j]))
		}
		var solved mat.VecDense
		if err := factor.SolveVecTo(&solved, x); err != nil {
			t.Fatal(err)
		}
		nll = append(nll, (mat.Dot(x, &solved)+factor.LogDet()+784*math.Log(2*math.Pi))/2)
	}
	return c, w, images, nll
}

func TestImportanceWeightedOnProbabilisticPCA(t *testing.T) {
	c, w, images, want := principal(t)
	model, err := autoencoder.NewModel(backendtest.Go(t), c, w)
	if err != nil {
		t.Fatal(err)
	}
	nll, err := model.ImportanceWeighted(context.Background(), images, 100, 7, nil)
	if err != nil {
		t.Fatal(err)
	}
	elbo, err := model.NegativeELBO(context.Background(), images, 2, 7, nil) // the bound is tight because the posterior is the true one
	if err != nil {
		t.Fatal(err)
	}
	if len(nll) != 3 || len(elbo) != 3 {
		t.Fatalf("%d likelihoods of 3 images", len(nll))
	}
	for i, want := range want {
		if math.Abs(nll[i]-want) > 1e-3*math.Abs(want) {
			t.Errorf("image %d: %.3f nats, want %.3f", i, nll[i], want)
		}
		if math.Abs(elbo[i]-want) > 1e-3*math.Abs(want) {
			t.Errorf("image %d: −ELBO %.3f nats, want %.3f", i, elbo[i], want)
		}
	}
}

// With the true posterior, the bound with several codes equals the likelihood, and so does the sum of the parts of the
// loss. With a worse posterior, the bound with several codes lies between the likelihood and the ELBO.
func TestObjectiveOfSeveralCodes(t *testing.T) {
	c, w, images, nll := principal(t)
	want := (nll[0] + nll[1] + nll[2]) / 3
	take := func(samples int) (objective, total float64) {
		c := c
		c.Samples = samples
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		var inputs []any
		for _, v := range w {
			inputs = append(inputs, tensors.FromFlatDataAndDimensions(v.Values, v.Shape...))
		}
		inputs = append(inputs, tensors.FromFlatDataAndDimensions(images, 3, 784))
		out := evaluate(t, func(n []*graph.Node) []*graph.Node {
			last := len(n) - 1
			one := graph.Const(n[0].Graph(), float32(1))
			loss := autoencoder.NewNetwork(c, n[:last], noise.New(5, graph.Const(n[0].Graph(), uint32(1)))).Loss(autoencoder.Pixels(n[last]))
			return []*graph.Node{loss.Objective(one), loss.Reconstruction, loss.KL}
		}, inputs...)
		for i, v := range floats(t, out[1]) {
			total += float64(v+floats(t, out[2])[i]) / 3
		}
		if n := len(floats(t, out[2])); n != 3 {
			t.Errorf("%d codes: the KL of %d images, want 3", samples, n)
		}
		return float64(tensors.ToScalar[float32](out[0])), total
	}
	if bound, total := take(4); math.Abs(bound-want) > 1e-3*math.Abs(want) || math.Abs(total-want) > 1e-3*math.Abs(want) {
		t.Errorf("true posterior: bound %.3f, −ELBO %.3f, want %.3f", bound, total, want)
	}
	for _, v := range w {
		if v.Name == "encoder/log_variance/bias" {
			v.Values[0] += 1
			v.Values[1] += 1
		}
	}
	few, total := take(8)
	many, _ := take(512)
	if !(want-.05 < many && many < few-.05 && few < total-.1) {
		t.Errorf("wider posterior: bounds %.3f of 512 codes and %.3f of 8, −ELBO %.3f of the same 8, likelihood %.3f, want it, the bounds and the −ELBO to rise in this order",
			many, few, total, want)
	}
}

// With more samples the estimate gets closer to the likelihood, from above. Without a likelihood the error says why.
func TestImportanceWeighted(t *testing.T) {
	ctx := context.Background()
	m := newModel(t, small(autoencoder.VAE))
	images := make([]uint8, 60*784)
	for i := range images {
		images[i] = uint8(i % 200)
	}
	mean := func(k int) float64 {
		nll, err := m.ImportanceWeighted(ctx, images, k, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		total := 0.0
		for _, v := range nll {
			total += v / float64(len(nll))
		}
		return total
	}
	score, err := m.Score(ctx, images)
	if err != nil {
		t.Fatal(err)
	}
	if few, many := mean(1), mean(1000); !(many < few) || math.Abs(many-score.Reconstruction) > .5*score.Reconstruction {
		t.Errorf("1 sample gives %.2f nats, 1000 %.2f, the ELBO's reconstruction is %.2f", few, many, score.Reconstruction)
	}
	elbo, err := m.NegativeELBO(ctx, images, 100, 1, nil) // from the same samples as the likelihood with 100 samples
	if err != nil {
		t.Fatal(err)
	}
	nll, err := m.ImportanceWeighted(ctx, images, 100, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if bound, weighted, err := m.Likelihoods(ctx, images, 100, 1, nil); err != nil || !slices.Equal(bound, elbo) || !slices.Equal(weighted, nll) {
		t.Errorf("together they are %v and %v, %v, want %v and %v", bound, weighted, err, elbo, nll)
	}
	for i := range elbo {
		if !(elbo[i] > nll[i]) {
			t.Errorf("image %d: −ELBO %.2f nats, NLL %.2f", i, elbo[i], nll[i])
		}
	}
	if few, err := m.NegativeELBO(ctx, images, 3, 1, nil); err != nil || len(few) != len(images)/784 || few[0] == elbo[0] || math.Abs(few[0]-elbo[0]) > .5*elbo[0] {
		t.Errorf("of 3 samples %.2f nats, %v, of 100 %.2f", few[0], err, elbo[0])
	}
	for n := range 40 { // a graph is compiled for at most 32 shapes
		if few, err := m.ImportanceWeighted(ctx, images[:(n+1)*784], 2, 1, nil); err != nil || len(few) != n+1 {
			t.Fatalf("of %d images %d values, %v", n+1, len(few), err)
		}
	}
	if _, err := newModel(t, small(autoencoder.AE)).ImportanceWeighted(ctx, images, 10, 1, nil); err == nil {
		t.Error("an AE has a likelihood")
	}
	squared := small(autoencoder.VAE)
	squared.Loss = autoencoder.MSE
	if _, err := newModel(t, squared).ImportanceWeighted(ctx, images, 10, 1, nil); err == nil {
		t.Error("a squared error has a likelihood")
	}
}

// Dropout and noise have an effect only in training.
func TestDropoutAndNoiseOnlyInTraining(t *testing.T) {
	for _, change := range []func(c *autoencoder.Config){
		func(c *autoencoder.Config) { c.Dropout = .5 }, func(c *autoencoder.Config) { c.Noise = .5 },
	} {
		c := autoencoder.Default(autoencoder.AE, 2)
		c.Hidden = []int{400}
		plain := c
		change(&c)
		var inputs []any
		for _, v := range c.Initial(1) {
			inputs = append(inputs, tensors.FromFlatDataAndDimensions(v.Values, v.Shape...))
		}
		x := make([][]float32, 2)
		for i := range x {
			for j := range 784 {
				x[i] = append(x[i], float32(j%7)/7)
			}
		}
		out := evaluate(t, func(n []*graph.Node) []*graph.Node {
			last := len(n) - 1
			var codes []*graph.Node
			for _, network := range []*autoencoder.Network{
				autoencoder.NewNetwork(plain, n[:last], nil),
				autoencoder.NewNetwork(c, n[:last], nil),
				autoencoder.NewNetwork(c, n[:last], noise.New(1, graph.Const(n[0].Graph(), uint32(1)))),
				autoencoder.NewNetwork(c, n[:last], noise.New(1, graph.Const(n[0].Graph(), uint32(2)))),
			} {
				code, _ := network.Encode(n[last])
				codes = append(codes, code)
			}
			return codes
		}, append(inputs, x)...)
		var codes []string
		for _, o := range out {
			codes = append(codes, fmt.Sprint(floats(t, o)))
		}
		if codes[0] != codes[1] || codes[0] == codes[2] || codes[2] == codes[3] {
			t.Errorf("%+v: codes without it, after training, and in two steps:\n%v", c, codes)
		}
	}
}

// The likelihood under a posterior whose variance has no place in float32 is a finite number, in each level.
func TestLikelihoodOfNarrowPosterior(t *testing.T) {
	for _, levels := range []int{1, 2} {
		c := small(autoencoder.VAE)
		if levels == 2 {
			c.Levels, c.Latent = 2, 2*c.Latent
		}
		w := c.Initial(1)
		for _, v := range w {
			if strings.HasSuffix(v.Name, "log_variance/bias") && !strings.Contains(v.Name, "prior") {
				for i := range v.Values {
					v.Values[i] = -200
				}
			}
		}
		m, err := autoencoder.NewModel(backendtest.Go(t), c, w)
		if err != nil {
			t.Fatal(err)
		}
		bound, nll, err := m.Likelihoods(t.Context(), make([]uint8, 3*784), 5, 0, nil)
		if err != nil || !(bound[0] > 80/2 && bound[0] < 1e4) || nll[0] > bound[0] {
			t.Errorf("%d levels: −ELBO %v, NLL %v, %v", levels, bound, nll, err)
		}
	}
}

package autoencoder_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend/backendtest"
	"fashionlatent/lib/generate"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"gonum.org/v1/gonum/stat"
)

// twoLevels is a VAE with everything that the published networks of the likelihood use, for images of 8 x 8.
func twoLevels() autoencoder.Config {
	c := autoencoder.Default(autoencoder.VAE, 4)
	c.Side, c.Hidden, c.Activation = 8, []int{5, 4}, autoencoder.Gated
	c.Levels, c.Prior, c.Vamp, c.Clipped = 2, 3, true, true
	return c
}

// sines are sin(start + 1), sin(start + 2), and so on.
func sines(start, n int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(math.Sin(float64(start + 1 + i)))
	}
	return values
}

// Two levels, gated layers, clipped log-variances and a VampPrior give the numbers of testdata/levels.py.
func TestLevelsAgainstReference(t *testing.T) {
	content, err := os.ReadFile("testdata/levels.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Variables          []string
		Mean, Log_variance [][]float32
		KL, Reconstruction []float32
	}
	if err := json.Unmarshal(content, &want); err != nil {
		t.Fatal(err)
	}
	c := twoLevels()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	var inputs []any
	for i, v := range c.Variables() {
		if v.Name != want.Variables[i] {
			t.Fatalf("variable %d is %s, want %s", i, v.Name, want.Variables[i])
		}
		start := 100*(i/2) + 50*(i%2)
		if i == len(want.Variables)-1 {
			start = 7
		}
		inputs = append(inputs, tensors.FromFlatDataAndDimensions(sines(start, product(v.Shape)), v.Shape...))
	}
	x := sines(3, 128)
	for i := range x {
		x[i] = .5 + .5*x[i]
	}
	out := evaluate(t, func(n []*graph.Node) []*graph.Node {
		last := len(n) - 1
		mean, logVariance := autoencoder.NewNetwork(c, n[:last], nil).Encode(n[last])
		loss := autoencoder.NewNetwork(c, n[:last], nil).Loss(n[last])
		return []*graph.Node{mean, logVariance, loss.KL, loss.Reconstruction}
	}, append(inputs, tensors.FromFlatDataAndDimensions(x, 2, 64))...)
	for i, numbers := range [][]float32{append(want.Mean[0], want.Mean[1]...), append(want.Log_variance[0], want.Log_variance[1]...), want.KL, want.Reconstruction} {
		for j, got := range floats(t, out[i]) {
			if math.Abs(float64(got-numbers[j])) > 1e-4*(1+math.Abs(float64(numbers[j]))) {
				t.Errorf("output %d, value %d: %v, want %v", i, j, got, numbers[j])
			}
		}
	}
}

// The lower level of a code drawn from the posterior depends on its upper level. With one level, PosteriorCodes draws from
// what Encode returns.
func TestPosteriorCodes(t *testing.T) {
	const n = 4000
	c := twoLevels()
	w := c.Initial(2)
	for i, v := range w {
		for j := range v.Values {
			if strings.HasPrefix(v.Name, "lower_encoder") {
				w[i].Values[j] *= 4
			}
		}
	}
	images := make([]uint8, n*64)
	for i := range images {
		images[i] = uint8(i % 64 * 3)
	}
	related := func(c autoencoder.Config, codes []float32) (most float64) {
		for upper := range 2 {
			for lower := 2; lower < 4; lower++ {
				var a, b []float64
				for code := range slices.Chunk(codes, 4) {
					a, b = append(a, float64(code[upper])), append(b, float64(code[lower]))
				}
				most = max(most, math.Abs(stat.Correlation(a, b, nil)))
			}
		}
		return most
	}
	for levels, want := range map[int]bool{0: false, 2: true} {
		c.Levels = levels
		of := w
		if levels == 0 {
			of = c.Initial(2)
		}
		m, err := autoencoder.NewModel(backendtest.Go(t), c, of)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.PosteriorCodes(t.Context(), images[1:], 1); err == nil || !strings.Contains(err.Error(), "want a whole number of") {
			t.Errorf("%d levels, part of an image: %v", levels, err)
		}
		codes, err := m.PosteriorCodes(t.Context(), images, 1)
		if err != nil || len(codes) != 4*n {
			t.Fatalf("%d values, %v", len(codes), err)
		}
		mean, logVariance, err := m.Encode(t.Context(), images)
		if err != nil {
			t.Fatal(err)
		}
		apart, err := generate.PosteriorSamples(mean, logVariance, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := related(c, codes); (got > .1) != want || related(c, apart) > .1 {
			t.Errorf("%d levels: correlation %v, and %v if the levels are drawn apart", levels, got, related(c, apart))
		}
		if levels == 0 && !slices.Equal(codes, apart) {
			t.Error("with one level, the codes are not those of PosteriorSamples")
		}
	}
}

// If the image does not depend on the code, its likelihood is that of the decoder's output, whatever the posterior and the
// prior are. The importance weights of every kind of prior and of both levels must then have a mean of 1.
func TestImportanceWeightsHaveMeanOne(t *testing.T) {
	for name, change := range map[string]func(c *autoencoder.Config){
		"N(0, I)":                  func(c *autoencoder.Config) { c.Levels, c.Prior, c.Vamp = 0, 0, false },
		"VampPrior":                func(c *autoencoder.Config) { c.Levels = 0 },
		"two levels":               func(c *autoencoder.Config) { c.Prior, c.Vamp = 0, false },
		"two levels and mixture":   func(c *autoencoder.Config) { c.Vamp = false },
		"two levels and VampPrior": func(*autoencoder.Config) {},
	} {
		t.Run(name, func(t *testing.T) {
			c := twoLevels()
			change(&c)
			w := c.Initial(2)
			for i, v := range w {
				for j := range v.Values {
					switch {
					case v.Name == "decoder/output/weights":
						w[i].Values[j] = 0
					case strings.HasSuffix(v.Name, "/mean/weights"), strings.HasSuffix(v.Name, "/log_variance/weights"):
						w[i].Values[j] *= .3 // posteriors near the prior, so that few samples are enough
					}
				}
			}
			m, err := autoencoder.NewModel(backendtest.Go(t), c, w)
			if err != nil {
				t.Fatal(err)
			}
			images := make([]uint8, 2*64)
			for i := range images {
				images[i] = uint8(i * 37)
			}
			nll, err := m.ImportanceWeighted(context.Background(), images, 3000, 1, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range nll {
				if want := 64 * math.Ln2; math.Abs(v-want) > .1 { // three standard errors
					t.Errorf("image %d: %.3f nats, want %.3f", i, v, want)
				}
			}
		})
	}
}

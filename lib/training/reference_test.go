package training

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/backend/backendtest"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/record"
)

// Three training steps of a small VAE, with warm-up, schedule and noise, compared with an independent implementation in
// NumPy, testdata/reference.py: losses, weights and moments.
func TestStepsAgainstReference(t *testing.T) {
	content, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Orders  [][]int32
		Losses  [][2]float64          // reconstruction and KL of each step
		Weights map[string][3]float64 // of each variable: sum, sum of squares, last value
		First   map[string][3]float64
		Second  map[string][3]float64
	}
	if err := json.Unmarshal(content, &want); err != nil {
		t.Fatal(err)
	}
	const n = 6
	images := make([]uint8, n*784)
	for i := range images {
		row, pixel := i/784, i%784
		images[i] = uint8((row*row*7 + pixel*(row+3)*13) % 256)
	}
	split := dataset.Split{Side: 28, Images: images, Labels: make([]uint8, n)}
	data := &dataset.Dataset{Train: split, Test: split}
	c := Config{
		Model:  autoencoder.Config{Model: autoencoder.VAE, Latent: 2, Hidden: []int{8}, Activation: "tanh", Loss: autoencoder.BCE, Beta: .5, Warmup: .6},
		Epochs: len(want.Losses), Batch: n, LearningRate: 1e-2, FinalRate: 1e-3, RateWarmup: .5, RateHold: .4, Seed: 9,
	}
	weights := c.Model.Variables()
	count := 0
	for i, v := range weights {
		size := 1
		for _, k := range v.Shape {
			size *= k
		}
		weights[i].Values = make([]float32, size)
		for j := range weights[i].Values {
			weights[i].Values[j] = float32(.05 * math.Sin(float64(count)))
			count++
		}
	}
	for name, open := range map[string]func(testing.TB) *backend.Backend{"go": backendtest.Go, "xla": backendtest.XLA} {
		t.Run(name, func(t *testing.T) {
			e, err := newEngine(open(t), c, data, weights, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer e.close()
			for i, loss := range want.Losses {
				if order := tensors.MustCopyFlatData[int32](backend.Order(c.Seed, i, n)); !slices.Equal(order, want.Orders[i]) {
					t.Fatalf("epoch %d takes the images in the order %v, the reference in %v", i, order, want.Orders[i])
				}
				got, err := e.epoch(context.Background(), i, func(int, record.Loss) {})
				if err != nil {
					t.Fatal(err)
				}
				near(t, "reconstruction", got.Reconstruction, loss[0])
				near(t, "KL", got.KL, loss[1])
			}
			learned, moments, err := e.state()
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range learned {
				compare(t, v.Name, v.Values, want.Weights[v.Name])
				compare(t, "first moment of "+v.Name, moments[i], want.First[v.Name])
				compare(t, "second moment of "+v.Name, moments[len(weights)+i], want.Second[v.Name])
			}
		})
	}
}

func compare(t *testing.T, name string, values []float32, want [3]float64) {
	t.Helper()
	var got [3]float64
	for _, v := range values {
		got[0] += float64(v)
		got[1] += float64(v) * float64(v)
		got[2] = float64(v)
	}
	for i, what := range []string{"sum of ", "squares of ", "last of "} {
		near(t, what+name, got[i], want[i])
	}
}

func near(t *testing.T, name string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 2e-4*math.Abs(want)+1e-6 {
		t.Errorf("%s is %.8g, the reference says %.8g", name, got, want)
	}
}

package experiments_test

import (
	"bytes"
	"context"
	"math"
	"slices"
	"testing"

	"fashionlatent/experiments"
	"fashionlatent/experiments/explore"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/explorer"
)

// decode computes the image of a code as the page does, but with single precision.
func decode(layers []explorer.Layer, code []float32) []float32 {
	values := code
	for i, l := range layers {
		sums := slices.Clone(l.Bias)
		for j, v := range values {
			if i > 0 {
				v /= float32(1 + math.Exp(-float64(v))) // SiLU
			}
			for k := range sums {
				sums[k] += v * l.Weights[j*l.Out+k]
			}
		}
		values = sums
	}
	for i, v := range values {
		values[i] = float32(1 / (1 + math.Exp(-float64(v))))
	}
	return values
}

func TestExplorer(t *testing.T) {
	ctx := context.Background()
	l := openLab(t, t.TempDir(), &bytes.Buffer{})
	d, err := experiments.Explorer(ctx, l)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Validate(); err != nil {
		t.Error(err)
	}
	if want := []int{0, 1, 2, 5}; !slices.Equal(d.Epochs, want) || !slices.Equal(d.Images, l.Data.Test.Images) || !slices.Equal(d.Labels, l.Data.Test.Labels) {
		t.Errorf("epochs %v, want %v; %d images, want the %d test images", d.Epochs, want, len(d.Labels), l.Data.Test.Len())
	}
	for i, kind := range []string{autoencoder.AE, autoencoder.VAE} {
		m := &d.Models[i]
		r, err := l.Reference(ctx, kind, 2, 0)
		if err != nil {
			t.Fatal(err)
		}
		for e, epoch := range d.Epochs {
			model := r.Model
			if epoch < r.Config.Epochs {
				if model, err = r.Snapshot(epoch); err != nil {
					t.Fatal(err)
				}
			}
			codes, _, err := model.Encode(ctx, d.Images)
			if err != nil || !slices.Equal(codes, m.Codes[e]) {
				t.Errorf("%s: other codes after epoch %d (%v)", m.Name, epoch, err)
			}
		}
		codes := explore.Codes(m, 100)
		images, err := r.Model.Decode(ctx, codes)
		if err != nil || len(codes) != 200 {
			t.Fatal(err, len(codes))
		}
		var decoded []float32
		for code := range slices.Chunk(codes, 2) {
			decoded = append(decoded, decode(m.Decoder, code)...)
		}
		want := autoencoder.Levels(images)
		for j, got := range autoencoder.Levels(decoded) {
			if max(got, want[j])-min(got, want[j]) > 1 {
				t.Fatalf("%s: value %d is level %d, want %d", m.Name, j, got, want[j])
			}
		}
		if low, high := slices.Min(m.Shades[0].Values), slices.Max(m.Shades[0].Values); low > explorer.Hole || high <= explorer.Hole {
			t.Errorf("%s: distances from the codes are %d to %d; want some in and some outside of holes, which begin above %d",
				m.Name, low, high, explorer.Hole)
		}
	}
}

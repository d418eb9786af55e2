package experiments_test

import (
	"bytes"
	"context"
	"math"
	"slices"
	"testing"

	"fashionlatent/experiments"
	"fashionlatent/experiments/explore"
	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/subject"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/explorer"
)

// compared is what the page must compute as the library does, for one model.
type compared struct {
	Name   string      `json:"name"`
	Codes  [][]float32 `json:"codes"`
	Levels []uint8     `json:"levels"` // decoded from the codes
}

// comparison is that of all spaces and models, and what the classifier says of the page's images.
type comparison struct {
	Spaces  [][]compared `json:"spaces"`
	Classes []uint8      `json:"classes"`
}

// compareExplorer computes what the page must compute with codes that the page was not rounded for.
func compareExplorer(t *testing.T, l *experiments.Lab, d *explorer.Data, n int) comparison {
	t.Helper()
	ctx := context.Background()
	var all comparison
	for _, space := range d.Spaces {
		var models []compared
		for i, kind := range []string{autoencoder.AE, autoencoder.VAE} {
			r, err := l.Reference(ctx, kind, space.Dim, 0)
			if err != nil {
				t.Fatal(err)
			}
			images, err := lab.Images(l, "")
			if err != nil {
				t.Fatal(err)
			}
			codes, err := explore.Sampled(ctx, subject.New(images, r.Model, 0), &space.Models[i], n, 3)
			if err != nil {
				t.Fatal(err)
			}
			decoded, err := r.Model.Decode(ctx, codes)
			if err != nil {
				t.Fatal(err)
			}
			c := compared{Name: space.Name + ", " + kind, Levels: autoencoder.Levels(decoded)}
			for code := range slices.Chunk(codes, space.Dim) {
				c.Codes = append(c.Codes, code)
			}
			models = append(models, c)
		}
		all.Spaces = append(all.Spaces, models)
	}
	k, err := lab.Extractor(ctx, l, "convolutional")
	if err != nil {
		t.Fatal(err)
	}
	if all.Classes, err = k.Classify(ctx, dataset.Floats(d.Images)); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestExplorer(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	l := openLab(t, t.TempDir(), &bytes.Buffer{})
	d, err := experiments.Explorer(ctx, l)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Validate(); err != nil {
		t.Error(err)
	}
	if !slices.Equal(d.Images, l.Data.Test.Images) || !slices.Equal(d.Labels, l.Data.Test.Labels) || d.Classifier == nil || !(d.Far > 0) {
		t.Errorf("%d images, want the %d test images, a classifier and a distance (%g)", len(d.Labels), l.Data.Test.Len(), d.Far)
	}
	want := compareExplorer(t, l, d, 100)
	for s, space := range d.Spaces {
		for i, m := range space.Models {
			var epochs []int
			for _, e := range m.Epochs {
				epochs = append(epochs, e.Number)
				if e.Accuracy < .1 || len(e.Pictures) == 0 || (e.Loss < 0) != (e.Number == 0) {
					t.Errorf("%s, %s: epoch %+v", space.Name, m.Name, e)
				}
			}
			if want := []int{0, 1, 2}; !slices.Equal(epochs, want) || m.LastEpoch.Number != 5 {
				t.Errorf("%s, %s: epochs %v and %d, want %v and 5", space.Name, m.Name, epochs, m.LastEpoch.Number, want)
			}
			if len(m.Clusters) != 2 || len(m.Sources) != 3 {
				t.Errorf("%s, %s: %d methods of clustering and %d sources, want 2, since there are too few images for communities, and 3", space.Name, m.Name, len(m.Clusters), len(m.Sources))
			}
			r, err := l.Reference(ctx, []string{autoencoder.AE, autoencoder.VAE}[i], space.Dim, 0)
			if err != nil {
				t.Fatal(err)
			}
			codes, _, err := r.Model.Encode(ctx, d.Images)
			if err != nil || !slices.Equal(codes, m.Codes) {
				t.Errorf("%s, %s: other codes (%v)", space.Name, m.Name, err)
			}
			var errors, squares float64
			for j, v := range m.Encoder.Apply(dataset.Floats(d.Images)) {
				errors, squares = errors+math.Pow(float64(v-codes[j]), 2), squares+math.Pow(float64(codes[j]), 2)
			}
			if math.Sqrt(errors/squares) > .08 {
				t.Errorf("%s, %s: the rounded encoder's codes are off by %.3f of their size, want at most .08", space.Name, m.Name, math.Sqrt(errors/squares))
			}
			for _, code := range want.Spaces[s][i].Codes[:50] { // along the axes and back
				linear := m.Maps[0]
				if linear.Kind != explorer.Linear {
					break
				}
				back := slices.Clone(linear.Origin)
				for k := range space.Dim {
					var along float32
					for j := range space.Dim {
						along += (code[j] - linear.Origin[j]) * linear.Axes[k*space.Dim+j]
					}
					for j := range space.Dim {
						back[j] += along * linear.Axes[k*space.Dim+j]
					}
				}
				for j := range back {
					if math.Abs(float64(back[j]-code[j])) > 1e-4 {
						t.Fatalf("%s: code %v became %v", m.Name, code, back)
					}
				}
			}
			var flat []float32
			for _, code := range want.Spaces[s][i].Codes {
				flat = append(flat, code...)
			}
			for j, got := range autoencoder.Levels(m.Decoder.Decode(flat)) {
				if want := want.Spaces[s][i].Levels[j]; max(got, want)-min(got, want) > 2 {
					t.Fatalf("%s, %s: value %d is level %d, want %d to within 2", space.Name, m.Name, j, got, want)
				}
			}
		}
	}
}

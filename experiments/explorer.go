package experiments

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/explorer"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/notebook"
	knn "fashionlatent/lib/points"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

// What the explorer shows.
const (
	explorerImages   = 2500 // test images of 28 x 28, where there are as many; of larger ones as many fewer as they have more pixels
	explorerGrid     = 64   // places along a side of a background
	explorerNearest  = 10   // the distance of a place from the codes is that to the tenth nearest
	explorerScored   = 1000 // test images that say how far images are from the data, where there are as many
	explorerHoles    = .99  // share of the test images that are in no hole
	explorerCompared = 1000 // codes that page and library decode alike
	explorerRadius   = 3.04 // the disc that holds 99 % of N(0, I)
)

// WriteExplorer writes the latent explorer of the reference runs of two dimensions, seed 0, to a file: one page, which needs
// nothing else. A page that was made from the same is kept.
func (l *Lab) WriteExplorer(ctx context.Context, path string) error {
	jobs := l.references([]int{2}, 1)
	if key := notebook.PageKey(path); key != "" && key == l.origin("explorer", jobs) {
		return nil
	}
	data, err := l.Explorer(ctx)
	if err != nil {
		return err
	}
	data.Key = l.origin("explorer", jobs)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return record.WriteFile(path, func(w io.Writer) error { return explorer.Write(w, *data) })
}

// Explorer gathers what the latent explorer shows of the reference AE and VAE of two dimensions, seed 0.
func (l *Lab) Explorer(ctx context.Context) (*explorer.Data, error) {
	ae, vae, err := l.Pair(ctx, 2, 0)
	if err != nil {
		return nil, err
	}
	test := l.Data.Test
	some := latent.Subsample(test.Len(), explorerImages*28*28/max(28*28, l.Data.Pixels()), 0)
	d := &explorer.Data{
		Classes: l.ClassNames(),
		Images:  latent.Rows(test.Images, l.Data.Pixels(), some),
		Labels:  labelsAt(test, some),
		Side:    l.Data.Side(),
		Places:  some,
		Source: fmt.Sprintf("%s%d of the %d test images; models trained on %d images at scale %s.",
			l.named(), len(some), test.Len(), l.Data.Train.Len(), l.Scale.Name),
	}
	last := ae.Config.Epochs
	for _, epoch := range l.snapshots() {
		if epoch < last {
			d.Epochs = append(d.Epochs, epoch)
		}
	}
	d.Epochs = append(d.Epochs, last)
	for _, r := range []*training.Result{ae, vae} {
		m, err := l.explored(ctx, r, d)
		if err != nil {
			return nil, err
		}
		d.Models = append(d.Models, *m)
	}
	return d, nil
}

// explored is a run as the explorer shows it.
func (l *Lab) explored(ctx context.Context, r *training.Result, d *explorer.Data) (*explorer.Model, error) {
	m := &explorer.Model{Name: name(r.Config.Model.Model)}
	for _, epoch := range d.Epochs {
		model, err := r.Model, error(nil)
		if epoch < r.Config.Epochs {
			model, err = r.Snapshot(epoch)
		}
		if err != nil {
			return nil, err
		}
		codes, _, err := model.Encode(ctx, d.Images)
		if err != nil {
			return nil, err
		}
		m.Codes = append(m.Codes, codes)
	}
	m.Plane = explorer.Around(explorerRadius, m.Codes...)
	var err error
	m.Hidden = r.Config.Model.Activation
	if m.Decoder, err = decoderLayers(r.Model); err != nil {
		return nil, err
	}
	if m.Shades, err = l.shades(ctx, r.Model, m.Plane, d.Images[:min(explorerScored, len(d.Places))*l.Data.Pixels()]); err != nil {
		return nil, err
	}
	difference, err := l.halfDifference(ctx, r.Model, m)
	if err != nil {
		return nil, err
	}
	m.About = fmt.Sprintf("Run %s. At half precision the pictures of %d codes are within %d of 255 grey levels of those at single precision.",
		r.Run.Name(), explorerCompared, difference)
	return m, nil
}

// decoderLayers are the layers of a model's decoder, as far as the page can compute them.
func decoderLayers(m *autoencoder.Model) ([]explorer.Layer, error) {
	if c := m.Config; c.Latent != 2 || !slices.Contains(explorer.Activations, c.Activation) || c.Normalised != "" || c.Loss == autoencoder.Continuous {
		return nil, fmt.Errorf("the explorer shows models of 2 dimensions with an activation of %q and pixels in [0, 1]; this one has %d, %s, normalised %q, loss %s",
			explorer.Activations, c.Latent, c.Activation, c.Normalised, c.Loss)
	}
	var layers []explorer.Layer
	for i, v := range m.Weights {
		if strings.HasPrefix(v.Name, "decoder/") && strings.HasSuffix(v.Name, "/weights") {
			layers = append(layers, explorer.Layer{In: v.Shape[0], Out: v.Shape[1], Weights: v.Values, Bias: m.Weights[i+1].Values})
		}
	}
	return layers, nil
}

// shades are the backgrounds of a plane: how far a place, or what is decoded there, is from the data. A hole is further than
// all but 1 % of the test images are.
func (l *Lab) shades(ctx context.Context, m *autoencoder.Model, plane explorer.Square, test []uint8) ([]explorer.Shade, error) {
	grid := plane.Grid(explorerGrid)
	train, _, err := m.Encode(ctx, l.Data.Train.Images)
	if err != nil {
		return nil, err
	}
	testCodes, _, err := m.Encode(ctx, test)
	if err != nil {
		return nil, err
	}
	k := min(explorerNearest, l.Data.Train.Len())
	near := func(codes []float32) ([]float64, error) {
		h, err := knn.Nearest(ctx, knn.Matrix{X: codes, Dim: 2}, knn.Matrix{X: train, Dim: 2}, k)
		if err != nil {
			return nil, err
		}
		var furthest []float64
		for i := k - 1; i < len(h.Distances); i += k {
			furthest = append(furthest, h.Distances[i])
		}
		return furthest, nil
	}
	decoded, err := m.Decode(ctx, grid)
	if err != nil {
		return nil, err
	}
	some := latent.Subsample(l.Data.Train.Len(), l.Scale.Samples, 0)
	images := latent.Rows(l.trainFloats(), l.Data.Pixels(), some)
	like := func(x []float32) ([]float64, error) { return latent.NearestDistances(ctx, x, images, l.Data.Pixels()) }
	var all []explorer.Shade
	for _, s := range []struct {
		name, about string
		distances   func([]float32) ([]float64, error)
		grid, test  []float32
	}{
		{"distance from the codes", fmt.Sprintf("The stronger the tint, the fewer codes are near: the distance of a place to the %dth nearest code of the %d training images. "+
			"Hatched, a hole: further than that of 99 %% of the test images' codes. Hardly any image was encoded near there.", k, l.Data.Train.Len()),
			near, grid, testCodes},
		{"distance of the decoded image from the data", fmt.Sprintf("The stronger the tint, the less what is decoded there looks like the data: its distance, over all pixels, to the nearest of %d training images. "+
			"Hatched, a hole: further than 99 %% of the test images are.", len(some)),
			like, decoded, dataset.Floats(test)},
	} {
		places, err := s.distances(s.grid)
		if err != nil {
			return nil, err
		}
		real, err := s.distances(s.test)
		if err != nil {
			return nil, err
		}
		_, threshold, err := latent.Holes(places, real, explorerHoles)
		if err != nil {
			return nil, err
		}
		shade := explorer.Shade{Name: s.name, About: s.about}
		for _, d := range places {
			shade.Values = append(shade.Values, uint8(min(d/max(threshold, 1e-9)*explorer.Hole+.5, 255)))
		}
		all = append(all, shade)
	}
	return all, nil
}

// halfDifference is the largest difference, in grey levels, that half precision makes to what is decoded of codes of images
// and of places all over the plane.
func (l *Lab) halfDifference(ctx context.Context, m *autoencoder.Model, shown *explorer.Model) (int, error) {
	codes := ExplorerCodes(shown, explorerCompared)
	single, err := m.Decode(ctx, codes)
	if err != nil {
		return 0, err
	}
	rounded := slices.Clone(m.Weights)
	for i, v := range rounded {
		if strings.HasPrefix(v.Name, "decoder/") {
			rounded[i].Values = explorer.RoundHalf(v.Values)
		}
	}
	less, err := autoencoder.NewModel(l.Backend, m.Config, rounded)
	if err != nil {
		return 0, err
	}
	half, err := less.Decode(ctx, codes)
	if err != nil {
		return 0, err
	}
	most, there := 0, autoencoder.Levels(half)
	for i, level := range autoencoder.Levels(single) {
		most = max(most, int(level)-int(there[i]), int(there[i])-int(level))
	}
	return most, nil
}

// ExplorerCodes are n codes to compare decoders at, [n, 2]: half of them codes of images, where there are as many, the others
// from all over the plane.
func ExplorerCodes(m *explorer.Model, n int) []float32 {
	last := m.Codes[len(m.Codes)-1]
	codes := slices.Clone(last[:min(n/2*2, len(last))])
	const side = 64
	grid := m.Plane.Grid(side)
	for _, i := range latent.Subsample(side*side, n-len(codes)/2, 0) {
		codes = append(codes, grid[2*i:2*i+2]...)
	}
	return codes
}

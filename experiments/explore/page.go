package explore

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/subject"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/explorer"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/points"
)

// Sizes and thresholds of the explorer page.
const (
	explorerImages   = 2500 // test images of 28 x 28, if there are that many; proportionally fewer of images with more pixels
	explorerGrid     = 64   // places along each side of a background
	explorerNearest  = 10   // the distance of a place from the codes is the distance to the 10th nearest code
	explorerScored   = 1000 // test images that set the threshold of holes, if there are that many
	explorerHoles    = .99  // share of the test images that lie in no hole
	explorerCompared = 1000 // codes at which the decoders of page and library are compared
	explorerRadius   = 3.04 // radius of the disc that holds 99 % of N(0, I) in 2 dimensions
)

// Page is the input of the latent explorer: models with codes of two dimensions on one data set.
type Page struct {
	Backend *backend.Backend
	Images  *subject.Images
	Classes []string // names
	Samples int      // training images that decoded ones are compared with, if there are that many
	About   string   // what the data set is, in a sentence; "" for Fashion-MNIST
	Source  string   // what the models were trained on, in words
	Epochs  []int    // the epochs whose codes are shown; the last one is the end of training
	Models  []PageModel
}

// PageModel is a model of the explorer.
type PageModel struct {
	Name, Run string
	At        func(epoch int) (*subject.Model, error) // the model after one of the page's epochs
}

// Data gathers what the explorer page shows.
func (p *Page) Data(ctx context.Context) (*explorer.Data, error) {
	test := p.Images.Data.Test
	some := latent.Subsample(test.Len(), explorerImages*28*28/max(28*28, test.Pixels()), 0)
	d := &explorer.Data{
		Classes: p.Classes,
		Images:  points.Rows(test.Images, test.Pixels(), some),
		Labels:  subject.LabelsAt(test, some),
		Side:    test.Side,
		Places:  some,
		Source:  fmt.Sprintf("%s%d of the %d test images; %s.", p.About, len(some), test.Len(), p.Source),
		Epochs:  p.Epochs,
	}
	for _, of := range p.Models {
		m, err := p.model(ctx, of, d)
		if err != nil {
			return nil, err
		}
		d.Models = append(d.Models, *m)
	}
	return d, nil
}

// model gathers what the explorer page shows of one model.
func (p *Page) model(ctx context.Context, of PageModel, d *explorer.Data) (*explorer.Model, error) {
	m := &explorer.Model{Name: of.Name}
	var last *subject.Model
	for _, epoch := range d.Epochs {
		s, err := of.At(epoch)
		if err != nil {
			return nil, err
		}
		codes, _, err := s.Model.Encode(ctx, d.Images)
		if err != nil {
			return nil, err
		}
		m.Codes, last = append(m.Codes, codes), s
	}
	m.Plane = explorer.Around(explorerRadius, m.Codes...)
	var err error
	m.Hidden = last.Model.Config.Activation
	if m.Decoder, err = decoderLayers(last.Model); err != nil {
		return nil, err
	}
	if m.Shades, err = p.shades(ctx, last, m.Plane, d.Images[:min(explorerScored, len(d.Places))*d.Side*d.Side]); err != nil {
		return nil, err
	}
	difference, err := p.halfDifference(ctx, last.Model, m)
	if err != nil {
		return nil, err
	}
	m.About = fmt.Sprintf("Run %s. Images decoded at half precision from %d codes have pixel values within %d of 255 of those decoded at single precision.",
		of.Run, explorerCompared, difference)
	return m, nil
}

// decoderLayers returns the layers of a model's decoder. A model whose decoder the page cannot compute is an error.
func decoderLayers(m *autoencoder.Model) ([]explorer.Layer, error) {
	if c := m.Config; c.Latent != 2 || !slices.Contains(explorer.Activations, c.Activation) || c.Normalised != "" || c.Loss == autoencoder.Continuous {
		return nil, fmt.Errorf("the explorer needs a model with 2 dimensions, an activation of %q and pixel values in [0, 1]; this one has %d, %s, normalised %q, loss %s",
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

// shades are the backgrounds of a plane: how far each place is from the codes, and how far the image decoded there is
// from the data. A hole is a place that is further away than 99 % of the test images are.
func (p *Page) shades(ctx context.Context, s *subject.Model, plane explorer.Square, test []uint8) ([]explorer.Shade, error) {
	grid := plane.Grid(explorerGrid)
	codes, err := s.Codes(ctx, metric.Train)
	if err != nil {
		return nil, err
	}
	train := codes.Values
	m, trainImages := s.Model, p.Images.Data.Train.Len()
	testCodes, _, err := m.Encode(ctx, test)
	if err != nil {
		return nil, err
	}
	k := min(explorerNearest, trainImages)
	near := func(codes []float32) ([]float64, error) {
		h, err := points.Nearest(ctx, points.Matrix{X: codes, Dim: 2}, points.Matrix{X: train, Dim: 2}, k)
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
	some := latent.Subsample(trainImages, p.Samples, 0)
	pixels, width := p.Images.Pixels(metric.Train)
	images := points.Rows(pixels, width, some)
	like := func(x []float32) ([]float64, error) { return latent.NearestDistances(ctx, x, images, width) }
	var all []explorer.Shade
	for _, of := range []struct {
		name, about string
		distances   func([]float32) ([]float64, error)
		grid, test  []float32
	}{
		{"distance from the codes", fmt.Sprintf("The tint shows the distance of a point to the %dth nearest code of the %d training images. A stronger tint means that fewer codes are near. "+
			"Hatched points are holes: their distance is larger than that of 99 %% of the test images' codes, so hardly any image was encoded near them.", k, trainImages),
			near, grid, testCodes},
		{"distance of the decoded image from the data", fmt.Sprintf("The tint shows the distance, over all pixels, of the image decoded at a point to the nearest of %d training images. A stronger tint means that the image is less like the data. "+
			"Hatched points are holes: their distance is larger than that of 99 %% of the test images.", len(some)),
			like, decoded, dataset.Floats(test)},
	} {
		places, err := of.distances(of.grid)
		if err != nil {
			return nil, err
		}
		real, err := of.distances(of.test)
		if err != nil {
			return nil, err
		}
		_, threshold, err := latent.Holes(places, real, explorerHoles)
		if err != nil {
			return nil, err
		}
		shade := explorer.Shade{Name: of.name, About: of.about}
		for _, d := range places {
			shade.Values = append(shade.Values, uint8(min(d/max(threshold, 1e-9)*explorer.Hole+.5, 255)))
		}
		all = append(all, shade)
	}
	return all, nil
}

// halfDifference is the largest difference, in grey levels, between images decoded with half-precision and with
// single-precision weights. The codes are those of images and places all over the plane.
func (p *Page) halfDifference(ctx context.Context, m *autoencoder.Model, shown *explorer.Model) (int, error) {
	codes := Codes(shown, explorerCompared)
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
	less, err := autoencoder.NewModel(p.Backend, m.Config, rounded)
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

// Codes returns n codes at which decoders are compared, [n, 2]. Half of them are codes of images, if there are that
// many. The others lie all over the plane.
func Codes(m *explorer.Model, n int) []float32 {
	last := m.Codes[len(m.Codes)-1]
	codes := slices.Clone(last[:min(n/2*2, len(last))])
	const side = 64
	grid := m.Plane.Grid(side)
	for _, i := range latent.Subsample(side*side, n-len(codes)/2, 0) {
		codes = append(codes, grid[2*i:2*i+2]...)
	}
	return codes
}

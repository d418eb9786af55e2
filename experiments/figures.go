package experiments

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/lib/augment"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/generate"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/training"
)

// SampleImages shows the first perClass training images of each class. Without labels it shows the first 10*perClass
// training images.
func SampleImages(l *Lab, perClass int) (*figure.Figure, error) {
	if !l.Data.Labelled() {
		f, err := figure.Grid(l.Data.Train.Head(10*perClass).Images, figure.GridOptions{Columns: perClass, Side: l.Data.Side()})
		if err == nil {
			f.Caption = "The first training images."
		}
		return f, err
	}
	f, err := figure.Samples(l.Data.Train.Images, l.Data.Train.Labels,
		figure.SamplesOptions{Names: l.Drawn(), PerClass: perClass, Side: l.Data.Side()})
	if err != nil {
		return nil, err
	}
	f.Caption = fmt.Sprintf("The first %d training images of each class.", perClass)
	return f, nil
}

// AugmentedImages shows the first training image of each class and its augmented form in four steps of training.
// Without labels it shows the first ten training images.
func AugmentedImages(l *Lab, c augment.Config) (*figure.Figure, error) {
	originals, names := oneOfEach(l, l.Data.Train)
	rows := []figure.Row{{Name: "original", Images: originals}}
	for step := range uint32(4) {
		images, err := c.Images(l.Backend, originals, l.Data.Side(), 0, step)
		if err != nil {
			return nil, err
		}
		rows = append(rows, figure.Row{Name: fmt.Sprintf("step %d", step+1), Images: images})
	}
	f, err := figure.Reconstructions(rows, figure.ReconstructionsOptions{Heads: names, Side: l.Data.Side()})
	if err != nil {
		return nil, err
	}
	f.Caption = fmt.Sprintf("%s, unchanged and as used in four steps of training, with flip %v and shift %d.", firstImages(l, "training"), c.Flip, c.Shift)
	f.Alt = f.Caption
	return f, nil
}

// mostShown is the largest number of classes in a figure with one image of each.
const mostShown = 30

// oneOfEach returns the first image of each class, [n, pixels], and the names of the classes. Without labels it returns
// the first ten images. It takes at most mostShown classes.
func oneOfEach(l *Lab, s dataset.Split) (images []uint8, names []string) {
	if !l.Data.Labelled() {
		for i := range min(10, s.Len()) {
			names = append(names, fmt.Sprint("image ", i+1))
		}
		return s.Head(len(names)).Images, names
	}
	for class, name := range l.Drawn()[:min(mostShown, len(l.Classes))] {
		if i := slices.Index(s.Labels, uint8(class)); i >= 0 {
			images = append(images, s.Image(i)...)
			names = append(names, name)
		}
	}
	return images, names
}

// firstImages describes in words which images of a split oneOfEach returns.
func firstImages(l *Lab, split string) string {
	if n := len(l.Classes); l.Data.Labelled() && n > mostShown {
		return fmt.Sprintf("The first %s image of each of the first %d of %d classes", split, mostShown, n)
	}
	if l.Data.Labelled() {
		return "The first " + split + " image of each class"
	}
	return "Each of the first " + split + " images"
}

// Diagram draws the layers of a model. A model of two levels, and one that is trained with several codes of each image, has no
// diagram.
func Diagram(c autoencoder.Config) (*figure.Figure, error) {
	if c.Levels == 2 || c.Samples > 1 {
		return nil, fmt.Errorf("the model has %d levels and %d codes per image in training, want one of each for a diagram", max(1, c.Levels), max(1, c.Samples))
	}
	loss := map[string]string{autoencoder.BCE: "cross-entropy", autoencoder.MSE: "squared error", autoencoder.Gaussian: "−log density, normal", autoencoder.Continuous: "−log density, continuous Bernoulli"}[c.Loss]
	output := "sigmoid"
	switch {
	case c.Normalised == autoencoder.UnitLength:
		output = "linear"
	case c.Loss == autoencoder.Continuous:
		output = "mean of the continuous Bernoulli"
	}
	prior := ""
	if c.Learned() {
		prior = "the learned prior"
	}
	return figure.Diagram(figure.DiagramOptions{
		Kind: c.Model, Input: c.Pixels(), Hidden: c.Hidden, Latent: c.Latent,
		Activation: c.Activation, Output: output, Loss: loss + ", summed over pixels", Beta: c.Beta, Prior: prior,
	})
}

// colours are the colours of the models in all figures of curves. Line and mark show the variant, such as the source of codes.
var colours = map[string]int{autoencoder.AE: 1, autoencoder.VAE: 3}

// The colours of what is compared with them.
const (
	colourPCA   = 9
	colourOther = 4
)

// Curves plots the losses of runs against epochs. The runs must have the same kind of loss.
func Curves(results ...*training.Result) (*figure.Figure, error) {
	reconstruction := figure.Chart{Title: "Reconstruction", X: "epoch", Y: "nats per image"}
	divergence := figure.Chart{Title: "KL", X: "epoch", Y: "nats per image"}
	names := Names(results...)
	variants := map[string]int{} // by model, so far
	for i, r := range results {
		model := r.Config.Model.Model
		test := figure.Series{Name: names[i] + ", test", Colour: colours[model], Variant: variants[model]}
		train := figure.Series{Name: names[i] + ", train", Colour: colours[model], Variant: variants[model] + 1}
		variants[model] += 2
		klTrain, klTest := train, test
		for _, h := range r.History {
			for _, s := range []struct {
				series *figure.Series
				y      float64
			}{
				{&train, h.Train.Reconstruction}, {&test, h.Test.Reconstruction}, {&klTrain, h.Train.KL}, {&klTest, h.Test.KL},
			} {
				s.series.X = append(s.series.X, float64(h.Epoch))
				s.series.Y = append(s.series.Y, s.y)
			}
		}
		reconstruction.Series = append(reconstruction.Series, train, test)
		if r.Config.Model.Model == autoencoder.VAE {
			divergence.Series = append(divergence.Series, klTrain, klTest)
		}
		if r.Config.Model.Loss == autoencoder.MSE {
			reconstruction.Y = "squared error per image"
		}
	}
	how := "with posterior means"
	if stops := func(r *training.Result) bool { return r.Config.Patience > 0 }; slices.ContainsFunc(results, stops) {
		how += ", or with drawn codes where training stops early"
	}
	charts := []figure.Chart{reconstruction}
	if len(divergence.Series) > 0 {
		charts = append(charts, divergence)
	}
	f, err := figure.Panels(charts, figure.PanelsOptions{})
	if err != nil {
		return nil, err
	}
	f.Caption = "Losses against the epoch. The training loss is the mean over the steps of an epoch, with drawn codes for a VAE. The test loss is computed after the epoch, " + how + "." + runsOf(results...)
	return f, nil
}

// plane says how codes are shown in two dimensions: as they are, or by their first two principal components.
type plane struct {
	x, y string // names of the axes
	pca  *latent.PCA
}

func planeOf(ctx context.Context, codes []float32, dim int) (*plane, error) {
	if dim == 2 {
		return &plane{x: "code 1", y: "code 2"}, nil
	}
	if dim == 1 {
		return &plane{x: "code", y: "share of the test set before it"}, nil
	}
	pca, err := latent.FitPCA(ctx, codes, dim, 2)
	if err != nil {
		return nil, metric.Because(err)
	}
	name := func(i int) string {
		return fmt.Sprintf("component %d of the codes (%.0f %% of variance)", i+1, 100*pca.Share[i])
	}
	return &plane{x: name(0), y: name(1), pca: pca}, nil
}

// project maps codes, [n, dim], to points in the plane, [n, 2].
func (p *plane) project(codes []float32, dim int) ([]float32, error) {
	switch {
	case p.pca != nil:
		return p.pca.Transform(codes)
	case dim == 1:
		points := make([]float32, 0, 2*len(codes))
		for i, c := range codes {
			points = append(points, c, float32(i)/float32(len(codes)))
		}
		return points, nil
	}
	return codes, nil
}

// centres maps cluster centres, [k, dim], to points in the plane, [k, 2].
func (p *plane) centres(centres []float64, dim int) ([]float64, error) {
	codes := make([]float32, len(centres))
	for i, c := range centres {
		codes[i] = float32(c)
	}
	projected, err := p.project(codes, dim)
	if err != nil {
		return nil, err
	}
	points := make([]float64, len(projected))
	for i, c := range projected {
		if points[i] = float64(c); dim == 1 && i%2 == 1 {
			points[i] = .5 // a centre of codes of one number has no height
		}
	}
	return points, nil
}

// panel shows the codes of the test images, coloured by class, with the centres of k-means fitted to the codes of the
// training images.
func panel(ctx context.Context, l *Lab, r *training.Result, title string) (figure.Panel, error) {
	s, err := lab.Subject(l, r)
	if err != nil {
		return figure.Panel{}, err
	}
	train, err := s.Codes(ctx, metric.Train)
	if err != nil {
		return figure.Panel{}, err
	}
	test, err := s.Codes(ctx, metric.Test)
	if err != nil {
		return figure.Panel{}, err
	}
	p, err := planeOf(ctx, train.Values, train.Dim)
	if err != nil {
		return figure.Panel{}, err
	}
	means, err := s.KMeans(ctx, l.K, metric.Train)
	if err != nil {
		return figure.Panel{}, err
	}
	panel := figure.Panel{Title: title, Labels: l.Data.Test.Labels, X: p.x, Y: p.y}
	if panel.Points, err = p.project(test.Values, test.Dim); err != nil {
		return figure.Panel{}, err
	}
	panel.Centres, err = p.centres(means.Centres, train.Dim)
	return panel, err
}

// CodeScatter shows the codes of the test images, one model per panel, coloured by class, with the centres of k-means
// fitted to the codes of the training images. Codes of more than 2 dimensions are shown by their first two principal
// components.
func CodeScatter(ctx context.Context, l *Lab, results ...*training.Result) (*figure.Figure, error) {
	var panels []figure.Panel
	names := Names(results...)
	for i, r := range results {
		panel, err := panel(ctx, l, r, names[i])
		if err != nil {
			return nil, err
		}
		panels = append(panels, panel)
	}
	f, err := figure.SmallMultiples(panels, figure.ScatterOptions{Names: l.Drawn(), Columns: min(2, len(panels)), NameClasses: true})
	if err != nil {
		return nil, err
	}
	f.Caption = fmt.Sprintf("Codes of the test images (VAE: posterior means)%s. Numbered crosses: centres of %d clusters that k-means finds in the codes of the training images.%s",
		l.OfClasses(", coloured by class (the classes were not used in training)"), l.K, runsOf(results...))
	return f, nil
}

// manifoldSide is the number of decoded images along each side of a manifold.
const manifoldSide = 18

// ManifoldFigure shows the images that the decoder makes of a grid of codes. For a VAE of two dimensions with the prior
// N(0, I) the grid lies at quantiles of this prior. Otherwise it lies at quantiles of the codes of the training images: along the two axes, or,
// where the code has more dimensions, along the first two principal components through the mean. Codes of one dimension
// are an error.
func ManifoldFigure(ctx context.Context, l *Lab, r *training.Result) (*figure.Figure, error) {
	m := r.Model
	dim := m.Config.Latent
	if dim < 2 {
		return nil, fmt.Errorf("codes have %d dimensions, want 2 or more for a manifold", dim)
	}
	var codes []float32
	x, y, how := "code 1", "code 2", "quantiles of the prior N(0, I)"
	grid := generate.PriorGrid(manifoldSide)
	if m.Config.Model != autoencoder.VAE || m.Config.Learned() || dim > 2 {
		s, err := lab.Subject(l, r)
		if err != nil {
			return nil, err
		}
		train, err := s.Codes(ctx, metric.Train)
		if err != nil {
			return nil, err
		}
		p, err := planeOf(ctx, train.Values, dim)
		if err != nil {
			return nil, err
		}
		points, err := p.project(train.Values, dim)
		if err != nil {
			return nil, err
		}
		x, y, how = p.x, p.y, "quantiles of the codes of the training images"
		if grid, err = generate.CodeGrid(points, 2, manifoldSide); err != nil {
			return nil, err
		}
		if p.pca != nil {
			if codes, err = p.pca.Inverse(grid); err != nil {
				return nil, err
			}
		}
	}
	if codes == nil {
		codes = grid
	}
	images, err := m.Decode(ctx, codes)
	if err != nil {
		return nil, err
	}
	o := figure.ManifoldOptions{Side: m.Config.ImageSide(), XName: x, YName: y}
	for i := range manifoldSide {
		o.X = append(o.X, float64(grid[2*i]))
		o.Y = append(o.Y, float64(grid[2*i*manifoldSide+1]))
	}
	f, err := figure.Manifold(autoencoder.Levels(images), o)
	if err != nil {
		return nil, err
	}
	f.Caption = fmt.Sprintf("%v: images decoded from a grid of codes at %s.%s", m.Config, how, runsOf(r))
	return f, nil
}

// Manifolds shows the manifolds of models side by side.
func Manifolds(ctx context.Context, l *Lab, results ...*training.Result) (*figure.Figure, error) {
	var figures []*figure.Figure
	var captions []string
	for _, r := range results {
		f, err := ManifoldFigure(ctx, l, r)
		if err != nil {
			return nil, err
		}
		figures = append(figures, f)
		captions = append(captions, f.Caption)
	}
	f, err := figure.Beside(figures, figure.BesideOptions{Titles: Names(results...)})
	if err == nil {
		f.Caption = strings.Join(captions, " ")
	}
	return f, err
}

// Reconstructions shows the first test image of each class and its reconstruction by each model. Without labels it
// shows the first ten test images.
func Reconstructions(ctx context.Context, l *Lab, results ...*training.Result) (*figure.Figure, error) {
	originals, heads := oneOfEach(l, l.Data.Test)
	rows := []figure.Row{{Name: "original", Images: originals}}
	names := Names(results...)
	for i, r := range results {
		images, err := r.Model.Reconstruct(ctx, originals)
		if err != nil {
			return nil, err
		}
		rows = append(rows, figure.Row{Name: names[i], Images: autoencoder.Levels(images)})
	}
	f, err := figure.Reconstructions(rows, figure.ReconstructionsOptions{Heads: heads, Side: l.Data.Side()})
	if err != nil {
		return nil, err
	}
	f.Caption = firstImages(l, "test") + " and its reconstruction (VAE: from the posterior mean)." + runsOf(results...)
	return f, nil
}

// priorSamples is the number of images in a figure of samples.
const priorSamples = 40

// PriorSamples shows images decoded from codes drawn from the prior. Models with the same prior and seed get the same codes.
func PriorSamples(ctx context.Context, l *Lab, results ...*training.Result) (*figure.Figure, error) {
	var figures []*figure.Figure
	titles := Names(results...)
	for _, r := range results {
		images, err := r.Model.Sample(ctx, priorSamples, r.Config.Seed)
		if err != nil {
			return nil, err
		}
		f, err := figure.Grid(autoencoder.Levels(images), figure.GridOptions{Columns: 8, Side: r.Config.Model.ImageSide()})
		if err != nil {
			return nil, err
		}
		figures = append(figures, f)
	}
	f, err := figure.Beside(figures, figure.BesideOptions{Titles: titles, Columns: 2})
	if err != nil {
		return nil, err
	}
	prior := "N(0, I). This is the prior of the VAE; an AE has none."
	if slices.ContainsFunc(results, func(r *training.Result) bool { return r.Config.Model.Learned() }) {
		prior = "the prior: N(0, I), or the one that a model has learned. An AE has no prior; its codes are from N(0, I)."
	}
	f.Caption = fmt.Sprintf("Images decoded from %d codes drawn from %s%s", priorSamples, prior, runsOf(results...))
	f.Alt = "Images decoded from drawn codes: " + strings.Join(titles, "; ")
	return f, nil
}

package explore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/subject"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/classifier"
	"fashionlatent/lib/cluster"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/explorer"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/points"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"

	"gonum.org/v1/gonum/mat"
)

// Sizes and thresholds of the explorer page.
const (
	explorerImages   = 1800 // test images of 28 x 28, if there are that many; proportionally fewer of images with more pixels
	explorerOthers   = 2000 // test images that are not on the page and set the threshold of holes, if there are that many
	explorerHoles    = .99  // share of these images that lie in no hole
	explorerPictures = 7    // images along each side of the plane that show the decoder after an epoch
	explorerSampled  = 2000 // codes that the decoder's weights are rounded for, besides those of the images
	explorerCompared = 1000 // codes, at least, at which the decoders of page and library are compared
	explorerRadius   = 3.04 // radius of the disc that holds 99 % of N(0, I) in 2 dimensions
	encoderSteps     = 8    // to which the encoder's weights are rounded, in the root mean square of a column
	classifierSteps  = 16   // the same of the classifier
)

// Page is the input of the latent explorer: pairs of models with codes of several sizes on one data set.
type Page struct {
	Images     *subject.Images
	Classes    []string               // names
	Classifier *classifier.Classifier // whose answers are shown; nil: none
	About      string                 // what the data set is, in a sentence; "" for Fashion-MNIST
	Source     string                 // what the models were trained on, in words
	Spaces     []PageSpace
	Progress   func(done int) // receives the number of models that are gathered; nil: nothing does
}

// PageSpace is a code size.
type PageSpace struct {
	Dim    int
	Models []PageModel
}

// PageModel is a model of the explorer.
type PageModel struct {
	Name   string
	Result *training.Result
	Epochs []int // that are shown, rising; the last one is the end of training
	At     func(epoch int) (*subject.Model, error)
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
		Source:  fmt.Sprintf("%s%s of the %s test images; %s. %s", cmp.Or(p.About, "Data: Fashion-MNIST. "), show.Count(len(some)), show.Count(test.Len()), p.Source, record.Made()),
	}
	if d.Labels == nil {
		d.Classes = nil
	}
	var err error
	if d.Far, err = p.far(ctx, d); err != nil {
		return nil, err
	}
	if d.Classifier, err = p.classifier(ctx); err != nil {
		return nil, err
	}
	done := 0
	for _, s := range p.Spaces {
		space := explorer.Space{Name: fmt.Sprintf("%d dimensions", s.Dim), Dim: s.Dim}
		for _, of := range s.Models {
			if p.Progress != nil {
				p.Progress(done)
			}
			done++
			m, err := p.model(ctx, of, d)
			if err != nil {
				return nil, fmt.Errorf("%s, d = %d: %w", of.Name, s.Dim, err)
			}
			space.Models = append(space.Models, *m)
		}
		d.Spaces = append(d.Spaces, space)
	}
	common(d.Spaces)
	return d, nil
}

// common removes the sources of codes and the clusters that some model lacks, because the page offers each for all models.
func common(spaces []explorer.Space) {
	counts, models := map[string]int{}, 0
	for _, s := range spaces {
		for _, m := range s.Models {
			models++
			for _, from := range m.Sources {
				counts["source "+from.Name]++
			}
			for _, c := range m.Clusters {
				counts["clusters "+c.Method]++
			}
		}
	}
	for _, s := range spaces {
		for i := range s.Models {
			m := &s.Models[i]
			m.Sources = slices.DeleteFunc(m.Sources, func(from explorer.Source) bool { return counts["source "+from.Name] < models })
			m.Clusters = slices.DeleteFunc(m.Clusters, func(c explorer.Clusters) bool { return counts["clusters "+c.Method] < models })
		}
	}
}

// far is the distance to the nearest of the page's images that 99 % of the other test images do not exceed. If the page shows all
// test images, each is compared with the others.
func (p *Page) far(ctx context.Context, d *explorer.Data) (float32, error) {
	test, pixels := p.Images.Data.Test, d.Side*d.Side
	shown := dataset.Floats(d.Images)
	var others []int
	for i := range test.Len() {
		if !slices.Contains(d.Places, i) {
			others = append(others, i)
		}
	}
	var distances []float64
	if len(others) == 0 {
		neighbours, err := points.Nearest(ctx, points.Matrix{X: shown, Dim: pixels}, points.Matrix{X: shown, Dim: pixels}, min(2, len(d.Places)))
		if err != nil {
			return 0, err
		}
		k := min(2, len(d.Places))
		for i := k - 1; i < len(neighbours.Distances); i += k {
			distances = append(distances, neighbours.Distances[i])
		}
	} else {
		rows := make([]int, 0, explorerOthers)
		for _, i := range latent.Subsample(len(others), explorerOthers, 0) {
			rows = append(rows, others[i])
		}
		var err error
		if distances, err = latent.NearestDistances(ctx, dataset.Floats(points.Rows(test.Images, pixels, rows)), shown, pixels); err != nil {
			return 0, err
		}
	}
	_, threshold, err := latent.Holes(distances, distances, explorerHoles)
	return float32(max(threshold, 1e-6)), err // equal images have a distance of 0
}

// classifier is the classifier with rounded weights; nil if there is none that the page can compute.
func (p *Page) classifier(ctx context.Context) (*explorer.Classifier, error) {
	k := p.Classifier
	if k == nil || p.Images.Data.Test.Side > 32 { // larger images are averaged first
		return nil, nil
	}
	accuracy, err := k.Accuracy(ctx, p.Images.Data.Test)
	if err != nil {
		return nil, err
	}
	all := explorer.Network{Layers: layers(k.Weights, "classifier/"), Hidden: "relu"}
	all.Round(classifierSteps)
	n := len(k.Config.Kernels)
	return &explorer.Classifier{Convolutions: all.Layers[:n], Layers: all.Layers[n:], Accuracy: accuracy}, nil
}

// model gathers what the explorer page shows of one model.
func (p *Page) model(ctx context.Context, of PageModel, d *explorer.Data) (*explorer.Model, error) {
	s, err := of.At(of.Epochs[len(of.Epochs)-1])
	if err != nil {
		return nil, err
	}
	c := s.Model.Config
	if !slices.Contains(explorer.Activations, c.Activation) || c.Normalised != "" || c.Loss == autoencoder.Continuous {
		return nil, fmt.Errorf("the explorer needs a model with an activation of %q and pixel values in [0, 1]; this one has %s, normalised %q, loss %s",
			explorer.Activations, c.Activation, c.Normalised, c.Loss)
	}
	m := &explorer.Model{Name: of.Name}
	if m.Codes, _, err = s.Model.Encode(ctx, d.Images); err != nil {
		return nil, err
	}
	m.Encoder = explorer.Network{Layers: layers(s.Model.Weights, "encoder/"), Hidden: c.Activation}
	m.Encoder.Round(encoderSteps)
	if err := p.sources(ctx, s, m); err != nil {
		return nil, err
	}
	if err := p.clusters(ctx, s, m, d); err != nil {
		return nil, err
	}
	if err := p.epochs(ctx, of, m, d); err != nil {
		return nil, err
	}
	m.Decoder = explorer.Network{Layers: layers(s.Model.Weights, "decoder/"), Hidden: c.Activation}
	sampled, err := Sampled(ctx, s, m, explorerSampled, 1)
	if err != nil {
		return nil, err
	}
	m.Decoder.RoundDecoder(append(sampled, m.Codes...))
	compared, difference, err := roundingDifference(ctx, s, m)
	if err != nil {
		return nil, err
	}
	m.About = fmt.Sprintf("Run %s. Images decoded from %d codes have pixel values within %d of 255 of those decoded with the exact weights.",
		of.Result.Run.Name(), compared, difference)
	return m, nil
}

// layers are the fully connected layers, and convolutions, whose names begin with a prefix. The log-variances of an encoder are
// left out.
func layers(weights autoencoder.Weights, prefix string) []explorer.Layer {
	var all []explorer.Layer
	for i, v := range weights {
		if strings.HasPrefix(v.Name, prefix) && strings.HasSuffix(v.Name, "/weights") && !strings.Contains(v.Name, "variance") {
			all = append(all, explorer.Layer{In: v.Shape[0], Out: v.Shape[1], Weights: v.Values, Bias: weights[i+1].Values})
		}
	}
	return all
}

// sources adds the distributions that codes can be drawn from.
func (p *Page) sources(ctx context.Context, s *subject.Model, m *explorer.Model) error {
	dim := s.Model.Config.Latent
	identity := make([]float32, dim*dim)
	for i := range dim {
		identity[i*dim+i] = 1
	}
	m.Sources = []explorer.Source{{Name: "N(0, I)", Weights: []float32{1}, Means: make([]float32, dim), Factors: identity}}
	for _, of := range []struct{ name, source string }{{"Gaussian fitted to the codes", metric.Gaussians}, {fmt.Sprintf("mixture of %d Gaussians fitted to the codes", s.K), metric.Mixtures}} {
		from, err := s.Source(ctx, of.source)
		if undefined(err) {
			continue
		}
		if err != nil {
			return err
		}
		fitted := from.(*cluster.Mixture)
		source := explorer.Source{Name: of.name, Weights: singles(fitted.Weights), Means: singles(fitted.Means)}
		for k := range fitted.K {
			var factor mat.Cholesky
			if !factor.Factorize(mat.NewSymDense(dim, fitted.Covariances[k*dim*dim:(k+1)*dim*dim])) {
				return fmt.Errorf("a covariance of the %s is not positive definite", of.name)
			}
			var lower mat.TriDense
			factor.LTo(&lower)
			for i := range dim {
				for j := range dim {
					source.Factors = append(source.Factors, float32(lower.At(i, j)))
				}
			}
		}
		m.Sources = append(m.Sources, source)
	}
	return nil
}

// clusters adds the clusters of the page's images: those of k-means and of a mixture, fitted to the training codes, and communities
// of the page's codes. They never use labels, which only give a cluster the colour of the class that it agrees with. A method
// that the data do not allow is left out.
func (p *Page) clusters(ctx context.Context, s *subject.Model, m *explorer.Model, d *explorer.Data) error {
	fitted := func(method string) func() ([]int, error) {
		return func() ([]int, error) {
			all, err := s.Clusters(ctx, metric.Clustering{Method: method, K: s.K, Fit: metric.Train}, metric.Test)
			if err != nil {
				return nil, err
			}
			found := make([]int, len(d.Places))
			for i, place := range d.Places {
				found[i] = all[place]
			}
			return found, nil
		}
	}
	for _, of := range []struct {
		method string
		find   func() ([]int, error)
	}{
		{metric.KMeans, fitted(metric.KMeans)},
		{metric.Mixture, fitted(metric.Mixture)},
		{metric.Communities, func() ([]int, error) {
			partition, err := cluster.Communities(ctx, m.Codes, s.Model.Config.Latent, cluster.CommunitiesConfig{K: s.K, Seed: s.Seed()})
			if err != nil {
				return nil, metric.Because(err)
			}
			return partition.Labels, nil
		}},
	} {
		found, err := of.find()
		if undefined(err) {
			continue
		}
		if err != nil {
			return err
		}
		place := make([]int, slices.Max(found)+1) // of a cluster in the order of the classes
		for i := range place {
			place[i] = i
		}
		if d.Labels != nil {
			_, order, err := cluster.Matched(d.Labels, found)
			if err != nil {
				return err
			}
			for i, c := range order {
				if c >= 0 {
					place[c] = i
				}
			}
		}
		c := explorer.Clusters{Method: of.method}
		for _, i := range found {
			c.Of = append(c.Of, uint8(place[i]))
		}
		m.Clusters = append(m.Clusters, c)
	}
	return nil
}

// epochs adds the maps, with the places of the images after each epoch, and what is known of each epoch.
func (p *Page) epochs(ctx context.Context, of PageModel, m *explorer.Model, d *explorer.Data) error {
	history, err := of.Result.Run.History()
	if err != nil {
		return err
	}
	until := [][]float32{}
	var models []*subject.Model
	for _, epoch := range of.Epochs {
		s, err := of.At(epoch)
		if err != nil {
			return err
		}
		codes, _, err := s.Model.Encode(ctx, d.Images)
		if err != nil {
			return err
		}
		e := explorer.Epoch{Number: epoch, Accuracy: -1, Loss: -1}
		for _, h := range history {
			if h.Epoch == epoch {
				e.Loss = h.Test.Total()
			}
		}
		if d.Labels != nil {
			if found, err := cluster.FitKMeans(ctx, codes, s.Model.Config.Latent, cluster.KMeansConfig{K: s.K, Seed: s.Seed()}); err == nil {
				if e.Accuracy, err = cluster.Accuracy(d.Labels, found.Labels); err != nil {
					return err
				}
			} else if ctx.Err() != nil {
				return err
			}
		}
		m.Epochs, until, models = append(m.Epochs, e), append(until, codes), append(models, s)
	}
	last := len(until) - 1
	m.Epochs, m.LastEpoch = m.Epochs[:last], m.Epochs[last]
	if m.Maps, err = maps(ctx, of.Result.Run, until, models[last].Model.Config.Latent); err != nil {
		return err
	}
	for i, s := range models[:last] {
		images, err := s.Model.Decode(ctx, CodesAt(m.Maps[0], m.Maps[0].Plane.Grid(explorerPictures)))
		if err != nil {
			return err
		}
		m.Epochs[i].Pictures = autoencoder.Levels(images)
	}
	return nil
}

// maps are the maps of a space, from the codes after each epoch: the plane itself, or principal components and t-SNE of the codes after
// the last epoch. The layout by t-SNE is kept with the run.
func maps(ctx context.Context, run *record.Run, codes [][]float32, dim int) ([]explorer.Map, error) {
	last := len(codes) - 1
	if dim == 2 {
		return []explorer.Map{{Name: "plane", Kind: explorer.Identity, Plane: explorer.Around(explorerRadius, codes...), Shown: codes[last], Until: codes[:last]}}, nil
	}
	pca, err := components(ctx, codes[last], dim)
	if err != nil {
		return nil, err
	}
	linear := explorer.Map{Name: "principal components", Kind: explorer.Linear, Origin: singles(pca.Mean), Axes: singles(pca.Components), Until: [][]float32{}}
	for _, v := range pca.Variance {
		linear.Spread = append(linear.Spread, float32(math.Sqrt(max(v, 0))))
	}
	first, err := pca.Head(2)
	if err != nil {
		return nil, err
	}
	for i, of := range codes {
		places, err := first.Transform(of)
		if err != nil {
			return nil, err
		}
		if i < last {
			linear.Until = append(linear.Until, places)
		} else {
			linear.Shown = places
		}
	}
	linear.Plane = explorer.Around(0, append(linear.Until, linear.Shown)...)
	n := len(linear.Shown) / 2
	if n < 10 {
		return []explorer.Map{linear}, nil // too few for a layout by neighbours
	}
	layout := explorer.Map{Name: "t-SNE", Kind: explorer.Layout}
	if layout.Shown, err = lab.Layout(ctx, run, codes[last], dim); err != nil {
		return nil, err
	}
	layout.Plane = explorer.Around(0, layout.Shown)
	return []explorer.Map{linear, layout}, nil
}

// components are the principal components of codes, [n, dim]. Those of one code are the axes.
func components(ctx context.Context, codes []float32, dim int) (*latent.PCA, error) {
	if len(codes) > dim {
		return latent.FitPCA(ctx, codes, dim, dim)
	}
	pca := &latent.PCA{Dim: dim, Variance: make([]float64, dim), Share: make([]float64, dim), Components: make([]float64, dim*dim)}
	for i, v := range codes {
		pca.Mean, pca.Components[i*dim+i] = append(pca.Mean, float64(v)), 1
	}
	return pca, nil
}

// CodesAt are the codes at places, [n, 2], of a map that is no layout, with the other components 0: [n, dim].
func CodesAt(m explorer.Map, places []float32) []float32 {
	if m.Kind == explorer.Identity {
		return places
	}
	dim := len(m.Origin)
	var codes []float32
	for i := 0; i < len(places); i += 2 {
		for j, c := range m.Origin {
			codes = append(codes, c+places[i]*m.Axes[j]+places[i+1]*m.Axes[dim+j])
		}
	}
	return codes
}

// Sampled returns at least n codes drawn from the sources of the page and places on the plane, [n, dim].
func Sampled(ctx context.Context, s *subject.Model, m *explorer.Model, n int, seed uint64) ([]float32, error) {
	var codes []float32
	for _, source := range []string{subject.Normal, metric.Gaussians, metric.Mixtures} {
		drawn, err := s.Draw(ctx, source, n/4, seed)
		if err != nil && !undefined(err) {
			return nil, err
		}
		codes = append(codes, drawn...)
	}
	side := int(math.Ceil(math.Sqrt(float64(n-len(codes)/s.Model.Config.Latent)))) + int(seed)
	return append(codes, CodesAt(m.Maps[0], m.Maps[0].Plane.Grid(max(side, 2)))...), nil
}

// roundingDifference is the largest difference, in grey levels, between images that the page decodes and those of the model, and the
// number of codes of which they were compared.
func roundingDifference(ctx context.Context, s *subject.Model, m *explorer.Model) (compared, most int, err error) {
	codes, err := Sampled(ctx, s, m, explorerCompared, 2)
	if err != nil {
		return 0, 0, err
	}
	exact, err := s.Model.Decode(ctx, codes)
	if err != nil {
		return 0, 0, err
	}
	there := autoencoder.Levels(m.Decoder.Decode(codes))
	for i, level := range autoencoder.Levels(exact) {
		most = max(most, int(level)-int(there[i]), int(there[i])-int(level))
	}
	return len(codes) / s.Model.Config.Latent, most, nil
}

// undefined says whether an error means that the data do not define what was asked for.
func undefined(err error) bool { return errors.As(err, new(metric.Undefined)) }

func singles(values []float64) []float32 {
	of := make([]float32, len(values))
	for i, v := range values {
		of[i] = float32(v)
	}
	return of
}

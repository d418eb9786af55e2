package experiments

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/experiments/subject"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/cluster"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/fashion"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"
)

// Names of the representations.
const (
	pixels       = "pixels"
	pcaWide      = "PCA, 16"
	pcaUnit      = "PCA, 50, unit length"
	aeWide       = "AE, 16"
	vaeWide      = "VAE, 16"
	aeBrightness = "AE, 16, brightness normalised"
	aeUnit       = "AE, 16, unit length"
	aeTogether   = "AE, 16, unit length, several encoders"
	pcaDescribed = "PCA, 30, gradients and square roots of pixels"
	confirmed    = pcaDescribed + ", seeds from 100"
)

// The methods that a representation can be given. Pixels have too many dimensions for full covariances. With 50
// components, full covariances take long. Only the methods on the graph of nearest neighbours can take several encoders
// together.
var (
	onPixels  = []string{metric.KMeans}
	onGraph   = []string{metric.Communities, metric.Refined}
	onMany    = slices.Concat(onPixels, onGraph)
	everyWays = metric.Methods
)

// representation describes each image by a few numbers. It is found without labels.
type representation struct {
	name     string
	methods  []string
	config   *training.Config // of the model that encodes; nil: principal components or pixels are used
	pca      int              // components; 0: the pixels themselves
	unit     bool             // each image is divided by its Euclidean length before the components are fitted
	encoders int              // trained with different seeds and used together; 0: one. Two seeds have no encoder in common
	parts    []description    // descriptions of the images whose components are used together; nil: the pixels
	starts   int              // of the search for communities; 0: the default
	first    int              // the first seed
}

func representations(s *lab.Setting) []representation {
	of := func(name, model string, change func(c *training.Config)) representation {
		c := s.Config(model, lab.Wide, 0)
		change(&c)
		return representation{name: name, methods: everyWays, config: &c}
	}
	squared := func(normalised string, epochs int) func(c *training.Config) {
		return func(c *training.Config) {
			*c = s.Classic(*c) // the methods' settings were chosen on codes of this recipe
			c.Model.Loss, c.Model.Normalised, c.Epochs = autoencoder.MSE, normalised, min(epochs, s.Scale.LongEpochs)
		}
	}
	plain := func(*training.Config) {}
	together := of(aeTogether, autoencoder.AE, squared(autoencoder.UnitLength, 15))
	together.methods, together.encoders = onGraph, s.Scale.Together
	parts := representation{name: pcaDescribed, methods: onGraph, pca: described.components, parts: described.parts, starts: described.starts}
	again := parts
	again.name, again.first = confirmed, 100
	return []representation{
		{name: pixels, methods: onPixels},
		{name: pcaWide, methods: everyWays, pca: lab.Wide},
		of(aeWide, autoencoder.AE, plain),
		of(vaeWide, autoencoder.VAE, plain),
		of(aeBrightness, autoencoder.AE, squared(autoencoder.Brightness, 20)),
		of(aeUnit, autoencoder.AE, squared(autoencoder.UnitLength, 15)),
		{name: pcaUnit, methods: onMany, pca: 50, unit: true},
		together,
		parts,
		again,
	}
}

// representationNamed returns the representation of that name, which must exist.
func representationNamed(s *lab.Setting, name string) representation {
	all := representations(s)
	return all[slices.IndexFunc(all, func(r representation) bool { return r.name == name })]
}

// on says whether the table of a data set, as Lab.Dataset names it, has the representation. Seeds on which nothing was
// chosen are of use only beside those on which something was.
func (r representation) on(data string) bool { return r.first == 0 || data == "" }

// clusteringOf says how a method finds clusters among all images.
func (r representation) clusteringOf(method string) metric.Clustering {
	how := metric.Clustering{Method: method, Fit: metric.All, Starts: r.starts}
	if method == metric.Mixture {
		how.Starts = 3
	}
	return how
}

// unitOf is the unit that scores methods on a representation of a data set, with encoders number set.
func (r representation) unitOf(l *Lab, derived string, set int, methods []string, splits []string) (unit, error) {
	data, err := l.Dataset(derived)
	if err != nil {
		return unit{}, err
	}
	s, err := lab.Metrics(l, data)
	if err != nil {
		return unit{}, err
	}
	u := unit{variant: r.name, derived: derived, seed: uint64(set)}
	for _, method := range methods {
		for _, split := range splits {
			u.metrics = append(u.metrics, s.Agreement(r.clusteringOf(method), split)...)
		}
	}
	if r.name == numbered && set < elsewhereSeeds(&l.Setting) && (data.Labelled() || derived == "") {
		u.metrics = append(u.metrics, s.Criteria(l.Scale.Numbers)...)
	}
	var jobs []lab.Job
	if r.config != nil {
		u.model, u.latent = r.config.Model.Model, r.config.Model.Latent
		for i := range max(1, r.encoders) {
			jobs = append(jobs, lab.Job{Config: withSeed(*r.config, set*max(1, r.encoders)+i), Derived: derived})
		}
	}
	switch {
	case r.parts != nil:
		u.slug, u.spec = "clusters", map[string]any{"pca": r.pca, "seed": set}
		for _, d := range r.parts {
			u.spec[d.name] = d.weight
		}
	case r.config == nil:
		u.slug, u.spec = "clusters", map[string]any{"pca": r.pca, "unit": r.unit, "seed": set}
	case r.encoders == 0:
		u.job = &jobs[0]
	default:
		var names []string
		for _, j := range jobs {
			run, _, err := l.RunOf(j.Derived, j.Config)
			if err != nil {
				return unit{}, err
			}
			names = append(names, run.Name())
		}
		u.slug, u.spec, u.needs = "clusters", map[string]any{"encoders": names, "seed": set}, jobs
	}
	u.subject = func(ctx context.Context, l *Lab) (any, error) {
		images, err := lab.Images(l, derived)
		if err != nil {
			return nil, err
		}
		var weights []float64
		for _, d := range r.parts {
			weights = append(weights, d.weight)
		}
		return subject.NewRepresentation(images, uint64(set), weights, func(ctx context.Context) ([]cluster.View, error) { return r.views(ctx, l, data, jobs) }), nil
	}
	return u, nil
}

// views returns a representation of all images of a data set, the training images before the test images. Each view is
// [n, dim]. Several encoders give several views.
func (r representation) views(ctx context.Context, l *Lab, data *dataset.Dataset, jobs []lab.Job) (views []cluster.View, err error) {
	images := slices.Concat(data.Train.Images, data.Test.Images)
	for _, j := range jobs {
		run, err := l.TrainOn(ctx, data, j.Config)
		if err != nil {
			return nil, err
		}
		x, _, err := run.Model.Encode(ctx, images)
		if err != nil {
			return nil, err
		}
		views = append(views, cluster.View{X: x, Dim: r.config.Model.Latent})
	}
	if r.config != nil {
		return views, nil
	}
	if r.parts != nil {
		return componentsOf(ctx, r.parts, r.pca, images, data.Side())
	}
	x := dataset.Floats(images)
	if r.unit {
		toUnitLength(x, data.Pixels())
	}
	if r.pca == 0 {
		return []cluster.View{{X: x, Dim: data.Pixels()}}, nil
	}
	pca, err := latent.FitPCA(ctx, x, data.Pixels(), r.pca)
	if err != nil {
		return nil, metric.Because(err)
	}
	x, err = pca.Transform(x)
	return []cluster.View{{X: x, Dim: r.pca}}, err
}

// toUnitLength divides each row of x, [n, dim], by its Euclidean length. Rows of zeros stay as they are.
func toUnitLength(x []float32, dim int) {
	for row := range slices.Chunk(x, dim) {
		var squares float64
		for _, v := range row {
			squares += float64(v) * float64(v)
		}
		if squares == 0 {
			continue
		}
		for i := range row {
			row[i] /= float32(math.Sqrt(squares))
		}
	}
}

// confusedMethod is the method whose clusters the table of classes against clusters shows.
const confusedMethod = metric.Refined

// clusteredData are the data sets of the tables of representations and methods: the lab's own, and MNIST beside
// Fashion-MNIST. Nothing is changed for MNIST.
func clusteredData(s *lab.Setting) []string {
	if s.Dataset == fashion.Name {
		return []string{"", lab.MNIST}
	}
	return []string{""}
}

// variantOn is the name of the variant of a representation of a data set, as Lab.Dataset names it.
func variantOn(data, representation string) string {
	if data == "" {
		return representation
	}
	return representation + ", " + data
}

// clusteringUnits are every representation with every method that it can be given, on training and test images
// together, and the same settings on other data. Without labels they are what the criteria for the number of clusters need.
func clusteringUnits(l *Lab) ([]unit, error) {
	if !l.Data.Labelled() {
		return numberUnits(l)
	}
	all, err := elsewhereUnits(l)
	if err != nil {
		return nil, err
	}
	for _, data := range clusteredData(&l.Setting) {
		for _, r := range representations(&l.Setting) {
			if !r.on(data) {
				continue
			}
			for seed := r.first; seed < r.first+l.Scale.ManySeeds; seed++ {
				u, err := r.unitOf(l, data, seed, r.methods, []string{metric.All, metric.Test})
				if err != nil {
					return nil, err
				}
				u.variant = variantOn(data, r.name)
				if r.name == aeTogether && data == "" && seed == 0 {
					s, err := lab.Metrics(l, l.Data)
					if err != nil {
						return nil, err
					}
					u.metrics = append(u.metrics, s.Confusion(r.clusteringOf(confusedMethod))...)
				}
				all = append(all, u)
			}
		}
	}
	return all, nil
}

func clusteringReport(rows score.Rows, s lab.Setting) (*report.Report, error) {
	r := &report.Report{}
	if s.Classes == nil {
		r.Note, r.Undrawn = "Without labels, no clusters can be scored. The criteria for their number need none.", []string{"accuracy", "confusion"}
		return r, number(r, rows, s)
	}
	for _, data := range clusteredData(&s) {
		if err := methodsTable(r, rows, s, data); err != nil {
			return nil, err
		}
	}
	mnist := ""
	if len(clusteredData(&s)) > 1 {
		mnist = " On MNIST nothing was chosen and nothing was changed."
	}
	r.Note = fmt.Sprintf("%[1]d clusters were found without labels among all %[2]s images. They are scored on all images and on the %[3]s test images. No run is left out. "+
		"The normalisations, the fixed number of clusters, the search, and the refinement with its threshold for linked communities were chosen after their accuracy on Fashion-MNIST was known. All methods except k-means and the plain mixture favour clusters of equal size. "+
		"Several encoders: %[4]d encoders that differ only in their seed; their graphs of neighbours are added up. No two seeds share an encoder. "+
		"Gradients and square roots of pixels: descriptions of the images that are not raw pixels; no model is trained for them, and the seeds differ only in the search for communities, which has %[5]d starts here and 3 elsewhere. Their settings were chosen on the seeds 0 to 4 of Fashion-MNIST, and then scored once with seeds from 100 and on MNIST. "+
		"The ACC of VMM (arXiv 2402.04412) cannot be compared with these: it fits up to 100 clusters and merges them by the labels."+mnist,
		s.K, show.Count(s.Train+s.Test), show.Count(s.Test), s.Scale.Together, described.starts)
	if err := confusion(r, rows, s); err != nil {
		return nil, err
	}
	r.Tables = append(r.Tables, elsewhereTable(rows))
	return r, number(r, rows, s)
}

// publishedImages is the number of images of Fashion-MNIST in which N2D (arXiv 1908.05968) and SPC (arXiv 2107.10692) found
// ten clusters, and publishedAccuracies are the published ACC.
const publishedImages = 70_000

var publishedAccuracies = []figure.Reference{{Name: "N2D .672", At: .672}, {Name: "SPC .679", At: .679}}

// methodsTable adds the table of representations and methods on a data set, as Lab.Dataset names it, and its chart.
func methodsTable(r *report.Report, rows score.Rows, s lab.Setting, data string) error {
	title, file, name, k := "Clusters by representation and method", "accuracy", "", s.K
	if data == lab.MNIST {
		title, file, name, k = title+" on MNIST, with unchanged settings", "accuracy-mnist", " of MNIST", 10
	}
	t := report.Table{Title: title, Columns: report.Labels("representation", "method", "seeds")}
	splits := []string{metric.All, metric.Test}
	for _, split := range splits {
		for _, of := range metric.Agreements {
			t.Columns = append(t.Columns, report.Column{Name: of + ", " + split, Score: true})
		}
	}
	accuracy := figure.DotChart{Title: "Accuracy", X: "ACC on all images" + name}
	information := figure.DotChart{Title: "Information", X: "NMI on all images" + name}
	for i, method := range everyWays {
		dots := figure.Dots{Name: method, Colour: []int{2, 5, 6, 9, 8}[i]} // not those of the models
		accuracy.Dots, information.Dots = append(accuracy.Dots, dots), append(information.Dots, dots)
	}
	for _, of := range representations(&s) {
		if !of.on(data) {
			continue
		}
		variant := variantOn(data, of.name)
		if seeds(rows, variant) == 0 {
			continue // the report is made in parts, and this one is to come
		}
		accuracy.Rows, information.Rows = append(accuracy.Rows, of.name), append(information.Rows, of.name)
		for _, method := range of.methods {
			cells := []report.Cell{report.Text(of.name), report.Text(method), report.Number(float64(seeds(rows, variant)), 0)}
			for _, split := range splits {
				for _, score := range metric.Agreements {
					cells = append(cells, report.Score(rows.Of(variant, metric.Agreement(method, score), split).Summary(), 3))
				}
			}
			t.Add(cells...)
		}
		for i, method := range everyWays {
			addDot(&accuracy.Dots[i], rows.Of(variant, metric.Agreement(method, metric.ACC), metric.All).Summary())
			addDot(&information.Dots[i], rows.Of(variant, metric.Agreement(method, metric.NMI), metric.All).Summary())
		}
	}
	r.Tables = append(r.Tables, t)
	end := sweepOf(&s, Clustering, s.Scale.ManySeeds)
	if data == "" {
		end += fmt.Sprintf(" In the row %q the seeds begin with 100.", confirmed) + oneSeed(&s, s.Scale.ManySeeds)
	}
	lines := ""
	if data == "" && s.Dataset == fashion.Name && s.Train+s.Test == publishedImages {
		accuracy.Lines = publishedAccuracies
		lines = " Dotted lines: the published ACC of N2D (arXiv 1908.05968) and SPC (arXiv 2107.10692) on the same images."
	}
	return dotCharts(r, file, []figure.DotChart{accuracy, information}, fmt.Sprintf("Agreement of %d clusters with the classes%s for each representation and method, on all images. On the pixels only k-means was used: full covariances of mixtures would be too large there, and on 50 components they take long. Several encoders, and several descriptions of an image, are used together only as graphs, in which communities were found.%s", k, name, lines)+end)
}

// confusion adds a table and a figure that count the images of each class in the cluster matched to each class. It
// notes of which classes the largest parts are in the same cluster.
func confusion(r *report.Report, rows score.Rows, s lab.Setting) error {
	t := report.Table{Title: fmt.Sprintf("Images of each class in the cluster assigned to it and in the other clusters: %s, %s, seed 0", aeTogether, confusedMethod),
		Columns: report.Labels(append([]string{"class"}, s.Classes...)...)}
	var counts [][]int
	most := map[int]int{} // by class
	for class, name := range s.Classes {
		cells, line := []report.Cell{report.Text(name)}, []int(nil)
		for stands := range s.Classes {
			of := rows.Of(aeTogether, metric.Confusion(class, stands), metric.All).Summary()
			if of.N() == 0 {
				cells = append(cells, report.Missing(of.Undefined))
				continue
			}
			cells, line = append(cells, report.Number(of.Mean(), 0)), append(line, int(of.Mean()))
		}
		t.Add(cells...)
		if len(line) == len(s.Classes) {
			counts = append(counts, line)
			most[class] = slices.Index(line, slices.Max(line))
		}
	}
	var shared []string
	for class := range s.Classes {
		for other := range class {
			a, knownA := most[other]
			b, knownB := most[class]
			if knownA && knownB && a == b {
				shared = append(shared, fmt.Sprintf("The largest part of %s and that of %s are in one cluster.", s.Classes[other], s.Classes[class]))
			}
		}
	}
	t.Note = strings.Join(shared, " ")
	r.Tables = append(r.Tables, t)
	if len(counts) < len(s.Classes) {
		r.Undrawn = append(r.Undrawn, "confusion")
		return nil
	}
	f, err := figure.Matrix(counts, figure.MatrixOptions{Rows: s.Drawn(), Columns: s.Drawn(), Y: "class", X: "cluster assigned to"})
	if err != nil {
		return fmt.Errorf("figure confusion: %w", err)
	}
	f.Caption = strings.TrimSpace(t.Title+". The darker a cell, the larger its share of the class. "+t.Note) + sweepOf(&s, Clustering, 1)
	r.Figures = append(r.Figures, report.Figure{Name: "confusion", Scores: true, Figure: f})
	return nil
}

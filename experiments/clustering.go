package experiments

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/cluster"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"
)

// clusterer finds clusters among points and says to which each belongs.
type clusterer struct {
	name string
	find func(ctx context.Context, p *points) ([]int, error)
}

// points are what clusters are looked for in, with a seed. Of several views of them all methods but those on the graph of neighbours
// take the first.
type points struct {
	views []cluster.View
	k     int // clusters
	seed  uint64
	found *cluster.Partition // once a method has looked for communities
}

func (p *points) communities(ctx context.Context) (*cluster.Partition, error) {
	if p.found != nil {
		return p.found, nil
	}
	first := p.views[0]
	var err error
	p.found, err = cluster.CommunitiesOfViews(ctx, p.views, cluster.CommunitiesConfig{K: p.k, Neighbours: min(50, len(first.X)/first.Dim/20), Seed: p.seed})
	return p.found, err
}

// clusterers choose among their starts by inertia, likelihood or modularity, never by accuracy.
var clusterers = []clusterer{
	{"k-means", func(ctx context.Context, p *points) ([]int, error) {
		m, err := cluster.FitKMeans(ctx, p.views[0].X, p.views[0].Dim, cluster.KMeansConfig{K: p.k, Seed: p.seed})
		if err != nil {
			return nil, err
		}
		return m.Labels, nil
	}},
	{"mixture", func(ctx context.Context, p *points) ([]int, error) {
		m, err := cluster.FitMixture(ctx, p.views[0].X, p.views[0].Dim, cluster.MixtureConfig{K: p.k, Restarts: 3, Seed: p.seed})
		if err != nil {
			return nil, err
		}
		return m.Predict(p.views[0].X)
	}},
	{"mixture, search", func(ctx context.Context, p *points) ([]int, error) {
		m, err := cluster.SearchMixture(ctx, p.views[0].X, p.views[0].Dim, cluster.SearchConfig{MixtureConfig: cluster.MixtureConfig{K: p.k, EqualWeights: true, Seed: p.seed}})
		if err != nil {
			return nil, err
		}
		return m.Predict(p.views[0].X)
	}},
	{"communities", func(ctx context.Context, p *points) ([]int, error) {
		c, err := p.communities(ctx)
		if err != nil {
			return nil, err
		}
		return c.Labels, nil
	}},
	{"communities, refined", func(ctx context.Context, p *points) ([]int, error) {
		c, err := p.communities(ctx)
		if err != nil {
			return nil, err
		}
		if c, err = c.Refine(ctx, p.views, cluster.RefineConfig{}); err != nil {
			return nil, err
		}
		return c.Labels, nil
	}},
}

// representation is a way to describe an image by a few numbers, found without labels.
type representation struct {
	name   string
	config *training.Config // of the model that encodes; nil: principal components, or the pixels
	pca    int              // components; 0: the pixels themselves
	unit   bool             // images are divided by their length before their components are taken
	views  int              // encoders that differ in their seed alone and are taken together; 0: one
}

func (l *Lab) representations() []representation {
	of := func(name, model string, change func(c *training.Config)) representation {
		c := l.Config(model, wide, 0)
		change(&c)
		return representation{name: name, config: &c}
	}
	squared := func(normalised string, epochs int) func(c *training.Config) {
		return func(c *training.Config) {
			*c = l.classic(*c) // with which the methods' settings were found
			c.Model.Loss, c.Model.Normalised, c.Epochs = autoencoder.MSE, normalised, min(epochs, l.Scale.LongEpochs)
		}
	}
	plain := func(*training.Config) {}
	together := of("", autoencoder.AE, squared(autoencoder.UnitLength, 15))
	together.views = min(5, l.Scale.ManySeeds)
	together.name = fmt.Sprintf("AE, %d, unit length, %d encoders", wide, together.views)
	return []representation{
		{name: "pixels"},
		{name: fmt.Sprintf("PCA, %d", wide), pca: wide},
		of(fmt.Sprintf("AE, %d", wide), autoencoder.AE, plain),
		of(fmt.Sprintf("VAE, %d", wide), autoencoder.VAE, plain),
		of(fmt.Sprintf("AE, %d, brightness normalised", wide), autoencoder.AE, squared(autoencoder.Brightness, 20)),
		of(fmt.Sprintf("AE, %d, unit length", wide), autoencoder.AE, squared(autoencoder.UnitLength, 15)),
		{name: "PCA, 50, unit length", pca: 50, unit: true},
		together,
	}
}

// clusteringJobs are the models that encode, each with every seed.
func clusteringJobs(l *Lab) []job {
	var jobs []job
	for _, r := range l.representations() {
		for seed := range l.Scale.ManySeeds {
			if r.config != nil {
				jobs = append(jobs, job{config: withSeed(*r.config, seed)})
			}
		}
	}
	return append(jobs, l.elsewhereJobs()...)
}

// clustering finds clusters in every representation by every method, among the training and test images together.
func clustering(ctx context.Context, l *Lab) (*Report, error) {
	parts := []string{"all", scored}
	report := &Report{Table: show.Table{
		Title:  "Clusters by representation and method",
		Header: []string{"representation", "method", "seeds", "ACC, all", "NMI, all", "ARI, all", "ACC, test", "NMI, test", "ARI, test"},
	}}
	accuracy := figure.DotChart{Title: "Accuracy", X: "ACC on all images"}
	information := figure.DotChart{Title: "Information", X: "NMI on all images"}
	for _, c := range clusterers {
		accuracy.Dots, information.Dots = append(accuracy.Dots, figure.Dots{Name: c.name}), append(information.Dots, figure.Dots{Name: c.name})
	}
	all := l.representations()
	for _, r := range all {
		scores := map[string]spread{}
		accuracy.Rows, information.Rows = append(accuracy.Rows, r.name), append(information.Rows, r.name)
		for seed := range l.Scale.ManySeeds {
			measures, err := l.clustered(ctx, r, seed)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", r.name, err)
			}
			for _, m := range measures {
				scores[m.Name+m.Split] = append(scores[m.Name+m.Split], m.Value)
			}
		}
		for _, c := range r.clusterers() {
			row := []string{r.name, c.name, fmt.Sprint(l.Scale.ManySeeds)}
			for _, part := range parts {
				for _, name := range c.measures() {
					row = append(row, scores[name+part].text(3))
				}
			}
			report.Table.Rows = append(report.Table.Rows, row)
		}
		for i, c := range clusterers {
			addDot(&accuracy.Dots[i], scores[clusterMeasure(c.name)+" ACC"+parts[0]])
			addDot(&information.Dots[i], scores[clusterMeasure(c.name)+" NMI"+parts[0]])
		}
	}
	report.Table.Note = fmt.Sprintf("%d clusters, found without labels among all %d images, scored on all of them and on the %d test images; every run counts. "+
		"The normalisations, the fixed number of clusters, the search, and the refinement with its bound on what is linked were kept after their accuracy on this data set had been seen; all methods but k-means and the plain mixture favour clusters of equal size. "+
		"Encoders together: those of a seed and of the seeds after it, whose graphs of neighbours are added up, so that runs share encoders.",
		l.K(), l.Data.Train.Len()+l.Data.Test.Len(), l.Data.Test.Len())
	confusion, counts, err := l.confusion(ctx, all[7], clusterers[4])
	if err != nil {
		return nil, err
	}
	elsewhere, err := l.elsewhere(ctx)
	if err != nil {
		return nil, err
	}
	report.More = append(report.More, confusion, elsewhere)
	return report, report.draw([]drawing{
		{"accuracy", func() (*figure.Figure, error) {
			f, err := figure.DotCharts([]figure.DotChart{accuracy, information}, 2)
			if err == nil {
				f.Caption = fmt.Sprintf("Agreement of %d clusters with the classes by representation and method, on all images. Pixels are too many for the full covariances of mixtures, and were given to k-means alone.", l.K()) +
					l.sweepOf("clustering", l.Scale.ManySeeds)
			}
			return f, err
		}},
		{"confusion", func() (*figure.Figure, error) {
			f, err := figure.Matrix(counts, figure.MatrixOptions{Rows: l.ClassNames(), Columns: confusion.Header[1:], Y: "class", X: "cluster that stands for"})
			if err == nil {
				f.Caption = confusion.Title + ". The darker a cell, the larger its share of the class. " + strings.TrimSpace(confusion.Note) + l.sweepOf("clustering", 1)
			}
			return f, err
		}},
	})
}

// addDot adds the mean and deviation of a score to a row of dots, nothing where there is no score.
func addDot(d *figure.Dots, s spread) {
	if len(s) == 0 {
		d.Values, d.Spread = append(d.Values, math.NaN()), append(d.Spread, 0)
		return
	}
	d.Values, d.Spread = append(d.Values, s.mean()), append(d.Spread, s.deviation())
}

// confusion is a table of classes against the clusters that stand for them, with the classes that share a cluster, and its counts.
func (l *Lab) confusion(ctx context.Context, r representation, c clusterer) (t show.Table, table [][]int, err error) {
	t = show.Table{Title: fmt.Sprintf("Images of each class in the cluster that stands for it and in the others: %s, %s, seed 0", r.name, c.name)}
	views, err := l.represent(ctx, l.Data, r, 0)
	if err != nil {
		return t, nil, err
	}
	clusters, err := c.find(ctx, &points{views: views})
	if err != nil {
		return t, nil, err
	}
	names := l.ClassNames()
	counts, order, err := cluster.Matched(l.classes(), clusters)
	if err != nil {
		return t, nil, err
	}
	t.Header = []string{"class"}
	for i, stands := range order {
		switch {
		case stands < 0:
			continue
		case i < len(names):
			t.Header = append(t.Header, names[i])
		default:
			t.Header = append(t.Header, fmt.Sprint("cluster ", stands))
		}
	}
	for class, row := range counts {
		cells, kept := []string{names[class]}, []int(nil)
		for i, n := range row {
			if order[i] >= 0 {
				cells, kept = append(cells, fmt.Sprint(n)), append(kept, n)
			}
		}
		t.Rows, table = append(t.Rows, cells), append(table, kept)
	}
	merged, err := cluster.Merged(l.classes(), clusters)
	if err != nil {
		return t, nil, err
	}
	for _, pair := range merged {
		t.Note += fmt.Sprintf("%s and %s have most of their images in one cluster. ", names[pair[0]], names[pair[1]])
	}
	return t, table, nil
}

func clusterMeasure(method string) string { return method + " among all" }

// measures are the names of a method's scores.
func (c clusterer) measures() []string {
	m := clusterMeasure(c.name)
	return []string{m + " ACC", m + " NMI", m + " ARI"}
}

// agreement of a method's clusters with classes, in a split or in all images.
func (c clusterer) agreement(split string, classes []uint8, clusters []int) ([]record.Measure, error) {
	scores, err := agreement(clusterMeasure(c.name), classes, clusters)
	for i := range scores {
		scores[i].Split = split
	}
	return scores, err
}

// clusterers are the methods that can be had on a representation: pixels are too many for full covariances, 50 components take them
// long, and only those on the graph of neighbours take several views.
func (r representation) clusterers() []clusterer {
	kMeans, onGraph := clusterers[:1], clusterers[3:]
	switch {
	case r.views > 0:
		return onGraph
	case r.config == nil && r.pca == 0:
		return kMeans
	case r.pca > wide:
		return slices.Concat(kMeans, onGraph)
	}
	return clusterers
}

// clustered are the scores of every method on a representation, kept once taken.
func (l *Lab) clustered(ctx context.Context, r representation, seed int) ([]record.Measure, error) {
	take := func() ([]record.Measure, error) {
		views, err := l.represent(ctx, l.Data, r, seed)
		if err != nil {
			return nil, err
		}
		p := &points{views: views, k: l.K(), seed: uint64(seed)}
		var all []record.Measure
		for _, c := range r.clusterers() {
			fmt.Fprintf(l.out, "%s, seed %d: %s\n", r.name, seed, c.name)
			clusters, err := c.find(ctx, p)
			if err != nil {
				return nil, err
			}
			train := l.Data.Train.Len()
			for _, part := range []struct {
				name     string
				classes  []uint8
				clusters []int
			}{{"all", l.classes(), clusters}, {scored, l.Data.Test.Labels, clusters[train:]}} {
				scores, err := c.agreement(part.name, part.classes, part.clusters)
				if err != nil {
					return nil, err
				}
				all = append(all, scores...)
			}
		}
		return all, nil
	}
	if r.config == nil {
		from := map[string]any{"clusters": l.K(), "pca": r.pca, "seed": seed}
		if r.unit {
			from["unit"] = true
		}
		return l.kept("clusters", from, 6*len(r.clusterers()), take)
	}
	if r.views > 0 {
		runs, err := l.encoders(ctx, l.Data, r, seed)
		if err != nil {
			return nil, err
		}
		var names []string
		for _, run := range runs {
			names = append(names, run.Run.Name())
		}
		return l.kept("clusters", map[string]any{"clusters": l.K(), "encoders": names, "seed": seed}, 6*len(r.clusterers()), take)
	}
	run, err := l.Train(ctx, withSeed(*r.config, seed))
	if err != nil {
		return nil, err
	}
	measures, err := l.measured(run, clusterMeasure(clusterers[len(clusterers)-1].name)+" ACC", take)
	return slices.DeleteFunc(measures, func(m record.Measure) bool { return m.Split == "train" }), err
}

// encoders are the models of a representation of a data set with a seed, and with those after it where it has several views. After the
// last seed comes the first.
func (l *Lab) encoders(ctx context.Context, data *dataset.Dataset, r representation, seed int) (runs []*training.Result, err error) {
	for i := range max(1, r.views) {
		run, err := l.train(ctx, data, withSeed(*r.config, (seed+i)%l.Scale.ManySeeds))
		if err != nil {
			return nil, err
		}
		runs = append(runs, run)
	}
	return runs, nil
}

// represent returns all images of a data set, training before test, in the views of a representation.
func (l *Lab) represent(ctx context.Context, data *dataset.Dataset, r representation, seed int) (views []cluster.View, err error) {
	images := slices.Concat(data.Train.Images, data.Test.Images)
	if r.config == nil {
		pixels := dataset.Floats(images)
		if r.unit {
			toUnitLength(pixels, data.Pixels())
		}
		if r.pca == 0 {
			return []cluster.View{{X: pixels, Dim: data.Pixels()}}, nil
		}
		pca, err := latent.FitPCA(pixels, data.Pixels(), r.pca)
		if err != nil {
			return nil, err
		}
		x, err := pca.Transform(pixels)
		return []cluster.View{{X: x, Dim: r.pca}}, err
	}
	runs, err := l.encoders(ctx, data, r, seed)
	if err != nil {
		return nil, err
	}
	for _, run := range runs {
		x, _, err := run.Model.Encode(ctx, images)
		if err != nil {
			return nil, err
		}
		views = append(views, cluster.View{X: x, Dim: r.config.Model.Latent})
	}
	return views, nil
}

// toUnitLength divides the rows of x, [n, dim], by their Euclidean lengths, but rows of zeros.
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

// classes are the labels of all images, training before test.
func (l *Lab) classes() []uint8 {
	return append(slices.Clone(l.Data.Train.Labels), l.Data.Test.Labels...)
}

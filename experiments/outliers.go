package experiments

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/fashion"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"
)

// outliers are images that do not belong to the data that models were trained on, and are to be distinguished from the test
// images of those data. Both are named by data sets, for Lab.Dataset.
type outliers struct {
	trained, name string // the data that were trained on, and the others: names in tables
	data, others  string // data sets
	variant       string // the end of the variant's name
}

// titles are the names of known data sets in tables.
var titles = map[string]string{fashion.Name: "Fashion-MNIST", fashion.MNIST: "MNIST"}

// counterpart is a data set of another kind of images, for Lab.Dataset, and its name in tables: MNIST for
// Fashion-MNIST, and printed digits for all other data.
func counterpart(s *lab.Setting) (data, name string) {
	if s.Dataset == fashion.Name {
		return lab.MNIST, titles[fashion.MNIST]
	}
	return lab.Printed + " 0", "printed digits"
}

// wholeOutliers are the outliers of models that are trained on whole data sets.
func wholeOutliers(s *lab.Setting) []outliers {
	own := cmp.Or(titles[s.Dataset], s.Dataset)
	other, name := counterpart(s)
	return []outliers{
		{own, name, "", other, ""},
		{name, own, other, "", ", " + name},
		{own, "upside-down", "", lab.UpsideDown, ""},
		{own, "noisy", "", lab.Noisy, ""},
	}
}

// leftOutName is the name of the images of classes that were left out of training.
const leftOutName = "class left out"

// leftOut is a class that is left out of a training with a seed.
type leftOut struct {
	class int
	seed  uint64
}

// leftOuts leaves out two classes with each seed, so that five seeds leave out each of ten classes once. With fewer
// than two classes there are none.
func leftOuts(s *lab.Setting) (all []leftOut) {
	k := len(s.Classes)
	if k < 2 {
		return nil
	}
	for seed := range s.Scale.Seeds {
		all = append(all, leftOut{seed % k, uint64(seed)}, leftOut{(seed + (k+1)/2) % k, uint64(seed)})
	}
	return all
}

// outliers are the images of the class that is left out.
func (o leftOut) outliers(s *lab.Setting) outliers {
	return outliers{"all but " + s.Drawn()[o.class], leftOutName, fmt.Sprint(lab.Without, " ", o.class), fmt.Sprint(lab.Only, " ", o.class), ", without " + s.Classes[o.class]}
}

// variantOf is the variant of a model for outliers.
func (o outliers) variantOf(model string) string { return referenceName(model, lab.Wide) + o.variant }

// sets are the test images of the data that were trained on, and the others. unmet says why the data do not define the
// outliers; "": they do.
func (o outliers) sets(l *Lab) (test, others metric.ImageSet, unmet string, err error) {
	data, err := l.Dataset(o.data)
	if err != nil {
		return test, others, "", err
	}
	from, err := l.Dataset(o.others)
	if err != nil {
		return test, others, "", err
	}
	switch unmet = untrainable(data, l.Config(autoencoder.AE, lab.Wide, 0)); {
	case unmet != "":
	case data.Side() != from.Side():
		unmet = fmt.Sprintf("images of %d x %[1]d and of %d x %[2]d do not compare", data.Side(), from.Side())
	case data.Test.Len() == 0 || from.Test.Len() == 0:
		unmet = "there are no test images, or no others"
	}
	of := func(d *dataset.Dataset) metric.ImageSet {
		part := d.Test.Head(l.Scale.Samples)
		return metric.ImageSet{Name: o.name, Data: d.Checksum, N: part.Len(), Images: part.Images}
	}
	return of(data), of(from), unmet, nil
}

// metrics are the metrics of outliers. If the data do not define them, they say why.
func (o outliers) metrics(l *Lab) ([]metric.Metric, error) {
	test, others, unmet, err := o.sets(l)
	if err != nil {
		return nil, err
	}
	data, err := l.Dataset(o.data)
	if err != nil {
		return nil, err
	}
	s, err := lab.Metrics(l, data)
	all := s.Outliers(test, others)
	for i := range all {
		all[i].Unmet = unmet
	}
	return all, err
}

// job is the training of a model for outliers.
func (o outliers) job(s *lab.Setting, model string, seed uint64) lab.Job {
	if o.data == "" {
		return s.ReferenceJob(model, lab.Wide, seed)
	}
	return lab.Job{Config: s.Config(model, lab.Wide, seed), Derived: o.data}
}

// outlierUnits are the models of both kinds that are trained on one data set with a seed. The metrics of all outliers
// of that data set are taken of them. If none is defined, nothing is trained.
func outlierUnits(l *Lab, seed uint64, of ...outliers) (all []unit, err error) {
	var metrics []metric.Metric
	for _, o := range of {
		some, err := o.metrics(l)
		if err != nil {
			return nil, err
		}
		metrics = append(metrics, some...)
	}
	defined := slices.ContainsFunc(metrics, func(m metric.Metric) bool { return m.Unmet == "" })
	for _, model := range lab.Models {
		u := unit{variant: of[0].variantOf(model), metrics: metrics, model: model, latent: lab.Wide, seed: seed, derived: of[0].data, slug: "untrained"}
		if defined {
			j := of[0].job(&l.Setting, model, seed)
			u.job = &j
		}
		all = append(all, u)
	}
	return all, nil
}

// outliersUnits are AE and VAE trained on the data set, on its counterpart, and on the data set without a class.
func outliersUnits(l *Lab) (all []unit, err error) {
	add := func(seed uint64, of ...outliers) {
		if err == nil {
			var some []unit
			some, err = outlierUnits(l, seed, of...)
			all = append(all, some...)
		}
	}
	other, _ := counterpart(&l.Setting)
	for _, data := range []string{"", other} {
		of := slices.DeleteFunc(wholeOutliers(&l.Setting), func(o outliers) bool { return o.data != data })
		for seed := range l.Scale.Seeds {
			add(uint64(seed), of...)
		}
	}
	for _, o := range leftOuts(&l.Setting) {
		add(o.seed, o.outliers(&l.Setting))
	}
	return all, err
}

// detected says how well the scores of a model detect outliers.
type detected struct {
	outliers
	model string
	runs  int
	by    func(score string) score.Summary // the AUROC of a score
}

// detectedBy lists how well each model detects each kind of outliers. The classes that are left out count as one kind.
func detectedBy(rows score.Rows, s *lab.Setting) (all []detected) {
	for _, o := range wholeOutliers(s) {
		for _, model := range lab.Models {
			variant := o.variantOf(model)
			all = append(all, detected{o, model, seeds(rows, variant), func(score string) score.Summary { return onTest(rows, variant, metric.AUROC(score, o.name)) }})
		}
	}
	for _, model := range lab.Models {
		runs := 0
		for _, class := range leftClasses(s) {
			runs += seeds(rows, class.variantOf(model))
		}
		all = append(all, detected{outliers{trained: "all but one class", name: leftOutName}, model, runs, func(of string) score.Summary {
			if leftOuts(s) == nil {
				return score.Summary{Undefined: "it needs labels of two classes"}
			}
			var together score.Rows
			for _, class := range leftClasses(s) {
				together = append(together, rows.Of(class.variantOf(model), metric.AUROC(of, leftOutName), metric.Test)...)
			}
			return together.Summary()
		}})
	}
	return all
}

// leftClasses are the classes that are left out, each once, in their order.
func leftClasses(s *lab.Setting) (all []outliers) {
	seen := map[int]outliers{}
	for _, o := range leftOuts(s) {
		seen[o.class] = o.outliers(s)
	}
	for _, class := range slices.Sorted(maps.Keys(seen)) {
		all = append(all, seen[class])
	}
	return all
}

// outlierTable has one row for each model and kind of outliers, with the AUROC of each score.
func outlierTable(title string, rows []detected) report.Table {
	t := report.Table{Title: title, Columns: report.Labels("trained on", "others", "model", "runs")}
	for _, of := range metric.OutlierScores {
		t.Columns = append(t.Columns, report.Column{Name: of, Score: true})
	}
	for _, line := range rows {
		cells := []report.Cell{report.Text(line.trained), report.Text(line.name), report.Text(name(line.model)), report.Number(float64(line.runs), 0)}
		for _, of := range metric.OutlierScores {
			cells = append(cells, report.Score(line.by(of), 3))
		}
		t.Add(cells...)
	}
	return t
}

// bestTable names the best and the worst score of each model for each kind of outliers, and the scores that take the
// others for more like the training images than the test images are, in every run.
func bestTable(rows []detected) report.Table {
	t := report.Table{Title: "The best and the worst score", Columns: slices.Concat(report.Labels("trained on", "others", "model", "best score"),
		[]report.Column{{Name: "its AUROC", Score: true}, {Name: "worst score"}, {Name: "AUROC of the worst", Score: true}, {Name: "below .5 in every run"}})}
	for _, line := range rows {
		var defined, wrong []string
		for _, of := range metric.OutlierScores {
			if s := line.by(of); s.N() > 0 {
				defined = append(defined, of)
				if slices.Max(s.Values) < .5 {
					wrong = append(wrong, of)
				}
			}
		}
		cells := []report.Cell{report.Text(line.trained), report.Text(line.name), report.Text(name(line.model))}
		if defined == nil {
			missing := report.Missing(line.by(metric.OutlierScores[0]).Undefined)
			t.Add(append(cells, missing, missing, missing, missing, missing)...)
			continue
		}
		byMean := func(a, b string) int { return cmp.Compare(line.by(a).Mean(), line.by(b).Mean()) }
		best, worst := slices.MaxFunc(defined, byMean), slices.MinFunc(defined, byMean)
		t.Add(append(cells, report.Text(best), report.Score(line.by(best), 3), report.Text(worst), report.Score(line.by(worst), 3), report.Text(cmp.Or(strings.Join(wrong, ", "), "none")))...)
	}
	return t
}

// outlierVerdicts compares how well the codes of the VAE and of the AE detect outliers. The classes that are left out are
// not compared: each has one training, so the runs differ by more than their seed.
func outlierVerdicts(rows score.Rows, s *lab.Setting) []report.Table {
	var claims []report.Claim
	of := map[string]outliers{} // by metric
	for _, o := range wholeOutliers(s) {
		for _, by := range []struct{ score, words string }{
			{metric.OfMixture, "a mixture fitted to its codes detects %s images better"}, {metric.OfNeighbour, "the distance to the 10th nearest code detects %s images better"},
		} {
			c := report.Claim{Words: fmt.Sprintf("trained on %s: "+by.words, o.trained, o.name), Metric: metric.AUROC(by.score, o.name), Digits: 3}
			c.What = c.Metric
			claims, of[c.Metric] = append(claims, c), o
		}
	}
	by := func(model string) func(string) score.Summary {
		return func(name string) score.Summary { return onTest(rows, of[name].variantOf(model), name) }
	}
	return report.Verdicts(claims, []report.Pair{{Name: sizeName(lab.Wide), First: by(autoencoder.AE), Second: by(autoencoder.VAE)}}, name(autoencoder.AE), name(autoencoder.VAE))
}

func outliersReport(rows score.Rows, s lab.Setting) (*report.Report, error) {
	all := detectedBy(rows, &s)
	r := &report.Report{Tables: []report.Table{outlierTable("How well scores detect outliers: AUROC", all), bestTable(all)}}
	var classes []detected
	for _, o := range leftClasses(&s) {
		for _, model := range lab.Models {
			variant := o.variantOf(model)
			classes = append(classes, detected{o, model, seeds(rows, variant), func(of string) score.Summary { return onTest(rows, variant, metric.AUROC(of, leftOutName)) }})
		}
	}
	if classes != nil {
		r.Tables = append(r.Tables, outlierTable("Each class left out: AUROC", classes))
	}
	r.Tables = append(r.Tables, outlierVerdicts(rows, &s)...)
	_, other := counterpart(&s)
	r.Note = fmt.Sprintf("AUROC: the share of pairs of a test image and another image in which the other has the larger score. 0.5 is chance. Below 0.5, the score rates the others as more like the training images than the test images. "+
		"Codes of %d dimensions, %d epochs. Of the test images of the data set that the model was trained on, and of the other images, at most %s each are used, the first ones. "+
		"Squared error and cross-entropy: of the reconstruction of an image (VAE: from the posterior mean). −ELBO and IWAE NLL: from %d codes of each image. "+
		"Mixture: the negative log-density of the code (VAE: the posterior mean) under a mixture of Gaussians fitted to the codes of the training images (%d Gaussians). Nearest code, 10th nearest code: the distance to this training code. "+
		"%s: its test images. Upside-down: the test images turned by 180 degrees. Noisy: the test images with normal noise of standard deviation %g (pixel values are 0 to 1), clipped. "+
		"A class left out: trained on the images of all other classes, tested against the test images of the class. Each seed leaves out two classes. For these rows, ± is over runs that differ in class and seed, so no claim about them is tested. The other lines have one run for each seed.",
		lab.Wide, s.Scale.Epochs, show.Count(s.Scale.Samples), metric.OutlierCodes, s.K, other, lab.NoiseDeviation)
	var charts []figure.DotChart
	for pair := range slices.Chunk(all, len(lab.Models)) {
		chart := figure.DotChart{Title: pair[0].name + "\ntrained on " + pair[0].trained, X: "AUROC", Rows: metric.OutlierScores, Lines: []figure.Reference{{At: 0}, {Name: "chance", At: .5}, {At: 1}}}
		for _, line := range pair {
			dots := figure.Dots{Name: name(line.model), Colour: colours[line.model]}
			for _, of := range metric.OutlierScores {
				addDot(&dots, line.by(of))
			}
			chart.Dots = append(chart.Dots, dots)
		}
		charts = append(charts, chart)
	}
	err := dotCharts(r, "auroc", charts, "How well each score tells other images from test images. The dotted lines are at 0, 0.5 (chance) and 1. Left of 0.5, the score rates the others as more like the training images than the test images. For classes that are left out, the bar is the standard deviation over the classes and seeds."+
		sweepOf(&s, Outliers, s.Scale.Seeds))
	picture(r, "histograms", "extremes")
	return r, err
}

// OutliersOf is a table of how well each score of a model tells other images from the test images. The others are the
// test images of a data set that is made of the lab's own, as Lab.Dataset names it.
func OutliersOf(ctx context.Context, l *Lab, r *training.Result, others string) (show.Table, error) {
	t := report.Table{Title: fmt.Sprintf("%v: AUROC, %s", r.Config.Model, others)}
	model, err := lab.Subject(l, r)
	if err != nil {
		return show.Table{}, err
	}
	metrics, err := outliers{name: others, others: others}.metrics(l)
	if err != nil {
		return show.Table{}, err
	}
	var cells []report.Cell
	for i, m := range metrics {
		s, err := m.Take(ctx, model)
		if err != nil {
			return show.Table{}, err
		}
		t.Columns = append(t.Columns, report.Column{Name: metric.OutlierScores[i]})
		if s.Undefined != "" {
			cells = append(cells, report.Missing(s.Undefined))
			continue
		}
		cells = append(cells, report.Number(s.Value, 3))
	}
	t.Add(cells...)
	return t.Show(), nil
}

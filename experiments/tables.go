package experiments

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/experiments/subject"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/fashion"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"
)

// comparedSizes are the code sizes that are compared.
var comparedSizes = []int{lab.Narrow, lab.Wide}

// column is a column of a table: a metric on the test images.
type column struct {
	head   string
	metric string
	digits int
}

// Columns that several tables share.
var (
	mseColumn          = column{"MSE", metric.MSE, 4}
	crossEntropyColumn = column{"cross-entropy", metric.CrossEntropy, 1}
	klColumn           = column{"KL", metric.KL, 1}
	boundColumn        = column{"−ELBO", metric.Bound, 1}
	nllColumn          = column{"IWAE NLL", metric.NLL, 1}
	activeColumn       = column{"active units", metric.ActiveUnits, 1}

	lossColumns    = []column{mseColumn, crossEntropyColumn, klColumn, boundColumn}
	kMeansColumns  = agreementColumns(metric.KMeans)
	mixtureColumns = agreementColumns(metric.Mixture)
	clusterColumns = slices.Concat(kMeansColumns, mixtureColumns)
)

// agreementColumns are the columns of the agreement between a method's clusters and the classes.
func agreementColumns(method string) (columns []column) {
	for _, score := range metric.Agreements {
		columns = append(columns, agreementColumn(method, score))
	}
	return columns
}

func agreementColumn(method, score string) column {
	name := metric.Agreement(method, score)
	return column{name, name, 3}
}

// generatedColumn is the column of one score of images decoded from a source of codes.
func generatedColumn(source, figure string) column {
	digits := 3
	if slices.Contains(metric.Distances, figure) {
		digits = 2
	}
	return column{sourceName(source) + " " + figure, metric.Generated(source, figure), digits}
}

// heads are the headings of columns.
func heads(columns []column) []string {
	var all []string
	for _, c := range columns {
		all = append(all, c.head)
	}
	return all
}

// newTable is an empty table. Its columns are labels, the number of seeds, and scores.
func newTable(title string, labels []string, columns []column) report.Table {
	t := report.Table{Title: title, Columns: append(report.Labels(labels...), report.Column{Name: "seeds"})}
	for _, c := range columns {
		t.Columns = append(t.Columns, report.Column{Name: c.head, Score: true})
	}
	return t
}

// addRow adds a row with the scores of a variant, summarised over its seeds.
func addRow(t *report.Table, rows score.Rows, variant string, columns []column, labels ...report.Cell) {
	cells := append(slices.Clone(labels), report.Number(float64(seeds(rows, variant)), 0))
	for _, c := range columns {
		cells = append(cells, report.Score(tested(rows, variant, c.metric), c.digits))
	}
	t.Add(cells...)
}

// tested summarises a metric of a variant on the test images over its seeds.
func tested(rows score.Rows, variant, name string) score.Summary {
	return rows.Of(variant, name, metric.Test).Summary()
}

// seeds is the number of seeds of a variant.
func seeds(rows score.Rows, variant string) int {
	seen := map[uint64]bool{}
	for _, r := range rows {
		if r.Variant == variant {
			seen[r.Seed] = true
		}
	}
	return len(seen)
}

// modelCells are the cells for a model's name and the size of its code.
func modelCells(model string, latent int) []report.Cell {
	return []report.Cell{report.Text(name(model)), report.Number(float64(latent), 0)}
}

// listed are numbers in words, such as "1, 2, 4".
func listed(numbers []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", ", "), "[]")
}

// point is a variant at a place on the x axis of a curve.
type point struct {
	variant string
	x       float64
}

// curve appends to s the mean of a metric for each point, with the standard deviation over the seeds. Variants for
// which the metric is undefined are left out.
func curve(rows score.Rows, s figure.Series, name string, points []point) figure.Series {
	return line(s, points, func(variant string) score.Summary { return tested(rows, variant, name) })
}

// line is curve for any summary of a variant's scores.
func line(s figure.Series, points []point, summary func(variant string) score.Summary) figure.Series {
	for _, p := range points {
		of := summary(p.variant)
		if of.N() == 0 {
			continue
		}
		deviation, _ := of.Deviation()
		s.X, s.Y, s.Spread = append(s.X, p.x), append(s.Y, of.Mean()), append(s.Spread, deviation)
	}
	return s
}

// panels draws the charts that have at least one point as a figure of the report. Without any such chart the figure
// is not drawn. A logarithmic axis has no place for values of 0, which are left out.
func panels(r *report.Report, file string, charts []figure.Chart, o figure.PanelsOptions, caption string) error {
	charts = slices.Clone(charts)
	for i, c := range charts {
		charts[i].Shares = slices.ContainsFunc([]string{metric.ACC, metric.NMI, metric.Coverage, "share"}, func(of string) bool { return strings.Contains(c.Y, of) })
		series := slices.Clone(c.Series)
		if c.LogY {
			charts[i].References = slices.DeleteFunc(slices.Clone(c.References), func(r figure.Reference) bool { return r.At <= 0 })
			for k, s := range series {
				series[k].X, series[k].Y, series[k].Spread = nil, nil, nil
				for at, y := range s.Y {
					if y > 0 {
						series[k].X, series[k].Y, series[k].Spread = append(series[k].X, s.X[at]), append(series[k].Y, y), append(series[k].Spread, s.Spread[at])
					}
				}
			}
		}
		charts[i].Series = slices.DeleteFunc(series, func(s figure.Series) bool { return len(s.X) == 0 })
	}
	charts = slices.DeleteFunc(charts, func(c figure.Chart) bool { return len(c.Series) == 0 })
	if len(charts) == 0 {
		r.Undrawn = append(r.Undrawn, file)
		return nil
	}
	f, err := figure.Panels(charts, o)
	if err != nil {
		return fmt.Errorf("figure %s: %w", file, err)
	}
	f.Caption = caption
	if !o.CommonY {
		f.Caption += ownRanges(charts, func(c figure.Chart) string { return c.Y })
	}
	r.Figures = append(r.Figures, report.Figure{Name: file, Scores: true, Figure: f})
	return nil
}

// ownRanges warns readers of charts that measure the same, as the names of their axes say, in different ranges.
func ownRanges[C any](charts []C, axis func(C) string) string {
	seen := map[string]bool{}
	for _, c := range charts {
		if seen[axis(c)] {
			return " Each panel has its own range of values."
		}
		seen[axis(c)] = true
	}
	return ""
}

// picture adds the names of pictures of models to the report's figures, at this place.
func picture(r *report.Report, names ...string) {
	for _, name := range names {
		r.Figures = append(r.Figures, report.Figure{Name: name})
	}
}

// name is the name of a model in tables and figures.
func name(model string) string { return strings.ToUpper(model) }

// referenceName is the name of the variant of a reference model.
func referenceName(model string, latent int) string {
	return autoencoder.Config{Model: model, Latent: latent}.String()
}

// withSeed is a configuration with a seed.
func withSeed(c training.Config, seed int) training.Config {
	c.Seed = uint64(seed)
	return c
}

// fittedNote says to which codes the sources of codes are fitted.
func fittedNote(s *lab.Setting) string {
	return fmt.Sprintf(" Gaussian and mixture (a small one, of %d Gaussians), as sources of codes: fitted to codes of the training images (VAE: one drawn from each posterior).", s.K)
}

// scored states which images and runs the scores of a table belong to.
func scored(s *lab.Setting, seeds int) string {
	spread := ""
	if seeds > 1 {
		spread = " Mean ± standard deviation over the seeds."
	}
	return fmt.Sprintf("Scores on the %s test images after %d epochs on %s training images; column n of scores.csv says where fewer images or codes were used.%s",
		show.Count(s.Test), s.Scale.Epochs, show.Count(s.Train), spread)
}

// note is scored, followed by what losses and clusters are.
func note(s *lab.Setting, seeds int) string {
	return scored(s, seeds) + fmt.Sprintf(" MSE: mean squared error per pixel. Cross-entropy, KL and −ELBO: nats per image. A VAE's reconstructions use the posterior mean. Its −ELBO, an upper bound of the negative log-likelihood, uses codes drawn from the posterior. For grey pixels, which are not binary, the likelihood is one in form only. "+
		"Clusters: %d, fitted without labels to the codes of the training images (VAE: posterior means).", s.K)
}

// sweepOf is the end of the caption of a chart of scores with their spread. It names the runs.
func sweepOf(s *lab.Setting, experiment string, seeds int) string {
	return sweepShowing(s, experiment, seeds, "mean and standard deviation")
}

// sweepShowing is sweepOf for a chart that shows something else of several seeds, in words.
func sweepShowing(s *lab.Setting, experiment string, seeds int, shown string) string {
	which := "seed 0"
	if seeds > 1 {
		which = fmt.Sprintf("%s over the seeds 0 to %d", shown, seeds-1)
	}
	return fmt.Sprintf(" Runs of the experiment %s at scale %s, %s.", experiment, s.Scale.Name, which)
}

// oneSeed is the end of the caption of a figure with agreements of clusters of one seed. It says how far seeds differ, so that
// noise is not taken for news. With several seeds, the figure shows it.
func oneSeed(s *lab.Setting, seeds int) string {
	if seeds > 1 {
		return ""
	}
	text := " One seed does not show how far seeds differ."
	if s.Dataset == fashion.Name {
		text += fmt.Sprintf(" Over the %d seeds of the published comparison, the standard deviation of ACC is %s to %s, and that of NMI %s to %s.", lab.Full.Seeds,
			decimals(seedDeviations.acc[0]), decimals(seedDeviations.acc[1]), decimals(seedDeviations.nmi[0]), decimals(seedDeviations.nmi[1]))
	}
	return text
}

// seedDeviations are the smallest and the largest standard deviation over seeds of the agreements of k-means and mixtures in
// results/comparison, to two decimals.
var seedDeviations = struct{ acc, nmi [2]float64 }{[2]float64{.01, .06}, [2]float64{.01, .02}}

// extractor is the variant of the feature extractors: the classifiers in whose features decoded images are compared.
const extractor = "feature extractors"

// extractorUnit scores the feature extractors: their accuracies, and the scores of training images in place of decoded ones.
func extractorUnit(l *Lab) (unit, error) {
	s, err := lab.Metrics(l, l.Data)
	if err != nil {
		return unit{}, err
	}
	return unit{variant: extractor, slug: "extractors", spec: map[string]any{"extractors": s.Features},
		metrics: append(s.Generation(metric.Floor), s.Accuracies()...),
		subject: func(_ context.Context, l *Lab) (any, error) {
			images, err := lab.Images(l, "")
			return subject.Extractor{Images: images}, err
		}}, nil
}

// extractorNote states how decoded images were compared, and what training images score.
func extractorNote(rows score.Rows) string {
	of := rows.Of(extractor, metric.Generated(metric.Floor, metric.FCD), metric.Test)
	if of.Summary().N() == 0 {
		return ""
	}
	var floors []string
	for _, f := range metric.Figures {
		floors = append(floors, f+" "+report.Score(tested(rows, extractor, metric.Generated(metric.Floor, f)), generatedColumn(metric.Floor, f).digits).String())
	}
	accuracy := func(name string) string {
		return report.Score(tested(rows, extractor, metric.Accuracy(name)), 3).String()
	}
	return fmt.Sprintf(" Decoded images: %s from each model are compared with equally many test images in the last hidden layer of a classifier. FCD is the Fréchet classifier distance in the features of a fully connected classifier with accuracy %s. "+
		"FCD (conv) is the same distance in the features of a convolutional classifier with accuracy %s. The other scores use the fully connected one. Both have seed 0. Equally many training images score %s.",
		show.Count(of[0].N), accuracy(metric.Connected), accuracy(metric.Convolutional), strings.Join(floors, ", "))
}

// floorLine adds to a chart a line at the score of training images.
func floorLine(rows score.Rows, c *figure.Chart, of string) {
	if floor := tested(rows, extractor, metric.Generated(metric.Floor, of)); floor.N() > 0 {
		c.References = append(c.References, figure.Reference{Name: metric.Floor, At: floor.Mean()})
	}
}

// sourceName is the name of a source of codes in tables and figures.
func sourceName(source string) string {
	switch source {
	case metric.Gaussians:
		return "Gaussian" // capitalised: it is the name of a person
	case metric.Selected:
		return "selected mixture"
	case metric.Encoded:
		return "codes themselves"
	}
	return source
}

// referenceUnits are the reference models of some sizes, with seeds from 0. The same metrics are taken of all.
func referenceUnits(l *Lab, sizes []int, seeds int, of func(s metric.Setting) []metric.Metric) ([]unit, error) {
	s, err := lab.Metrics(l, l.Data)
	if err != nil {
		return nil, err
	}
	var all []unit
	for _, j := range l.ReferenceJobs(sizes, seeds) {
		all = append(all, unit{variant: j.Config.Model.String(), job: &j, metrics: of(s)})
	}
	return all, nil
}

// clusterings are the clustering metrics of most tables: clusters are fitted to the codes of the training images and
// scored on the test images.
func clusterings(s metric.Setting) []metric.Metric {
	return slices.Concat(
		s.Agreement(metric.Clustering{Method: metric.KMeans, Fit: metric.Train}, metric.Test),
		s.Agreement(metric.Clustering{Method: metric.Mixture, Fit: metric.Train}, metric.Test))
}

// losses are the losses of the test images and the negative ELBO.
func losses(s metric.Setting) []metric.Metric { return append(s.Losses(), s.Bound()) }

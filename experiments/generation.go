package experiments

import (
	"context"
	"fmt"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/training"
)

// generationUnits are both models with every size of the code, and the feature extractor.
func generationUnits(l *Lab) ([]unit, error) {
	units, err := referenceUnits(l, l.Scale.LatentSizes, l.Scale.SweepSeeds, func(s metric.Setting) []metric.Metric { return s.Generation(metric.Sources...) })
	if err != nil {
		return nil, err
	}
	features, err := extractorUnit(l)
	return append(units, features), err
}

// sizePoints are the points of a curve of reference models over the size of their codes.
func sizePoints(s *lab.Setting, model string) (points []point) {
	for _, size := range s.Scale.LatentSizes {
		points = append(points, point{referenceName(model, size), float64(size)})
	}
	return points
}

// sourceSeries is the style of a curve. place is the place of the model, and i that of the source, among those
// compared.
func sourceSeries(place int, model string, i int, source string) figure.Series {
	return figure.Series{Name: name(model) + ", " + sourceName(source), Colour: 1 + place + 2*i, Dashed: source == metric.Prior}
}

// generationCharts plot the scores of images decoded from the codes of each source against the size of the code.
func generationCharts(rows score.Rows, s *lab.Setting, sources []string) []figure.Chart {
	charts := []figure.Chart{
		{Title: "Fréchet distance", X: "dimensions of the code", Y: "distance to the test images", LogX: true, LogY: true},
		{Title: "Coverage", X: "dimensions of the code", Y: "share of the test images", LogX: true},
	}
	for i, of := range []string{metric.Frechet, metric.Coverage} {
		for place, model := range lab.Models {
			for k, source := range sources {
				charts[i].Series = append(charts[i].Series, curve(rows, sourceSeries(place, model, k, source), metric.Generated(source, of), sizePoints(s, model)))
			}
		}
		floorLine(rows, &charts[i], of)
	}
	return charts
}

func generationReport(rows score.Rows, s lab.Setting) (*report.Report, error) {
	t := report.Table{Title: "Images decoded from drawn codes", Columns: report.Labels("model", "d", "source", "seeds")}
	for _, f := range metric.Figures {
		t.Columns = append(t.Columns, report.Column{Name: f, Score: true})
	}
	for _, model := range lab.Models {
		for _, size := range s.Scale.LatentSizes {
			for _, source := range metric.Sources {
				var columns []column
				for _, f := range metric.Figures {
					columns = append(columns, generatedColumn(source, f))
				}
				addRow(&t, rows, referenceName(model, size), columns, append(modelCells(model, size), report.Text(sourceName(source)))...)
			}
		}
	}
	r := &report.Report{Tables: []report.Table{t}, Note: fmt.Sprintf("Sources: the prior N(0, I), and a Gaussian and a mixture of %d fitted to the codes of the training images (VAE: to one sample from each posterior). ", s.K) +
		note(&s, s.Scale.SweepSeeds) + extractorNote(rows)}
	err := panels(r, "sweep", generationCharts(rows, &s, metric.Sources), figure.PanelsOptions{Columns: 2},
		"Scores of images decoded from codes of each source, compared with the test images, against the size of the code. The dotted line is the score of equally many training images."+sweepOf(&s, Generation, s.Scale.SweepSeeds))
	picture(r, "samples", "interpolations")
	return r, err
}

func generationPictures(ctx context.Context, l *Lab) (pictures, error) {
	ae, vae, err := l.Pair(ctx, lab.Wide, 0)
	return pictures{
		"samples":        func() (*figure.Figure, error) { return SourceSamples(ctx, l, ae, vae) },
		"interpolations": func() (*figure.Figure, error) { return Interpolations(ctx, l, ae, vae) },
	}, err
}

// SourceSamples shows images decoded from codes of every source, the models side by side.
func SourceSamples(ctx context.Context, l *Lab, results ...*training.Result) (*figure.Figure, error) {
	var figures []*figure.Figure
	var titles []string
	names := Names(results...)
	for _, source := range metric.Sources {
		for i, r := range results {
			f, err := Samples(ctx, l, r, source, priorSamples, r.Config.Seed)
			if err != nil {
				return nil, err
			}
			figures, titles = append(figures, f), append(titles, names[i]+", "+sourceName(source))
		}
	}
	f, err := figure.Beside(figures, figure.BesideOptions{Titles: titles, Columns: len(results)})
	if err == nil {
		f.Caption = fmt.Sprintf("Images decoded from %d codes of each source: N(0, I), a Gaussian, and a mixture of %d fitted to the codes of the training images.%s", priorSamples, l.K, runsOf(results...))
		f.Alt = f.Caption
	}
	return f, err
}

// Interpolations shows images decoded along the straight lines between the codes of two test images. The images are the
// first of each class, in pairs of different classes.
func Interpolations(ctx context.Context, l *Lab, results ...*training.Result) (*figure.Figure, error) {
	const steps = 11
	images, _ := oneOfEach(l, l.Data.Test)
	n := len(images) / l.Data.Pixels() / 2
	from, to := images[:n*l.Data.Pixels()], images[n*l.Data.Pixels():2*n*l.Data.Pixels()]
	if n == 0 {
		return nil, metric.Undefined{Reason: "it needs two test images, of different classes if there are labels"}
	}
	names := Names(results...)
	var rows []figure.Row
	for pair := range n {
		at := func(s []uint8) []uint8 { return s[pair*l.Data.Pixels() : (pair+1)*l.Data.Pixels()] }
		for i, r := range results {
			ends, _, err := r.Model.Encode(ctx, append(append([]uint8{}, at(from)...), at(to)...))
			if err != nil {
				return nil, err
			}
			dim := r.Config.Model.Latent
			codes, err := latent.Paths(ends[:dim], ends[dim:], dim, steps-1, latent.Linear)
			if err != nil {
				return nil, err
			}
			way, err := r.Model.Decode(ctx, codes)
			if err != nil {
				return nil, err
			}
			rows = append(rows, figure.Row{Name: names[i], Images: autoencoder.Levels(way)})
		}
	}
	var heads []string
	for s := range steps {
		heads = append(heads, fmt.Sprintf("%.1f", float64(s)/(steps-1)))
	}
	f, err := figure.Reconstructions(rows, figure.ReconstructionsOptions{Heads: heads, PerRow: steps, Side: l.Data.Side()})
	if err == nil {
		f.Caption = "Images decoded along straight lines between the codes of two test images. The pairs are formed from the first test image of each class. The numbers above the columns say how far along the line an image is." + runsOf(results...)
		f.Alt = f.Caption
	}
	return f, err
}

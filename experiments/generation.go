package experiments

import (
	"context"
	"fmt"
	"math"
	"slices"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/training"
)

// generationSources are the sources of codes that are compared.
var generationSources = append(slices.Clone(metric.Sources), metric.Selected, metric.Encoded)

// generationUnits are both models with every size of the code, and the feature extractors.
func generationUnits(l *Lab) ([]unit, error) {
	units, err := referenceUnits(l, l.Scale.LatentSizes, l.Scale.SweepSeeds, func(s metric.Setting) []metric.Metric {
		return append(s.Generation(generationSources...), s.SelectedComponents())
	})
	return withExtractors(l, units, err)
}

// sizePoints are the points of a curve of reference models over the size of their codes.
func sizePoints(s *lab.Setting, model string) (points []point) {
	for _, size := range s.Scale.LatentSizes {
		points = append(points, point{referenceName(model, size), float64(size)})
	}
	return points
}

// sourceSeries is the style of a curve: the colour shows the model, and line and mark the source.
func sourceSeries(model, source string) figure.Series {
	return figure.Series{Name: name(model) + ", " + sourceName(source), Colour: colours[model], Variant: slices.Index(generationSources, source)}
}

// generationCharts plot the scores of images decoded from the codes of each source against the size of the code: for each
// score, a chart for each group of models.
func generationCharts(rows score.Rows, s *lab.Setting, sources []string, groups ...[]string) (charts []figure.Chart) {
	for _, of := range shownOfImages {
		for _, models := range groups {
			chart := figure.Chart{Title: of, X: "dimensions of the code", Y: "distance to the test images", LogX: true, LogY: true}
			if of == metric.Coverage {
				chart.Title, chart.Y, chart.LogY = "Coverage", "share of the test images", false
			}
			if len(models) == 1 {
				chart.Title += ", " + name(models[0])
			}
			for _, model := range models {
				for _, source := range sources {
					chart.Series = append(chart.Series, curve(rows, sourceSeries(model, source), metric.Generated(source, of), sizePoints(s, model)))
				}
			}
			floorLine(rows, &chart, of)
			charts = append(charts, chart)
		}
	}
	return charts
}

func generationReport(rows score.Rows, s lab.Setting) (*report.Report, error) {
	t := report.Table{Title: "Images decoded from drawn codes", Columns: report.Labels("model", "d", "source", "seeds")}
	for _, f := range metric.ImageScores {
		t.Columns = append(t.Columns, report.Column{Name: f, Score: true})
	}
	for _, model := range lab.Models {
		for _, size := range s.Scale.LatentSizes {
			for _, source := range generationSources {
				var columns []column
				for _, f := range metric.ImageScores {
					columns = append(columns, generatedColumn(source, f))
				}
				addRow(&t, rows, referenceName(model, size), columns, append(modelCells(model, size), report.Text(sourceName(source)))...)
			}
		}
	}
	r := &report.Report{Tables: []report.Table{t, closest(rows, &s), selected(rows, &s)}}
	r.Note = fmt.Sprintf("Sources: the prior N(0, I); a Gaussian and a mixture of %d fitted to the codes of the training images; a mixture fitted to nine tenths of these codes, whose number of Gaussians is selected by the likelihood of the others; "+
		"and the codes themselves, which show what a perfect model of the distribution of the codes would reach. The codes of a VAE are one sample from each posterior. ", s.K) +
		scored(&s, s.Scale.SweepSeeds) + extractorNote(rows) +
		" The Inception network of the usual Fréchet distance is not used. It was trained on colour photographs of 299 x 299 pixels, and figures that it gave for Fashion-MNIST are not reproduced by others."
	err := panels(r, "sweep", generationCharts(rows, &s, generationSources, []string{autoencoder.AE}, []string{autoencoder.VAE}), figure.PanelsOptions{Columns: 2, CommonY: true},
		"Scores of images decoded from codes of each source, compared with the test images, against the size of the code. FCD: Fréchet classifier distance in the features of a fully connected and of a convolutional (conv) classifier. The dotted line is the score of equally many training images."+sweepOf(&s, Generation, s.Scale.SweepSeeds))
	picture(r, "samples", "interpolations")
	return r, err
}

// closest says which model, and which source of codes, gives images with the smaller Fréchet classifier distance at each size
// of the code. Where the two feature extractors do not agree, it names the answers of both.
func closest(rows score.Rows, s *lab.Setting) report.Table {
	t := report.Table{Title: "Smallest distance to the test images", Columns: report.Labels("compared")}
	for _, size := range s.Scale.LatentSizes {
		t.Columns = append(t.Columns, report.Labels(sizeName(size))...)
	}
	// add adds a row. of returns the names of what is compared, and the variant and the source of each.
	add := func(label string, names []string, of func(i, size int) (variant, source string)) {
		row := []report.Cell{report.Text(label)}
		for _, size := range s.Scale.LatentSizes {
			var answers []string
			reason := ""
			for _, distance := range metric.Distances {
				best, least := "", math.Inf(1)
				for i, name := range names {
					variant, source := of(i, size)
					found := onTest(rows, variant, metric.Generated(source, distance))
					if found.N() == 0 {
						reason = found.Undefined
					} else if found.Mean() < least {
						best, least = name, found.Mean()
					}
				}
				answers = append(answers, best)
			}
			switch {
			case reason != "":
				row = append(row, report.Missing(reason))
			case answers[0] == answers[1]:
				row = append(row, report.Text(answers[0]))
			default:
				row = append(row, report.Text(fmt.Sprintf("%s by %s only; %s by %s only", answers[0], metric.Distances[0], answers[1], metric.Distances[1])))
			}
		}
		t.Add(row...)
	}
	var models []string
	for _, model := range lab.Models {
		models = append(models, name(model))
	}
	for _, source := range generationSources {
		add("models, source: "+sourceName(source), models, func(i, size int) (string, string) { return referenceName(lab.Models[i], size), source })
	}
	fitted := generationSources[:len(generationSources)-1] // without the codes themselves
	var sources []string
	for _, source := range fitted {
		sources = append(sources, sourceName(source))
	}
	for _, model := range lab.Models {
		add("sources, model: "+name(model), sources, func(i, size int) (string, string) { return referenceName(model, size), fitted[i] })
	}
	t.Note = "By the means over the seeds, whatever their spread. The codes themselves are not compared with the other sources."
	return t
}

// selected is the table of the numbers of Gaussians of the selected mixtures.
func selected(rows score.Rows, s *lab.Setting) report.Table {
	t := report.Table{Title: "Gaussians in the selected mixture", Columns: report.Labels("model")}
	for _, size := range s.Scale.LatentSizes {
		t.Columns = append(t.Columns, report.Column{Name: sizeName(size), Score: true})
	}
	for _, model := range lab.Models {
		row := []report.Cell{report.Text(name(model))}
		for _, size := range s.Scale.LatentSizes {
			row = append(row, report.Score(rows.Of(referenceName(model, size), metric.SelectedComponents, metric.Train).Summary(), 0))
		}
		t.Add(row...)
	}
	t.Note = fmt.Sprintf("Among %s. Larger mixtures are tried until the held-out codes are less likely.", listed(metric.Components))
	return t
}

func generationPictures(ctx context.Context, l *Lab) (pictures, error) {
	ae, vae, err := l.Pair(ctx, lab.Wide, 0)
	return pictures{
		"samples":        func() (*figure.Figure, error) { return SourceSamples(ctx, l, ae, vae) },
		"interpolations": func() (*figure.Figure, error) { return Interpolations(ctx, l, ae, vae) },
	}, err
}

// SourceSamples shows images decoded from codes of every source of the generation experiment, the models side by side.
func SourceSamples(ctx context.Context, l *Lab, results ...*training.Result) (*figure.Figure, error) {
	return sourceSamples(ctx, l, generationSources, results...)
}

// sourceSamples is SourceSamples for some sources.
func sourceSamples(ctx context.Context, l *Lab, sources []string, results ...*training.Result) (*figure.Figure, error) {
	var figures []*figure.Figure
	var titles []string
	names := Names(results...)
	for _, source := range sources {
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
		selected := ""
		if slices.Contains(sources, metric.Selected) {
			selected = " The selected mixture has the number of Gaussians under which held-out codes are most likely."
		}
		f.Caption = fmt.Sprintf("Images decoded from %d codes of each source. The Gaussian and the mixture of %d are fitted to the codes of the training images.%s%s", priorSamples, l.K, selected, runsOf(results...))
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
			codes, err := latent.Paths(ends[:dim], ends[dim:], dim, steps-1)
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
		f.Caption = "Images decoded along straight lines between the codes of two test images. The pairs are formed from the first test images" + l.OfClasses(", one of each class") + ". The numbers above the columns say how far along the line an image is." + runsOf(results...)
		f.Alt = f.Caption
	}
	return f, err
}

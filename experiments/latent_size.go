package experiments

import (
	"context"
	"fmt"
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

// latentSizeSources are the sources of codes whose decoded images are scored against the size of the code.
var latentSizeSources = []string{metric.Prior, metric.Mixtures}

// pcaSizes are the numbers of principal components.
var pcaSizes = []int{1, 2, 4, 8, 16, 32, 64}

// latentSizeUnits are both models with every size of the code, the reconstruction by principal components, and the
// feature extractor.
func latentSizeUnits(l *Lab) ([]unit, error) {
	units, err := referenceUnits(l, l.Scale.LatentSizes, l.Scale.SweepSeeds, func(s metric.Setting) []metric.Metric {
		return slices.Concat(losses(s), clusterings(s), []metric.Metric{s.ActiveUnits()}, s.Generation(latentSizeSources...))
	})
	if err != nil {
		return nil, err
	}
	s, err := lab.Metrics(l, l.Data)
	if err != nil {
		return nil, err
	}
	var fitted *latent.PCA
	for _, size := range pcaSizes {
		mse := s.Loss(metric.MSE).With(fmt.Sprintf("components=%d", size))
		units = append(units, unit{variant: pcaName(size), slug: "pca", spec: map[string]any{"pca": pcaSizes}, latent: size, metrics: []metric.Metric{mse},
			subject: func(ctx context.Context, l *Lab) (any, error) {
				images, err := lab.Images(l, "")
				if err != nil {
					return nil, err
				}
				train, width := images.Pixels(metric.Train)
				if fitted == nil {
					fmt.Fprintln(l.Out, "principal components of the training images")
					if fitted, err = latent.FitPCA(ctx, train, width, slices.Max(pcaSizes)); err != nil {
						return nil, err
					}
				}
				test, _ := images.Pixels(metric.Test)
				return components{fitted, size, test}, nil
			}})
	}
	return withExtractors(l, units, err)
}

// components are principal components that reconstruct the test images, as a subject of metrics.
type components struct {
	*latent.PCA
	size int
	test []float32
}

// Loss is the MSE per pixel of the reconstructed test images. Every other loss is undefined.
func (c components) Loss(_ context.Context, name string) (float64, error) {
	if name != metric.MSE {
		return 0, metric.Undefined{Reason: "principal components have no " + name}
	}
	narrow, err := c.Head(c.size)
	if err != nil {
		return 0, metric.Because(err)
	}
	mse, err := narrow.ReconstructionMSE(c.test)
	return mse, metric.Because(err)
}

func pcaName(size int) string { return fmt.Sprintf("PCA, %d", size) }

func latentSizeReport(rows score.Rows, s lab.Setting) (*report.Report, error) {
	var generated []column
	for _, source := range latentSizeSources {
		for _, f := range shownOfImages {
			generated = append(generated, generatedColumn(source, f))
		}
	}
	columns := slices.Concat(lossColumns, clusterColumns, []column{activeColumn}, generated)
	t := newTable("Size of the code", []string{"model", "d"}, columns)
	t.Groups = []report.Group{{Title: GroupReconstruction, Columns: heads(append(slices.Clone(lossColumns), activeColumn))},
		{Title: GroupClusters, Columns: heads(clusterColumns)}, {Title: GroupGenerated, Columns: heads(generated)}}
	charts := []figure.Chart{}
	for _, c := range []struct{ title, y, metric string }{
		{"Squared error", "MSE per pixel", metric.MSE}, {"Cross-entropy", "nats per image", metric.CrossEntropy}, {"Dimensions in use", "active units", metric.ActiveUnits},
		{"Accuracy, k-means", "ACC", metric.Agreement(metric.KMeans, metric.ACC)}, {"Accuracy, mixture", "ACC", metric.Agreement(metric.Mixture, metric.ACC)},
		{"Information, mixture", "NMI", metric.Agreement(metric.Mixture, metric.NMI)},
	} {
		chart := figure.Chart{Title: c.title, X: "dimensions of the code", Y: c.y, LogX: true}
		for _, model := range lab.Models {
			chart.Series = append(chart.Series, curve(rows, figure.Series{Name: name(model), Colour: colours[model]}, c.metric, sizePoints(&s, model)))
		}
		if c.metric == metric.MSE {
			pca := figure.Series{Name: "PCA", Colour: colourPCA}
			for _, size := range pcaSizes {
				pca = curve(rows, pca, metric.MSE, []point{{pcaName(size), float64(size)}})
			}
			chart.Series = append(chart.Series, pca)
		}
		charts = append(charts, chart)
	}
	for _, model := range lab.Models {
		for _, size := range s.Scale.LatentSizes {
			addRow(&t, rows, referenceName(model, size), columns, modelCells(model, size)...)
		}
	}
	for _, size := range pcaSizes {
		cells := []report.Cell{report.Text("PCA"), report.Number(float64(size), 0), report.Number(float64(seeds(rows, pcaName(size))), 0)}
		for _, c := range columns {
			of := report.Missing("principal components are scored only by their squared error")
			if c == mseColumn {
				of = report.Score(onTest(rows, pcaName(size), metric.MSE), c.digits)
			}
			cells = append(cells, of)
		}
		t.Add(cells...)
	}
	r := &report.Report{Tables: []report.Table{t}, Note: note(&s, s.Scale.SweepSeeds) +
		" PCA is fitted to the training images. Active units: the dimensions of the code (VAE: of the posterior mean) whose variance over the test images is above 0.01." + extractorNote(rows) + fittedNote(&s)}
	sweep := sweepOf(&s, LatentSize, s.Scale.SweepSeeds)
	if err := panels(r, "sweep", charts, figure.PanelsOptions{Columns: 3}, "Scores on the test images against the size of the code. PCA: reconstruction by the same number of principal components."+sweep+oneSeed(&s, s.Scale.SweepSeeds)); err != nil {
		return nil, err
	}
	err := panels(r, "generation", generationCharts(rows, &s, latentSizeSources, lab.Models), figure.PanelsOptions{Columns: 3},
		fmt.Sprintf("Scores of images decoded from codes of the prior N(0, I) and of a mixture of %d Gaussians fitted to the codes, compared with the test images, against the size of the code. The dotted line is the score of equally many training images.", s.K)+sweep)
	picture(r, "reconstructions")
	return r, err
}

func latentSizePictures(ctx context.Context, l *Lab) (pictures, error) {
	return pictures{"reconstructions": func() (*figure.Figure, error) {
		var shown []*training.Result
		for _, model := range []string{autoencoder.AE, autoencoder.VAE} {
			for _, size := range l.Scale.LatentSizes {
				r, err := l.Reference(ctx, model, size, 0)
				if err != nil {
					return nil, err
				}
				shown = append(shown, r)
			}
		}
		return Reconstructions(ctx, l, shown...)
	}}, nil
}

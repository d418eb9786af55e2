package experiments

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

func latentSizeJobs(l *Lab) []job { return l.references(l.Scale.LatentSizes, l.Scale.SweepSeeds) }

// latentSizeSources are the sources of codes whose images are scored against the size of the code.
var latentSizeSources = []string{"prior", "mixture"}

// latentSize sweeps the size of the code for both models, beside the reconstruction by as many principal components.
func latentSize(ctx context.Context, l *Lab) (*Report, error) {
	columns := append(append([]column{}, lossColumns...), clusterColumns...)
	columns = append(columns, column{"active units", activeUnitsName, 1})
	for _, source := range latentSizeSources {
		columns = append(columns, column{source + " Fréchet", qualityName(source, "Fréchet"), 2}, column{source + " coverage", qualityName(source, "coverage"), 3})
	}
	report := &Report{Table: newTable("Size of the code", columns)}
	line, err := l.pcaLine()
	if err != nil {
		return nil, err
	}
	charts := []figure.Chart{
		{Title: "Squared error", Y: "MSE per pixel"}, {Title: "Cross-entropy", Y: "nats per image"}, {Title: "Dimensions in use", Y: "active units"},
		{Title: "Accuracy, k-means", Y: "ACC"}, {Title: "Accuracy, mixture", Y: "ACC"}, {Title: "Information, mixture", Y: "NMI"},
	}
	measures := []string{"mse", "cross-entropy", activeUnitsName, "k-means ACC", "mixture ACC", "mixture NMI"}
	drawn := []figure.Chart{{Title: "Fréchet distance", Y: "distance to the test images", LogY: true}, {Title: "Coverage", Y: "share of the test images"}}
	for _, c := range [][]figure.Chart{charts, drawn} {
		for i := range c {
			c[i].X, c[i].LogX = "dimensions of the code", true
		}
	}
	var shown []*training.Result
	for place, model := range comparedModels {
		var all []tried
		for _, size := range l.Scale.LatentSizes {
			scores, results, err := l.scores(ctx, model, size, l.Scale.SweepSeeds, l.Clusters, l.ActiveUnits, l.Generation)
			if err != nil {
				return nil, err
			}
			if model != autoencoder.VAE {
				delete(scores, activeUnitsName) // they are counted by the variance of the prior
			}
			addRow(&report.Table, results[0].Config.Model, l.Scale.SweepSeeds, columns, scores)
			all = append(all, tried{variant: variant{config: results[0].Config}, scores: scores})
			shown = append(shown, results[0])
		}
		size := func(_ int, t tried) float64 { return float64(t.config.Model.Latent) }
		for i, measure := range measures {
			if s := series(name(model), place+1, measure, size, all); len(s.X) > 0 {
				charts[i].Series = append(charts[i].Series, s)
			}
		}
		for i, source := range latentSizeSources {
			for k, of := range []string{"Fréchet", "coverage"} {
				s := series(name(model)+", "+source, 1+place+2*i, qualityName(source, of), size, all)
				s.Dashed = source == "prior"
				drawn[k].Series = append(drawn[k].Series, s)
			}
		}
	}
	pca := figure.Series{Name: "PCA", Dashed: true, Colour: 4}
	for i, size := range pcaSizes {
		pca.X, pca.Y = append(pca.X, float64(size)), append(pca.Y, line[i])
		row := make([]string, len(report.Table.Header))
		copy(row, []string{"PCA", fmt.Sprint(size), "–", fmt.Sprintf("%.4f", line[i])})
		for j := 4; j < len(row); j++ {
			row[j] = "–"
		}
		report.Table.Rows = append(report.Table.Rows, row)
	}
	charts[0].Series = append(charts[0].Series, pca)
	every := figure.Series{Name: "all dimensions", Dashed: true, Colour: 9}
	for _, size := range l.Scale.LatentSizes {
		every.X, every.Y = append(every.X, float64(size)), append(every.Y, float64(size))
	}
	charts[2].Series = append(charts[2].Series, every)
	judge, err := l.judge(ctx)
	if err != nil {
		return nil, err
	}
	judge.floor(&drawn[0], &drawn[1])
	report.Table.Note = l.note() + " PCA: fitted to the training images. Active units, of a VAE: the dimensions of the posterior mean whose variance over the test images is above 0.01." + judge.note()
	return report, report.draw([]drawing{
		{"sweep", func() (*figure.Figure, error) {
			f, err := panels(charts, 3)
			if err == nil {
				f.Caption = "Scores on the test images against the size of the code; PCA is the reconstruction by as many principal components. Dimensions in use are those of the VAE." +
					l.sweepOf("latent-size", l.Scale.SweepSeeds)
			}
			return f, err
		}},
		{"generation", func() (*figure.Figure, error) {
			f, err := panels(drawn, 2)
			if err == nil {
				f.Caption = fmt.Sprintf("Images decoded from codes of the prior N(0, I) and of a mixture of %d Gaussians fitted to the codes, beside the test images, against the size of the code. The dotted line is what as many training images score.", l.K()) +
					l.sweepOf("latent-size", l.Scale.SweepSeeds)
			}
			return f, err
		}},
		{"reconstructions", func() (*figure.Figure, error) { return l.Reconstructions(ctx, shown...) }},
	})
}

// pcaSizes are the numbers of principal components.
var pcaSizes = []int{1, 2, 4, 8, 16, 32, 64}

// name is how a model is called in tables and figures.
func name(model string) string { return strings.ToUpper(model) }

// kept returns measures of something that is not trained, kept like a run that is found by what they were made from: those
// kept before, if there are as many as wanted, else those that take takes now.
func (l *Lab) kept(slug string, from map[string]any, wanted int, take func() ([]record.Measure, error)) ([]record.Measure, error) {
	from["data"] = l.Data.Checksum
	run, err := l.Runs.Run(slug, from)
	if err != nil {
		return nil, err
	}
	if err := run.Create(); err != nil {
		return nil, err
	}
	measures, err := run.Measures()
	if err != nil || len(measures) == wanted {
		return measures, err
	}
	if measures, err = take(); err != nil {
		return nil, err
	}
	if err := run.AddMeasures(measures...); err != nil {
		return nil, err
	}
	manifest := record.NewManifest()
	manifest.State, manifest.Data, manifest.DataChecksum = record.Finished, l.Data.Name, l.Data.Checksum
	return measures, run.WriteManifest(manifest)
}

// pcaLine is the squared error per pixel on the test images of principal components of the training images, one value
// for each of pcaSizes.
func (l *Lab) pcaLine() ([]float64, error) {
	measures, err := l.kept("pca", map[string]any{"pca": pcaSizes}, len(pcaSizes), func() (all []record.Measure, err error) {
		fmt.Fprintln(l.out, "principal components of the training images")
		pca, err := latent.FitPCA(l.trainFloats(), l.Data.Pixels(), slices.Max(pcaSizes))
		if err != nil {
			return nil, err
		}
		test := dataset.Floats(l.Data.Test.Images)
		for _, size := range pcaSizes {
			narrow, err := pca.Head(size)
			if err != nil {
				return nil, err
			}
			mse, err := narrow.ReconstructionMSE(test)
			if err != nil {
				return nil, err
			}
			all = append(all, record.Measure{Name: pcaMeasure(size), Value: mse, Unit: "per pixel", Split: scored})
		}
		return all, nil
	})
	if err != nil {
		return nil, err
	}
	var line []float64
	for _, size := range pcaSizes {
		mse, err := value(measures, pcaMeasure(size))
		if err != nil {
			return nil, err
		}
		line = append(line, mse)
	}
	return line, nil
}

func pcaMeasure(size int) string { return fmt.Sprintf("mse of %d components", size) }

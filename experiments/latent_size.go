package experiments

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fashionlatent/lib/fashion"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

func latentSizeJobs(l *Lab) []job { return l.references(l.Scale.LatentSizes, l.Scale.SweepSeeds) }

// latentSize sweeps the size of the code for both models, beside the reconstruction by as many principal components.
func latentSize(ctx context.Context, l *Lab) (*Report, error) {
	columns := append(append([]column{}, lossColumns...), clusterColumns...)
	report := &Report{Table: newTable("Size of the code", columns)}
	line, err := l.pcaLine()
	if err != nil {
		return nil, err
	}
	charts := []figure.Chart{
		{Title: "Squared error", X: "dimensions of the code", Y: "MSE per pixel", LogX: true},
		{Title: "Cross-entropy", X: "dimensions of the code", Y: "nats per image", LogX: true},
		{Title: "Clusters, mixture", X: "dimensions of the code", Y: "accuracy (ACC)", LogX: true},
		{Title: "Clusters, mixture", X: "dimensions of the code", Y: "mutual information (NMI)", LogX: true},
	}
	measures := []string{"mse", "cross-entropy", "mixture ACC", "mixture NMI"}
	var shown []*training.Result
	for place, model := range comparedModels {
		series := make([]figure.Series, len(charts))
		for _, size := range l.Scale.LatentSizes {
			scores, results, err := l.scores(ctx, model, size, l.Scale.SweepSeeds, l.Clusters)
			if err != nil {
				return nil, err
			}
			addRow(&report.Table, results[0].Config.Model, l.Scale.SweepSeeds, columns, scores)
			for i := range series {
				s := scores[measures[i]]
				series[i].X = append(series[i].X, float64(size))
				series[i].Y = append(series[i].Y, s.mean())
				series[i].Spread = append(series[i].Spread, s.deviation())
			}
			shown = append(shown, results[0])
		}
		for i := range charts {
			series[i].Name, series[i].Colour = name(model), place+1
			charts[i].Series = append(charts[i].Series, series[i])
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
	report.Table.Note = l.note() + " PCA: fitted to the training images."
	return report, report.draw([]drawing{
		{"sweep", func() (*figure.Figure, error) {
			f, err := figure.Panels(charts, figure.PanelsOptions{Columns: 2})
			if err == nil {
				f.Caption = fmt.Sprintf("Scores on the test images against the size of the code, seeds: %d.", l.Scale.SweepSeeds)
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
		pca, err := latent.FitPCA(l.trainFloats(), fashion.Pixels, slices.Max(pcaSizes))
		if err != nil {
			return nil, err
		}
		test := fashion.Floats(l.Data.Test.Images)
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

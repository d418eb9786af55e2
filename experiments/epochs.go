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
	"fashionlatent/lib/figure"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/points"
	"fashionlatent/lib/training"
)

// longRun is the run of a model whose epochs are shown.
func longRun(s *lab.Setting, model string, latent int) lab.Job {
	j := lab.Job{Config: s.Config(model, latent, 0), Snapshots: s.Snapshots()}
	j.Config.Epochs = s.Scale.LongEpochs
	return j
}

// epochName is the name of the variant of a model after an epoch.
func epochName(model string, latent, epoch int) string {
	return fmt.Sprintf("%s, after epoch %d", referenceName(model, latent), epoch)
}

// momentClusterings are the metrics of clusters that are fitted to the codes of the test images after an epoch.
func momentClusterings(s metric.Setting) []metric.Metric {
	return slices.Concat(
		s.Agreement(metric.Clustering{Method: metric.KMeans, Fit: metric.Test}, metric.Test),
		s.Agreement(metric.Clustering{Method: metric.Mixture, Fit: metric.Test}, metric.Test))
}

// epochsUnits are one long run of each model with narrow and with wide codes, scored after some of its epochs.
func epochsUnits(l *Lab) ([]unit, error) {
	s, err := lab.Metrics(l, l.Data)
	if err != nil {
		return nil, err
	}
	var all []unit
	for _, size := range comparedSizes {
		for _, model := range lab.Models {
			j := longRun(&l.Setting, model, size)
			for _, epoch := range j.Snapshots {
				u := unit{variant: epochName(model, size, epoch), job: &j, subject: func(ctx context.Context, l *Lab) (any, error) {
					r, err := l.Train(ctx, j.Config, j.Snapshots...)
					if err != nil {
						return nil, err
					}
					return lab.Snapshot(l, r, epoch)
				}}
				for _, m := range append(momentClusterings(s), s.Loss(metric.MSE), s.Loss(metric.Total)) {
					u.metrics = append(u.metrics, m.With(fmt.Sprintf("epoch=%d", epoch)))
				}
				all = append(all, u)
			}
		}
	}
	return all, nil
}

func epochsReport(rows score.Rows, s lab.Setting) (*report.Report, error) {
	columns := []column{{"test loss", metric.Total, 1}, mseColumn, agreementColumn(metric.KMeans, metric.ACC), agreementColumn(metric.KMeans, metric.NMI),
		agreementColumn(metric.Mixture, metric.ACC), agreementColumn(metric.Mixture, metric.NMI)}
	t := newTable("Clusters of the latent space with the epochs of training", []string{"model", "d", "epoch"}, columns)
	var charts []figure.Chart
	for _, c := range []struct{ title, y, metric string }{
		{"Test loss", "nats per image", metric.Total}, {"Accuracy, k-means", "ACC", metric.Agreement(metric.KMeans, metric.ACC)}, {"Accuracy, mixture", "ACC", metric.Agreement(metric.Mixture, metric.ACC)},
		{"Squared error", "MSE per pixel", metric.MSE}, {"Information, k-means", "NMI", metric.Agreement(metric.KMeans, metric.NMI)}, {"Information, mixture", "NMI", metric.Agreement(metric.Mixture, metric.NMI)},
	} {
		chart := figure.Chart{Title: c.title, X: "epoch", Y: c.y, LogX: true}
		for _, size := range comparedSizes {
			for place, model := range lab.Models {
				var points []point
				for _, epoch := range s.Snapshots() {
					if epoch > 0 { // a logarithmic axis cannot show 0
						points = append(points, point{epochName(model, size, epoch), float64(epoch)})
					}
				}
				chart.Series = append(chart.Series, curve(rows, figure.Series{Name: referenceName(model, size), Colour: place + 1, Dashed: size == lab.Narrow}, c.metric, points))
			}
		}
		charts = append(charts, chart)
	}
	r := &report.Report{}
	for _, size := range comparedSizes {
		for _, model := range lab.Models {
			for _, epoch := range s.Snapshots() {
				addRow(&t, rows, epochName(model, size, epoch), columns, append(modelCells(model, size), report.Number(float64(epoch), 0))...)
			}
			picture(r, codesFile(model, size))
		}
	}
	r.Tables = []report.Table{t}
	r.Note = fmt.Sprintf("One run of %d epochs, seed 0, for each model and size. Scores on the %d test images. Test loss: nats per image; for a VAE it is the sum of the cross-entropy at the posterior mean and the KL. MSE: per pixel. "+
		"Clusters: %d, fitted without labels to the codes of the test images.", s.Scale.LongEpochs, s.Test, s.K)
	return r, panels(r, "measures", charts, 3, fmt.Sprintf("Losses on the test images, and agreement of clusters in their codes with the classes, against the epoch. One run of %d epochs for each model and size. "+
		"The test loss of a VAE includes the KL divergence; an AE has none.%s", s.Scale.LongEpochs, sweepOf(&s, Epochs, 1)))
}

// codesFile is the name of the file of the picture of a model's codes.
func codesFile(model string, latent int) string {
	if latent == lab.Narrow {
		return "codes-" + model
	}
	return fmt.Sprintf("codes-%s-%d", model, latent)
}

func epochsPictures(ctx context.Context, l *Lab) (pictures, error) {
	all := pictures{}
	for _, size := range comparedSizes {
		for _, model := range lab.Models {
			all[codesFile(model, size)] = func() (*figure.Figure, error) {
				j := longRun(&l.Setting, model, size)
				r, err := l.Train(ctx, j.Config, j.Snapshots...)
				if err != nil {
					return nil, err
				}
				return moments(ctx, l, r, j.Snapshots)
			}
		}
	}
	return all, nil
}

// momentPoints is the largest number of codes in a panel. The panels are small: with more points, the points would hide
// each other.
const momentPoints = 4000

// moments draws the codes of a run after some epochs on common axes. Codes of more than 2 dimensions are shown in the
// plane of the first two principal components of the last epoch's codes. The axes leave out the outermost half percent
// of an epoch's codes at each end.
func moments(ctx context.Context, l *Lab, r *training.Result, epochs []int) (*figure.Figure, error) {
	setting, err := lab.Metrics(l, l.Data)
	if err != nil {
		return nil, err
	}
	d, shown := r.Config.Model.Latent, latent.Subsample(l.Data.Test.Len(), momentPoints, r.Config.Seed)
	var panels []figure.Panel
	var p *plane
	for i := len(epochs) - 1; i >= 0; i-- { // the last one gives the plane
		s, err := lab.Snapshot(l, r, epochs[i])
		if err != nil {
			return nil, err
		}
		codes, err := s.Codes(ctx, metric.Test)
		if err != nil {
			return nil, err
		}
		if p == nil {
			if p, err = planeOf(codes.Values, d); err != nil {
				return nil, err
			}
			if p.pca != nil {
				p.x, p.y = fmt.Sprintf("component 1 (%.0f %%)", 100*p.pca.Share[0]), fmt.Sprintf("component 2 (%.0f %%)", 100*p.pca.Share[1])
			}
		}
		means, err := s.KMeans(ctx, l.K, metric.Test)
		if err != nil {
			return nil, err
		}
		title := fmt.Sprintf("epoch %d", epochs[i])
		var agreement []string
		for _, m := range setting.Agreement(metric.Clustering{Method: metric.KMeans, Fit: metric.Test}, metric.Test) {
			taken, err := m.Take(ctx, s)
			if err != nil {
				return nil, err
			}
			if of := strings.TrimPrefix(m.Name, metric.KMeans+" "); taken.Undefined == "" && of != metric.ARI { // there is no room for the ARI
				agreement = append(agreement, of+" "+decimals(taken.Value))
			}
		}
		loss, err := setting.Loss(metric.Total).Take(ctx, s)
		if err != nil {
			return nil, err
		}
		agreement = append(agreement, fmt.Sprintf("test %.1f", loss.Value))
		title += "\n" + strings.Join(agreement, "  ")
		panel := figure.Panel{Title: title, Labels: subject.LabelsAt(l.Data.Test, shown), X: p.x, Y: p.y}
		if panel.Points, err = p.project(points.Rows(codes.Values, d, shown), d); err != nil {
			return nil, err
		}
		if panel.Centres, err = p.centres(means.Centres, d); err != nil {
			return nil, err
		}
		panels = append(panels, panel)
	}
	slices.Reverse(panels)
	f, err := figure.SmallMultiples(panels, figure.ScatterOptions{Names: l.Classes, Columns: 4, Common: true, Trim: .005})
	if err != nil {
		return nil, err
	}
	f.Caption = fmt.Sprintf("%v: codes of %d test images after several epochs of one run, on common axes%s. Numbered crosses: centres of the %d clusters that k-means finds in the codes of all test images. "+
		"Above each panel: %sthe test loss.", r.Config.Model, len(shown), l.OfClasses(", coloured by class"), l.K, l.OfClasses("their agreement with the classes and "))
	if p.pca != nil {
		f.Caption += fmt.Sprintf(" All panels show the plane of the first two principal components of the codes after epoch %d. The axes give their shares of the variance at that epoch.", epochs[len(epochs)-1])
	}
	f.Caption += " Run " + r.Run.Name() + "."
	return f, nil
}

// decimals formats a share with two decimals and without a leading zero, as in .52.
func decimals(x float64) string { return strings.TrimPrefix(fmt.Sprintf("%.2f", x), "0") }

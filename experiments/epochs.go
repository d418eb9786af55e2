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
	"fashionlatent/lib/cluster"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/points"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"
)

// longRun is a run of a model whose epochs are shown.
func longRun(s *lab.Setting, model string, latent int, seed uint64) lab.Job {
	j := lab.Job{Config: s.Config(model, latent, seed), Snapshots: s.Snapshots()}
	j.Config.Epochs = s.Scale.LongEpochs
	return j
}

// epochName is the name of the variant of a model after an epoch.
func epochName(model string, latent, epoch int) string {
	return fmt.Sprintf("%s, after epoch %d", referenceName(model, latent), epoch)
}

// momentMethods are the methods that find clusters in the codes after an epoch. They are fitted to the codes of the test
// images, because the codes of all training images after many epochs would take communities too long.
var momentMethods = []string{metric.KMeans, metric.Mixture, metric.Communities}

// momentClustering says how a method finds clusters in the codes after an epoch.
func momentClustering(method string) metric.Clustering {
	return metric.Clustering{Method: method, Fit: metric.Test}
}

// epochsUnits are long runs of each model with narrow and with wide codes, with several seeds. They are scored after
// some of their epochs.
func epochsUnits(l *Lab) ([]unit, error) {
	s, err := lab.Metrics(l, l.Data)
	if err != nil {
		return nil, err
	}
	measured := []metric.Metric{s.Loss(metric.MSE), s.Loss(metric.CrossEntropy), s.Loss(metric.Total)}
	for _, method := range momentMethods {
		how := momentClustering(method)
		measured = slices.Concat(measured, s.Agreement(how, metric.Test), s.ClassShares(how, metric.Test))
	}
	var all []unit
	for _, size := range comparedSizes {
		for _, model := range lab.Models {
			for seed := range uint64(l.Scale.Seeds) {
				j := longRun(&l.Setting, model, size, seed)
				for _, epoch := range j.Snapshots {
					u := unit{variant: epochName(model, size, epoch), job: &j, subject: func(ctx context.Context, l *Lab) (any, error) {
						r, err := l.Train(ctx, j.Config, j.Snapshots...)
						if err != nil {
							return nil, err
						}
						return lab.Snapshot(l, r, epoch)
					}}
					for _, m := range measured {
						u.metrics = append(u.metrics, m.With(fmt.Sprintf("epoch=%d", epoch)))
					}
					all = append(all, u)
				}
			}
		}
	}
	return all, nil
}

func epochsReport(rows score.Rows, s lab.Setting) (*report.Report, error) {
	columns := []column{{"test loss", metric.Total, 1}, crossEntropyColumn, mseColumn}
	for _, method := range momentMethods {
		columns = append(columns, agreementColumn(method, metric.ACC), agreementColumn(method, metric.NMI))
	}
	t := newTable("Clusters of the latent space with the epochs of training", []string{"model", "d", "epoch"}, columns)
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
	runs := fmt.Sprintf("%d runs", s.Scale.Seeds)
	if s.Scale.Seeds == 1 {
		runs = "One run"
	}
	runs += fmt.Sprintf(" of %d epochs for each model and size", s.Scale.LongEpochs)
	r.Note = runs + fmt.Sprintf(". Scores on the %s test images. Test loss: nats per image; for a VAE it is the sum of the cross-entropy at the posterior mean and the KL. Cross-entropy: nats per image. MSE: per pixel. "+
		"Clusters: %d, fitted without labels to the codes of the test images after each of the epochs, for all methods and at every scale.", show.Count(s.Test), s.K)
	charts, below := []figure.Chart{epochsChart(rows, s, "Cross-entropy", "nats per image", metric.CrossEntropy)}, []figure.Chart{epochsChart(rows, s, "Squared error", "MSE per pixel", metric.MSE)}
	for _, method := range momentMethods {
		charts = append(charts, epochsChart(rows, s, "Accuracy, "+method, metric.ACC, metric.Agreement(method, metric.ACC)))
		below = append(below, epochsChart(rows, s, "Information, "+method, metric.NMI, metric.Agreement(method, metric.NMI)))
	}
	spread := ""
	if s.Scale.Seeds > 1 {
		spread = " Bands: one standard deviation over the seeds to each side of the mean."
	}
	end := " " + runs + "." + spread + sweepOf(&s, Epochs, s.Scale.Seeds) + oneSeed(&s, s.Scale.Seeds)
	if err := panels(r, "measures", append(charts, below...), figure.PanelsOptions{Columns: len(charts)}, "Reconstruction of the test images (VAE: from the posterior mean)"+s.OfClasses(", and agreement of clusters in their codes with the classes")+", against the epoch."+end); err != nil || s.Classes == nil {
		return r, err
	}
	r.Tables = append(r.Tables, classShares(rows, s))
	for _, method := range momentMethods {
		var charts []figure.Chart
		for class, name := range s.Drawn() {
			charts = append(charts, epochsChart(rows, s, name, "share", metric.ClassShare(method, class)))
		}
		if err := panels(r, "classes-"+method, charts, figure.PanelsOptions{Columns: 5, CommonY: true, Width: 220}, fmt.Sprintf("Share of the test images of each class in the cluster matched to the class, against the epoch. Clusters: %s.", method)+end); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// epochsChart shows a metric of each model and size against the epoch.
func epochsChart(rows score.Rows, s lab.Setting, title, y, of string) figure.Chart {
	chart := figure.Chart{Title: title, X: "epoch", Y: y, LogX: true}
	for _, size := range comparedSizes {
		for _, model := range lab.Models {
			var points []point
			for _, epoch := range s.Snapshots() {
				if epoch > 0 { // a logarithmic axis cannot show 0
					points = append(points, point{epochName(model, size, epoch), float64(epoch)})
				}
			}
			chart.Series = append(chart.Series, curve(rows, figure.Series{Name: referenceName(model, size), Colour: colours[model], Variant: slices.Index([]int{lab.Wide, lab.Narrow}, size), Band: true}, of, points))
		}
	}
	return chart
}

// classShares is the table of each class's share in the cluster matched to it, before training and after the last epoch.
// The figures show the epochs between.
func classShares(rows score.Rows, s lab.Setting) report.Table {
	t := report.Table{Title: "Share of each class in the cluster matched to it, before training and at the end", Columns: report.Labels("method", "model", "d", "epoch", "seeds")}
	for _, class := range s.Classes {
		t.Columns = append(t.Columns, report.Column{Name: class, Score: true})
	}
	for _, method := range momentMethods {
		for _, size := range comparedSizes {
			for _, model := range lab.Models {
				for _, epoch := range []int{0, s.Scale.LongEpochs} {
					variant := epochName(model, size, epoch)
					cells := append([]report.Cell{report.Text(method)}, modelCells(model, size)...)
					cells = append(cells, report.Number(float64(epoch), 0), report.Number(float64(seeds(rows, variant)), 0))
					for class := range s.Classes {
						cells = append(cells, report.Score(onTest(rows, variant, metric.ClassShare(method, class)), 2))
					}
					t.Add(cells...)
				}
			}
		}
	}
	t.Note = "Clusters are matched to classes one to one so that the accuracy is highest. Only this match and the scores use labels."
	return t
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
				j := longRun(&l.Setting, model, size, 0)
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
// plane of the first two principal components of the last epoch's codes. Clusters keep their numbers from epoch to epoch.
// The axes leave out the outermost half percent of an epoch's codes at each end.
func moments(ctx context.Context, l *Lab, r *training.Result, epochs []int) (*figure.Figure, error) {
	setting, err := lab.Metrics(l, l.Data)
	if err != nil {
		return nil, err
	}
	d, shown := r.Config.Model.Latent, latent.Subsample(l.Data.Test.Len(), momentPoints, r.Config.Seed)
	last, err := lab.Snapshot(l, r, epochs[len(epochs)-1])
	if err != nil {
		return nil, err
	}
	codes, err := last.Codes(ctx, metric.Test)
	if err != nil {
		return nil, err
	}
	p, err := planeOf(ctx, codes.Values, d)
	if err != nil {
		return nil, err
	}
	if p.pca != nil {
		p.x, p.y = fmt.Sprintf("component 1 (%.0f %%)", 100*p.pca.Share[0]), fmt.Sprintf("component 2 (%.0f %%)", 100*p.pca.Share[1])
	}
	var panels []figure.Panel
	var before *cluster.KMeans // of the epoch before
	for _, epoch := range epochs {
		s, err := lab.Snapshot(l, r, epoch)
		if err != nil {
			return nil, err
		}
		codes, err := s.Codes(ctx, metric.Test)
		if err != nil {
			return nil, err
		}
		means, err := s.KMeans(ctx, l.K, metric.Test)
		if err != nil {
			return nil, err
		}
		if before != nil {
			if means, err = means.Follow(before.Labels); err != nil {
				return nil, err
			}
		}
		before = means
		title := fmt.Sprintf("epoch %d", epoch)
		var agreement []string
		for _, m := range setting.Agreement(momentClustering(metric.KMeans), metric.Test) {
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
	f, err := figure.SmallMultiples(panels, figure.ScatterOptions{Names: l.Drawn(), Columns: 3, Common: true, Trim: .005, NameClasses: true})
	if err != nil {
		return nil, err
	}
	f.Caption = fmt.Sprintf("%v: codes of %s test images after several epochs of one run, on common axes%s. Numbered crosses: centres of the %d clusters that k-means finds in the codes of all test images. "+
		"From each panel to the next, clusters are matched one to one so that they share the most images, and matched clusters keep their number. Above each panel: %sthe test loss.", r.Config.Model, show.Count(len(shown)), l.OfClasses(", coloured by class"), l.K, l.OfClasses("their agreement with the classes and "))
	if p.pca != nil {
		f.Caption += fmt.Sprintf(" All panels show the plane of the first two principal components of the codes after epoch %d. The axes give their shares of the variance at that epoch.", epochs[len(epochs)-1])
	}
	f.Caption += " Run " + r.Run.Name() + "."
	if l.Scale.Seeds > 1 {
		f.Caption += " This is one seed; the table shows how far seeds differ."
	} else {
		f.Caption += oneSeed(&l.Setting, 1)
	}
	return f, nil
}

package experiments

import (
	"context"
	"fmt"
	"strings"

	"fashionlatent/lib/cluster"
	"fashionlatent/lib/fashion"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"
)

// shownEpochs are the epochs after which the codes are shown, as far as the run goes, with its last one.
var shownEpochs = []int{0, 1, 2, 5, 10, 20, 50, 100}

func (l *Lab) snapshots() []int {
	var all []int
	for _, epoch := range shownEpochs {
		if epoch < l.Scale.LongEpochs {
			all = append(all, epoch)
		}
	}
	return append(all, l.Scale.LongEpochs)
}

// epochsJobs are a long run of each model.
func epochsJobs(l *Lab) []job {
	var jobs []job
	for _, model := range comparedModels {
		j := job{config: l.Config(model, 2, 0), snapshots: l.snapshots()}
		j.config.Epochs = l.Scale.LongEpochs
		jobs = append(jobs, j)
	}
	return jobs
}

// epochs shows the codes of one run of each model, of 2 dimensions, as they form.
func epochs(ctx context.Context, l *Lab) (*Report, error) {
	report := &Report{Table: show.Table{
		Title:  "Clusters of the latent space with the epochs of training",
		Header: []string{"model", "d", "epoch", "test loss", "MSE", "k-means ACC", "k-means NMI"},
	}}
	charts := []figure.Chart{
		{Title: "Test loss", X: "epoch", Y: "nats per image"},
		{Title: "Accuracy of clusters", X: "epoch", Y: "ACC of k-means"},
		{Title: "Information of clusters", X: "epoch", Y: "NMI of k-means"},
	}
	jobs := epochsJobs(l)
	for place, model := range comparedModels {
		c := jobs[place].config
		r, err := l.Train(ctx, c, jobs[place].snapshots...)
		if err != nil {
			return nil, err
		}
		series := make([]figure.Series, len(charts))
		var panels []figure.Panel
		for _, epoch := range l.snapshots() {
			s, err := l.snapshot(ctx, r, epoch)
			if err != nil {
				return nil, err
			}
			report.Table.Rows = append(report.Table.Rows, []string{name(model), "2", fmt.Sprint(epoch),
				fmt.Sprintf("%.1f", s.loss), fmt.Sprintf("%.4f", s.mse), fmt.Sprintf("%.3f", s.acc), fmt.Sprintf("%.3f", s.nmi)})
			panels = append(panels, s.panel)
			for i, y := range []float64{s.loss, s.acc, s.nmi} {
				if i == 0 && epoch == 0 {
					continue // the loss before training would hide all others
				}
				series[i].X, series[i].Y = append(series[i].X, float64(epoch)), append(series[i].Y, y)
			}
		}
		for i := range charts {
			series[i].Name, series[i].Colour = name(model), place+1
			charts[i].Series = append(charts[i].Series, series[i])
		}
		err = report.draw([]drawing{{"codes-" + model, func() (*figure.Figure, error) {
			f, err := figure.SmallMultiples(panels, figure.ScatterOptions{Names: l.ClassNames(), Columns: 4})
			if err == nil {
				f.Caption = fmt.Sprintf("%v: codes of the test images after some epochs of one run, with the centres of 10 clusters that k-means finds in them.", c.Model)
			}
			return f, err
		}}})
		if err != nil {
			return nil, err
		}
	}
	report.Table.Note = fmt.Sprintf("One run of %d epochs, seed 0, of each model. Scores on the %d test images; test loss: nats per image, of a VAE the negative ELBO from the posterior mean; MSE: per pixel. "+
		"Clusters: 10, fitted without labels to the codes of the test images.", l.Scale.LongEpochs, l.Data.Test.Len())
	return report, report.draw([]drawing{{"measures", func() (*figure.Figure, error) {
		f, err := figure.Panels(charts, figure.PanelsOptions{})
		if err == nil {
			f.Caption = "Test loss and agreement of clusters with classes against epochs."
		}
		return f, err
	}}})
}

// snapshot is what is shown of a run after an epoch.
type snapshot struct {
	panel               figure.Panel
	loss, mse, acc, nmi float64
}

func (l *Lab) snapshot(ctx context.Context, r *training.Result, epoch int) (*snapshot, error) {
	m, err := r.Snapshot(epoch)
	if err != nil {
		return nil, err
	}
	codes, _, err := m.Encode(ctx, l.Data.Test.Images)
	if err != nil {
		return nil, err
	}
	score, err := m.Score(ctx, l.Data.Test.Images)
	if err != nil {
		return nil, err
	}
	means, err := cluster.FitKMeans(ctx, codes, m.Config.Latent, cluster.KMeansConfig{K: fashion.Classes, Seed: r.Config.Seed})
	if err != nil {
		return nil, err
	}
	agree, err := agreement(methods[0], l.Data.Test.Labels, means.Labels)
	if err != nil {
		return nil, err
	}
	s := &snapshot{loss: score.Reconstruction + score.KL, mse: score.MSE()}
	acc, _ := record.Find(agree, methods[0]+" ACC", scored)
	nmi, _ := record.Find(agree, methods[0]+" NMI", scored)
	s.acc, s.nmi = acc.Value, nmi.Value
	s.panel = figure.Panel{
		Title:  fmt.Sprintf("epoch %d\nACC %s  NMI %s  test %.1f", epoch, decimals(s.acc), decimals(s.nmi), s.loss),
		Points: codes, Labels: l.Data.Test.Labels, Centres: means.Centres, X: "code 1", Y: "code 2",
	}
	return s, nil
}

// decimals writes a share as .52.
func decimals(x float64) string { return strings.TrimPrefix(fmt.Sprintf("%.2f", x), "0") }

package experiments

import (
	"context"
	"fmt"
	"strings"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/cluster"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/latent"
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

// epochsJobs are a long run of each model with narrow and with wide codes.
func epochsJobs(l *Lab) []job {
	var jobs []job
	for _, size := range comparedSizes {
		for _, model := range comparedModels {
			j := job{config: l.Config(model, size, 0), snapshots: l.snapshots()}
			j.config.Epochs = l.Scale.LongEpochs
			jobs = append(jobs, j)
		}
	}
	return jobs
}

// epochs shows the codes of one run of each model and size as they form.
func epochs(ctx context.Context, l *Lab) (*Report, error) {
	report := &Report{Table: show.Table{
		Title:  "Clusters of the latent space with the epochs of training",
		Header: []string{"model", "d", "epoch", "test loss", "MSE", "k-means ACC", "k-means NMI", "mixture ACC", "mixture NMI"},
	}}
	charts := []figure.Chart{
		{Title: "Test loss", Y: "nats per image"}, {Title: "Accuracy, k-means", Y: "ACC"}, {Title: "Accuracy, mixture", Y: "ACC"},
		{Title: "Squared error", Y: "MSE per pixel"}, {Title: "Information, k-means", Y: "NMI"}, {Title: "Information, mixture", Y: "NMI"},
	}
	for i := range charts {
		charts[i].X, charts[i].LogX = "epoch", true
	}
	for _, j := range epochsJobs(l) {
		r, err := l.Train(ctx, j.config, j.snapshots...)
		if err != nil {
			return nil, err
		}
		var moments []moment
		for _, epoch := range j.snapshots {
			m, err := l.moment(ctx, r, epoch)
			if err != nil {
				return nil, err
			}
			moments = append(moments, *m)
		}
		model, d := j.config.Model.Model, j.config.Model.Latent
		curve := figure.Series{Name: fmt.Sprintf("%s, d = %d", name(model), d), Colour: 1, Dashed: d == comparedSizes[0]}
		if model == autoencoder.VAE {
			curve.Colour = 2
		}
		curves := make([]figure.Series, len(charts))
		for i := range curves {
			curves[i] = curve
		}
		for _, m := range moments {
			report.Table.Rows = append(report.Table.Rows, []string{name(model), fmt.Sprint(d), fmt.Sprint(m.epoch),
				fmt.Sprintf("%.1f", m.loss), fmt.Sprintf("%.4f", m.mse),
				m.kmeans.acc.text(3), m.kmeans.nmi.text(3), m.mixture.acc.text(3), m.mixture.nmi.text(3)})
			if m.epoch == 0 {
				continue // a logarithmic axis has no place for it
			}
			for i, y := range []spread{{m.loss}, m.kmeans.acc, m.mixture.acc, {m.mse}, m.kmeans.nmi, m.mixture.nmi} {
				if len(y) > 0 {
					curves[i].X, curves[i].Y = append(curves[i].X, float64(m.epoch)), append(curves[i].Y, y.mean())
				}
			}
		}
		for i := range charts {
			charts[i].Series = append(charts[i].Series, curves[i])
		}
		file := "codes-" + model
		if d != comparedSizes[0] {
			file += fmt.Sprint("-", d)
		}
		if err := report.draw([]drawing{{file, func() (*figure.Figure, error) { return l.moments(r, moments) }}}); err != nil {
			return nil, err
		}
	}
	report.Table.Note = fmt.Sprintf("One run of %d epochs, seed 0, of each model and size. Scores on the %d test images; test loss: nats per image, of a VAE the cross-entropy from the posterior mean and the KL; MSE: per pixel. "+
		"Clusters: %d, fitted without labels to the codes of the test images.", l.Scale.LongEpochs, l.Data.Test.Len(), l.K())
	return report, report.draw([]drawing{{"measures", func() (*figure.Figure, error) {
		f, err := panels(charts, 3)
		if err == nil {
			f.Caption = fmt.Sprintf("Losses on the test images and agreement of clusters in their codes with classes against epochs, one run of %d epochs of each model and size. "+
				"The test loss of a VAE has its KL divergence in it, that of an AE has none.%s", l.Scale.LongEpochs, l.sweepOf("epochs", 1))
		}
		return f, err
	}}})
}

// moment is what is shown of a run after an epoch.
type moment struct {
	epoch           int
	codes           []float32 // of the test images, [n, d]
	centres         []float32 // of k-means in them, [k, d]
	loss, mse       float64   // on the test images
	kmeans, mixture agreed
}

// agreed is how well clusters agree with classes, one value of each; none without labels.
type agreed struct{ acc, nmi spread }

func (l *Lab) moment(ctx context.Context, r *training.Result, epoch int) (*moment, error) {
	model, err := r.Snapshot(epoch)
	if err != nil {
		return nil, err
	}
	codes, _, err := model.Encode(ctx, l.Data.Test.Images)
	if err != nil {
		return nil, err
	}
	score, err := model.Score(ctx, l.Data.Test.Images)
	if err != nil {
		return nil, err
	}
	m := &moment{epoch: epoch, codes: codes, loss: score.Reconstruction + score.KL, mse: score.MSE}
	d, seed := model.Config.Latent, r.Config.Seed
	means, err := cluster.FitKMeans(ctx, codes, d, cluster.KMeansConfig{K: l.K(), Seed: seed})
	if err != nil {
		return nil, err
	}
	for _, c := range means.Centres {
		m.centres = append(m.centres, float32(c))
	}
	mixture, err := cluster.FitMixture(ctx, codes, d, cluster.MixtureConfig{K: l.K(), Seed: seed})
	if err != nil {
		return nil, err
	}
	components, err := mixture.Predict(codes)
	if err != nil {
		return nil, err
	}
	if !l.Data.Labelled() {
		return m, nil
	}
	if m.kmeans, err = l.agreed(means.Labels); err != nil {
		return nil, err
	}
	m.mixture, err = l.agreed(components)
	return m, err
}

// agreed scores clusters of the test images.
func (l *Lab) agreed(clusters []int) (a agreed, err error) {
	accuracy, err := cluster.Accuracy(l.Data.Test.Labels, clusters)
	if err != nil {
		return a, err
	}
	information, err := cluster.NMI(l.Data.Test.Labels, clusters)
	return agreed{spread{accuracy}, spread{information}}, err
}

// momentPoints is the number of codes in a panel: in so small a one more would hide each other.
const momentPoints = 4000

// moments draws the codes of a run at some moments on common axes: the codes themselves, or the first two principal components
// of the last moment's codes. The axes leave out the outermost half percent of a moment's codes at either end.
func (l *Lab) moments(r *training.Result, all []moment) (*figure.Figure, error) {
	d, last := r.Config.Model.Latent, all[len(all)-1]
	p, err := planeOf(last.codes, d)
	if err != nil {
		return nil, err
	}
	if p.pca != nil {
		p.x, p.y = fmt.Sprintf("component 1 (%.0f %%)", 100*p.pca.Share[0]), fmt.Sprintf("component 2 (%.0f %%)", 100*p.pca.Share[1])
	}
	shown := latent.Subsample(l.Data.Test.Len(), momentPoints, r.Config.Seed)
	var panels []figure.Panel
	for _, m := range all {
		panel := figure.Panel{
			Title:  fmt.Sprintf("epoch %d\n%stest %.1f", m.epoch, m.kmeans.text(), m.loss),
			Labels: labelsAt(l.Data.Test, shown), X: p.x, Y: p.y,
		}
		if panel.Points, err = p.project(latent.Rows(m.codes, d, shown), d); err != nil {
			return nil, err
		}
		centres, err := p.project(m.centres, d)
		if err != nil {
			return nil, err
		}
		for _, c := range centres {
			panel.Centres = append(panel.Centres, float64(c))
		}
		panels = append(panels, panel)
	}
	f, err := figure.SmallMultiples(panels, figure.ScatterOptions{Names: l.ClassNames(), Columns: 4, Common: true, Trim: .005})
	if err != nil {
		return nil, err
	}
	f.Caption = fmt.Sprintf("%v: codes of %d test images after some epochs of one run, on common axes%s. Numbered crosses: centres of the %d clusters that k-means finds in those of all test images; "+
		"above, %sthe test loss.", r.Config.Model, len(shown), l.ofClasses(", coloured by class"), l.K(), l.ofClasses("their agreement with the classes and "))
	if p.pca != nil {
		f.Caption += fmt.Sprintf(" The plane of all panels is that of the first two principal components of the codes after epoch %d, with their shares of the variance there.", last.epoch)
	}
	f.Caption += " Run " + r.Run.Name() + "."
	return f, nil
}

// text is how the agreement stands over a panel.
func (a agreed) text() string {
	if a.acc == nil {
		return ""
	}
	return fmt.Sprintf("ACC %s  NMI %s  ", decimals(a.acc.mean()), decimals(a.nmi.mean()))
}

// decimals writes a share as .52.
func decimals(x float64) string { return strings.TrimPrefix(fmt.Sprintf("%.2f", x), "0") }

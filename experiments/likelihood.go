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
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"

	"gonum.org/v1/gonum/stat"
)

// The networks that follow the published protocol, and the published results of comparable networks (arXiv 2004.04795):
// fully connected, negative log-likelihood of the test images in nats per image, estimated with 5,000
// importance-weighted samples. The networks of 600 nodes per layer are additions of this project. Their activation,
// SiLU, was chosen by the likelihood of validation images after 40 epochs at twice the learning rate used here. At that
// rate a training of 300 epochs diverged in epoch 90.
var likelihoodRows = []struct {
	prior      string
	components int
	units      int     // nodes in each of the two hidden layers
	published  float64 // nats per image; 0: nothing was published
	then       []int   // codes per image in each of the trainings that continue from this one
}{
	{"N(0, I)", 0, 300, 228.70, []int{1, 16}}, // with 1 code per image it shows what the longer training gains by itself
	{"mixture of 500", 500, 300, 227.35, []int{16}},
	{"N(0, I)", 0, 600, 0, []int{16}},
	{"mixture of 500", 500, 600, 0, []int{16}},
}

// thenRate is the learning rate of the trainings that continue with several codes per image. They raise the
// importance-weighted bound, which is closer to the likelihood than the ELBO. The rate was chosen by the likelihood of
// 2,000 validation images, with 600 nodes and N(0, I): with 5 codes for 20 epochs this rate was better than 1e-3.
// With 16 codes for 10 epochs it was better still, and took one and a half times as long.
const thenRate = 3e-4

// protocolRun is one run in the table of the published protocol.
type protocolRun struct {
	lab.Job
	name, prior string
	published   float64
}

// protocolRuns are a VAE with each prior, first with the published layers and then with wider ones. The wider ones are
// trained for three fifths of the epochs. Each training is then continued with several codes per image.
func protocolRuns(s *lab.Setting) (runs []protocolRun) {
	for _, row := range likelihoodRows {
		c := s.Classic(s.Config(autoencoder.VAE, 40, 0))
		c.Model.Hidden = []int{row.units, row.units}
		c.Model.Prior, c.Model.Warmup, c.Augment.Binarise = row.components, .2, true
		c.Epochs = s.Scale.LikelihoodEpochs
		if row.units > 300 {
			c.Model.Activation, c.Epochs = "silu", c.Epochs*3/5
		}
		name := fmt.Sprintf("binarised, prior %s, %d units", row.prior, row.units)
		runs = append(runs, protocolRun{stoppable(c), name, row.prior, row.published})
		for _, samples := range row.then {
			more := c
			more.Start, more.Epochs, more.LearningRate = &c, max(1, s.Scale.LikelihoodEpochs/25), thenRate
			more.Model.Warmup, more.Model.Samples = 0, samples
			runs = append(runs, protocolRun{stoppable(more), fmt.Sprintf("%s, then %d codes per image", name, samples), row.prior, 0})
		}
	}
	return runs
}

// stoppable is the run of a configuration on binarised images. It keeps nine evenly spaced snapshots, from which early
// stopping chooses.
func stoppable(c training.Config) lab.Job {
	j := lab.Job{Config: c, Derived: lab.Binarised}
	for i := 1; i < 10; i++ {
		j.Snapshots = append(j.Snapshots, c.Epochs*i/10)
	}
	return j
}

// longerName is the name of the variant of a reference model that is trained for a number of epochs.
func longerName(c training.Config) string { return fmt.Sprintf("%v, %d epochs", c.Model, c.Epochs) }

// longerRuns are the reference VAE with wide codes, trained for three different numbers of epochs, and an AE with codes
// twice as wide, trained for two.
func longerRuns(s *lab.Setting) (all []training.Config) {
	of := func(model string, latent int, epochs ...int) {
		for _, n := range slices.Compact(epochs) {
			c := s.Config(model, latent, 0)
			c.Epochs = n
			all = append(all, c)
		}
	}
	of(autoencoder.VAE, lab.Wide, s.Scale.Epochs, s.Scale.LongEpochs, 2*s.Scale.LongEpochs)
	of(autoencoder.AE, 2*lab.Wide, s.Scale.Epochs, s.Scale.LongEpochs)
	return all
}

// likelihoodUnits follow the published protocol for this data set. Images are binarised at random: training images again
// in every step, test images once. 5/6 of the training images are trained on, and 1/6 validate for early stopping. The
// codes have 40 dimensions, and there are two hidden layers. Reference models on grey images stand beside them and show
// what longer training gains.
func likelihoodUnits(l *Lab) ([]unit, error) {
	fit, err := l.Dataset(lab.Binarised)
	if err != nil {
		return nil, err
	}
	onBinarised, err := lab.Metrics(l, fit)
	if err != nil {
		return nil, err
	}
	onGrey, err := lab.Metrics(l, l.Data)
	if err != nil {
		return nil, err
	}
	var all []unit
	for _, p := range protocolRuns(&l.Setting) {
		validation := min(fit.Test.Len(), max(1, l.Scale.Samples/5))
		all = append(all, unit{variant: p.name, job: &p.Job, metrics: onBinarised.Stopped(validation, l.Data.Test.Len(), l.Scale.LikelihoodSamples),
			subject: func(ctx context.Context, l *Lab) (any, error) {
				r, err := l.TrainOn(ctx, fit, p.Config, p.Snapshots...)
				return &stopping{l: l, r: r, epochs: append(slices.Clone(p.Snapshots), p.Config.Epochs), validation: fit.Test, test: lab.Binarise(l.Data.Test, 2)}, err
			}})
	}
	for _, c := range longerRuns(&l.Setting) {
		all = append(all, unit{variant: longerName(c), job: &lab.Job{Config: c}, metrics: append(losses(onGrey), onGrey.NLL())})
	}
	return all, nil
}

// stopping is a run on binarised images, as a subject of metrics. Its epoch is the one with the best likelihood of
// validation images.
type stopping struct {
	l                *Lab
	r                *training.Result
	epochs           []int
	validation, test dataset.Split

	stop *metric.Stop // nil until it has been computed
}

func (s *stopping) Stopped(ctx context.Context, n, samples int) (metric.Stop, error) {
	if s.stop != nil {
		return *s.stop, nil
	}
	var best *autoencoder.Model
	var stop metric.Stop
	for _, epoch := range s.epochs {
		m, err := s.r.Snapshot(epoch)
		if err != nil {
			return stop, err
		}
		nll, err := m.ImportanceWeighted(ctx, s.validation.Head(n).Images, 100, 0, nil)
		if err != nil {
			return stop, err
		}
		if mean := stat.Mean(nll, nil); best == nil || mean < stop.Validation {
			best, stop.Epoch, stop.Validation = m, epoch, mean
		}
	}
	progress := show.NewProgress(s.l.Out, "importance-weighted likelihood", s.test.Len())
	nll, err := best.ImportanceWeighted(ctx, s.test.Images, samples, 0, func(done, _ int) { progress.Update(done, "images") })
	if err != nil {
		progress.Done("stopped")
		return stop, err
	}
	progress.Done("taken")
	stop.Test = stat.Mean(nll, nil)
	s.stop = &stop
	return stop, nil
}

func likelihoodReport(rows score.Rows, s lab.Setting) (*report.Report, error) {
	t := report.Table{Title: "Likelihood of binarised images", Columns: report.Labels("prior", "hidden layers", "epochs", "codes per image", "best epoch", "validation NLL", "test NLL", "published")}
	for _, p := range protocolRuns(&s) {
		m, before, epochs, codes := p.Config.Model, 0, fmt.Sprint(p.Config.Epochs), "1"
		if start := p.Config.Start; start != nil {
			before, epochs, codes = start.Epochs, fmt.Sprintf("%d + %s", start.Epochs, epochs), fmt.Sprintf("1, then %d", m.Samples)
		}
		cell := func(of string, offset, digits int) report.Cell {
			v := tested(rows, p.name, of)
			if v.N() == 0 {
				return report.Missing(v.Undefined)
			}
			return report.Number(float64(offset)+v.Mean(), digits)
		}
		published := report.Text("–")
		if p.published > 0 {
			published = report.Number(p.published, 2)
		}
		t.Add(report.Text(p.prior), report.Text(fmt.Sprintf("%d, %d, %s", m.Hidden[0], m.Hidden[1], m.Activation)), report.Text(epochs), report.Text(codes),
			cell(metric.BestEpoch, before, 0), cell(metric.ValidationNLL, 0, 2), cell(metric.TestNLL, 0, 2), published)
	}
	r := &report.Report{}
	validation, samples := s.Train-s.Train*5/6, s.Scale.LikelihoodSamples
	r.Note = fmt.Sprintf("Nats per image, one seed. Training: %d images, binarised anew in every step. Validation: %d images, which choose the epoch; %d of them are scored with 100 importance-weighted samples. "+
		"Test: %d images, binarised once, with %d samples for each. Mixtures are learned mixtures of Gaussians. "+
		"Codes per image: the number of codes drawn in a training step; with several, training uses the importance-weighted bound. Published: arXiv 2004.04795, with a VampPrior where the prior is a mixture here.",
		s.Train*5/6, validation, min(validation, max(1, s.Scale.Samples/5)), s.Test, samples)
	longer, bounds := longerTable(rows, &s)
	r.Tables = []report.Table{t, longer}
	picture(r, "curves")
	return r, panels(r, "longer", []figure.Chart{bounds}, figure.PanelsOptions{Columns: 1},
		fmt.Sprintf("Grey images, codes of %d dimensions: the bound and the importance-weighted likelihood of the test images after training for different numbers of epochs.", lab.Wide)+sweepOf(&s, Likelihood, 1))
}

// longerTable holds the scores of reference models on grey test images after trainings of different lengths. The chart
// shows the VAE.
func longerTable(rows score.Rows, s *lab.Setting) (report.Table, figure.Chart) {
	columns := append(slices.Clone(lossColumns), column{"NLL", metric.NLL, 1})
	t := newTable("Grey images: gain from longer training", []string{"model", "d", "epochs"}, columns)
	var points []point
	for _, c := range longerRuns(s) {
		addRow(&t, rows, longerName(c), columns, append(modelCells(c.Model.Model, c.Model.Latent), report.Number(float64(c.Epochs), 0))...)
		if c.Model.Model == autoencoder.VAE {
			points = append(points, point{longerName(c), float64(c.Epochs)})
		}
	}
	t.Note = fmt.Sprintf("Test images, seed 0. −ELBO: with codes drawn from the posterior, 5 for each of %d images. NLL: importance-weighted with 500 samples, for the first %d images.",
		s.Test, min(s.Scale.Samples/5, s.Test))
	return t, figure.Chart{Title: fmt.Sprintf("Grey images, VAE, d = %d", lab.Wide), X: "epochs of training", Y: "nats per image", LogX: true, Series: []figure.Series{
		curve(rows, figure.Series{Name: "−ELBO", Colour: 5}, metric.Bound, points), curve(rows, figure.Series{Name: "NLL", Colour: 6}, metric.NLL, points)}}
}

func likelihoodPictures(ctx context.Context, l *Lab) (pictures, error) {
	return pictures{"curves": func() (*figure.Figure, error) {
		fit, err := l.Dataset(lab.Binarised)
		if err != nil {
			return nil, err
		}
		losses := figure.Chart{Title: "Binarised training images", X: "epoch", Y: "−ELBO, nats per image"}
		for _, p := range protocolRuns(&l.Setting) {
			if p.Config.Start != nil {
				continue // its loss is not the −ELBO
			}
			r, err := l.TrainOn(ctx, fit, p.Config, p.Snapshots...)
			if err != nil {
				return nil, err
			}
			curve := figure.Series{Name: fmt.Sprintf("%s, %d nodes", p.prior, p.Config.Model.Hidden[0]), Colour: len(losses.Series) + 1}
			for _, h := range r.History {
				if h.Epoch*5 < p.Config.Epochs {
					continue // the weight of the KL is still growing
				}
				curve.X, curve.Y = append(curve.X, float64(h.Epoch)), append(curve.Y, h.Train.Total())
			}
			losses.Series = append(losses.Series, curve)
		}
		f, err := figure.Panels([]figure.Chart{losses}, figure.PanelsOptions{Columns: 1})
		if err == nil {
			f.Caption = "Training images binarised at random, codes of 40 dimensions. The loss with each prior is the mean over an epoch's steps, with drawn codes. The curves start at the epoch in which the KL reaches its full weight." + sweepOf(&l.Setting, Likelihood, 1)
		}
		return f, err
	}}, nil
}

package experiments

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/fashion"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"

	"gonum.org/v1/gonum/stat"
)

// published are the networks of the published protocol (arXiv 2004.04795): two hidden layers of 300 gated nodes on each side,
// codes of 40 dimensions, log-variances clipped to [-6, 2], a learning rate of 5e-4, batches of 100, a KL warm-up of 100
// epochs, and early stopping with a patience of 50 of at most 2,000 epochs. result is the published negative log-likelihood
// of the test images in nats per image, from 5,000 importance-weighted samples.
var published = []struct {
	prior  string
	change func(c *autoencoder.Config)
	result float64
}{
	{"N(0, I)", func(*autoencoder.Config) {}, 228.70},
	{"VampPrior", func(c *autoencoder.Config) { c.Vamp = true }, 227.35},
}

// priorGaussians is the number of Gaussians of learned priors: 500 as published, and fewer where there are few training images.
func priorGaussians(s *lab.Setting) int { return max(1, min(500, s.Train/30)) }

// wider are networks beyond the published ones, with two hidden layers of 600 nodes and SiLU on each side. Their activation was
// chosen by the likelihood of validation images after 40 epochs at twice the learning rate used here. At that rate a
// training of 300 epochs diverged in epoch 90. All seeds are used for the last of them after all its trainings. The others
// show what each change adds, with the first seed. That the last is trained for twice as long was decided from validation
// images too: with one level, the NLL of 2,000 of them was 228.1 after 100 epochs and 226.9 after 300. After 100 epochs with
// mirrored training images it was 229.5. With dropout (.1) or noise on the encoder's input (.3 and .6) the −ELBO was higher
// by more than 1 nat after 30 epochs, and these trainings were stopped.
var wider = []struct {
	prior  string
	longer int // times as many epochs
	change func(c *autoencoder.Config)
}{
	{"mixture", 1, func(*autoencoder.Config) {}},
	{"two levels, mixture", 1, twoLevels},
	{"two levels, mixture", 2, twoLevels},
}

func twoLevels(c *autoencoder.Config) { c.Levels, c.Latent = 2, 2*c.Latent }

// Settings of the trainings that continue with several codes per image. They raise the importance-weighted bound, which is
// closer to the likelihood than the ELBO. The rate was chosen by the likelihood of 2,000 validation images, with 600 nodes
// and N(0, I): with 5 codes for 20 epochs this rate was better than 1e-3. With 16 codes for 10 epochs it was better still,
// and took one and a half times as long.
const (
	thenCodes = 16
	thenRate  = 3e-4
)

// protocolRun is one variant in the table of the published protocol.
type protocolRun struct {
	lab.Job
	name, prior string
	published   float64 // nats per image; 0: nothing was published
	once        bool    // it is scored with the first seed only
}

// protocolRuns are the published networks, and then the wider ones with the trainings that continue them, for a seed.
func protocolRuns(s *lab.Setting, seed uint64) (runs []protocolRun) {
	of := func(change func(c *autoencoder.Config)) training.Config {
		c := s.Classic(s.Config(autoencoder.VAE, 40, seed))
		c.Augment.Binarise = true
		change(&c.Model)
		return c
	}
	gaussians := priorGaussians(s)
	learned := func(prior string) string { return fmt.Sprintf("%s of %d", prior, gaussians) }
	add := func(c training.Config, name, prior string, published float64, once bool) {
		runs = append(runs, protocolRun{lab.Job{Config: c, Derived: lab.Binarised}, name, prior, published, once})
	}
	for _, row := range published {
		c := of(row.change)
		c.Model.Hidden, c.Model.Activation, c.Model.Clipped = []int{300, 300}, autoencoder.Gated, true
		c.Epochs, c.Patience = s.Scale.LikelihoodEpochs, 50
		c.Model.Warmup = min(.5, 100/float64(c.Epochs))
		c.Batch, c.LearningRate, c.FinalRate = min(c.Batch, 100), 5e-4, 5e-4
		prior := row.prior
		if c.Model.Vamp {
			prior, c.Model.Prior = learned(prior), gaussians
		}
		add(c, "published network, "+prior, prior, row.result, false)
	}
	for i, row := range wider {
		c := of(row.change)
		c.Model.Hidden, c.Model.Activation, c.Model.Prior, c.Model.Warmup = []int{600, 600}, "silu", gaussians, .2
		c.Epochs = row.longer * s.Scale.WideEpochs
		c.Patience = c.Epochs // it is not stopped, and its best epoch is taken
		prior := learned(row.prior)
		name := "600 units, " + prior
		if row.longer > 1 {
			name += fmt.Sprintf(", %d epochs", c.Epochs)
		}
		add(c, name, prior, 0, true)
		more := c
		more.Start, more.Epochs, more.LearningRate, more.Patience = &c, max(1, c.Epochs/15), thenRate, 0
		more.Model.Warmup, more.Model.Samples = 0, thenCodes
		add(more, fmt.Sprintf("%s, then %d codes per image", name, thenCodes), prior, 0, i < len(wider)-1)
	}
	return runs
}

// longerName is the name of the variant of a reference model that is trained for a number of epochs.
func longerName(c training.Config) string {
	name := fmt.Sprintf("%v, %d epochs, rate %g", c.Model, c.Epochs, c.LearningRate)
	if c.Model.Prior > 0 {
		name += fmt.Sprintf(", mixture of %d", c.Model.Prior)
	}
	return name
}

// longerRuns are the reference VAE with wide codes, trained for three different numbers of epochs, and with a learned prior,
// and an AE with codes twice as wide, trained for two numbers of epochs. Trainings that are longer than the reference are made
// at two learning rates, because at that of the reference, 3e-3, long trainings are not always stable: the loss of the AE
// jumped up in epochs 27, 50, 52 and 66 of 100. In VAEs that are trained for longer than the reference, log-variances are clipped.
// Without that, after 200 epochs a single test image had a KL of 24,406 nats, which raised the mean over 10,000 images by 2.4.
// That a learned prior helps was seen on 10,000 training images that had been left out: after 100 epochs at a rate of 1e-3
// their −ELBO was 233.3 nats with it, and 236.3 without.
func longerRuns(s *lab.Setting) (all []training.Config) {
	of := func(model string, latent, prior int, epochs ...int) {
		for _, n := range slices.Compact(epochs) {
			rates := []float64{s.Scale.Rate}
			if n > s.Scale.Epochs {
				rates = append(rates, s.Scale.ClassicRate)
			}
			for _, rate := range slices.Compact(rates) {
				c := s.Config(model, latent, 0)
				c.Epochs, c.LearningRate, c.Model.Prior = n, rate, prior
				c.Model.Clipped = model == autoencoder.VAE && n > s.Scale.Epochs
				all = append(all, c)
			}
		}
	}
	of(autoencoder.VAE, lab.Wide, 0, s.Scale.Epochs, s.Scale.LongEpochs, 2*s.Scale.LongEpochs)
	of(autoencoder.VAE, lab.Wide, priorGaussians(s), s.Scale.LongEpochs)
	of(autoencoder.AE, 2*lab.Wide, 0, s.Scale.Epochs, s.Scale.LongEpochs)
	return all
}

// longerSeeds is the number of seeds of one of the longerRuns: with a learned prior those of the published networks, otherwise 1.
func longerSeeds(s *lab.Setting, c training.Config) int {
	if c.Model.Prior > 0 {
		return s.Scale.LikelihoodSeeds
	}
	return 1
}

// likelihoodUnits follow the published protocol for this data set. Images are binarised at random: training images again
// in every step, test images five times. 5/6 of the training images are trained on, and 1/6 validate for early stopping.
// Reference models on grey images stand beside them and show what longer training and a learned prior gain.
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
	for _, c := range longerRuns(&l.Setting) {
		for seed := range longerSeeds(&l.Setting, c) {
			c.Seed = uint64(seed)
			all = append(all, unit{variant: longerName(c), job: &lab.Job{Config: c}, metrics: append(losses(onGrey), onGrey.NLL())})
		}
	}
	for seed := range l.Scale.LikelihoodSeeds {
		for _, p := range protocolRuns(&l.Setting, uint64(seed)) {
			if p.once && seed > 0 {
				continue
			}
			u := unit{variant: p.name, seed: uint64(seed), job: &p.Job, metrics: onBinarised.TestLikelihood(l.Data.Test.Len(), l.Scale.LikelihoodSamples),
				subject: func(ctx context.Context, l *Lab) (any, error) {
					r, err := l.TrainOn(ctx, fit, p.Config)
					return &binarised{l, r}, err
				}}
			if p.Config.Patience > 0 {
				u.metrics = slices.Concat(onBinarised.Stopping(), u.metrics, onBinarised.ValidationBounds(curveEpochs(p.Config)))
			}
			if start := p.Config.Start; start != nil {
				u.needs = []lab.Job{{Config: *start, Derived: p.Derived}}
			}
			u.checkData(fit, p.Config)
			all = append(all, u)
		}
	}
	slices.SortStableFunc(all, oneSeedFirst)
	return all, nil
}

// oneSeedFirst orders units by seed and then by epochs, so that a report that is made in parts has every row soon.
func oneSeedFirst(a, b unit) int {
	return cmp.Or(cmp.Compare(a.seeded(), b.seeded()), cmp.Compare(a.epochs(), b.epochs()))
}

// epochs is the number of epochs of the unit's run and of those that it continues; without a run it is 0.
func (u unit) epochs() (n int) {
	if u.job == nil {
		return 0
	}
	for c := &u.job.Config; c != nil; c = c.Start {
		n += c.Epochs
	}
	return n
}

// binarised is a run on binarised images, as a subject of metrics.
type binarised struct {
	l *Lab
	r *training.Result
}

func (b *binarised) Best() (epoch int, validation float64) {
	epoch = b.r.Config.BestEpoch(b.r.History)
	validation, _ = b.Validation(epoch)
	return epoch, validation
}

func (b *binarised) Validation(epoch int) (bound float64, trained bool) {
	if epoch > len(b.r.History) {
		return 0, false
	}
	return b.r.History[epoch-1].Test.Total(), true
}

func (b *binarised) TestNLL(ctx context.Context, binarisation, samples int) (float64, error) {
	test := lab.Binarise(b.l.Data.Test, 1+uint64(binarisation)) // the seed 1 binarises the validation images
	progress := show.NewProgress(b.l.Out, "importance-weighted likelihood", test.Len(), "images")
	nll, err := b.r.Model.ImportanceWeighted(ctx, test.Images, samples, 0, func(done, _ int) { progress.Update(done, "") })
	if err != nil {
		progress.Done("stopped")
		return 0, err
	}
	progress.Done("taken")
	return stat.Mean(nll, nil), nil
}

func likelihoodReport(rows score.Rows, s lab.Setting) (*report.Report, error) {
	t := report.Table{Title: "Likelihood of binarised images", Columns: report.Labels("prior", "hidden layers", "epochs", "codes per image", "seeds", "best epoch", "validation −ELBO")}
	t.Columns = append(append(t.Columns, report.Column{Name: "test NLL", Score: true}), report.Labels("standard error over binarisations", "published")...)
	for _, p := range protocolRuns(&s, 0) {
		m, epochs, codes := p.Config.Model, show.Count(p.Config.Epochs), "1"
		if start := p.Config.Start; start != nil {
			epochs = fmt.Sprintf("%s, then %s", show.Count(start.Epochs), epochs)
			codes = fmt.Sprintf("1, then %d", m.Samples)
		}
		reported := report.Missing("nothing was published")
		if p.published > 0 && s.Dataset == fashion.Name {
			reported = report.Number(p.published, 2)
		}
		epoch, validation := report.Missing("the last epoch is taken"), report.Missing("the last epoch is taken")
		if p.Config.Patience > 0 {
			epoch, validation = report.Score(validated(rows, p.name, metric.BestEpoch), 0), report.Score(validated(rows, p.name, metric.ValidationBound), 2)
		}
		test, deviation := testNLL(rows, p.name)
		t.Add(report.Text(p.prior), report.Text(fmt.Sprintf("%d, %d, %s", m.Hidden[0], m.Hidden[1], m.Activation)), report.Text(epochs), report.Text(codes), report.Number(float64(test.N()), 0),
			epoch, validation, report.Score(test, 2), deviation, reported)
	}
	r := &report.Report{}
	r.Note = fmt.Sprintf("Nats per image. Training: %s images, binarised anew in every step. Validation: %s images, binarised once; the epoch with their lowest −ELBO is taken. "+
		"Test: %s images, in %[5]d binarisations. Each is scored with %[6]d importance-weighted samples for each image, and the first also with %[4]s. NLL: the score of the first binarisation with %[4]s samples, plus the mean of the %[5]d scores with %[6]d samples, less the first of these %[5]d. The standard error says how far binarisations differ. It does not say how far seeds differ. "+
		"Networks: codes of %[7]d dimensions, or two levels of %[7]d dimensions each. Those with 300 nodes follow the published protocol; the others are additions. "+
		"Codes per image: the number of codes drawn in a training step; with several, training continues with the importance-weighted bound. Epochs: at most; the published protocol stops earlier when the validation images no longer gain. Published: arXiv 2004.04795.",
		show.Count(s.Train*5/6), show.Count(s.Train-s.Train*5/6), show.Count(s.Test), show.Count(s.Scale.LikelihoodSamples), metric.Binarisations, metric.FewerCodes(s.Scale.LikelihoodSamples), 40)
	if s.Scale.LikelihoodSeeds > 1 {
		r.Note += " Rows with one seed show what each change adds for that seed. How far seeds differ is known only for rows with several."
	}
	longer, bounds := longerTable(rows, &s)
	r.Tables = []report.Table{t, longer}
	whose := sweepOf(&s, Likelihood, 1)
	if s.Scale.LikelihoodSeeds > 1 {
		whose = fmt.Sprintf(" Runs of the experiment %s at scale %s; the table says how many seeds each curve has. With several, it shows their mean and standard deviation.", Likelihood, s.Scale.Name)
	}
	if err := panels(r, "curves", []figure.Chart{validationCurves(rows, &s)}, figure.PanelsOptions{Columns: 1},
		"−ELBO of the validation images after some epochs of training, from the epoch on in which the KL has its full weight. Codes of 40 dimensions. A curve ends where the shortest training among its seeds ends."+whose); err != nil {
		return nil, err
	}
	return r, panels(r, "longer", []figure.Chart{bounds}, figure.PanelsOptions{Columns: 1},
		fmt.Sprintf("Grey images, codes of %d dimensions: −ELBO of the test images, and the importance-weighted NLL of the first %s of them, after training for different numbers of epochs.", lab.Wide, show.Count(min(s.Scale.Samples/5, s.Test)))+sweepOf(&s, Likelihood, 1))
}

// curveEpochs are the epochs after which the validation images' −ELBO is shown: about ten for each factor of ten, from the
// epoch on in which the KL has its full weight.
func curveEpochs(c training.Config) (epochs []int) {
	first := max(1, int(math.Ceil(c.Model.Warmup*float64(c.Epochs))))
	for power := 1; power <= c.Epochs; power *= 10 {
		for _, tenths := range []int{10, 12, 15, 20, 25, 30, 40, 50, 60, 80} {
			if epoch := power * tenths / 10; epoch >= first && epoch <= c.Epochs && !slices.Contains(epochs, epoch) {
				epochs = append(epochs, epoch)
			}
		}
	}
	return epochs
}

// validationCurves shows the −ELBO of the validation images against the epoch, for each network that is trained from the
// start. A curve ends where the first training of its seeds ends.
func validationCurves(rows score.Rows, s *lab.Setting) figure.Chart {
	chart := figure.Chart{Title: "Binarised validation images", X: "epoch", Y: "−ELBO, nats per image", LogX: true}
	for _, p := range protocolRuns(s, 0) {
		if p.Config.Start != nil {
			continue // the loss of a training that continues another is not the −ELBO
		}
		series := figure.Series{Name: fmt.Sprintf("%s, %d nodes, %s epochs", p.prior, p.Config.Model.Hidden[0], show.Count(p.Config.Epochs)), Colour: colours[autoencoder.VAE], Variant: len(chart.Series)}
		count := validated(rows, p.name, metric.BestEpoch).N()
		for _, epoch := range curveEpochs(p.Config) {
			after := validated(rows, p.name, metric.ValidationBoundAfter(epoch))
			if after.N() < count {
				break // a mean of fewer seeds would not continue the curve
			}
			series = line(series, []point{{p.name, float64(epoch)}}, func(string) score.Summary { return after })
		}
		chart.Series = append(chart.Series, series)
	}
	return chart
}

// validated summarises a metric of a variant on the validation images over its seeds.
func validated(rows score.Rows, variant, name string) score.Summary {
	return rows.Of(variant, name, metric.Validation).Summary()
}

// testNLL summarises the test likelihood of a variant over its seeds, as the mean over the binarisations. All codes were taken
// for the first binarisation. What the others change was measured with fewer codes for each of them. It also returns the
// standard error of the mean over the binarisations.
func testNLL(rows score.Rows, variant string) (score.Summary, report.Cell) {
	over := onTest(rows, variant, metric.TestNLL)
	var fewer []score.Summary
	var means []float64 // of each binarisation, over the seeds
	for i := range metric.Binarisations {
		one := onTest(rows, variant, metric.TestNLLOf(i+1))
		if one.N() == 0 || !slices.Equal(one.Seeds, over.Seeds) {
			reason := cmp.Or(over.Undefined, one.Undefined, "not measured with all seeds")
			return score.Summary{Undefined: reason}, report.Missing(reason)
		}
		fewer, means = append(fewer, one), append(means, one.Mean())
	}
	over.Values = slices.Clone(over.Values)
	for _, one := range fewer {
		for i, v := range one.Values {
			over.Values[i] += (v - fewer[0].Values[i]) / metric.Binarisations
		}
	}
	return over, report.Number(stat.StdErr(stat.StdDev(means, nil), metric.Binarisations), 2)
}

// longerTable holds the scores of reference models on grey test images after trainings of different lengths. The chart
// shows the VAE.
func longerTable(rows score.Rows, s *lab.Setting) (report.Table, figure.Chart) {
	columns := append(slices.Clone(lossColumns), column{"NLL", metric.NLL, 1})
	t := newTable("Grey images: gain from longer training and from a learned prior", []string{"model", "d", "prior", "epochs", "rate"}, columns)
	chart := figure.Chart{Title: fmt.Sprintf("Grey images, VAE, d = %d", lab.Wide), X: "epochs of training", Y: "nats per image", LogX: true}
	points := map[float64][]point{} // by learning rate
	for _, c := range longerRuns(s) {
		prior := report.Text("N(0, I)")
		switch {
		case c.Model.Prior > 0:
			prior = report.Text(fmt.Sprintf("mixture of %d", c.Model.Prior))
		case c.Model.Model == autoencoder.AE:
			prior = report.Missing("an AE has no prior")
		}
		addRow(&t, rows, longerName(c), columns, append(modelCells(c.Model.Model, c.Model.Latent), prior, report.Number(float64(c.Epochs), 0), report.Text(fmt.Sprint(c.LearningRate)))...)
		if c.Model.Model == autoencoder.VAE && c.Model.Prior == 0 {
			points[c.LearningRate] = append(points[c.LearningRate], point{longerName(c), float64(c.Epochs)})
		}
	}
	for _, rate := range slices.Backward(slices.Sorted(maps.Keys(points))) {
		for _, of := range []struct{ name, metric string }{{"−ELBO", metric.Bound}, {"NLL", metric.NLL}} {
			series := figure.Series{Name: fmt.Sprintf("%s, rate %g", of.name, rate), Colour: colours[autoencoder.VAE], Variant: len(chart.Series)}
			chart.Series = append(chart.Series, curve(rows, series, of.metric, points[rate]))
		}
	}
	whose := "seed 0"
	if n := s.Scale.LikelihoodSeeds; n > 1 {
		whose += fmt.Sprintf("; with the learned prior the seeds 0 to %d", n-1)
	}
	t.Note = fmt.Sprintf("Test images, %s. Rate: the highest learning rate. −ELBO: with codes drawn from the posterior, 5 for each of %s images. NLL: importance-weighted with 500 samples, for the first %s images. In VAEs trained for longer than the reference, log-variances are clipped to [-6, 2].",
		whose, show.Count(s.Test), show.Count(min(s.Scale.Samples/5, s.Test)))
	return t, chart
}

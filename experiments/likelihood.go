package experiments

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/fashion"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"
)

// Priors of the published protocol that this project can learn, and what was published for their like (arXiv 2004.04795):
// fully connected networks, test nats per image from 5,000 importance-weighted samples.
var likelihoodRows = []struct {
	name       string
	components int
	published  string
}{
	{"N(0, I)", 0, "228.70"},
	{"mixture of 500 Gaussians, learned", 500, "227.35 (VampPrior)"},
}

// likelihoodJobs are a VAE with each prior.
func likelihoodJobs(l *Lab) (jobs []job) {
	for _, row := range likelihoodRows {
		c := l.Config(autoencoder.VAE, 40, 0)
		c.Model.Hidden = []int{300, 300}
		c.Model.Prior, c.Model.Warmup, c.Augment.Binarise = row.components, .2, true
		c.Epochs = l.Scale.LikelihoodEpochs
		var snapshots []int // stopping early means to take one of these
		for i := 1; i < 10; i++ {
			snapshots = append(snapshots, c.Epochs*i/10)
		}
		jobs = append(jobs, job{c, snapshots, binarised})
	}
	return jobs
}

// likelihood follows the published protocol for this data set: images made black or white at random, training images anew in
// every step; 5/6 of the training images to train on and 1/6 to stop by; codes of 40 dimensions, two hidden layers of 300.
func likelihood(ctx context.Context, l *Lab) (*Report, error) {
	report := &Report{Table: show.Table{
		Title:  "Likelihood of binarised images",
		Header: []string{"prior", "epochs", "best epoch", "validation NLL", "test NLL", "published"},
	}}
	fit, err := l.dataset(binarised)
	if err != nil {
		return nil, err
	}
	test := binarise(l.Data.Test, 2)
	samples := 5000
	if l.Scale.Name == Smoke.Name {
		samples = 100
	}
	for i, j := range likelihoodJobs(l) {
		row, epochs := likelihoodRows[i], j.config.Epochs
		r, err := l.train(ctx, fit, j.config, j.snapshots...)
		if err != nil {
			return nil, err
		}
		measures, err := l.measured(r, "test NLL", func() ([]record.Measure, error) {
			return l.stopped(ctx, r, append(j.snapshots, epochs), fit.Test, test, samples)
		})
		if err != nil {
			return nil, err
		}
		cells := []string{row.name, fmt.Sprint(epochs)}
		for _, m := range []struct {
			name   string
			digits int
		}{{"best epoch", 0}, {"validation NLL", 2}, {"test NLL", 2}} {
			v, err := value(measures, m.name)
			if err != nil {
				return nil, err
			}
			cells = append(cells, fmt.Sprintf("%.*f", m.digits, v))
		}
		report.Table.Rows = append(report.Table.Rows, append(cells, row.published))
	}
	report.Table.Note = fmt.Sprintf("Nats per image, one seed. %d images to train on, binarised anew in every step; %d to choose the epoch by (100 importance-weighted samples); "+
		"the %d test images binarised once, with %d samples of each.", fit.Train.Len(), fit.Test.Len(), test.Len(), samples)
	return report, nil
}

// stopped takes the model of the epoch that is best on the validation images, and measures it on the test images.
func (l *Lab) stopped(ctx context.Context, r *training.Result, epochs []int, validation, test fashion.Split, samples int) ([]record.Measure, error) {
	var best *autoencoder.Model
	var bestEpoch int
	var least float64
	for _, epoch := range epochs {
		m, err := r.Snapshot(epoch)
		if err != nil {
			return nil, err
		}
		nll, err := m.ImportanceWeighted(ctx, validation.Head(min(validation.Len(), l.Scale.Samples/5)).Images, 100, 0, nil)
		if err != nil {
			return nil, err
		}
		if mean := spread(nll).mean(); best == nil || mean < least {
			best, bestEpoch, least = m, epoch, mean
		}
	}
	progress := show.NewProgress(l.out, "importance-weighted likelihood", test.Len())
	nll, err := best.ImportanceWeighted(ctx, test.Images, samples, 0, func(done, _ int) { progress.Update(done, "images") })
	if err != nil {
		progress.Done("stopped")
		return nil, err
	}
	progress.Done("taken")
	return []record.Measure{
		{Name: "best epoch", Value: float64(bestEpoch), Split: scored},
		{Name: "validation NLL", Value: least, Unit: "nats per image", Split: scored},
		{Name: "test NLL", Value: spread(nll).mean(), Unit: "nats per image", Split: scored},
	}, nil
}

// binarised names the data set of the published protocol.
const binarised = "binarised"

// validation is the training images of a data set, in 5/6 to train on, as they are, and as test split 1/6, binarised.
func validation(d *fashion.Dataset) *fashion.Dataset {
	n := d.Train.Len() * 5 / 6
	rest := fashion.Split{Images: d.Train.Images[n*fashion.Pixels:], Labels: d.Train.Labels[n:]}
	sum := sha256.Sum256([]byte(d.Checksum + " 5/6, binarised"))
	return &fashion.Dataset{
		Name: d.Name + ", 5/6 of the training images, binarised", Checksum: hex.EncodeToString(sum[:]),
		Train: d.Train.Head(n), Test: binarise(rest, 1),
	}
}

// binarise makes each pixel white with the probability that its grey value gives, else black.
func binarise(s fashion.Split, seed uint64) fashion.Split {
	random := rand.New(rand.NewPCG(seed, 0))
	images := make([]uint8, len(s.Images))
	for i, level := range s.Images {
		if random.Float64()*255 < float64(level) {
			images[i] = 255
		}
	}
	return fashion.Split{Images: images, Labels: s.Labels}
}

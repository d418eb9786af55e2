package experiments

import (
	"context"
	"fmt"

	"fashionlatent/lib/classifier"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/generate"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"
)

// Generation measures the images decoded from codes of every source: their Fréchet distance to the test images, precision,
// recall, density and coverage, in the features of the project's classifier.
func (l *Lab) Generation(ctx context.Context, r *training.Result) ([]record.Measure, error) {
	if !l.scorable() { // the classifier needs classes
		return r.Run.Measures()
	}
	return l.measured(r, qualityName("prior", "Fréchet"), func() ([]record.Measure, error) {
		judge, err := l.judge(ctx)
		if err != nil {
			return nil, err
		}
		var all []record.Measure
		for _, source := range Samplers {
			from, err := l.Sampler(ctx, r, source)
			if err != nil {
				return nil, err
			}
			images, err := r.Model.Decode(ctx, from.Sample(judge.n, r.Config.Seed))
			if err != nil {
				return nil, err
			}
			features, err := judge.classifier.Features(ctx, images)
			if err != nil {
				return nil, err
			}
			quality, err := judge.reference.Score(ctx, features)
			if err != nil {
				return nil, err
			}
			all = append(all, qualities(source, quality)...)
		}
		return all, nil
	})
}

// qualityFigures are the figures of a source of codes.
var qualityFigures = []column{
	{"Fréchet", "Fréchet", 2}, {"precision", "precision", 3}, {"recall", "recall", 3}, {"density", "density", 3}, {"coverage", "coverage", 3},
}

func qualityName(source, figure string) string { return source + " " + figure }

func qualities(source string, q generate.Quality) []record.Measure {
	var all []record.Measure
	for i, value := range []float64{q.Frechet, q.Precision, q.Recall, q.Density, q.Coverage} {
		all = append(all, record.Measure{Name: qualityName(source, qualityFigures[i].head), Value: value, Split: scored})
	}
	return all
}

// judge is what generated images are measured with.
type judge struct {
	classifier *classifier.Classifier
	accuracy   float64 // of the classifier on the test images
	reference  *generate.Reference
	n          int // images in the reference, and to be generated
}

// judge trains or finds the classifier and takes the features of as many test and training images. Without classes to train on it
// is nil.
func (l *Lab) judge(ctx context.Context) (*judge, error) {
	if !l.scorable() {
		return nil, nil
	}
	if l.theJudge != nil {
		return l.theJudge, nil
	}
	c := classifier.Default(0)
	c.Hidden, c.Batch = l.Scale.Hidden, l.Scale.Batch
	if l.Scale.Name == Smoke.Name {
		c.Epochs = l.Scale.Epochs
	}
	progress := show.NewProgress(l.out, "classifier for the features", 0)
	trained, err := classifier.Fit(ctx, l.Backend, l.Data, c, classifier.Options{Runs: l.Runs, Say: func(s string) { fmt.Fprintln(l.out, s) }})
	progress.Done("ready")
	if err != nil {
		return nil, err
	}
	j := &judge{classifier: trained, n: min(l.Scale.Samples, l.Data.Test.Len(), l.Data.Train.Len())}
	if j.accuracy, err = trained.Accuracy(ctx, l.Data.Test); err != nil {
		return nil, err
	}
	var sets [2][]float32
	for i, s := range []dataset.Split{l.Data.Test, l.Data.Train} {
		images := latent.Rows(s.Images, l.Data.Pixels(), latent.Subsample(s.Len(), j.n, 0))
		if sets[i], err = trained.Features(ctx, dataset.Floats(images)); err != nil {
			return nil, err
		}
	}
	if j.reference, err = generate.NewReference(ctx, sets[0], sets[1], c.Features()); err != nil {
		return nil, err
	}
	l.theJudge = j
	return j, nil
}

// floor marks what training images score in charts of the Fréchet distance and of coverage.
func (j *judge) floor(frechet, coverage *figure.Chart) {
	if j == nil {
		return
	}
	frechet.References = []figure.Reference{{Name: "training images", Y: j.reference.Floor.Frechet}}
	coverage.References = []figure.Reference{{Name: "training images", Y: j.reference.Floor.Coverage}}
}

// note says what generated images were measured with, and the floor of each figure.
func (j *judge) note() string {
	if j == nil {
		return " Decoded images were not compared with the data, for that needs labels of two classes or more."
	}
	f := j.reference.Floor
	return fmt.Sprintf(" Decoded images: %d of each model, against as many test images, in the last hidden layer of a classifier of accuracy %.3f (seed 0); "+
		"as many training images score Fréchet %.2f, precision %.3f, recall %.3f, density %.3f, coverage %.3f.",
		j.n, j.accuracy, f.Frechet, f.Precision, f.Recall, f.Density, f.Coverage)
}

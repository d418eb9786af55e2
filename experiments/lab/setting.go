package lab

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/subject"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/classifier"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"
)

// Setting is everything besides the scores that the tables and figures of experiments depend on.
type Setting struct {
	Scale   Scale    `json:"scale"`
	Dataset string   `json:"dataset"`         // name
	Data    string   `json:"data"`            // checksum
	About   string   `json:"about,omitempty"` // a sentence that describes the data set; "" for Fashion-MNIST
	Flags   string   `json:"flags,omitempty"` // the flags of a command that name the data set, such as " -data FOLDER"
	Train   int      `json:"train"`           // images
	Test    int      `json:"test"`
	Side    int      `json:"side,omitempty"` // of an image, in pixels; 0: autoencoder.DefaultSide
	Classes []string `json:"classes"`        // names; nil: there are no labels
	K       int      `json:"k"`              // number of clusters to find
}

// describe fills in the fields that depend on the data set. read is the data set as it was read from path, and used the
// part that the scale uses. k is the number of clusters if there are no classes.
func (s *Setting) describe(read, used *dataset.Dataset, path string, k int) {
	s.Dataset, s.Data, s.Train, s.Test, s.Classes = used.Name, used.Checksum, used.Train.Len(), used.Test.Len(), used.Classes
	if s.Side = used.Side(); s.Side == autoencoder.DefaultSide {
		s.Side = 0
	}
	s.About, s.Flags, s.K = Sentence(read), flags(read, path, k), k
	if used.Labelled() {
		s.K = len(used.Classes)
	}
}

// Drawn are the names of the classes in figures. A name that figures cannot show is replaced by the number of the class.
func (s *Setting) Drawn() []string {
	names := slices.Clone(s.Classes)
	for i, name := range names {
		if !figure.Drawable(name) {
			names[i] = fmt.Sprint("class ", i)
		}
	}
	return names
}

// OfClasses returns text if there are labels, and "" otherwise.
func (s *Setting) OfClasses(text string) string {
	if s.Classes == nil {
		return ""
	}
	return text
}

// Config is the reference training of a model ("ae" or "vae") at this scale.
func (s *Setting) Config(model string, latent int, seed uint64) training.Config {
	m := autoencoder.Default(model, latent)
	m.Hidden = slices.Clone(s.Scale.Hidden)
	c := training.Default(m, seed)
	c.Epochs, c.Batch, c.LearningRate = s.Scale.Epochs, s.Scale.Batch, s.Scale.Rate
	return c
}

// Classic is a configuration with the recipe that the study had before: ReLU, and a learning rate that falls from the
// start along half a cosine to 1e-5.
func (s *Setting) Classic(c training.Config) training.Config {
	c.Model.Activation = "relu"
	c.LearningRate, c.FinalRate, c.RateWarmup, c.RateHold = s.Scale.ClassicRate, 1e-5, 0, 0
	return c
}

// classifierConfig configures a feature extractor.
func (s *Setting) classifierConfig(extractor string) classifier.Config {
	if extractor == metric.Convolutional {
		c := classifier.Convolutional(0)
		c.Kernels, c.Epochs = s.Scale.Kernels, s.Scale.ConvolutionalEpochs
		c.Batch = s.Scale.Batch / 2 // so that fewer epochs are enough
		return c
	}
	c := classifier.Default(0)
	c.Hidden, c.Epochs, c.Batch = s.Scale.Hidden, s.Scale.ExtractorEpochs, s.Scale.Batch
	return c
}

// clustersOf is the number of clusters to find in the lab's data set or in one derived from it.
func clustersOf(l *Lab, d *dataset.Dataset) int {
	if d.Labelled() {
		return len(d.Classes)
	}
	return l.K
}

// Metrics returns what the metrics of a data set depend on.
func Metrics(l *Lab, d *dataset.Dataset) (metric.Setting, error) {
	classes := func(labels []uint8) map[uint8]bool {
		seen := map[uint8]bool{}
		for _, label := range labels {
			seen[label] = true
		}
		return seen
	}
	train, test := classes(d.Train.Labels), classes(d.Test.Labels)
	s := metric.Setting{Data: d.Checksum, Train: d.Train.Len(), Test: d.Test.Len(), Samples: l.Scale.Samples, K: clustersOf(l, d),
		Classes: len(d.Classes), TestClasses: len(test), Sorted: d.Test.Sorted()}
	for label := range test {
		s.NewClass = s.NewClass || !train[label]
	}
	if s.TestClasses < 2 {
		return s, nil // without classes, images are not compared in features
	}
	s.Features = map[string]string{}
	for _, extractor := range metric.Extractors {
		run, err := classifier.RunOf(l.Runs, d, l.classifierConfig(extractor))
		if err != nil {
			return s, err
		}
		s.Features[extractor] = run.Name()
	}
	return s, nil
}

// Images returns the data set that a job names, together with what models on it are compared with.
func Images(l *Lab, derived string) (*subject.Images, error) {
	if known := l.images[derived]; known != nil {
		return known, nil
	}
	data, err := l.Dataset(derived)
	if err != nil {
		return nil, err
	}
	if l.images == nil {
		l.images = map[string]*subject.Images{}
	}
	l.images[derived] = subject.NewImages(data, clustersOf(l, data), func(ctx context.Context, name string) (*classifier.Classifier, error) {
		return Extractor(ctx, l, name)
	})
	return l.images[derived], nil
}

// publishedExtractors is the first folder of published models that has a classifier, or the project's.
func publishedExtractors(l *Lab, c classifier.Config) (models *record.Store) {
	for _, folder := range modelsFolders(l.Results) {
		models = record.Open(folder)
		if run, err := classifier.RunOf(models, l.Data, c); err == nil {
			if _, err := run.Manifest(); err == nil {
				break
			}
		}
	}
	return models
}

// Extractor trains or finds a feature extractor. Those of Fashion-MNIST are published with the project, so that distances in their
// features can be compared between machines.
func Extractor(ctx context.Context, l *Lab, name string) (*classifier.Classifier, error) {
	if known := l.extractors[name]; known != nil {
		return known, nil
	}
	label := name + " classifier for the features"
	progress := show.NewProgress(l.Out, label, 0, "")
	var once sync.Once // the number of steps is known when training begins
	k, err := classifier.Fit(ctx, l.Backend, l.Data, l.classifierConfig(name), classifier.Options{
		Runs: l.Runs, Published: publishedExtractors(l, l.classifierConfig(name)), Say: func(s string) { progress.Say(s) },
		Progress: func(p classifier.Progress) {
			once.Do(func() { progress = show.NewProgress(l.Out, label, p.Steps, "steps") })
			progress.Update(p.Step, fmt.Sprintf("epoch %d of %d", p.Epoch, p.Epochs))
		},
	})
	if err != nil {
		progress.Done("stopped")
		return nil, err
	}
	progress.Done("ready")
	if l.extractors == nil {
		l.extractors = map[string]*classifier.Classifier{}
	}
	l.extractors[name] = k
	return k, nil
}

// Subject is a trained model on the lab's data set, as a subject of metrics. Subjects of seed 0 are kept until Begin,
// with everything that was computed of them.
func Subject(l *Lab, r *training.Result) (*subject.Model, error) {
	return Snapshot(l, r, r.Config.Epochs)
}

// Snapshot is Subject for the model as it was after an epoch whose weights were kept.
func Snapshot(l *Lab, r *training.Result, epoch int) (*subject.Model, error) {
	key := fmt.Sprint(r.Run.Name(), " ", epoch)
	if known := l.subjects[key]; known != nil {
		return known, nil
	}
	m, err := r.Snapshot(epoch)
	if err != nil {
		return nil, err
	}
	images, err := Images(l, "")
	if err != nil {
		return nil, err
	}
	s := subject.New(images, m, r.Config.Seed)
	if r.Config.Seed == 0 {
		if l.subjects == nil {
			l.subjects = map[string]*subject.Model{}
		}
		l.subjects[key] = s
	}
	return s, nil
}

// shownEpochs are the epochs after which codes are shown, if the run is longer; 0 is before training.
var shownEpochs = []int{0, 1, 2, 5, 10, 20, 50, 100}

// Snapshots are the shown epochs that are below LongEpochs, and LongEpochs itself.
func (s *Setting) Snapshots() []int {
	var all []int
	for _, epoch := range shownEpochs {
		if epoch < s.Scale.LongEpochs {
			all = append(all, epoch)
		}
	}
	return append(all, s.Scale.LongEpochs)
}

package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fashionlatent/experiments/metric"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/classifier"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"

	"golang.org/x/sync/errgroup"
)

// States of a listed run, beside those of package record: Finished, Failed and Training.
const (
	Stopped = "stopped" // a part of it is trained, and nobody trains it now
	Damaged = "damaged" // a file of it cannot be read
)

// Listed is what the folder of a run says about it.
type Listed struct {
	Run     string `json:"run"`               // name
	Short   string `json:"short"`             // beginning of the name, as lists show it
	Folder  string `json:"folder"`            // path
	State   string `json:"state"`             // finished, failed, training, stopped or damaged
	Problem string `json:"problem,omitempty"` // why it is failed or damaged

	Settings    training.Settings `json:"settings"`                // the configuration
	Differences training.Settings `json:"differences"`             // the settings that differ from the reference configuration, without those in the name
	Reference   training.Settings `json:"-"`                       // the reference configuration of the same model
	Normalised  string            `json:"normalised,omitempty"`    // how images are normalised: scores of images that are normalised in different ways cannot be compared
	StartsFrom  []string          `json:"starts_from,omitempty"`   // names of the runs that it starts from, the nearest first
	Epochs      int               `json:"epochs"`                  // epochs of the configuration
	Kept        int               `json:"epochs_kept"`             // epochs that are done and kept
	Data        string            `json:"data,omitempty"`          // name of the data set
	Checksum    string            `json:"data_checksum,omitempty"` // SHA-256 of the data set

	Backend string    `json:"backend,omitempty"`
	Commit  string    `json:"commit,omitempty"` // of the program that trained it
	Started time.Time `json:"started,omitzero"`
	Seconds float64   `json:"seconds"` // time that the run took
	Bytes   int64     `json:"bytes"`   // size of its folder

	Scores []record.Score `json:"scores,omitempty"` // all of them
}

// List reads all runs of a store, sorted by name. Runs that have no name or no configuration are reported in the error,
// and the others are returned nevertheless.
func List(runs *record.Store) ([]Listed, error) {
	all, problems := runs.List()
	list := make([]Listed, len(all))
	concurrently(len(all), func(i int) { list[i] = Read(all[i]) })
	shorten(list)
	return list, problems
}

// Read reads a run.
func Read(run *record.Run) Listed {
	l := Listed{Run: run.Name(), Short: beginning(run.Name(), 0), Folder: run.Folder(), Bytes: size(run.Folder())}
	damaged := func(err error) Listed {
		l.State, l.Problem = Damaged, err.Error()
		return l
	}
	if err := l.configured(run); err != nil {
		return damaged(err)
	}
	manifest, err := run.Manifest()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		manifest.State = record.Training // or it was stopped before it began
	case err != nil:
		return damaged(err)
	}
	if manifest.State == record.Training && !run.Locked() { // it may have ended since the manifest was read
		if now, err := run.Manifest(); err == nil {
			manifest = now
		}
	}
	l.State, l.Problem, l.Kept, l.Data, l.Backend, l.Commit = manifest.State, manifest.Error, manifest.Epochs, manifest.Data, manifest.Backend, manifest.Commit
	l.Started, l.Seconds = manifest.Started, manifest.WallSeconds
	if l.State == record.Interrupted || l.State == record.Training && !run.Locked() {
		l.State = Stopped
	}
	if history, err := run.History(); err == nil && len(history) > 0 && l.State != record.Finished {
		l.Kept = history[len(history)-1].Epoch
	}
	if l.Scores, err = run.Scores(); err != nil {
		return damaged(err)
	}
	return l
}

// configured reads the configuration of a run of a model or of a classifier.
func (l *Listed) configured(run *record.Run) error {
	of, err := training.SpecOf(run)
	if err == nil {
		l.Settings, l.Differences, l.StartsFrom = of.Config.Settings(), append(l.Differences, of.Config.Differences()...), of.From
		l.Reference = training.Default(autoencoder.Default(of.Config.Model.Model, of.Config.Model.Latent), of.Config.Seed).Settings()
		l.Normalised, l.Epochs, l.Checksum = of.Config.Model.Normalised, of.Config.Epochs, of.Data
		if of.From != nil {
			l.Differences = append(l.Differences, training.Setting{Name: "start", Value: beginning(of.From[0], 0)})
		}
		return nil
	}
	var c classifier.Spec
	if run.Spec(&c) != nil {
		if l.untrained(run) {
			return nil
		}
		return err
	}
	reference := classifier.Default(c.Seed)
	if c.Kernels != nil {
		reference = classifier.Convolutional(c.Seed)
	}
	reference.Epochs = c.Epochs
	l.Reference = ofClassifier(reference)
	l.Settings, l.Epochs, l.Checksum = ofClassifier(c.Config), c.Epochs, c.Data
	l.Differences = slices.DeleteFunc(ofClassifier(c.Config), func(s training.Setting) bool { return slices.Contains(l.Reference, s) })
	return nil
}

// untrainedModel is the setting "model" of a run that holds the scores of something that is not trained as one run, such as
// clusters of the codes of several encoders.
const untrainedModel = "none"

// untrained reads the specification of a run that is not trained, and says whether it is one.
func (l *Listed) untrained(run *record.Run) bool {
	var spec map[string]any
	if run.Spec(&spec) != nil {
		return false
	}
	checksum, _ := spec["data"].(string)
	if delete(spec, "data"); checksum == "" || spec["model"] != nil || spec["hidden"] != nil {
		return false
	}
	l.Checksum, l.Settings = checksum, training.Settings{{Name: "model", Value: untrainedModel}}
	for _, name := range slices.Sorted(maps.Keys(spec)) {
		l.Differences = append(l.Differences, training.Setting{Name: name, Value: inWords(spec[name])})
	}
	l.Settings = append(l.Settings, l.Differences...)
	return true
}

// inWords is a value of a specification in words, with the names of runs as lists show them.
func inWords(value any) string {
	var parts []string
	switch value := value.(type) {
	case []any:
		for _, v := range value {
			parts = append(parts, inWords(v))
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			parts = append(parts, name+" "+inWords(value[name]))
		}
	case string:
		if strings.Contains(value, "-") { // the name of a run
			return beginning(value, 0)
		}
		return value
	default:
		return fmt.Sprint(value)
	}
	return strings.Join(parts, ", ")
}

// classifierModel is the setting "model" of a classifier.
const classifierModel = "classifier"

// ofClassifier are the settings of a classifier.
func ofClassifier(c classifier.Config) training.Settings {
	return training.Settings{{Name: "model", Value: classifierModel}, {Name: "kernels", Value: training.Nodes(c.Kernels)}, {Name: "hidden", Value: training.Nodes(c.Hidden)},
		{Name: "epochs", Value: fmt.Sprint(c.Epochs)}, {Name: "batch", Value: fmt.Sprint(c.Batch)}, {Name: "rate", Value: fmt.Sprint(c.LearningRate)},
		{Name: "decay", Value: fmt.Sprint(c.Decay)}, {Name: "seed", Value: fmt.Sprint(c.Seed)}}
}

// size is the number of bytes of the files in a folder.
func size(folder string) (bytes int64) {
	filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // a file that is replaced meanwhile
		}
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
			bytes += info.Size()
		}
		return nil
	})
	return bytes
}

// Main scores of a run, each a metric on the test images of its data set. Clusters are those that were fitted to the codes
// of the training images.
var Main = []string{metric.CrossEntropy, metric.KL, metric.MSE, metric.Agreement(metric.KMeans, metric.ACC), metric.Agreement(metric.Mixture, metric.ACC)}

// Score is a score of the finished run on the test images of its data set, if it is defined. Scores after another epoch,
// of clusters that were fitted to other images than those of training, and of reconstructions by principal components are left out.
func (l *Listed) Score(metric string) (record.Score, bool) {
	i := slices.IndexFunc(l.Scores, func(s record.Score) bool {
		parameters := strings.Fields(s.Parameters)
		component := len(parameters) == 1 && strings.HasPrefix(parameters[0], "components=")
		other := component || slices.ContainsFunc(parameters, func(p string) bool {
			return strings.HasPrefix(p, "epoch=") || strings.HasPrefix(p, "fitted=") && p != "fitted=train"
		})
		return s.Metric == metric && s.Split == "test" && s.Data == l.Checksum && s.Undefined == "" && !other
	})
	if i < 0 {
		return record.Score{}, false
	}
	return l.Scores[i], true
}

// Setting is the value of a setting; "" if the run has none of this name.
func (l *Listed) Setting(name string) string {
	return l.Settings.Value(name)
}

// MainScores are the defined scores of the run that lists show: those of Main, and the accuracy of a classifier.
func (l *Listed) MainScores() (scores []record.Score) {
	for _, name := range append(slices.Clone(Main), classifier.Accuracy) {
		if s, there := l.Score(name); there {
			scores = append(scores, s)
		}
	}
	return scores
}

// Progress says in words how far the run has come; "" if it is finished.
func (l *Listed) Progress() string {
	switch l.State {
	case record.Finished:
		return ""
	case record.Training, Stopped:
		if l.Kept == 0 {
			return l.State + " before its first checkpoint"
		}
		return fmt.Sprintf("%s after epoch %d of %d", l.State, l.Kept, l.Epochs)
	}
	return l.State
}

// About says in words how far the run has come, unless it is finished, and what differs from the reference
// configuration.
func (l *Listed) About() string {
	var words []string
	if progress := l.Progress(); progress != "" {
		words = append(words, progress)
	}
	for _, s := range l.Differences {
		words = append(words, s.String())
	}
	return strings.Join(words, ", ")
}

// concurrently calls f with 0 to n-1, up to 16 at the same time. Reading many small files is mostly waiting, above all
// on a network.
func concurrently(n int, f func(i int)) {
	var group errgroup.Group
	group.SetLimit(16)
	for i := range n {
		group.Go(func() error { f(i); return nil })
	}
	group.Wait()
}

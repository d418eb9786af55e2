package training

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/record"
)

// spec is everything that determines the outcome of a run.
type spec struct {
	Config
	Data   string `json:"data"`   // checksum of the data set
	Method int    `json:"method"` // the constant method
}

// method is the version of everything that the configuration leaves to the code, such as the initial weights and the
// random numbers. It is raised with every change after which the same configuration trains another model. Runs from
// before the change are then not mistaken for new ones. One change did not raise it, because it changes few runs: early stopping of a
// VAE whose beta is not 1 compared epochs with a beta of 1 at first.
const method = 3

// RunOf returns the run of a configuration and a data set, whether it exists or not. A data set without a checksum is an error.
func RunOf(runs *record.Store, data *dataset.Dataset, c Config) (*record.Run, error) {
	c, err := c.on(data)
	if err != nil {
		return nil, err
	}
	if data.Checksum == "" {
		return nil, dataset.ErrNoChecksum
	}
	return runs.Run(c.slug(), spec{c, data.Checksum, method})
}

// Exists says whether the run of a configuration is finished and has the wanted snapshots.
func Exists(run *record.Run, c Config, snapshots []int) (bool, error) {
	manifest, err := run.Manifest()
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && complete(manifest, c.kept(snapshots)), err
}

// kept are the snapshots that a run keeps: none with early stopping.
func (c Config) kept(snapshots []int) []int {
	if c.Patience > 0 {
		return nil
	}
	return within(snapshots, c.Epochs)
}

// complete says whether a run is finished and has the snapshots.
func complete(m record.Manifest, snapshots []int) bool {
	return m.State == record.Finished && !slices.ContainsFunc(snapshots, func(epoch int) bool { return !slices.Contains(m.Snapshots, epoch) })
}

// Open reads a finished run, or a published one. It also returns the checksum of the data set that the run was trained on. A run that is
// not finished is an error.
func Open(b *backend.Backend, run *record.Run) (r *Result, checksum string, err error) {
	s, err := SpecOf(run)
	if err != nil {
		return nil, "", fmt.Errorf("want the run of an AE or VAE: %w", err)
	}
	manifest, err := run.Manifest()
	if err == nil && manifest.State == record.Failed {
		return nil, "", fmt.Errorf("run %s failed: %s", run.Name(), manifest.Error)
	}
	if errors.Is(err, fs.ErrNotExist) || err == nil && manifest.State != record.Finished {
		return nil, "", fmt.Errorf("run %s is not finished: wait for its training, or train it again to continue where it stopped", run.Name())
	}
	if err != nil {
		return nil, "", err
	}
	final, err := readCheckpoint(run, manifest.Epochs, s.Config)
	if errors.Is(err, fs.ErrNotExist) {
		r, published := openPublished(b, run, s.Config)
		if !errors.Is(published, fs.ErrNotExist) {
			return r, s.Data, published
		}
	}
	if err != nil {
		return nil, "", fmt.Errorf("%w: train the run again, which continues from an earlier checkpoint if there is one", err)
	}
	r, err = found(b, run, s.Config, manifest, final)
	return r, s.Data, err
}

// found makes the result of a finished run from its last checkpoint.
func found(b *backend.Backend, run *record.Run, c Config, manifest record.Manifest, final *checkpoint) (*Result, error) {
	if got := final.final().SHA256(); got != manifest.WeightsSHA256 {
		return nil, fmt.Errorf("run %s: its weights have the checksum %s, its manifest says %s: remove %s to make the run again",
			run.Name(), got, manifest.WeightsSHA256, run.Folder())
	}
	return read(b, run, c, final.final(), final.history)
}

// read makes the result of a finished run from its weights and its history.
func read(b *backend.Backend, run *record.Run, c Config, w autoencoder.Weights, history []record.Epoch) (*Result, error) {
	scores, err := run.Scores()
	if err != nil {
		return nil, err
	}
	model, err := autoencoder.NewModel(b, c.Model, w)
	if err != nil {
		return nil, err
	}
	return &Result{Config: c, Model: model, History: history, Scores: scores, Run: run, Found: true, device: b}, nil
}

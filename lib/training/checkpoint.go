package training

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/npz"
	"fashionlatent/lib/record"
)

// checkpoint is the state at the end of an epoch: everything that is needed to continue training.
type checkpoint struct {
	weights autoencoder.Weights
	moments [][]float32 // in the order of engine.moments
	history []record.Epoch
	best    autoencoder.Weights // of the best epoch so far, with early stopping; otherwise nil
}

// final are the weights of a finished training.
func (c checkpoint) final() autoencoder.Weights {
	if c.best != nil {
		return c.best
	}
	return c.weights
}

// checkpointState is the content of a checkpoint besides its arrays.
type checkpointState struct {
	Run     string         `json:"run"` // id
	History []record.Epoch `json:"history"`
}

const (
	stateName       = "state.json"
	keptCheckpoints = 2
)

func checkpointFolder(run *record.Run) string { return filepath.Join(run.Folder(), "checkpoints") }

// Checkpoints hold the whole state, and snapshots only the weights.
const checkpointName, snapshotName = "epoch-%05d.npz", "weights-%05d.npz"

func checkpointPath(run *record.Run, epoch int) string {
	return filepath.Join(checkpointFolder(run), fmt.Sprintf(checkpointName, epoch))
}

func snapshotPath(run *record.Run, epoch int) string {
	return filepath.Join(checkpointFolder(run), fmt.Sprintf(snapshotName, epoch))
}

func arraysOf(prefix string, w autoencoder.Weights) []npz.Array {
	var arrays []npz.Array
	for _, v := range w {
		arrays = append(arrays, npz.Array{Name: prefix + v.Name, Shape: v.Shape, Values: v.Values})
	}
	return arrays
}

// writeCheckpoint writes a checkpoint. Of the checkpoints up to this epoch it keeps the newest two and removes the
// others. Checkpoints of later epochs, of a finished run that is being trained again or damaged ones, stay.
func writeCheckpoint(run *record.Run, c checkpoint) error {
	content, err := json.Marshal(checkpointState{run.ID(), c.history})
	if err != nil {
		return err
	}
	arrays := arraysOf("", c.weights)
	for i, values := range c.moments {
		v := c.weights[i%len(c.weights)]
		arrays = append(arrays, npz.Array{Name: fmt.Sprintf("adam/%d/%s", 1+i/len(c.weights), v.Name), Shape: v.Shape, Values: values})
	}
	arrays = append(arrays, arraysOf("best/", c.best)...)
	epoch := len(c.history)
	if err := writeSealed(checkpointPath(run, epoch), arrays, map[string][]byte{stateName: content}); err != nil {
		return err
	}
	before := slices.DeleteFunc(checkpointEpochs(run), func(e int) bool { return e > epoch })
	for _, old := range before[min(keptCheckpoints, len(before)):] {
		os.Remove(checkpointPath(run, old))
	}
	return nil
}

// writeSealed writes an archive with a checksum, and creates its folder.
func writeSealed(path string, arrays []npz.Array, others map[string][]byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return record.WriteFile(path, func(w io.Writer) error { return writeArchive(w, arrays, others) })
}

// checkpointEpochs are the epochs of the existing checkpoints, the newest first.
func checkpointEpochs(run *record.Run) []int {
	entries, _ := os.ReadDir(checkpointFolder(run))
	var epochs []int
	for _, entry := range entries {
		var epoch int
		if _, err := fmt.Sscanf(entry.Name(), strings.Replace(checkpointName, "%05d", "%d", 1), &epoch); err == nil && entry.Name() == fmt.Sprintf(checkpointName, epoch) {
			epochs = append(epochs, epoch)
		}
	}
	slices.Sort(epochs)
	slices.Reverse(epochs)
	return epochs
}

// readCheckpoint reads and checks the run's checkpoint of an epoch.
func readCheckpoint(run *record.Run, epoch int, config Config) (*checkpoint, error) {
	c := config.Model
	path := checkpointPath(run, epoch)
	arrays, others, err := readArchive(path)
	if err != nil {
		return nil, err
	}
	k := len(c.Variables())
	want := 3 * k
	if config.Patience > 0 {
		want += k
	}
	if len(arrays) != want {
		return nil, fmt.Errorf("%s: %d arrays, want %d", path, len(arrays), want)
	}
	found := &checkpoint{weights: arrays[:k]}
	if err := found.weights.Check(c); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for i, v := range arrays[k : 3*k] {
		if len(v.Values) != len(arrays[i%k].Values) {
			return nil, fmt.Errorf("%s: %s holds %d values, want %d", path, v.Name, len(v.Values), len(arrays[i%k].Values))
		}
		found.moments = append(found.moments, v.Values)
	}
	if config.Patience > 0 {
		found.best = arrays[3*k:]
		for i := range found.best {
			found.best[i].Name = strings.TrimPrefix(found.best[i].Name, "best/")
		}
		if err := found.best.Check(c); err != nil {
			return nil, fmt.Errorf("%s: the best epoch: %w", path, err)
		}
	}
	var s checkpointState
	if err := json.Unmarshal(others[stateName], &s); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", path, stateName, err)
	}
	if s.Run != run.ID() || len(s.History) != epoch {
		return nil, fmt.Errorf("%s is the checkpoint of run %q after %d epochs, want that of %q after %d", path, s.Run, len(s.History), run.ID(), epoch)
	}
	found.history = s.History
	return found, nil
}

// writeSnapshot saves the weights of an epoch.
func writeSnapshot(run *record.Run, epoch int, w autoencoder.Weights) error {
	return writeSealed(snapshotPath(run, epoch), arraysOf("", w), nil)
}

// readSnapshot reads the weights of an epoch.
func readSnapshot(run *record.Run, epoch int, c autoencoder.Config) (autoencoder.Weights, error) {
	path := snapshotPath(run, epoch)
	w, _, err := readArchive(path)
	if err != nil {
		return nil, err
	}
	if err := w.Check(c); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return w, nil
}

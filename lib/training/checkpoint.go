package training

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/record"
)

// checkpoint is the state of training at the end of an epoch: all that going on needs.
type checkpoint struct {
	weights autoencoder.Weights
	moments [][]float32 // as engine.moments returns them
	history []record.Epoch
}

const (
	checkpointFolder = "checkpoints"
	stateName        = "history.json"
	keptCheckpoints  = 2
)

// Checkpoints hold everything, snapshots the weights alone.
func checkpointPath(run *record.Run, epoch int) string {
	return filepath.Join(run.Folder(), checkpointFolder, fmt.Sprintf("epoch-%05d.npz", epoch))
}

func snapshotPath(run *record.Run, epoch int) string {
	return filepath.Join(run.Folder(), checkpointFolder, fmt.Sprintf("weights-%05d.npz", epoch))
}

func arraysOf(prefix string, w autoencoder.Weights) []Array {
	var arrays []Array
	for _, v := range w {
		arrays = append(arrays, Array{prefix + v.Name, v.Shape, v.Values})
	}
	return arrays
}

// writeCheckpoint writes the checkpoint of an epoch and removes those that are no longer needed.
func writeCheckpoint(run *record.Run, epoch int, c checkpoint) error {
	history, err := json.Marshal(c.history)
	if err != nil {
		return err
	}
	arrays := arraysOf("", c.weights)
	for i, values := range c.moments {
		v := c.weights[i%len(c.weights)]
		arrays = append(arrays, Array{fmt.Sprintf("adam/%d/%s", 1+i/len(c.weights), v.Name), v.Shape, values})
	}
	path := checkpointPath(run, epoch)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	err = record.WriteFile(path, func(w io.Writer) error {
		return writeArchive(w, arrays, map[string][]byte{stateName: history}, true)
	})
	if err != nil {
		return err
	}
	old := checkpointFiles(run)
	for _, file := range old[min(keptCheckpoints, len(old)):] {
		os.Remove(file)
	}
	return nil
}

// checkpointFiles lists the files of checkpoints, the newest first.
func checkpointFiles(run *record.Run) []string {
	files, _ := filepath.Glob(filepath.Join(run.Folder(), checkpointFolder, "epoch-*.npz"))
	slices.Sort(files)
	slices.Reverse(files)
	return files
}

// newestCheckpoint reads the newest checkpoint that is whole; nil if there is none. What is damaged is reported.
func newestCheckpoint(run *record.Run, c autoencoder.Config, say func(string)) *checkpoint {
	for _, file := range checkpointFiles(run) {
		found, err := readCheckpoint(file, c)
		if err == nil {
			return found
		}
		say(fmt.Sprintf("the checkpoint %v cannot be used; the one before it is tried", err))
	}
	return nil
}

func readCheckpoint(path string, c autoencoder.Config) (*checkpoint, error) {
	arrays, others, err := readArchive(path)
	if err != nil {
		return nil, err
	}
	k := len(c.Variables())
	if len(arrays) != 3*k {
		return nil, fmt.Errorf("%s: %d arrays, want %d", path, len(arrays), 3*k)
	}
	found := &checkpoint{weights: arrays[:k]}
	if err := found.weights.Check(c); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for i, v := range arrays[k:] {
		if len(v.Values) != len(arrays[i%k].Values) {
			return nil, fmt.Errorf("%s: %s holds %d values, want %d", path, v.Name, len(v.Values), len(arrays[i%k].Values))
		}
		found.moments = append(found.moments, v.Values)
	}
	if err := json.Unmarshal(others[stateName], &found.history); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", path, stateName, err)
	}
	return found, nil
}

// writeSnapshot keeps the weights of an epoch.
func writeSnapshot(run *record.Run, epoch int, w autoencoder.Weights) error {
	path := snapshotPath(run, epoch)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return record.WriteFile(path, func(f io.Writer) error { return writeArchive(f, arraysOf("", w), nil, true) })
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

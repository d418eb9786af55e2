package training

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"fashionlatent/lib/backend"
	"fashionlatent/lib/npz"
	"fashionlatent/lib/record"

	"github.com/x448/float16"
)

// PublishedWeights is the file that a published run has instead of checkpoints: its final weights in half precision (IEEE
// 754, 16 bits). A published run can be opened, but training cannot continue from it.
const PublishedWeights = "weights.npz"

// ErrNotKept is the error where the files of a run are needed and it has none.
var ErrNotKept = errors.New("the run is not kept, want one that was trained with Options.Runs, or opened")

// Published is the content of the file PublishedWeights of a run. A run that is not kept is an error.
func (r *Result) Published() ([]byte, error) {
	if r.Run == nil {
		return nil, ErrNotKept
	}
	of, err := json.Marshal(checkpointState{Run: r.Run.ID()})
	if err != nil {
		return nil, err
	}
	var arrays []npz.Array
	for _, v := range r.Model.Weights {
		halves := make([]float16.Float16, len(v.Values))
		for i, value := range v.Values {
			halves[i] = float16.Fromfloat32(value)
			if halves[i].IsInf(0) {
				return nil, fmt.Errorf("a weight of %s is %g, want weights that half precision can hold, up to 65504", v.Name, value)
			}
		}
		arrays = append(arrays, npz.Array{Name: v.Name, Shape: v.Shape, Values: halves})
	}
	var content bytes.Buffer
	err = writeArchive(&content, arrays, map[string][]byte{stateName: of})
	return content.Bytes(), err
}

// openPublished reads a published run. It is an fs.ErrNotExist if the run is not published.
func openPublished(b *backend.Backend, run *record.Run, c Config) (*Result, error) {
	path := filepath.Join(run.Folder(), PublishedWeights)
	w, others, err := readArchive(path)
	if err != nil {
		return nil, err
	}
	var of checkpointState
	if err := json.Unmarshal(others[stateName], &of); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", path, stateName, err)
	}
	if of.Run != run.ID() {
		return nil, fmt.Errorf("%s holds the weights of run %q, want those of %q", path, of.Run, run.ID())
	}
	if err := w.Check(c.Model); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	history, err := run.History()
	if err != nil {
		return nil, fmt.Errorf("published run %s: %v", run.Name(), err) // without the error itself: the run is published even if its history is missing
	}
	return read(b, run, c, w, history)
}

// singles are the values of weights in single or half precision; nil: values has another type.
func singles(values any) []float32 {
	switch values := values.(type) {
	case []float32:
		return values
	case []float16.Float16:
		all := make([]float32, len(values))
		for i, v := range values {
			all[i] = v.Float32()
		}
		return all
	}
	return nil
}

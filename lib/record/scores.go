package record

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
	"time"
)

// Score is one number computed for a run, or the reason why there is none.
type Score struct {
	Identity
	Unit      string  `json:"unit"`                // "" for a pure number
	Value     float64 `json:"value"`               // finite; 0 if it is undefined
	Undefined string  `json:"undefined,omitempty"` // why there is no value; "": there is a value
}

// Identity is everything besides the run itself that a score depends on. In a run, two scores with the same identity
// are the same score.
type Identity struct {
	Metric     string `json:"metric"`               // name of the metric
	Version    int    `json:"version"`              // version of what the metric computes, from 1
	Parameters string `json:"parameters,omitempty"` // such as "k=5 seed=0"
	Split      string `json:"split"`                // the images that it is computed on: "train", "test", "all", or "validation" (kept from the training images); "": no images
	N          int    `json:"n"`                    // number of images, codes or samples that it is computed on
	Data       string `json:"data"`                 // checksum of the data set
}

// Names of the scores that training leaves with a run. Each is computed on the training and on the test images.
const (
	CrossEntropy   = "cross-entropy"
	MSE            = "mse"
	KL             = "kl"
	CrossEntropyKL = "cross-entropy + KL"
)

const scoresName = "scores.json"

// scoresFile is the content of scores.json.
type scoresFile struct {
	Format int             `json:"format"`
	Scores json.RawMessage `json:"scores"`
	SHA256 string          `json:"sha256"` // of the scores
}

// AddScores adds scores to scores.json. A score that is already there stays unchanged, because an identity has only one
// value. Several processes may add scores at the same time without losing any. If one of the values is not finite,
// AddScores returns an error and adds nothing.
func (r *Run) AddScores(scores ...Score) error {
	for _, s := range scores {
		if err := s.check(); err != nil {
			return fmt.Errorf("adding scores to run %s: %w", r.Name(), err)
		}
	}
	release, err := r.lockScores()
	if err != nil {
		return fmt.Errorf("adding scores to run %s: %w", r.Name(), err)
	}
	defer release()

	all, err := r.Scores()
	if err != nil {
		return err
	}
	for _, s := range scores {
		if i, found := slices.BinarySearchFunc(all, s, compareScores); !found {
			all = slices.Insert(all, i, s)
		}
	}
	content, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("adding scores to run %s: %w", r.Name(), err)
	}
	sum, err := sumOf(all)
	if err != nil {
		return fmt.Errorf("adding scores to run %s: %w", r.Name(), err)
	}
	return WriteJSON(r.path(scoresName), scoresFile{Format, content, sum})
}

// RemoveScores removes all scores, because the run is trained again to other weights.
func (r *Run) RemoveScores() error {
	release, err := r.lockScores()
	if err != nil {
		return fmt.Errorf("removing the scores of run %s: %w", r.Name(), err)
	}
	defer release()
	if err := os.Remove(r.path(scoresName)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// lockScores locks the scores. This is not the lock of the run, because whoever trains the run holds that while it adds
// scores.
func (r *Run) lockScores() (release func(), err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return r.lock(ctx, "scores.lock", nil, scoresName)
}

// Scores reads scores.json, sorted by identity. It returns an empty list if nothing was added yet.
func (r *Run) Scores() ([]Score, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	path := r.path(scoresName)
	var file scoresFile
	if err := readVersioned(path, &file, &file.Format); errors.Is(err, fs.ErrNotExist) {
		return []Score{}, nil
	} else if err != nil {
		return nil, err
	}
	scores, err := parseScores(file.Scores)
	if err != nil {
		return nil, damaged(path, err)
	}
	sum, err := sumOf(scores)
	if err == nil {
		err = verify(sum, file.SHA256)
	}
	if err != nil {
		return nil, damaged(path, err)
	}
	return scores, nil
}

// Find returns the score with an identity, if there is one.
func Find(scores []Score, of Identity) (Score, bool) {
	i := slices.IndexFunc(scores, func(s Score) bool { return s.Identity == of })
	if i < 0 {
		return Score{}, false
	}
	return scores[i], true
}

func parseScores(content []byte) ([]Score, error) {
	var list []struct {
		Score
		Value *float64 `json:"value"` // replaces that of Score, so that a missing value is not taken for zero
	}
	if err := Decode(content, &list); err != nil {
		return nil, err
	}
	if list == nil {
		return nil, errors.New("it is null, want a list")
	}
	scores := make([]Score, len(list))
	for i, item := range list {
		if item.Value == nil {
			return nil, fmt.Errorf("score %d, %q, has no value", i, item.Metric)
		}
		item.Score.Value = *item.Value
		scores[i] = item.Score
		if err := scores[i].check(); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(scores, compareScores)
	for i := range scores[min(1, len(scores)):] {
		if a, b := scores[i], scores[i+1]; a.Identity == b.Identity {
			return nil, fmt.Errorf("score %v is there twice, as %v and as %v", a.Identity, a.Value, b.Value)
		}
	}
	return scores, nil
}

func (i Identity) String() string {
	text := fmt.Sprintf("%q of split %q, version %d, n = %d", i.Metric, i.Split, i.Version, i.N)
	if i.Parameters != "" {
		text += ", " + i.Parameters
	}
	return text
}

func (s Score) String() string {
	if s.Undefined != "" {
		return fmt.Sprintf("%v: undefined, because %s", s.Identity, s.Undefined)
	}
	return fmt.Sprintf("%v: %v", s.Identity, s.Value)
}

func (s Score) check() error {
	switch {
	case s.Metric == "":
		return fmt.Errorf("the score with value %v and split %q has no metric name", s.Value, s.Split)
	case s.Version < 1 || s.N < 0:
		return fmt.Errorf("score %v: want a version of 1 or more and an n of 0 or more", s.Identity)
	case math.IsNaN(s.Value) || math.IsInf(s.Value, 0):
		return fmt.Errorf("score %v is %v, want a finite number", s.Identity, s.Value)
	case s.Undefined != "" && s.Value != 0:
		return fmt.Errorf("score %v is undefined, because %s, and has the value %v: want one or the other", s.Identity, s.Undefined, s.Value)
	}
	return nil
}

func compareScores(a, b Score) int {
	return cmp.Or(cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.Split, b.Split), cmp.Compare(a.Version, b.Version),
		cmp.Compare(a.Parameters, b.Parameters), cmp.Compare(a.N, b.N), cmp.Compare(a.Data, b.Data))
}

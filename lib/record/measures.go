package record

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"time"
)

// Measure is a score of a run.
type Measure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"` // finite
	Unit  string  `json:"unit"`  // "" for a pure number
	Split string  `json:"split"` // the images it was taken on: "train", "test"; "" where it is of none
}

const measuresName = "measures.json"

// measuresFile is the content of measures.json.
type measuresFile struct {
	Format   int             `json:"format"`
	Measures json.RawMessage `json:"measures"`
	SHA256   string          `json:"sha256"` // of the measures
}

// AddMeasures adds measures to measures.json; one of the same name and split is replaced. Several processes may add at once
// and none loses the others'. A value that is not finite is refused, and then nothing is added.
func (r *Run) AddMeasures(measures ...Measure) error {
	for _, m := range measures {
		if err := m.check(); err != nil {
			return fmt.Errorf("adding measures to run %s: %w", r.Name(), err)
		}
	}
	// Not the run's own lock: whoever trains the run holds that one while it adds measures.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	release, err := r.lock(ctx, "measures.lock", nil, measuresName)
	if err != nil {
		return fmt.Errorf("adding measures to run %s: %w", r.Name(), err)
	}
	defer release()

	all, err := r.Measures()
	if err != nil {
		return err
	}
	for _, m := range measures {
		i, found := slices.BinarySearchFunc(all, m, compareMeasures)
		if found {
			all[i] = m
		} else {
			all = slices.Insert(all, i, m)
		}
	}
	content, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("adding measures to run %s: %w", r.Name(), err)
	}
	sum, err := sumOf(all)
	if err != nil {
		return fmt.Errorf("adding measures to run %s: %w", r.Name(), err)
	}
	return WriteJSON(r.path(measuresName), measuresFile{Format, content, sum})
}

// Measures reads measures.json, sorted by name and then by split; none where nothing was added yet.
func (r *Run) Measures() ([]Measure, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	path := r.path(measuresName)
	var file measuresFile
	if err := readVersioned(path, &file, &file.Format); errors.Is(err, fs.ErrNotExist) {
		return []Measure{}, nil
	} else if err != nil {
		return nil, err
	}
	measures, err := parseMeasures(file.Measures)
	if err != nil {
		return nil, damaged(path, err)
	}
	sum, err := sumOf(measures)
	if err == nil {
		err = verify(sum, file.SHA256)
	}
	if err != nil {
		return nil, damaged(path, err)
	}
	return measures, nil
}

// Find gives the measure of that name and split, if there is one.
func Find(measures []Measure, name, split string) (Measure, bool) {
	i := slices.IndexFunc(measures, func(m Measure) bool { return m.Name == name && m.Split == split })
	if i < 0 {
		return Measure{}, false
	}
	return measures[i], true
}

func parseMeasures(content []byte) ([]Measure, error) {
	var list []struct {
		Measure
		Value *float64 `json:"value"` // instead of Measure's: one that is missing is not a zero
	}
	if err := decode(content, &list); err != nil {
		return nil, err
	}
	if list == nil {
		return nil, errors.New("it is null, want a list")
	}
	measures := make([]Measure, len(list))
	for i, item := range list {
		if item.Value == nil {
			return nil, fmt.Errorf("measure %d, %q, has no value", i, item.Name)
		}
		item.Measure.Value = *item.Value
		measures[i] = item.Measure
		if err := measures[i].check(); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(measures, compareMeasures)
	for i := range measures[min(1, len(measures)):] {
		if a, b := measures[i], measures[i+1]; compareMeasures(a, b) == 0 {
			return nil, fmt.Errorf("measure %q of split %q is there twice, as %v and as %v", a.Name, a.Split, a.Value, b.Value)
		}
	}
	return measures, nil
}

func (m Measure) check() error {
	if m.Name == "" {
		return fmt.Errorf("the measure with value %v and split %q has no name", m.Value, m.Split)
	}
	if math.IsNaN(m.Value) || math.IsInf(m.Value, 0) {
		return fmt.Errorf("measure %q of split %q is %v, want a finite number", m.Name, m.Split, m.Value)
	}
	return nil
}

func compareMeasures(a, b Measure) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Split, b.Split))
}

package experiments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"fashionlatent/lib/dataset"
	"fashionlatent/lib/digits"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

// job is a run that an experiment needs.
type job struct {
	config    training.Config
	snapshots []int  // epochs whose weights are kept
	derived   string // the data set, as Lab.dataset knows it
}

// Planned is a run that experiments need, as whatever executes it has to know it.
type Planned struct {
	Run       string          `json:"run"`               // name
	Folder    string          `json:"folder"`            // where the run will be
	Done      bool            `json:"done"`              // it is there
	Scale     string          `json:"scale"`             // how many images of the data set are used
	Data      string          `json:"data"`              // checksum of the data set that it is trained on
	Derived   string          `json:"derived,omitempty"` // how that is made of the given one; "": it is what the scale uses of it
	Config    training.Config `json:"config"`
	Snapshots []int           `json:"snapshots,omitempty"` // epochs whose weights are kept
	For       []string        `json:"for,omitempty"`       // the experiments that need it
}

// Plan returns the runs that experiments need, each once, in the order in which they are needed. It needs no backend. What
// cannot be read of a run is told to Options.Out; the run counts as not done, and training it says what is to be done.
func Plan(ctx context.Context, o Options, of ...Experiment) ([]Planned, error) {
	l, err := openData(ctx, o)
	if err != nil {
		return nil, err
	}
	var all []Planned
	var runs []*record.Run
	place := map[string]int{}
	for _, e := range of {
		units, err := e.units(l)
		if err != nil {
			return nil, err
		}
		for _, j := range jobsOf(units) {
			run, data, err := l.runOf(j.derived, j.config)
			if err != nil {
				return nil, err
			}
			i, there := place[run.Name()]
			if !there {
				i = len(all)
				place[run.Name()] = i
				runs = append(runs, run)
				all = append(all, Planned{Run: run.Name(), Folder: run.Folder(), Scale: l.Scale.Name, Data: data.Checksum, Derived: j.derived, Config: j.config})
			}
			p := &all[i]
			p.Snapshots = append(p.Snapshots, j.snapshots...)
			if !slices.Contains(p.For, e.Name) {
				p.For = append(p.For, e.Name)
			}
		}
	}
	problems := make([]error, len(all))
	concurrently(len(all), func(i int) {
		p := &all[i]
		slices.Sort(p.Snapshots)
		p.Snapshots = slices.Compact(p.Snapshots)
		p.Done, problems[i] = training.Exists(runs[i], p.Config, p.Snapshots)
	})
	if err := errors.Join(problems...); err != nil {
		fmt.Fprintln(l.out, err)
	}
	return all, nil
}

// derivations make a data set of the lab's own, some with a seed.
var derivations = map[string]func(d *dataset.Dataset, seed int) (*dataset.Dataset, error){
	binarised: func(d *dataset.Dataset, _ int) (*dataset.Dataset, error) { return validation(d), nil },
	unequal:   func(d *dataset.Dataset, seed int) (*dataset.Dataset, error) { return thinned(d, seed), nil },
	printed: func(d *dataset.Dataset, seed int) (*dataset.Dataset, error) {
		return digits.Draw(min(d.Train.Len(), 20_000), min(d.Test.Len(), 4000), uint64(seed))
	},
}

// dataset returns the data set that a job names, such as "unequal 1": the lab's own, or one made of it, with a seed.
func (l *Lab) dataset(name string) (*dataset.Dataset, error) {
	if name == "" {
		return l.Data, nil
	}
	if d := l.derived[name]; d != nil {
		return d, nil
	}
	kind, number, seeded := strings.Cut(name, " ")
	seed, err := strconv.Atoi(number)
	derive := derivations[kind]
	if derive == nil || seeded && (err != nil || seed < 0) {
		return nil, fmt.Errorf("no data set made of %s is called %q; want one of %q, with a seed as in \"unequal 1\", or none for %[1]s itself",
			l.Data.Name, name, slices.Sorted(maps.Keys(derivations)))
	}
	d, err := derive(l.Data, seed)
	if err != nil {
		return nil, err
	}
	if l.derived == nil {
		l.derived = map[string]*dataset.Dataset{}
	}
	l.derived[name] = d
	return d, nil
}

// runOf returns the run of a configuration on a data set that a job names, and that data set.
func (l *Lab) runOf(derived string, c training.Config) (*record.Run, *dataset.Dataset, error) {
	data, err := l.dataset(derived)
	if err != nil {
		return nil, nil, err
	}
	run, err := training.RunOf(l.Runs, data, c)
	return run, data, err
}

// ReadPlanned reads one run of a plan. Written by hand, it may have the configuration alone.
func ReadPlanned(r io.Reader) (p Planned, err error) {
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&p); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return p, errors.New("it ends before its JSON object does: want one line of a plan")
	} else if err != nil {
		return p, fmt.Errorf("want one line of a plan, as experiment -plan prints it: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return p, fmt.Errorf("something follows its JSON object at byte %d: want one line of a plan", decoder.InputOffset())
	}
	return p, p.Config.Validate()
}

// Execute trains a planned run, or finds it. That it would be another run than the planned one is an error.
func (l *Lab) Execute(ctx context.Context, p Planned) (*training.Result, error) {
	run, data, err := l.runOf(p.Derived, p.Config)
	if err != nil {
		return nil, err
	}
	switch {
	case p.Data != "" && p.Data != data.Checksum:
		return nil, fmt.Errorf("run %s was planned on another data set (checksum %.12s) than this one (%.12s): name it with -data, or plan again",
			p.Run, p.Data, data.Checksum)
	case p.Run != "" && p.Run != run.Name():
		return nil, fmt.Errorf("run %s is planned and this would be %s: its configuration was changed by hand, or another version of the program planned it; plan again",
			p.Run, run.Name())
	}
	return l.train(ctx, data, p.Config, p.Snapshots...)
}

package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

// Planned is a run that experiments need, in a form that another program can read and execute.
type Planned struct {
	Run       string          `json:"run"`               // name of the run
	Folder    string          `json:"folder"`            // folder of the run, whether it exists or not
	Done      bool            `json:"done"`              // the run is finished and has all its snapshots
	Scale     string          `json:"scale"`             // name of the scale, which determines the number of images
	Data      string          `json:"data"`              // checksum of the data set that it is trained on
	Derived   string          `json:"derived,omitempty"` // name of the derived data set, for Lab.Dataset; "": the lab's own
	Config    training.Config `json:"config"`
	Snapshots []int           `json:"snapshots,omitempty"` // epochs whose weights are kept
	For       []string        `json:"for,omitempty"`       // names of the experiments that need it
}

// Needed are the runs that an experiment needs.
type Needed struct {
	For  string // name of the experiment
	Jobs []Job
}

// Plan returns the runs that experiments need, each once, in the order in which they are needed. It needs no backend.
// If a run cannot be read, Plan prints the error to Options.Out and counts the run as not done. Training such a run
// then states what has to be done about it.
func Plan(l *Lab, needed []Needed) ([]Planned, error) {
	var all []Planned
	var runs []*record.Run
	place := map[string]int{}
	for _, e := range needed {
		for _, j := range e.Jobs {
			run, data, err := l.RunOf(j.Derived, j.Config)
			if err != nil {
				return nil, err
			}
			i, there := place[run.Name()]
			if !there {
				i = len(all)
				place[run.Name()] = i
				runs = append(runs, run)
				all = append(all, Planned{Run: run.Name(), Folder: run.Folder(), Scale: l.Scale.Name, Data: data.Checksum, Derived: j.Derived, Config: j.Config})
			}
			p := &all[i]
			p.Snapshots = append(p.Snapshots, j.Snapshots...)
			if !slices.Contains(p.For, e.For) {
				p.For = append(p.For, e.For)
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
		fmt.Fprintln(l.Out, err)
	}
	return all, nil
}

// ReadPlanned reads one run of a plan, one JSON object. A run that is written by hand may consist of the configuration
// alone. Unknown fields, a second value and an invalid configuration are errors.
func ReadPlanned(r io.Reader) (p Planned, err error) {
	content, err := io.ReadAll(r)
	if err != nil {
		return p, err
	}
	if err := record.Decode(content, &p); err != nil {
		return p, fmt.Errorf("this is no line of a plan, as experiment -plan prints it: %w", err)
	}
	return p, p.Config.Validate()
}

// Execute trains a planned run or finds it. If the plan names another run or another data set than this lab gives, that
// is an error.
func (l *Lab) Execute(ctx context.Context, p Planned) (*training.Result, error) {
	run, data, err := l.RunOf(p.Derived, p.Config)
	if err != nil {
		return nil, err
	}
	switch {
	case p.Data != "" && p.Data != data.Checksum:
		return nil, fmt.Errorf("run %s was planned for a data set with checksum %.12s, but this one has %.12s: name the right data set with -data, or plan again",
			p.Run, p.Data, data.Checksum)
	case p.Run != "" && p.Run != run.Name():
		return nil, fmt.Errorf("the plan is for run %s, but its configuration gives run %s: it was changed by hand, or another version of the program made the plan; plan again",
			p.Run, run.Name())
	}
	return l.TrainOn(ctx, data, p.Config, p.Snapshots...)
}

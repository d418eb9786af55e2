package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"fashionlatent/experiments"
	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/report"
)

func experiment(ctx context.Context, c *call) error {
	o := c.labFlags()
	c.jobsFlag(o)
	plan := c.Bool("plan", false, "print the runs that are needed, one JSON object per line, which train -config reads; without a name, the runs of all experiments; with -add, only the runs that -add would train")
	add := c.Bool("add", false, "keep the scores of the experiment's report, even if their runs are not here, and take only those that are missing")
	within := c.Duration("within", 0, "`time` for each experiment, after which -add begins nothing further and writes the report with the scores that are there (default: no limit)")
	asJSON := c.jsonFlag()
	names, err := c.parse(len(experiments.All))
	if err != nil {
		return err
	}
	switch {
	case *within < 0:
		return usageError{fmt.Errorf("-within is %v, want a time above 0", *within)}
	case *add && len(names) == 0 && !*plan:
		return usageError{errors.New("-add is given without the name of an experiment")}
	case *within > 0 && *plan:
		return usageError{errors.New("-within limits the time of training, and -plan trains nothing")}
	case *within > 0 && !*add:
		return usageError{errors.New("-within limits the time of -add, which is not given")}
	case *within == 0:
		*within = math.MaxInt64
	}
	planOf := experiments.Plan
	if *add {
		planOf = experiments.PlanAdd
	}
	if len(names) == 0 && *plan {
		return c.plan(ctx, o, planOf, experiments.All)
	}
	if len(names) == 0 && *asJSON {
		return c.printJSON(experimentsJSON())
	}
	if len(names) == 0 {
		for _, e := range experiments.All {
			fmt.Fprintf(c.out, "%-12s %s\n", e.Name, e.Question)
		}
		return nil
	}
	var chosen []experiments.Experiment
	for _, name := range names {
		e, err := experiments.Named(name)
		if err != nil {
			return usageError{err}
		}
		chosen = append(chosen, e)
	}
	if *plan {
		return c.plan(ctx, o, planOf, chosen)
	}
	l, err := open(ctx, o)
	if err != nil {
		return err
	}
	defer l.Close()
	var reports []reportJSON
	for _, e := range chosen {
		run := e.Run
		if *add {
			run = func(ctx context.Context, l *experiments.Lab) (*report.Report, error) { return e.Add(ctx, l, *within) }
		}
		r, err := run(ctx, l)
		if err != nil && reports != nil { // those that are made are printed
			return errors.Join(err, c.printJSON(reports))
		}
		if err != nil {
			return err
		}
		if *asJSON {
			content, err := r.JSON()
			if err != nil {
				return err
			}
			reports = append(reports, reportJSON{l.Folder(e.Name), content})
			continue
		}
		c.tell(r, l.Folder(e.Name))
	}
	if *asJSON {
		return c.printJSON(reports)
	}
	return nil
}

// plan prints runs of experiments.
func (c *call) plan(ctx context.Context, o *lab.Options, planOf func(context.Context, lab.Options, ...experiments.Experiment) ([]lab.Planned, error), of []experiments.Experiment) error {
	planned, err := planOf(ctx, *o, of...)
	if err != nil {
		return err
	}
	lines := json.NewEncoder(c.out)
	for _, p := range planned {
		if err := lines.Encode(p); err != nil {
			return err
		}
	}
	return nil
}

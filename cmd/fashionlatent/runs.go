package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"fashionlatent/experiments"
	"fashionlatent/experiments/lab"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
)

// store is the store of runs in a folder of results, and the path of the store.
func store(results string) (*record.Store, string, error) {
	results = lab.ResultsFolder(results)
	return lab.Store(results), filepath.Join(results, "runs"), lab.CheckResults(results)
}

// runs lists runs.
func runs(_ context.Context, c *call) error {
	var results string
	c.resultsFlag(&results)
	filter := c.String("filter", "", "list only runs for which all of these `comparisons` hold, as in \"model=vae latent>2 state!=stopped\"; a word alone is a part of the name")
	by := c.String("sort", "run", "`property` by which the runs of a data set are sorted; with a hyphen before it, as in -date, in decreasing order")
	asJSON := c.jsonFlag()
	if _, err := c.parse(0); err != nil {
		return err
	}
	in, folder, err := store(results)
	if err != nil {
		return err
	}
	all, problems := lab.List(in)
	published := func() {
		if names := lab.PublishedNames(lab.ResultsFolder(results)); names != nil {
			fmt.Fprintln(c.out, show.Wrap("Published models, which can be named like runs: "+strings.Join(names, ", ")+".", c.width()))
		}
	}
	list, err := lab.Filter(all, *filter)
	if err == nil {
		err = lab.Sort(list, *by)
	}
	switch {
	case err != nil:
		return usageError{err}
	case *asJSON:
		for i := range list {
			list[i].Scores = list[i].MainScores()
		}
		return errors.Join(c.printJSON(list), problems)
	case len(all) == 0 && problems == nil:
		fmt.Fprintln(c.errOut, "there are no runs in", folder)
		published()
		return nil
	case len(list) == 0 && len(all) > 0:
		fmt.Fprintf(c.errOut, "no run fits the filter %q; runs in %s: %d\n", *filter, folder, len(all))
		if why := lab.Unmatched(all, *filter); why != "" {
			fmt.Fprintln(c.errOut, why)
		}
	}
	for _, t := range lab.RunTables(list) {
		fmt.Fprintln(c.out, t.Text(c.width()))
	}
	if len(list) > 0 {
		fmt.Fprintln(c.out, show.Wrap(lab.RunsNote, c.width()))
	}
	published()
	return problems
}

// named parses the flags and reads the n runs that the arguments name.
func (c *call) named(results *string, n int) (all []experiments.RunReport, err error) {
	names, err := c.parse(n)
	if err != nil {
		return nil, err
	}
	if len(names) != n {
		return nil, usageError{fmt.Errorf("%d runs are named, want %d: their names or beginnings; fashionlatent runs lists the names", len(names), n)}
	}
	in, _, err := store(*results)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		run, err := in.Load(name)
		if err != nil {
			return nil, err
		}
		r, err := experiments.ReadRun(run)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// showRun prints everything that is known of a run.
func showRun(_ context.Context, c *call) error {
	var results string
	c.resultsFlag(&results)
	asJSON := c.jsonFlag()
	all, err := c.named(&results, 1)
	if err != nil {
		return err
	}
	r := all[0]
	if *asJSON {
		return c.printJSON(r)
	}
	started := "" // the run to start from may be in training
	if !r.Started.IsZero() {
		started = r.Started.Format(time.DateTime + " MST")
	}
	fmt.Fprintf(c.out, "run      %s\nfolder   %s\nstate    %s\n", r.Run, r.Folder, cmp.Or(r.Progress(), r.State))
	for _, line := range []struct{ name, text string }{
		{"problem", r.Problem}, {"data", r.Data}, {"checksum", r.Checksum}, {"start", strings.Join(r.StartsFrom, ", which starts from ")},
		{"backend", r.Backend}, {"commit", cmp.Or(r.Commit, "not kept")}, {"started", started},
		{"took", show.Duration(time.Duration(r.Seconds * float64(time.Second)))}, {"size", lab.Size(r.Bytes)},
	} {
		if line.text != "" {
			fmt.Fprintf(c.out, "%-8s %s\n", line.name, line.text)
		}
	}
	for _, t := range r.Tables() {
		fmt.Fprintf(c.out, "\n%s", t.Text(c.width()))
	}
	return nil
}

// compare prints two runs side by side and draws their losses.
func compare(_ context.Context, c *call) error {
	var results string
	c.resultsFlag(&results)
	out := c.String("out", "compare.png", "`file` for the figure of the losses; \"\" for none")
	c.checks = append(c.checks, func() error {
		switch *out {
		case standardOut:
			return errors.New(`-out is -, want the name of a file, or "" for none: the tables are printed there`)
		case "":
			return nil
		}
		return c.checkOut(*out, ".png")
	})
	all, err := c.named(&results, 2)
	if err != nil {
		return err
	}
	if all[0].Run == all[1].Run {
		return usageError{fmt.Errorf("both names mean the run %s, want two runs", all[0].Run)}
	}
	for _, t := range experiments.SideBySide(all[0], all[1]) {
		fmt.Fprintln(c.out, t.Text(c.width()))
	}
	if *out == "" {
		return nil
	}
	f, err := experiments.SideBySideCurves(all[0], all[1])
	if errors.As(err, new(experiments.NoFigure)) {
		fmt.Fprintln(c.errOut, err)
		return nil
	}
	if err != nil {
		return err
	}
	return c.writeOut(*out, ".png", func(path string) error { return show.Save(f, path) })
}

// remove removes a run.
func remove(_ context.Context, c *call) error {
	var results string
	c.resultsFlag(&results)
	names, err := c.parse(1)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return usageError{errors.New("no run is named, want the name of a run or its beginning; fashionlatent runs lists the names")}
	}
	in, _, err := store(results)
	if err != nil {
		return err
	}
	folder, err := lab.RemoveRun(in, names[0])
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.out, "removed", folder)
	return err
}

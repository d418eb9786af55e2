package main

import (
	"context"
	"fmt"
	"path/filepath"

	"fashionlatent/experiments/lab"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
)

// store is the store of runs in a folder of results, and the path of the store.
func store(results string) (*record.Store, string) {
	folder := filepath.Join(lab.ResultsFolder(results), "runs")
	return record.Open(folder), folder
}

// runs lists runs.
func runs(_ context.Context, c *call) error {
	var results string
	c.resultsFlag(&results)
	filter := c.String("filter", "", "list only runs for which all of these `comparisons` hold, as in \"model=vae latent>2 state!=stopped\"; a word alone is a part of the name")
	by := c.String("sort", "run", "`property` by which the runs of a data set are sorted; with a hyphen before it, as in -date, in decreasing order")
	if _, err := c.parse(0); err != nil {
		return err
	}
	if err := lab.CheckResults(results); err != nil {
		return err
	}
	in, folder := store(results)
	all, problems := lab.List(in)
	list, err := lab.Filter(all, *filter)
	if err == nil {
		err = lab.Sort(list, *by)
	}
	if err != nil {
		return usageError{err}
	}
	switch {
	case len(all) == 0 && problems == nil:
		fmt.Fprintln(c.errOut, "there are no runs in", folder)
		return nil
	case len(list) == 0 && len(all) > 0:
		fmt.Fprintf(c.errOut, "none of the %d runs in %s fits the filter %q\n", len(all), folder, *filter)
	}
	for _, t := range lab.RunTables(list) {
		fmt.Fprintln(c.out, t.Text(c.width()))
	}
	if len(list) > 0 {
		fmt.Fprintln(c.out, show.Wrap(lab.RunsNote, c.width()))
	}
	return problems
}

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"

	"fashionlatent/experiments"
	"fashionlatent/experiments/lab"
)

// verify derives the reports of experiments again from their scores and compares them. With -rerun it also trains some
// of their runs again.
func verify(ctx context.Context, c *call) error {
	o := &lab.Options{Out: c.errOut}
	c.resultsFlag(&o.Results)
	c.dataFlag(&o.Data)
	c.clustersFlag(o)
	c.jobsFlag(o)
	c.StringVar(&o.Scale, "scale", lab.Full.Name, "`scale` of the results")
	c.checkScale(&o.Scale)
	n := c.Int("rerun", 0, "number of `runs` to train again, drawn at random from the runs of the results; this is done in a temporary folder, which is removed; each of their scores is compared with its row of scores.csv. "+
		"If a run was trained with the same backend, plugin, processor and number of threads as here, the bits must be the same. "+
		"Otherwise they may differ as much as the scores of two seeds do in 99.9 % of cases, by the standard deviation over the row's seeds, or over the seeds of all rows of its metric where that is larger; about one score in a thousand may differ more by chance. Rows with fewer than two seeds are not compared")
	c.checks = append(c.checks, func() error { return notBelow("rerun", *n, 0) })
	seed := c.Uint64("seed", 0, "`seed` of the draw (default: a new one each time)")
	asJSON := c.jsonFlag()
	if _, err := c.parse(0); err != nil {
		return err
	}
	tables := lab.ResultsFolder(o.Results)
	if o.Data != "" || os.Getenv(lab.EnvData) != "" {
		var err error
		if _, tables, err = lab.Source(ctx, *o); err != nil {
			return err
		}
	}
	verified, err := experiments.Verify(ctx, tables, o.Scale)
	if err != nil {
		return err
	}
	if len(verified) == 0 {
		return fmt.Errorf("there are no results at scale %s in %s", o.Scale, tables)
	}
	var all []verifiedJSON
	tell := func(verified []experiments.Verified, rerun bool) (problems int) {
		if !*asJSON {
			return c.differences(verified)
		}
		for _, v := range verified {
			all = append(all, verifiedJSON{v.Experiment, v.Rows, append([]string{}, v.Problems...), rerun})
			problems += len(v.Problems)
		}
		return problems
	}
	problems := tell(verified, false)
	if *n > 0 {
		if !c.given("seed") {
			*seed = rand.Uint64N(1 << 32)
		}
		again, err := rerun(ctx, c, *o, tables, *n, *seed)
		if err != nil && all != nil { // what was verified is printed
			return errors.Join(err, c.printJSON(all))
		}
		if err != nil {
			return err
		}
		problems += tell(again, true)
	}
	if *asJSON {
		if err := c.printJSON(all); err != nil {
			return err
		}
	}
	if problems > 0 {
		return fmt.Errorf("number of differences: %d", problems)
	}
	return nil
}

// lostError is the error of interrupted work of which nothing is kept.
type lostError struct{ error }

// rerun trains runs again in a temporary store.
func rerun(ctx context.Context, c *call, o lab.Options, tables string, n int, seed uint64) ([]experiments.Verified, error) {
	scratch, err := os.MkdirTemp("", "fashionlatent-verify-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	o.Results = scratch
	l, err := open(ctx, &o)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	fmt.Fprintf(c.errOut, "training up to %d runs again, chosen with -seed %d\n", n, seed)
	again, err := experiments.Rerun(ctx, l, tables, n, seed)
	if err != nil && ctx.Err() != nil {
		err = lostError{fmt.Errorf("nothing is kept; -seed %d draws the same runs", seed)}
	}
	return again, err
}

// differences prints the results of a verification, and returns the number of differences.
func (c *call) differences(all []experiments.Verified) (problems int) {
	for _, v := range all {
		if len(v.Problems) == 0 {
			fmt.Fprintf(c.out, "%-12s %d scores, nothing differs\n", v.Experiment, v.Rows)
			continue
		}
		fmt.Fprintf(c.out, "%-12s %d scores; number of differences: %d\n", v.Experiment, v.Rows, len(v.Problems))
		for _, p := range v.Problems {
			fmt.Fprintf(c.out, "  %s\n", p)
		}
		problems += len(v.Problems)
	}
	return problems
}

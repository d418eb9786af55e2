package main

import (
	"context"
	"fmt"
	"strings"

	"fashionlatent/experiments/lab"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/export"
	"fashionlatent/lib/training"
)

// exportRun writes a run in the format of another program.
func exportRun(_ context.Context, c *call) error {
	var results string
	c.resultsFlag(&results)
	run := c.runFlag()
	var formats []string
	for _, f := range export.Formats {
		formats = append(formats, f.Name+" ("+f.Holds+")")
	}
	format := c.String("format", export.Formats[0].Name, "`format`: "+strings.Join(formats, ", "))
	out := c.String("out", "", "`folder` to write (default: the name of the run, in the working directory)")
	c.checkFolder(out)
	if _, err := c.parse(0); err != nil {
		return err
	}
	f, err := export.Named(*format)
	if err != nil {
		return usageError{err}
	}
	r, closeRun, err := storedRun(results, *run)
	if err != nil {
		return err
	}
	defer closeRun()
	folder := *out
	if folder == "" {
		folder = r.Run.Name()
	}
	paths, err := f.Write(r, folder)
	if err != nil {
		return err
	}
	for _, path := range paths {
		fmt.Fprintln(c.out, path)
	}
	return nil
}

// storedRun reads a finished run without the data set that it was trained on. The caller must call closeRun.
func storedRun(results, run string) (r *training.Result, closeRun func(), err error) {
	if run == "" {
		return nil, nil, missingRun("run")
	}
	kept, err := lab.Store(lab.ResultsFolder(results)).Load(run)
	if err != nil {
		return nil, nil, err
	}
	device, err := backend.Open()
	if err != nil {
		return nil, nil, err
	}
	if r, _, err = training.Open(device, kept); err != nil {
		device.Close()
		return nil, nil, err
	}
	return r, device.Close, nil
}

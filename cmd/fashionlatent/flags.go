package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"fashionlatent/experiments/lab"
	"fashionlatent/lib/words"
)

// The errors of package flag.
var (
	unknownFlag = regexp.MustCompile(`^flag provided but not defined: -(.*)$`)
	bareFlag    = regexp.MustCompile(`^flag needs an argument: -(.*)$`)
	wrongValue  = regexp.MustCompile(`(?s)^invalid (?:boolean )?value ("(?:[^"\\]|\\.)*") for (?:flag )?-([^:]*): `)
)

// inWords is an error of package flag in plain words: what was given, and what would be right.
func (c *call) inWords(err error) error {
	text := err.Error()
	if found := unknownFlag.FindStringSubmatch(text); found != nil {
		var names []string
		c.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
		near := words.Near(found[1], names, false)
		for i, name := range near {
			near[i] = "-" + name
		}
		return fmt.Errorf("there is no flag -%s%s", found[1], words.Question(near))
	}
	if found := bareFlag.FindStringSubmatch(text); found != nil {
		return fmt.Errorf("-%s is given without a value, want %s", found[1], c.wanted(found[1]))
	}
	if found := wrongValue.FindStringSubmatch(text); found != nil {
		return fmt.Errorf("-%s is %s, want %s", found[2], found[1], c.wanted(found[2]))
	}
	return errors.New(strings.TrimPrefix(text, "flag: "))
}

// wanted says what a flag takes.
func (c *call) wanted(name string) string {
	switch c.Lookup(name).Value.(flag.Getter).Get().(type) {
	case int:
		return "a whole number"
	case uint64:
		return "a whole number from 0"
	case float64:
		return "a number"
	case bool:
		return fmt.Sprintf("-%[1]s alone, or -%[1]s=true or -%[1]s=false", name)
	case time.Duration:
		return "a time with its unit, such as 30s or 5m"
	}
	what, _ := flag.UnquoteUsage(c.Lookup(name))
	if strings.HasSuffix(what, "s") && what != "loss" {
		return what // such as nodes
	}
	return "a " + what
}

// labFlags adds the flags of commands that need a lab.
func (c *call) labFlags() *lab.Options {
	o := c.sourceFlags()
	c.clustersFlag(o)
	return o
}

// sourceFlags are the flags of commands that need a lab and find no clusters.
func (c *call) sourceFlags() *lab.Options {
	o := &lab.Options{Out: c.errOut}
	c.resultsFlag(&o.Results)
	c.dataFlag(&o.Data)
	c.scaleFlag(&o.Scale)
	return o
}

// clustersFlag adds the flag of commands that find clusters.
func (c *call) clustersFlag(o *lab.Options) {
	c.IntVar(&o.K, "k", 0, "number of `clusters` for a data set without labels (default: 10); with labels, it is the number of classes")
	c.checks = append(c.checks, func() error { return lab.CheckClusters(o.K) })
}

// jobsFlag adds the flag of commands that train several runs.
func (c *call) jobsFlag(o *lab.Options) {
	c.IntVar(&o.Jobs, "jobs", 0, "number of `runs` trained at the same time, as far as memory allows; it changes the results only by rounding (default: one per core, one on a GPU)")
	c.checks = append(c.checks, func() error { return notBelow("jobs", o.Jobs, 0) })
}

// checkFolder refuses standard output where a folder is written.
func (c *call) checkFolder(out *string) {
	c.checks = append(c.checks, func() error {
		if *out == "-" {
			return errors.New("-out is -, want the name of a folder: several files are written")
		}
		return nil
	})
}

// notBelow is the error of a flag whose value is below the least.
func notBelow(name string, value, least int) error {
	if value < least {
		return fmt.Errorf("-%s is %d, want %d or more", name, value, least)
	}
	return nil
}

func (c *call) scaleFlag(into *string) {
	var names []string
	for _, s := range lab.Scales {
		names = append(names, s.Name)
	}
	c.StringVar(into, "scale", cmp.Or(os.Getenv(lab.EnvScale), lab.Quick.Name), "`scale`: "+strings.Join(names, ", ")+"; seeds and epochs can be added, such as full,seeds=10,epochs=50")
	c.checkScale(into)
}

func (c *call) checkScale(scale *string) {
	c.checks = append(c.checks, func() error {
		_, err := lab.ScaleNamed(*scale)
		return err
	})
}

// scaleOfImages explains the flag -scale of a command that runs no experiment.
func (c *call) scaleOfImages(o *lab.Options) {
	c.Lookup("scale").Usage = fmt.Sprintf("`scale`, which here chooses the images: %s takes the first %d training and %d test images, the others take all", lab.Smoke.Name, lab.Smoke.Train, lab.Smoke.Test)
	c.checks = append(c.checks, func() error {
		if c.given("scale") && strings.Contains(o.Scale, ",") {
			return fmt.Errorf("-scale is %q, want a scale alone: this command runs no experiment, so that seeds and epochs of the scale change nothing", o.Scale)
		}
		return nil
	})
}

func (c *call) resultsFlag(into *string) {
	c.StringVar(into, "results", "", "`folder` of runs and results (default: results)")
}

func (c *call) dataFlag(into *string) {
	c.StringVar(into, "data", "", "`path` of another data set of grey images, 8 x 8 to 128 x 128: a folder of IDX files named like MNIST's, an .npz file as Keras or MedMNIST writes it, "+
		"a folder of PNG files in train/CLASS and test/CLASS, or mnist for MNIST (default: Fashion-MNIST)")
}

// given says whether a flag is in the command line.
func (c *call) given(name string) bool {
	given := false
	c.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	return given
}

// runFlag adds the flag that names a finished run.
func (c *call) runFlag() *string {
	return c.String("run", "", "finished `run`, by its name, the beginning of its name or its folder, or a published model, such as vae-d16")
}

// missingRun is the error of a flag that must name a run and is not given.
func missingRun(flag string) error {
	return usageError{fmt.Errorf("-%s is missing: want a run, by its name, the beginning of its name or its folder; the command runs lists the names", flag)}
}

package experiments

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fashionlatent/lib/training"
)

// runsOf is the end of a caption: the names of the runs that are shown.
func runsOf(results ...*training.Result) string {
	var names []string
	for _, r := range results {
		names = append(names, r.Run.Name())
	}
	return runsNamed(names)
}

// runsNamed is runsOf for names, which may be there twice.
func runsNamed(all []string) string {
	var names []string
	for _, name := range all {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 1 {
		return " Run " + names[0] + "."
	}
	return " Runs " + strings.Join(names, ", ") + "."
}

// Names returns names that tell runs apart: the model, followed by each setting in which the runs differ.
func Names(results ...*training.Result) []string {
	var names []string
	for _, r := range results {
		names = append(names, r.Config.Model.String())
	}
	for _, attribute := range []func(c training.Config) string{
		func(c training.Config) string { return fmt.Sprintf("hidden %v", c.Model.Hidden) },
		func(c training.Config) string { return c.Model.Activation },
		func(c training.Config) string { return c.Model.Loss },
		func(c training.Config) string { return fmt.Sprintf("warm-up %g", c.Model.Warmup) },
		func(c training.Config) string { return fmt.Sprintf("free bits %g", c.Model.FreeBits) },
		func(c training.Config) string {
			if c.Model.Prior == 0 {
				return "prior N(0, I)"
			}
			return fmt.Sprintf("learned prior of %d", c.Model.Prior)
		},
		func(c training.Config) string { return fmt.Sprintf("VampPrior %v", c.Model.Vamp) },
		func(c training.Config) string { return fmt.Sprintf("levels %d", max(1, c.Model.Levels)) },
		func(c training.Config) string { return fmt.Sprintf("log-variances clipped %v", c.Model.Clipped) },
		func(c training.Config) string { return fmt.Sprintf("codes per image %d", max(1, c.Model.Samples)) },
		func(c training.Config) string { return fmt.Sprintf("dropout %g", c.Model.Dropout) },
		func(c training.Config) string { return fmt.Sprintf("noise %g", c.Model.Noise) },
		func(c training.Config) string { return "normalised by " + cmp.Or(c.Model.Normalised, "nothing") },
		func(c training.Config) string { return fmt.Sprintf("flip %v", c.Augment.Flip) },
		func(c training.Config) string { return fmt.Sprintf("shift %d", c.Augment.Shift) },
		func(c training.Config) string { return fmt.Sprintf("binarised %v", c.Augment.Binarise) },
		func(c training.Config) string { return fmt.Sprintf("%d epochs", c.Epochs) },
		func(c training.Config) string { return fmt.Sprintf("patience %d", c.Patience) },
		func(c training.Config) string {
			if c.Start == nil {
				return "from random weights"
			}
			return fmt.Sprintf("after %d epochs of another run", c.Start.Epochs)
		},
		func(c training.Config) string { return fmt.Sprintf("batch %d", c.Batch) },
		func(c training.Config) string { return fmt.Sprintf("rate %g", c.LearningRate) },
		func(c training.Config) string { return fmt.Sprintf("final rate %g", c.FinalRate) },
		func(c training.Config) string { return fmt.Sprintf("rate warm-up %g", c.RateWarmup) },
		func(c training.Config) string { return fmt.Sprintf("rate hold %g", c.RateHold) },
		func(c training.Config) string { return fmt.Sprintf("seed %d", c.Seed) },
		func(c training.Config) string {
			if c.Model.Model == "ae" {
				return "" // an AE has no beta
			}
			return fmt.Sprintf("beta %g", c.Model.Beta)
		},
	} {
		differ := map[string]bool{}
		for _, r := range results {
			if a := attribute(r.Config); a != "" {
				differ[a] = true
			}
		}
		for i, r := range results {
			if a := attribute(r.Config); len(differ) > 1 && a != "" {
				names[i] += ", " + a
			}
		}
	}
	return names
}

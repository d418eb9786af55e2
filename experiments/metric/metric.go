// Package metric holds the metrics of the study: each is a value with all that its numbers depend on, and a pure function
// of what it is taken of.
package metric

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"fashionlatent/lib/record"

	"gonum.org/v1/gonum/stat"
)

// Direction says which values of a metric are better.
type Direction int

// Directions.
const (
	Neither Direction = iota
	Higher
	Lower
)

// Metric is how one number is taken. Everything but Better, Digits and Unit identifies its scores.
type Metric struct {
	Name       string
	Version    int    // rises whenever the metric computes something else
	Parameters string // such as "k=5 seed=run", where the run's own seed is used
	Split      string // the images it is taken on
	N          int    // how many images, codes or samples it is taken on
	Data       string // checksum of the data set

	Unit   string // "" for a pure number
	Better Direction
	Unmet  string // why the data set cannot define it; "": it can

	of func(ctx context.Context, subject any) (float64, error)
}

// Splits.
const (
	Train = "train"
	Test  = "test"
	All   = "all" // training images, then test images
)

// Undefined is the error of a metric that some data or models do not define. Its text says why.
type Undefined struct{ Reason string }

func (u Undefined) Error() string { return "undefined, because " + u.Reason }

// Identity is what a score of the metric is kept under.
func (m Metric) Identity() record.Identity {
	return record.Identity{Metric: m.Name, Version: m.Version, Parameters: m.Parameters, Split: m.Split, N: m.N, Data: m.Data}
}

// Take takes the metric of a subject. Where it is undefined the score says why, and there is no error.
func (m Metric) Take(ctx context.Context, subject any) (record.Score, error) {
	score := record.Score{Identity: m.Identity(), Unit: m.Unit, Undefined: m.Unmet}
	if m.Unmet != "" {
		return score, nil
	}
	value, err := m.of(ctx, subject)
	var undefined Undefined
	if errors.As(err, &undefined) {
		score.Undefined = undefined.Reason
		return score, nil
	}
	if err != nil {
		return score, fmt.Errorf("metric %s: %w", m.Name, err)
	}
	score.Value = value
	return score, nil
}

// With is the metric with another parameter, such as "epoch=5".
func (m Metric) With(parameter string) Metric {
	m.Parameters = strings.TrimSpace(m.Parameters + " " + parameter)
	return m
}

// Setting is what the metrics of a data set depend on.
type Setting struct {
	Data         string // checksum of the data set
	Train, Test  int    // images
	TrainClasses int    // different labels among the training images; 0: it has no labels
	TestClasses  int    // and among the test images
	K            int    // clusters that are looked for
	Samples      int    // images, codes and samples that metrics take, where they do not take all
	Features     string // run of the classifier in whose features decoded images are compared
}

// metric makes a metric of a function of a subject of type S.
func metric[S any](s Setting, name, unit string, better Direction, n int, of func(ctx context.Context, subject S) (float64, error), parameters ...any) Metric {
	var text []string
	for pair := range slices.Chunk(parameters, 2) {
		text = append(text, fmt.Sprintf("%v=%v", pair...))
	}
	return Metric{
		Name: name, Version: 1, Parameters: strings.Join(text, " "), Split: Test, N: n, Data: s.Data, Unit: unit, Better: better,
		of: func(ctx context.Context, subject any) (float64, error) {
			known, ok := subject.(S)
			if !ok {
				return 0, Undefined{fmt.Sprintf("a %T has not what it is taken of", subject)}
			}
			return of(ctx, known)
		},
	}
}

// Because makes the error of a measure that its data do not define Undefined. That a context has ended stays what it is.
func Because(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, new(Undefined)) {
		return err
	}
	return Undefined{err.Error()}
}

func value(v float64, err error) (float64, error) { return v, Because(err) }

// labelled says why a metric that needs classes cannot be taken of the data set, which needs so many of them among its test
// images; "": it can.
func (s Setting) labelled(classes int) string {
	switch {
	case s.TestClasses == 0:
		return "the data set has no labels"
	case s.TestClasses < classes:
		return fmt.Sprintf("it needs %d classes among the test images, and there are %d", classes, s.TestClasses)
	}
	return ""
}

// images says why a metric that needs so many test images cannot be taken; "": it can.
func (s Setting) images(n int) string {
	if s.Test < n {
		return fmt.Sprintf("it needs %d test images, and there are %d", n, s.Test)
	}
	return ""
}

// unmet sets why metrics cannot be taken to the first reason that there is.
func unmet(metrics []Metric, reasons ...string) []Metric {
	for i := range metrics {
		for _, reason := range reasons {
			if metrics[i].Unmet == "" {
				metrics[i].Unmet = reason
			}
		}
	}
	return metrics
}

// Codes are the codes of images, row-major [n, Dim]; of a VAE the means of the posteriors.
type Codes struct {
	Values       []float32
	LogVariances []float32 // of a VAE's posteriors; nil for other models
	Dim          int
}

// Coded is a subject that encodes images and knows their classes.
type Coded interface {
	Codes(ctx context.Context, split string) (Codes, error)
	Labels(split string) []uint8 // [n]; nil: none
	Seed() uint64
}

// mean of values, which must not be empty.
func mean(values []float64, err error) (float64, error) {
	if err == nil && len(values) == 0 {
		err = Undefined{"there is nothing to take the mean of"}
	}
	if err != nil {
		return 0, err
	}
	return stat.Mean(values, nil), nil
}

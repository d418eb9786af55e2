// Package metric holds the metrics of the study. A metric is a value that names everything that its score depends on,
// and a function that computes the score of a subject.
package metric

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"fashionlatent/lib/record"

	"gonum.org/v1/gonum/stat"
)

// Direction says which values of a metric are better.
type Direction int

// The directions. Neither means that no direction is better.
const (
	Neither Direction = iota
	Higher
	Lower
)

// Metric says how one number is computed. Name, Version, Parameters, Split, N and Data identify its scores. Unit,
// Better and Unmet do not.
type Metric struct {
	Name       string
	Version    int    // raised whenever the metric computes something else; not if data that gave a number leave it undefined later
	Parameters string // such as "k=5 seed=run"; "run" stands for the run's own seed
	Split      string // the images that it is computed on
	N          int    // number of images, codes or samples that it is computed on
	Data       string // checksum of the data set

	Unit   string // "" for a pure number
	Better Direction
	Unmet  string // why the data set cannot define the metric; "": it can

	of func(ctx context.Context, subject any) (float64, error)
}

// Splits.
const (
	Train      = "train"
	Test       = "test"
	All        = "all"        // training images, then test images
	Validation = "validation" // training images that a run was not trained on
)

// Undefined is the error of a metric that is not defined for some data or models. Reason says why.
type Undefined struct{ Reason string }

func (u Undefined) Error() string { return "undefined, because " + u.Reason }

// Identity identifies the scores of the metric.
func (m Metric) Identity() record.Identity {
	return record.Identity{Metric: m.Name, Version: m.Version, Parameters: m.Parameters, Split: m.Split, N: m.N, Data: m.Data}
}

// Take computes the metric of a subject. If it is undefined, the score holds the reason and there is no error.
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
	if err == nil && (math.IsNaN(value) || math.IsInf(value, 0)) {
		err = fmt.Errorf("the score is %v, want a finite number", value)
	}
	if err != nil {
		return score, fmt.Errorf("metric %s: %w", m.Name, err)
	}
	score.Value = value
	return score, nil
}

// With is the metric with a further parameter, such as "epoch=5".
func (m Metric) With(parameter string) Metric {
	m.Parameters = strings.TrimSpace(m.Parameters + " " + parameter)
	return m
}

// Setting is what the metrics of a data set depend on.
type Setting struct {
	Data        string // checksum of the data set
	Train, Test int    // images
	Classes     int    // number of classes that labels can name; 0: there are no labels
	TestClasses int    // number of different labels among the test images; 0: there are no labels
	NewClass    bool   // a class of the test images has no training images
	K           int    // number of clusters to find
	Samples     int    // number of images, codes or samples that a metric takes, where it does not take all
	Sorted      bool   // the test images are sorted by class

	Features map[string]string // names of the runs of the feature extractors, by the names in Extractors
}

// metric makes a metric from a function of a subject of type S. parameters are pairs of name and value. For a subject
// of another type the metric is undefined.
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

// Because turns the error of a computation that the data do not define into Undefined. The error of an ended context is
// returned as it is.
func Because(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, new(Undefined)) {
		return err
	}
	return Undefined{err.Error()}
}

func value(v float64, err error) (float64, error) { return v, Because(err) }

// labelled says why a metric that needs at least classes different classes among the test images cannot be computed. It
// is "" if it can.
func (s Setting) labelled(classes int) string {
	switch {
	case s.TestClasses == 0:
		return "the data set has no labels"
	case s.TestClasses < classes:
		return fmt.Sprintf("it needs %d classes among the test images, and there are %d", classes, s.TestClasses)
	}
	return ""
}

// images says why a metric that needs at least n test images cannot be computed. It is "" if it can.
func (s Setting) images(n int) string {
	if s.Test < n {
		return fmt.Sprintf("it needs %d test images, and there are %d", n, s.Test)
	}
	return ""
}

// unmet sets Unmet of each metric to the first reason that is not "".
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

// Codes are the codes of images, row-major [n, Dim]. For a VAE they are the posterior means.
type Codes struct {
	Values       []float32
	LogVariances []float32 // [n, Dim], of the posteriors of a VAE; nil for an AE
	Dim          int
}

// Coded is a subject that encodes images and knows their classes.
type Coded interface {
	Codes(ctx context.Context, split string) (Codes, error)
	Drawn(ctx context.Context, split string) ([]float32, error) // one code of each image's posterior, [n, latent]
	Labels(split string) []uint8                                // [n]; nil: none
	Seed() uint64
}

// mean is the mean of values. Without values it is Undefined.
func mean(values []float64, err error) (float64, error) {
	if err == nil && len(values) == 0 {
		err = Undefined{"there is nothing to take the mean of"}
	}
	if err != nil {
		return 0, err
	}
	return stat.Mean(values, nil), nil
}

package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"fashionlatent/lib/export/events"
	"fashionlatent/lib/record"
)

// Splits of a history, which are folders of TensorBoard.
const (
	train = "train"
	test  = "test"
)

// curve is a column of a history, and the split that it belongs to. The losses of both splits have the same names.
type curve struct {
	split, name string
	value       func(e record.Epoch) float64
}

var curves = []curve{
	{train, "loss/total", func(e record.Epoch) float64 { return e.Train.Total() }},
	{train, "loss/reconstruction", func(e record.Epoch) float64 { return e.Train.Reconstruction }},
	{train, "loss/kl", func(e record.Epoch) float64 { return e.Train.KL }},
	{train, "schedule/beta", func(e record.Epoch) float64 { return e.Beta }},
	{train, "schedule/learning_rate", func(e record.Epoch) float64 { return e.LearningRate }},
	{test, "loss/total", func(e record.Epoch) float64 { return e.Test.Total() }},
	{test, "loss/reconstruction", func(e record.Epoch) float64 { return e.Test.Reconstruction }},
	{test, "loss/kl", func(e record.Epoch) float64 { return e.Test.KL }},
}

// eventFiles are an event file of the training images and one of the test images, which TensorBoard draws into the same
// plots. A point's step is the number of optimiser steps. Its time is that of the end of its epoch, as if the run had not been
// stopped before it was finished.
func eventFiles(s source) ([]file, error) {
	var files []file
	start := s.manifest.Finished
	for _, e := range s.History {
		start = start.Add(-seconds(e))
	}
	for _, split := range []string{train, test} {
		var scalars []events.Scalar
		at := start
		for _, e := range s.History {
			at = at.Add(seconds(e))
			for _, c := range curves {
				if c.split == split {
					scalars = append(scalars, events.Scalar{Tag: c.name, Step: e.Step, Time: at, Value: c.value(e)})
				}
			}
		}
		var content bytes.Buffer
		if err := events.Write(&content, start, scalars); err != nil {
			return nil, err
		}
		files = append(files, file{path: fmt.Sprintf("%s/events.out.tfevents.%d.%s", split, start.Unix(), s.Run.Name()), content: content.Bytes()})
	}
	return files, nil
}

// pointsName is the file name of GoMLX's ui/plot.TrainingPlotFileName.
const pointsName = "training_plot_points.json"

// point is GoMLX's ui/plot.Point. That package is not imported, because it brings libraries for terminals.
type point struct {
	MetricName string
	Short      string
	MetricType string
	Step       float64
	Value      float64
}

// gomlx is the name of the curve in the manner of GoMLX, and the kind by which it groups curves into plots.
func (c curve) gomlx() (name, kind string) {
	kind, name, _ = strings.Cut(c.name, "/")
	if kind != "loss" {
		return name, name
	}
	if c.split == train {
		return "Train: " + name, kind
	}
	return name + " on test", kind
}

// pointFiles are the points of the history, one JSON object per line. Points that are not finite are left out, as GoMLX does.
func pointFiles(s source) ([]file, error) {
	var content bytes.Buffer
	lines := json.NewEncoder(&content)
	for _, e := range s.History {
		for _, c := range curves {
			v := c.value(e)
			if math.IsNaN(v) || math.IsInf(v, 0) {
				continue
			}
			name, kind := c.gomlx()
			if err := lines.Encode(point{name, name, kind, float64(e.Step), v}); err != nil {
				return nil, err
			}
		}
	}
	return []file{{path: pointsName, content: content.Bytes()}}, nil
}

// seconds is the time that an epoch took.
func seconds(e record.Epoch) time.Duration { return time.Duration(e.Seconds * float64(time.Second)) }

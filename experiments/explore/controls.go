// Package explore makes the figures that readers change with controls, and gathers the data of the explorer page.
package explore

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/subject"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/show"
)

// Exploration is a figure of models side by side that a reader changes with controls.
type Exploration struct {
	Controls []show.Control
	Draw     show.Draw
}

// Live shows the figure and its controls in a notebook. See [show.Live].
func (e *Exploration) Live(ctx context.Context) error { return show.Live(ctx, e.Controls, e.Draw) }

const (
	exploredCodes  = 1000 // points on a map, if there are that many test images
	exploredImages = 100  // test images to choose from, if there are that many
	exploredSteps  = 100  // of a slider across a plane
	exploredSide   = 280  // width of a map in CSS pixels; small, because the map is sent again at every move
)

// Models are trained models on one data set that are shown side by side.
type Models struct {
	Names    []string
	Subjects []*subject.Model
	Classes  []string // names; nil: there are no labels
}

// explored holds the models of an exploration and the codes of test images.
type explored struct {
	Models
	dim     int
	side    int         // of an image, in pixels
	images  []uint8     // the images to choose from, [n, side*side]
	labels  []uint8     // [n]; nil: there are none
	codes   [][]float32 // of each model, the codes of the first exploredCodes test images, [m, dim]
	classes []uint8     // their labels, [m]; nil: there are none

	maps map[int]*figure.Map // maps that were drawn before, by the value of the choice
}

func explore(ctx context.Context, models Models) (*explored, error) {
	if len(models.Subjects) == 0 {
		return nil, errors.New("no model to explore")
	}
	first := models.Subjects[0]
	all := first.Data.Test
	test := all.Head(min(exploredCodes, all.Len()))
	some := test.Head(min(exploredImages, test.Len()))
	e := &explored{Models: models, dim: first.Model.Config.Latent, side: some.Side, images: some.Images, labels: some.Labels,
		classes: test.Labels, maps: map[int]*figure.Map{}}
	for _, s := range models.Subjects {
		if d := s.Model.Config.Latent; d != e.dim {
			return nil, fmt.Errorf("models with codes of %d and of %d dimensions cannot be explored side by side", e.dim, d)
		}
		codes, err := s.Codes(ctx, metric.Test)
		if err != nil {
			return nil, err
		}
		e.codes = append(e.codes, codes.Values[:test.Len()*e.dim])
	}
	return e, nil
}

// choice is the control that selects which models are shown.
func (e *explored) choice() show.Control {
	return show.Control{Label: "model", Options: append([]string{"side by side"}, e.Names...)}
}

// chosen returns the indices of the models that a value of the choice shows.
func (e *explored) chosen(value int) []int {
	if value > 0 {
		return []int{value - 1}
	}
	var all []int
	for i := range e.Subjects {
		all = append(all, i)
	}
	return all
}

// onMap draws, for each chosen model, a way through its plane and the reader's place on it. The codes must have 2
// dimensions.
func (e *explored) onMap(value int, ways, places [][]float32) (*figure.Figure, error) {
	if e.maps[value] == nil {
		var panels []figure.Panel
		names := e.Names
		for _, i := range e.chosen(value) {
			panels = append(panels, figure.Panel{Title: names[i], Points: e.codes[i], Labels: e.classes, X: "code 1", Y: "code 2"})
		}
		m, err := figure.NewMap(panels, figure.ScatterOptions{Names: e.Classes, NameClasses: true, PanelWidth: exploredSide})
		if err != nil {
			return nil, err
		}
		e.maps[value] = m
	}
	return e.maps[value].Mark(ways, places)
}

// decode returns the images of codes, [n, dim], of the i-th model as grey levels, [n, pixels].
func (e *explored) decode(ctx context.Context, i int, codes []float32) ([]uint8, error) {
	pixels, err := e.Subjects[i].Decode(ctx, codes)
	return autoencoder.Levels(pixels), err
}

// image returns the n-th image to choose from and its name.
func (e *explored) image(n int) (image []uint8, name string) {
	name = fmt.Sprint("test image ", n)
	if e.labels != nil {
		name += " (" + e.Classes[e.labels[n]] + ")"
	}
	return e.images[n*e.side*e.side : (n+1)*e.side*e.side], name
}

// last is the index of the last image to choose from.
func (e *explored) last() int { return len(e.images)/(e.side*e.side) - 1 }

// code returns the code of the n-th image by the i-th model, [dim].
func (e *explored) code(i, n int) []float32 { return e.codes[i][n*e.dim : (n+1)*e.dim] }

// Point lets the reader move a point in the planes of models with codes of 2 dimensions, and shows the image that is
// decoded there. In each model the point lies at the same fraction of the range of that model's codes. Other code sizes
// are an error.
func Point(ctx context.Context, models Models) (*Exploration, error) {
	e, err := explore(ctx, models)
	if err != nil {
		return nil, err
	}
	if e.dim != 2 {
		return nil, fmt.Errorf("these codes have %d dimensions, want 2 to move a point in their plane; ExploreDimension takes any number", e.dim)
	}
	slider := func(label string) show.Control {
		return show.Control{Label: label, Max: exploredSteps, Value: exploredSteps / 2}
	}
	draw := func(values []int) (*figure.Figure, error) {
		var images []uint8
		var heads, said []string
		var ways, places [][]float32
		for _, i := range e.chosen(values[0]) {
			at := []float32{e.across(i, 0, values[1]), e.across(i, 1, values[2])}
			image, err := e.decode(ctx, i, at)
			if err != nil {
				return nil, err
			}
			name := e.Names[i]
			images = append(images, image...)
			heads = append(heads, name)
			said = append(said, fmt.Sprintf("%s at (%.2f, %.2f)", name, at[0], at[1]))
			ways, places = append(ways, nil), append(places, at)
		}
		where, err := e.onMap(values[0], ways, places)
		if err != nil {
			return nil, err
		}
		decoded, err := figure.Grid(images, figure.GridOptions{Columns: len(heads), Heads: heads, Side: e.side, Scale: max(1, 224/e.side), Gap: 24})
		if err != nil {
			return nil, err
		}
		return e.together(where, decoded, "Image decoded at the ring: "+strings.Join(said, ", ")+".")
	}
	return &Exploration{[]show.Control{e.choice(), slider("code 1"), slider("code 2")}, draw}, nil
}

// across converts a step of a slider to a coordinate in the plane. Step 0 is the smallest code of the i-th model in
// this coordinate, and the last step the largest.
func (e *explored) across(i, coordinate, step int) float32 {
	low, high := float32(math.Inf(1)), float32(math.Inf(-1))
	for j := coordinate; j < len(e.codes[i]); j += e.dim {
		low, high = min(low, e.codes[i][j]), max(high, e.codes[i][j])
	}
	return low + (high-low)*float32(step)/exploredSteps
}

// together stacks the map, if there is one, above the images.
func (e *explored) together(where, images *figure.Figure, caption string) (*figure.Figure, error) {
	f := images
	if where != nil {
		var err error
		if f, err = figure.Beside([]*figure.Figure{where, images}, figure.BesideOptions{Columns: 1}); err != nil {
			return nil, err
		}
	}
	f.Caption, f.Alt = caption, caption+" "+f.Alt
	return f, nil
}

// Way lets the reader walk along the straight line between the codes of two test images, and shows images decoded on
// it.
func Way(ctx context.Context, models Models) (*Exploration, error) {
	e, err := explore(ctx, models)
	if err != nil {
		return nil, err
	}
	const steps, quarters = 20, 4
	heads := []string{"from", "0 %", "25 %", "50 %", "75 %", "100 %", "to", "here"}
	draw := func(values []int) (*figure.Figure, error) {
		from, fromName := e.image(values[1])
		to, toName := e.image(values[2])
		var rows []figure.Row
		var ways, places [][]float32
		for _, i := range e.chosen(values[0]) {
			a, b := e.code(i, values[1]), e.code(i, values[2])
			way, err := latent.Paths(a, b, e.dim, quarters)
			if err != nil {
				return nil, err
			}
			here := make([]float32, e.dim)
			latent.Linear(here, a, b, float64(values[3])/steps)
			images, err := e.decode(ctx, i, slices.Concat(way, here))
			if err != nil {
				return nil, err
			}
			last := len(images) - len(to)
			rows = append(rows, figure.Row{Name: e.Names[i], Images: slices.Concat(from, images[:last], to, images[last:])})
			ways, places = append(ways, slices.Concat(a, b)), append(places, here)
		}
		var where *figure.Figure
		if e.dim == 2 {
			var err error
			if where, err = e.onMap(values[0], ways, places); err != nil {
				return nil, err
			}
		}
		decoded, err := figure.Reconstructions(rows, figure.ReconstructionsOptions{Heads: heads, Side: e.side})
		if err != nil {
			return nil, err
		}
		return e.together(where, decoded, fmt.Sprintf("The straight line between the codes of %s and %s; here: %d %% of it.", fromName, toName, 100*values[3]/steps))
	}
	last := e.last()
	return &Exploration{[]show.Control{e.choice(), {Label: "from test image", Max: last, Value: 0}, {Label: "to", Max: last, Value: min(1, last)},
		{Label: "along the line", Max: steps, Value: steps / 2}}, draw}, nil
}

// Dimension lets the reader change one number of the code of a test image, and shows the decoded image. The number is
// given in standard deviations from its mean, over the codes of test images.
func Dimension(ctx context.Context, models Models) (*Exploration, error) {
	e, err := explore(ctx, models)
	if err != nil {
		return nil, err
	}
	const perDeviation, widest = 4, 3 // steps of the slider per standard deviation; standard deviations at its ends
	heads := []string{"image", "its code"}
	for v := -widest; v <= widest; v++ {
		heads = append(heads, deviations(float64(v), 0))
	}
	heads = append(heads, "here")
	var dimensions []string
	for j := range e.dim {
		dimensions = append(dimensions, strconv.Itoa(j+1))
	}
	draw := func(values []int) (*figure.Figure, error) {
		image, imageName := e.image(values[1])
		j, here := values[2], float64(values[3])/perDeviation-widest
		var rows []figure.Row
		for _, i := range e.chosen(values[0]) {
			mean, deviation := e.moments(i, j)
			codes := slices.Clone(e.code(i, values[1]))
			add := func(times float64) {
				code := slices.Clone(e.code(i, values[1]))
				code[j] = float32(mean + times*deviation)
				codes = append(codes, code...)
			}
			for v := -widest; v <= widest; v++ {
				add(float64(v))
			}
			add(here)
			images, err := e.decode(ctx, i, codes)
			if err != nil {
				return nil, err
			}
			rows = append(rows, figure.Row{Name: e.Names[i], Images: slices.Concat(image, images)})
		}
		decoded, err := figure.Reconstructions(rows, figure.ReconstructionsOptions{Heads: heads, Side: e.side})
		if err != nil {
			return nil, err
		}
		return e.together(nil, decoded, fmt.Sprintf("The code of %s with number %d of %d changed. Above each image is the distance of this number from its mean, in standard deviations; here: %s.", imageName, j+1, e.dim, deviations(here, 2)))
	}
	return &Exploration{[]show.Control{e.choice(), {Label: "test image", Max: e.last()}, {Label: "number", Options: dimensions},
		{Label: "value", Max: 2 * widest * perDeviation, Value: (widest + 2) * perDeviation}}, draw}, nil
}

// deviations formats a number with its sign and the given number of decimals. Zero has no sign.
func deviations(v float64, decimals int) string {
	if v == 0 {
		return "0"
	}
	return strings.ReplaceAll(fmt.Sprintf("%+.*f", decimals, v), "-", "−")
}

// moments returns the mean and the standard deviation (over n) of one number of the i-th model's codes.
func (e *explored) moments(i, coordinate int) (mean, deviation float64) {
	n := float64(len(e.codes[i]) / e.dim)
	for j := coordinate; j < len(e.codes[i]); j += e.dim {
		mean += float64(e.codes[i][j]) / n
	}
	for j := coordinate; j < len(e.codes[i]); j += e.dim {
		d := float64(e.codes[i][j]) - mean
		deviation += d * d / n
	}
	return mean, math.Sqrt(deviation)
}

package figure

import (
	"bytes"
	"image"
	"image/color"
	"math"
	"testing"
)

// A mark changes the map only at its place. The map itself stays unchanged.
func TestMap(t *testing.T) {
	panels := []Panel{{Title: "a", Points: []float32{0, 0, 1, 1}}, {Title: "b", Points: []float32{0, 0, 10, 10}}}
	o := ScatterOptions{PanelWidth: 200}
	m, err := NewMap(panels, o)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := SmallMultiples(panels, o)
	if err != nil {
		t.Fatal(err)
	}
	mark := func(ways, places [][]float32) *Figure {
		t.Helper()
		f, err := m.Mark(ways, places)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	changed := func(f *Figure) (all image.Rectangle) {
		for y := range f.Image.Bounds().Dy() {
			for x := range f.Image.Bounds().Dx() {
				if color.RGBAModel.Convert(f.Image.At(x, y)) != color.RGBAModel.Convert(plain.Image.At(x, y)) {
					all = all.Union(image.Rect(x, y, x+1, y+1))
				}
			}
		}
		return all
	}
	none := [][]float32{nil, nil}
	middle := mark(none, [][]float32{{.5, .5}, {5, 5}})
	where := changed(middle)
	if where.Empty() || where.Dy() > 40 {
		t.Errorf("marks in the middle of both panels changed %v", where)
	}
	if far := changed(mark(none, [][]float32{{.5, 99}, {5, 5}})); far.Min.Y >= where.Min.Y || far.Min.Y < 0 {
		t.Errorf("a place out of sight changed %v", far)
	}
	if way := changed(mark([][]float32{{0, 0, 1, 1}, nil}, [][]float32{{.5, .5}, {5, 5}})); way.Dy() < 150 {
		t.Errorf("a way across the first panel changed only %v", way)
	}
	a, _ := middle.PNG()
	b, _ := mark(none, [][]float32{{.5, .5}, {5, 5}}).PNG()
	if !bytes.Equal(a, b) {
		t.Error("the same mark gives another picture the second time")
	}
	nan := float32(math.NaN())
	for _, wrong := range [][2][][]float32{{{nil}, {{1, 1}}}, {none, {{1}, {1, 1}}}, {{{1}, nil}, {{1, 1}, {1, 1}}},
		{none, {{nan, 1}, {1, 1}}}, {{{0, 0, 1, float32(math.Inf(1))}, nil}, {{1, 1}, {1, 1}}}} {
		if _, err := m.Mark(wrong[0], wrong[1]); err == nil {
			t.Errorf("no error for ways %v and places %v", wrong[0], wrong[1])
		}
	}
	if _, err := NewMap(nil, o); err == nil {
		t.Error("no error without panels")
	}
}

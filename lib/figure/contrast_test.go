package figure

import (
	"image/color"
	"math"
	"testing"
)

func TestContrast(t *testing.T) {
	for _, c := range []struct {
		of   color.NRGBA
		want float64
	}{
		{inkPaper, 1}, {color.NRGBA{0, 0, 0, 255}, 21}, {color.NRGBA{0x77, 0x77, 0x77, 255}, 4.48}, {color.NRGBA{0, 0, 255, 255}, 8.59}, {palette[1], 1.92},
	} {
		if got := contrast(c.of); math.Abs(got-c.want) > .005 {
			t.Errorf("the contrast of %v is %.3f, want %.2f", c.of, got, c.want)
		}
	}
}

// Points and lines of every colour are seen on white. Colours that are dark enough stay as they are.
func TestColoursAreVisible(t *testing.T) {
	const colours = 30
	for i := range colours {
		if s := strong(hue(i)); contrast(s) < 3 || contrast(hue(i)) >= visible && s != hue(i) {
			t.Errorf("%v is drawn as %v, of contrast %.2f", hue(i), s, contrast(s))
		}
		if c := mark(i).Color.(color.NRGBA); contrast(c) < 3 {
			t.Errorf("mark %d has the contrast %.2f, want 3", i, contrast(c))
		}
	}

	// The points are smallest where there are many. All but one of each colour lie outside.
	const many = 5001
	panel := Panel{Points: make([]float32, 2*many), Labels: make([]uint8, many)}
	for i := range many {
		panel.Points[2*i], panel.Points[2*i+1] = 99, 99
		if i < colours {
			panel.Labels[i], panel.Points[2*i], panel.Points[2*i+1] = uint8(i), float32(i%6), float32(i/6)
		}
	}
	p, plots, places, err := drawPanels([]Panel{panel}, ScatterOptions{PanelWidth: 250, Limits: &Limits{-1, 6, -1, 6}})
	if err != nil {
		t.Fatal(err)
	}
	drawn := p.figure("", "").Image
	darkest := func(x, y, around float64) float64 { // contrast in a square
		most := 0.0
		for v := y - around; v <= y+around; v += 0.5 {
			for u := x - around; u <= x+around; u += 0.5 {
				most = max(most, contrast(color.NRGBAModel.Convert(drawn.At(int(density*u), int(density*v))).(color.NRGBA)))
			}
		}
		return most
	}
	for i := range colours {
		x := places[0].x0 + plots[0].X.Norm(float64(i%6))*(places[0].x1-places[0].x0)
		y := places[0].y1 - plots[0].Y.Norm(float64(i/6))*(places[0].y1-places[0].y0)
		if c := darkest(x, y, 3); c < 3 {
			t.Errorf("a point of colour %d has the contrast %.2f, want 3", i, c)
		}
	}

	// Each line is drawn by itself in a chart, and looked for between its marks.
	var charts []Chart
	for i := range colours {
		charts = append(charts, Chart{Series: []Series{{X: []float64{0, 1}, Y: []float64{0, 0}, Colour: i + 1}}})
	}
	f, err := Panels(charts, PanelsOptions{Columns: 6, Width: narrowest})
	if err != nil {
		t.Fatal(err)
	}
	drawn = f.Image
	high := float64(drawn.Bounds().Dy())/density - 2*margin
	for i := range colours {
		x := margin + float64(i%6)*(narrowest+boardGap) + 0.6*narrowest
		row := (high + boardGap) / 5
		if c := darkest(x, margin+float64(i/6)*row+row/2-boardGap, 25); c < 3 {
			t.Errorf("a line of colour %d has the contrast %.2f, want 3", i, c)
		}
	}
}

// Dots of a chosen colour keep the shape of their place.
func TestDotsColour(t *testing.T) {
	if got := (Dots{Colour: 3}).mark(1); got.Color != mark(2).Color || got.Shape != mark(1).Shape {
		t.Errorf("the mark is %+v, want the colour of %+v and the shape of %+v", got, mark(2), mark(1))
	}
	if got := (Dots{}).mark(1); got != mark(1) {
		t.Errorf("without a colour, the mark is %+v, want %+v", got, mark(1))
	}
}

// Marks tell apart what colours do not tell a reader who does not see them.
func TestSeriesMarks(t *testing.T) {
	ae, vae := Series{Colour: 1}, Series{Colour: 3}
	none := colouring{}
	if none.mark(ae).Shape == none.mark(vae).Shape {
		t.Error("two colours have the same mark")
	}
	seen := map[any]int{}
	for variant := range marks {
		shape := none.mark(Series{Colour: 3, Variant: variant}).Shape
		if before, ok := seen[shape]; ok {
			t.Errorf("the variants %d and %d of a colour have the same mark", before, variant)
		}
		seen[shape] = variant
	}
}

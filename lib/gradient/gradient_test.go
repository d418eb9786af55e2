package gradient

import (
	"math"
	"strings"
	"testing"
)

// draw makes an image of 8 x 8 from a function of row and column.
func draw(of func(y, x int) int) []uint8 {
	image := make([]uint8, 64)
	for i := range image {
		image[i] = uint8(of(i/8, i%8))
	}
	return image
}

func histograms(t *testing.T, images []uint8, cfg Config) []float32 {
	t.Helper()
	m, err := Histograms(t.Context(), images, 8, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m.X
}

// In an image with one cell, a pixel counts in proportion to its nearness to the centre: 15/16 in the rows 3 and 4, then
// 13/16, 11/16 and 9/16.
func TestDirections(t *testing.T) {
	bright := func(in bool) int {
		if in {
			return 200
		}
		return 0
	}
	for _, c := range []struct {
		name string
		of   func(y, x int) int
		want [4]float64 // right, down, left, up
	}{
		// Around one bright pixel, four gradients of the same length point to it.
		{"spot", func(y, x int) int { return bright(y == 3 && x == 3) }, [4]float64{15 * 13, 13 * 15, 15 * 15, 15 * 15}},
		// Above and below a bright row, eight gradients point to it. At its ends, the darkness outside gives one each.
		{"row", func(y, _ int) int { return bright(y == 3) }, [4]float64{15 * 9, 13 * 96, 15 * 9, 15 * 96}},
		{"black", func(int, int) int { return 0 }, [4]float64{}},
	} {
		got := histograms(t, draw(c.of), Config{Cell: 8, Directions: 4})
		total := max(1, c.want[0]+c.want[1]+c.want[2]+c.want[3])
		for i, want := range c.want {
			if math.Abs(float64(got[i])-math.Sqrt(want/total)) > 1e-6 {
				t.Errorf("%s: direction %d is %v, want %v", c.name, i, got[i], math.Sqrt(want/total))
			}
		}
	}
}

// A gradient between two directions and between four cells is shared in proportion to its nearness.
func TestShares(t *testing.T) {
	// The only gradients are those around one pixel. The pixel above it, at (3, 4), has a gradient down. Its centre,
	// (3.5, 4.5) pixels from the corner, is 1.5/4 of a cell from the centre of the upper row and 2.5/4 from that of the
	// lower; so the upper row gets 5/8, and the right column 5/8.
	got := histograms(t, draw(func(y, x int) int {
		if y == 4 && x == 4 {
			return 200
		}
		return 0
	}), Config{Cell: 4, Directions: 4})
	const down = 1
	squared := func(row, column int) float64 {
		v := float64(got[(row*2+column)*4+down])
		return v * v
	}
	for _, c := range []struct {
		row, column int
		want        float64
	}{{0, 0, 5. / 8 * 3 / 8}, {0, 1, 5. / 8 * 5 / 8}, {1, 0, 3. / 8 * 3 / 8}, {1, 1, 3. / 8 * 5 / 8}} {
		if v := squared(c.row, c.column); math.Abs(v-c.want/4) > 1e-6 { // one of four gradients of the same length
			t.Errorf("cell (%d, %d): %v, want %v", c.row, c.column, v, c.want/4)
		}
	}
	// On a ramp of equal slopes in x and y, all gradients point half-way between right and down.
	ramp := histograms(t, draw(func(y, x int) int { return 100 + 5*y + 5*x }), Config{Cell: 2, Directions: 4})
	for _, cell := range []int{1*4 + 1, 2*4 + 2} { // away from the border
		of := ramp[cell*4 : cell*4+4]
		if of[0] == 0 || math.Abs(float64(of[0]-of[1])) > 1e-6 || of[2] > 1e-6 || of[3] > 1e-6 {
			t.Errorf("ramp: %v", of)
		}
	}
}

// The brightness of an image changes nothing, and each description has length 1.
func TestBrightness(t *testing.T) {
	one := draw(func(y, x int) int { return (7*y + 13*x + y*x) % 100 })
	two := make([]uint8, 64)
	for i, v := range one {
		two[i] = 2 * v
	}
	got := histograms(t, append(one, two...), Config{})
	half := len(got) / 2
	var squares float64
	for i, v := range got[:half] {
		squares += float64(v) * float64(v)
		if math.Abs(float64(v-got[half+i])) > 1e-6 {
			t.Fatalf("value %d: %v and %v", i, v, got[half+i])
		}
	}
	if half != 2*2*8 || math.Abs(squares-1) > 1e-6 {
		t.Errorf("%d values, squared length %v", half, squares)
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		pixels, side int
		cfg          Config
		says         string
	}{
		{63, 8, Config{}, "63 pixels for images of 8 x 8"},
		{0, 8, Config{}, "want one image or more"},
		{64, 8, Config{Cell: 9}, "cells of 9 pixels"},
		{64, 8, Config{Directions: 1}, "1 directions; want 2 or more"},
	} {
		if _, err := Histograms(t.Context(), make([]uint8, c.pixels), c.side, c.cfg); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v, want it to say %q", c, err, c.says)
		}
	}
}

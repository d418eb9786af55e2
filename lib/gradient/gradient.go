// Package gradient describes grey images by the directions of their gradients.
package gradient

import (
	"context"
	"fmt"
	"math"

	"fashionlatent/lib/points"
)

// Config says how an image is divided. Zero fields stand for the defaults.
type Config struct {
	Cell       int // side of a square cell, in pixels; default 4
	Directions int // number of directions between 0 and 360 degrees; default 8
}

// Histograms describes each of n images, [n, side*side], by histograms of its gradients in square cells:
// [n, cells*cells*directions]. Each pixel adds the length of its gradient to the two nearest directions and the four
// nearest cells, in proportion to its nearness to each (Lowe 2004; for whole images, Dalal and Triggs 2005). The square
// roots of the sums are divided by their Euclidean length, so that Euclidean distances between images are Hellinger
// distances between histograms (Arandjelovic and Zisserman 2012). An image without gradients is described by zeros.
//
// The gradient of a pixel is half the difference of its two neighbours in each direction. Outside the image all is 0.
func Histograms(ctx context.Context, images []uint8, side int, cfg Config) (points.Matrix, error) {
	cell, directions := cfg.Cell, cfg.Directions
	if cell == 0 {
		cell = 4
	}
	if directions == 0 {
		directions = 8
	}
	switch {
	case side < 1 || len(images) == 0 || len(images)%(side*side) != 0:
		return points.Matrix{}, fmt.Errorf("gradient: %d pixels for images of %d x %d; want one image or more", len(images), side, side)
	case cell < 1 || cell > side:
		return points.Matrix{}, fmt.Errorf("gradient: cells of %d pixels in images of %d x %d; want 1 to %d", cell, side, side, side)
	case directions < 2:
		return points.Matrix{}, fmt.Errorf("gradient: %d directions; want 2 or more", directions)
	}
	cells := (side + cell - 1) / cell
	n, dim := len(images)/(side*side), cells*cells*directions
	x := make([]float32, n*dim)
	return points.Matrix{X: x, Dim: dim}, points.Split(ctx, n, min(n, 64), func(_, lo, hi int) {
		sums := make([]float64, dim)
		for i := lo; i < hi; i++ {
			clear(sums)
			histogram(sums, images[i*side*side:(i+1)*side*side], side, cell, cells, directions)
			total := points.Sum(sums) // of the squares of the square roots
			for j, s := range sums {
				if total > 0 {
					x[i*dim+j] = float32(math.Sqrt(s / total))
				}
			}
		}
	})
}

// histogram adds the gradients of an image to sums, [cells, cells, directions].
func histogram(sums []float64, image []uint8, side, cell, cells, directions int) {
	level := func(y, x int) float64 {
		if y < 0 || x < 0 || y >= side || x >= side {
			return 0
		}
		return float64(image[y*side+x])
	}
	for y := range side {
		for x := range side {
			dx, dy := (level(y, x+1)-level(y, x-1))/2, (level(y+1, x)-level(y-1, x))/2
			length := math.Hypot(dx, dy)
			if length == 0 {
				continue
			}
			down, below := nearest((float64(y)+.5)/float64(cell) - .5)
			right, beside := nearest((float64(x)+.5)/float64(cell) - .5)
			turn, ahead := nearest(math.Mod(math.Atan2(dy, dx)/(2*math.Pi)+1, 1) * float64(directions))
			for _, row := range []share{{down, 1 - below}, {down + 1, below}} {
				for _, column := range []share{{right, 1 - beside}, {right + 1, beside}} {
					if row.of < 0 || row.of >= cells || column.of < 0 || column.of >= cells {
						continue
					}
					at := (row.of*cells + column.of) * directions
					sums[at+turn%directions] += length * row.part * column.part * (1 - ahead)
					sums[at+(turn+1)%directions] += length * row.part * column.part * ahead
				}
			}
		}
	}
}

// share is a part of a gradient that falls to a row or column of cells.
type share struct {
	of   int
	part float64
}

// nearest divides a place between two whole numbers: the lower one, and the share of the upper one.
func nearest(place float64) (lower int, upper float64) {
	floor := math.Floor(place)
	return int(floor), place - floor
}

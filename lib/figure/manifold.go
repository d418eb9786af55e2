package figure

import (
	"cmp"
	"fmt"
	"math"
)

// ManifoldOptions says which codes the images of a manifold were decoded from.
type ManifoldOptions struct {
	X, Y         []float64 // code value of each column from the left, and of each row from the top
	XName, YName string    // names of the two coordinates, such as "code 1"
	Side         int       // height and width of an image in pixels; 0: 28
	Scale        int       // pixels of the picture per pixel of an image; 0: chosen to fit
}

// Manifold shows images decoded from a grid of codes, [len(Y)*len(X), side*side] row by row from the top. The code
// values are written at some of the columns and rows.
func Manifold(images []uint8, o ManifoldOptions) (*Figure, error) {
	s := sheet{images: images, side: o.Side, columns: len(o.X), scale: o.Scale}
	if err := s.defaults(); err != nil {
		return nil, err
	}
	if n := len(images) / (s.side * s.side); n != len(o.X)*len(o.Y) {
		return nil, fmt.Errorf("figure: %d images for a manifold of %d columns and %d rows", n, len(o.X), len(o.Y))
	}
	for _, v := range append(append([]float64{}, o.X...), o.Y...) {
		if !finite(v) {
			return nil, fmt.Errorf("figure: code value %v of a manifold, want a finite number", v)
		}
	}
	// Room for the values and names of both axes.
	xs, ys := codeLabels(o.X), codeLabels(o.Y)
	widestX, widestY := 0.0, 0.0
	for _, l := range xs {
		widestX = max(widestX, width(smallInk, l))
	}
	for _, l := range ys {
		widestY = max(widestY, width(smallInk, l))
	}
	left, bottom := widestY+14, sizeSmall+16.0
	cell := float64(s.side*s.scale) / density
	across, down := float64(s.columns)*cell, float64(s.rows)*cell
	xName, yName := wrap(textInk, max(across, 120), o.XName), wrap(textInk, down+margin, o.YName)
	right := max(0, (widestX-cell)/2, (width(textInk, xName)-across)/2)
	if yName != "" {
		left += height(textInk, yName) + 4
	}
	if xName != "" {
		bottom += height(textInk, xName) + 6
	}
	p, f, err := s.draw(max(left, right), right, bottom)
	if err != nil {
		return nil, err
	}
	edge := float64(s.gap) / density
	p.line(inkAxis, lineThin, 0, f.x0-0.4, f.y0-0.4, f.x1+0.4, f.y0-0.4, f.x1+0.4, f.y1+0.4, f.x0-0.4, f.y1+0.4, f.x0-0.4, f.y0-0.8)
	for _, i := range spread(len(xs), int((f.x1-f.x0)/(widestX+14))) {
		x := f.x0 + float64(i)*f.pitch + f.cell/2
		p.line(inkAxis, lineThin, 0, x, f.y1+edge, x, f.y1+4)
		p.write(smallInk.aligned(0.5), x, f.y1+7+sizeSmall*0.8, xs[i])
	}
	for _, i := range spread(len(ys), int((f.y1-f.y0)/(sizeSmall*2))) {
		y := f.y0 + float64(i)*f.pitch + f.cell/2
		p.line(inkAxis, lineThin, 0, f.x0-4, y, f.x0-edge, y)
		p.writeMid(smallInk.aligned(1), f.x0-7, y, ys[i])
	}
	if xName != "" {
		p.write(textInk.aligned(0.5), (f.x0+f.x1)/2, f.y1+34, xName)
	}
	if yName != "" {
		p.writeUp(textInk, margin, (f.y0+f.y1)/2, yName)
	}
	alt := fmt.Sprintf("Latent manifold: %d by %d decoded images side by side, %s from %s at the left to %s at the right, %s from %s at the bottom to %s at the top.",
		len(xs), len(ys), cmp.Or(o.XName, "one coordinate"), xs[0], xs[len(xs)-1], cmp.Or(o.YName, "the other"), ys[len(ys)-1], ys[0])
	return p.figure(alt, fmt.Sprintf("Images decoded from a grid of %d x %d codes.", len(xs), len(ys))), nil
}

// codeLabels formats all values with the same number of decimals: two, fewer for values of 10 and above, and more if
// all are below 0.1.
func codeLabels(values []float64) []string {
	largest := 0.0
	for _, v := range values {
		largest = max(largest, math.Abs(v))
	}
	decimals := 2
	switch {
	case largest >= 100:
		decimals = 0
	case largest >= 10:
		decimals = 1
	case largest > 0 && largest < 0.1:
		decimals = min(6, 2-int(math.Floor(math.Log10(largest))))
	}
	labels := make([]string, len(values))
	for i, v := range values {
		labels[i] = number(v, decimals)
	}
	return labels
}

// spread picks at most 5 of n indices, and no more than fit, evenly spaced, with the first and the last.
func spread(n, fit int) []int {
	k := min(n, fit, 5)
	if k > 2 && k%2 != n%2 {
		k-- // an even number of indices has no middle
	}
	if k <= 1 {
		return []int{n / 2}
	}
	places := make([]int, k)
	for i := range places {
		places[i] = int(math.Round(float64(i*(n-1)) / float64(k-1)))
	}
	return places
}

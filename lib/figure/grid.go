package figure

import (
	"fmt"
	"strings"
)

// GridOptions says how Grid lays out its images.
type GridOptions struct {
	Columns int      // images per row; 0: 10
	Rows    []string // names of the rows, at the left; nil: none
	Heads   []string // names of the columns, above; nil: none
	Side    int      // height and width of an image in pixels; 0: 28
	Scale   int      // pixels of the picture per pixel of an image; 0: chosen to fit
	Gap     int      // pixels of the picture between images; 0: 4; below 0: none
}

// Grid shows images, [n, side*side], in rows from the top left.
func Grid(images []uint8, o GridOptions) (*Figure, error) {
	gap := max(0, o.Gap)
	if o.Gap == 0 {
		gap = 4
	}
	s := sheet{images: images, side: o.Side, columns: o.Columns, scale: o.Scale, gap: gap, names: o.Rows, heads: o.Heads}
	if s.columns == 0 {
		s.columns = 10
	}
	if err := s.defaults(); err != nil {
		return nil, err
	}
	if len(o.Rows) > s.rows || len(o.Heads) > s.columns {
		return nil, fmt.Errorf("figure: %d names of rows and %d of columns for a grid of %d x %d", len(o.Rows), len(o.Heads), s.rows, s.columns)
	}
	p, _, err := s.draw(0, 0, 0)
	if err != nil {
		return nil, err
	}
	n := len(images) / (s.side * s.side)
	alt := fmt.Sprintf("Grid of %s, %s of %d", count(n, "image"), count(s.rows, "row"), s.columns)
	if len(o.Rows) > 0 {
		alt += "; rows: " + strings.Join(o.Rows, ", ")
	}
	if len(o.Heads) > 0 {
		alt += "; columns: " + strings.Join(o.Heads, ", ")
	}
	return p.figure(alt+".", count(n, "image")+"."), nil
}

// SamplesOptions says which samples are shown.
type SamplesOptions struct {
	Names    []string // class names in the order of the labels, one row each
	PerClass int      // number of images of each class; 0: 10
	Side     int      // height and width of an image in pixels; 0: 28
}

// Samples shows the first images of every class, with one row for each class and its name at the left. Images are [n,
// side*side], labels [n]. The row of a class with too few images is shorter.
func Samples(images, labels []uint8, o SamplesOptions) (*Figure, error) {
	per := o.PerClass
	if per == 0 {
		per = 10
	}
	s := sheet{images: images, side: o.Side, columns: per, gap: 4, names: o.Names}
	if err := s.defaults(); err != nil {
		return nil, err
	}
	area := s.side * s.side
	if n := len(images) / area; n != len(labels) {
		return nil, fmt.Errorf("figure: %d images and %d labels, want as many of both", n, len(labels))
	}
	if len(o.Names) == 0 {
		return nil, fmt.Errorf("figure: no class names")
	}
	s.rows = len(o.Names)
	s.images = make([]uint8, s.rows*per*area) // images that are not filled in are white
	found := make([]int, s.rows)
	for i, l := range labels {
		c := int(l)
		if c >= len(o.Names) {
			return nil, fmt.Errorf("figure: label %d of image %d has no name, there are %d names", c, i, len(o.Names))
		}
		if found[c] < per {
			copy(s.images[(c*per+found[c])*area:], images[i*area:(i+1)*area])
			found[c]++
		}
	}
	p, _, err := s.draw(0, 0, 0)
	if err != nil {
		return nil, err
	}
	alt := fmt.Sprintf("Sample images, up to %d of each class, one row per class: %s.", per, strings.Join(o.Names, ", "))
	return p.figure(alt, fmt.Sprintf("The first %s of each class.", count(per, "image"))), nil
}

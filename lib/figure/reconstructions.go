package figure

import (
	"fmt"
	"strings"
)

// Row is a named row of images, [n, side*side].
type Row struct {
	Name   string
	Images []uint8
}

// ReconstructionsOptions says how the rows are laid out.
type ReconstructionsOptions struct {
	Heads  []string // a name for each image, such as its class, above it; nil: none
	PerRow int      // images per row; further images continue in another block of rows; 0: 10
	Side   int      // height and width of an image in pixels; 0: 28
}

// Reconstructions shows images and their reconstructions by several models: a row of originals, below it one row for
// each model, and a column for each image. All rows must have the same number of images.
func Reconstructions(rows []Row, o ReconstructionsOptions) (*Figure, error) {
	if len(rows) == 0 {
		return nil, fmt.Errorf("figure: no rows of reconstructions")
	}
	side, per := o.Side, o.PerRow
	if side == 0 {
		side = 28
	}
	if per == 0 {
		per = 10
	}
	probe := sheet{images: rows[0].Images, side: side, columns: per}
	if err := probe.defaults(); err != nil {
		return nil, err
	}
	area := side * side
	n := len(rows[0].Images) / area
	for _, r := range rows[1:] {
		if len(r.Images) != len(rows[0].Images) {
			return nil, fmt.Errorf("figure: row %q has %d bytes of images, row %q %d, want as many", r.Name, len(r.Images), rows[0].Name, len(rows[0].Images))
		}
	}
	if o.Heads != nil && len(o.Heads) != n {
		return nil, fmt.Errorf("figure: %d names for %d images", len(o.Heads), n)
	}
	per = min(per, n)
	blocks := (n + per - 1) / per
	s := sheet{side: side, columns: per, rows: blocks * len(rows), block: len(rows), gap: 4, heads: o.Heads, room: 190}
	s.images = make([]uint8, s.rows*per*area)
	for b := range blocks {
		for r, row := range rows {
			s.names = append(s.names, row.Name)
			from, to := b*per*area, min((b+1)*per, n)*area
			copy(s.images[(b*len(rows)+r)*per*area:], row.Images[from:to])
		}
	}
	if err := s.defaults(); err != nil {
		return nil, err
	}
	p, _, err := s.draw(0, 0, 0)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, r := range rows {
		names = append(names, r.Name)
	}
	alt := fmt.Sprintf("%s, each shown %d times one below the other: %s", capital(count(n, "image")), len(rows), strings.Join(names, "; "))
	if o.Heads != nil {
		alt += ". The images: " + strings.Join(o.Heads, ", ")
	}
	return p.figure(alt+".", "From top to bottom: "+strings.Join(names, "; ")+"."), nil
}

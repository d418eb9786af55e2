package figure

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"slices"
)

// sheet lays out images in rows and columns. Samples, Grid, Reconstructions and Manifold are all sheets.
type sheet struct {
	images  []uint8 // [rows*columns or fewer, side*side]
	side    int
	rows    int
	columns int
	scale   int     // image pixels per pixel of an image; 0: chosen from the number of columns
	gap     int     // image pixels between neighbours
	block   int     // number of rows that belong together, with a wider gap after them; 0: none
	room    float64 // width for the names of rows, at which they are broken into lines; 0: 150
	names   []string
	heads   []string // names of columns; in a sheet with several blocks, one row of names for each block
}

const blockGap = 14 // CSS pixels between blocks

// frame is the place of the images on the page.
type frame struct {
	box
	cell, pitch float64 // side of an image, and the distance from one image to the next
}

// defaults checks the sheet and fills in what is not set.
func (s *sheet) defaults() error {
	if s.side == 0 {
		s.side = 28
	}
	area := s.side * s.side
	switch {
	case s.side < 0:
		return fmt.Errorf("figure: side of an image %d, want 1 or more", s.side)
	case s.columns <= 0:
		return fmt.Errorf("figure: %d columns, want 1 or more", s.columns)
	case s.scale < 0 || s.gap < 0:
		return fmt.Errorf("figure: scale %d, gap %d, want 0 or more", s.scale, s.gap)
	case len(s.images) == 0:
		return fmt.Errorf("figure: no images")
	case len(s.images)%area != 0:
		return fmt.Errorf("figure: %d bytes, want a whole number of images of %d x %d", len(s.images), s.side, s.side)
	}
	if n := len(s.images) / area; s.rows == 0 {
		s.rows = (n + s.columns - 1) / s.columns
	}
	if s.scale == 0 {
		s.scale = min(max(1300/(s.columns*s.side), 1), 4)
	}
	if s.room == 0 {
		s.room = 150
	}
	return nil
}

// draw returns the page and the place of the images. left, right and bottom are room for further text.
func (s *sheet) draw(left, right, bottom float64) (*page, frame, error) {
	cell := float64(s.side*s.scale) / density
	pitch := cell + float64(s.gap)/density
	var names []string
	for _, n := range s.names {
		n = wrap(textInk, s.room, n)
		names = append(names, n)
		left = max(left, width(textInk, n)+8)
	}
	// If a name is wider than its column, all names of columns are written upwards.
	heads, headHeight, upwards := slices.Clone(s.heads), 0.0, false
	for _, h := range heads {
		upwards = upwards || width(smallInk, h) > pitch-4
	}
	for i, h := range heads {
		if upwards {
			heads[i] = wrap(smallInk, 130, h)
			headHeight = max(headHeight, width(smallInk, heads[i])+8)
		} else {
			headHeight = sizeSmall + 6
		}
	}
	blocks := 1
	if s.block > 0 {
		blocks = (s.rows + s.block - 1) / s.block
	}
	// A name of several lines needs a row of the same height.
	rowPitch := pitch
	for _, n := range names {
		rowPitch = max(rowPitch, height(textInk, n)+6)
	}
	f := frame{box: box{x0: math.Ceil(margin + left), y0: math.Ceil(margin + headHeight)}, cell: cell, pitch: pitch}
	f.x1 = f.x0 + float64(s.columns)*pitch - float64(s.gap)/density
	top := func(row int) float64 {
		y := f.y0 + float64(row)*rowPitch
		if s.block > 0 {
			y += float64(row/s.block) * (blockGap + headHeight)
		}
		return y
	}
	f.y1 = top(s.rows-1) + rowPitch - float64(s.gap)/density
	p, err := newPage(f.x1+right+margin, f.y1+bottom+margin)
	if err != nil {
		return nil, f, err
	}
	area := s.side * s.side
	for i := range min(len(s.images)/area, s.rows*s.columns) {
		x, y := f.x0+float64(i%s.columns)*pitch, top(i/s.columns)+(rowPitch-pitch)/2
		p.stamp(s.images[i*area:(i+1)*area], s.side, s.scale, int(x*density+0.5), int(y*density+0.5))
	}
	for i, n := range names {
		p.writeMid(textInk.aligned(1), f.x0-8, top(i)+(rowPitch-pitch)/2+cell/2, n)
	}
	for i, h := range heads {
		if i/s.columns >= blocks {
			break
		}
		x, y := f.x0+float64(i%s.columns)*pitch+cell/2, top(i/s.columns*max(s.block, 1))-6
		if upwards {
			p.writeUp(smallInk, x-height(smallInk, h)/2, y-width(smallInk, h)/2, h)
		} else {
			p.write(smallInk.aligned(0.5), x, y, h)
		}
	}
	return p, f, nil
}

// stamp draws one image with its top left corner at the given pixel. Each pixel of the image becomes a square of side
// scale.
func (p *page) stamp(pix []uint8, side, scale, x0, y0 int) {
	for y := range side {
		for x := range side {
			v := tone(pix[y*side+x])
			at := image.Rect(x0+x*scale, y0+y*scale, x0+(x+1)*scale, y0+(y+1)*scale)
			draw.Draw(p.img.Image(), at, image.NewUniform(color.Gray{Y: v}), image.Point{}, draw.Src)
		}
	}
}

// Package figure draws the pictures of the study: sheets of images, scatters and curves, manifolds and block diagrams.
//
// Plain data go in and a [Figure] comes out. Images are grey, one byte per pixel, row-major and square, laid end to end:
// n images of side 28 are n*784 bytes. They are shown as ink on paper: 0 is white, 255 black.
// The same data give the same picture, byte for byte.
package figure

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
)

// Figure is a finished picture and what is said about it.
type Figure struct {
	Image   image.Image
	Alt     string // what is seen, in words, for those who cannot see it
	Caption string // what stands under the picture
	Width   int    // display width in CSS pixels; Image is twice that wide
}

// PNG returns the picture in PNG form, always the same bytes for the same picture. One without colour takes a third less room as such.
func (f *Figure) PNG() ([]byte, error) {
	if f == nil || f.Image == nil {
		return nil, errors.New("figure: no image to encode")
	}
	var b bytes.Buffer
	if err := png.Encode(&b, grey(f.Image)); err != nil {
		return nil, fmt.Errorf("figure: %w", err)
	}
	return b.Bytes(), nil
}

// grey gives a picture without colour as a grey one, and any other as it is.
func grey(m image.Image) image.Image {
	c, ok := m.(*image.RGBA)
	if !ok {
		return m
	}
	g := image.NewGray(c.Rect)
	for y := c.Rect.Min.Y; y < c.Rect.Max.Y; y++ {
		row := c.Pix[c.PixOffset(c.Rect.Min.X, y):][:4*c.Rect.Dx()]
		for x := 0; x < len(row); x += 4 {
			if row[x] != row[x+1] || row[x] != row[x+2] || row[x+3] != 0xff {
				return m
			}
			g.Pix[(y-c.Rect.Min.Y)*g.Stride+x/4] = row[x]
		}
	}
	return g
}

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

// PNG returns the picture in PNG form, always the same bytes for the same picture.
func (f *Figure) PNG() ([]byte, error) {
	if f == nil || f.Image == nil {
		return nil, errors.New("figure: no image to encode")
	}
	var b bytes.Buffer
	if err := png.Encode(&b, f.Image); err != nil {
		return nil, fmt.Errorf("figure: %w", err)
	}
	return b.Bytes(), nil
}

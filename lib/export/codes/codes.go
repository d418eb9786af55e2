// Package codes holds the codes of images with what is known of the images.
package codes

import (
	"fmt"
	"image"
	"image/png"
	"io"
	"sync"
)

// Table is n codes and what is known of their images. Values, Images and Index must be there. What else is nil is unknown, and left out of the files. Rows are in the order
// in which they are written.
type Table struct {
	Dim          int       // dimensions of a code
	Values       []float32 // [n, Dim]
	LogVariances []float32 // [n, Dim], natural logarithms
	Layout       []float32 // [n, 2], places in a plane by t-SNE

	Side   int     // height and width of an image, in pixels
	Images []uint8 // [n, Side*Side], grey levels

	Index   []int    // [n]: the place of the image in its split or file, from 0
	Split   []string // [n], such as "train"
	File    []string // [n]: the name of the image's own file
	Class   []string // [n]
	Cluster []int    // [n], from 0
}

// Len is the number of codes.
func (t *Table) Len() int { return len(t.Values) / max(1, t.Dim) }

// Check returns an error if there is no code, or if a part of the table does not have n rows.
func (t *Table) Check() error {
	n := t.Len()
	if t.Dim < 1 || n < 1 || len(t.Values) != n*t.Dim {
		return fmt.Errorf("%d values of codes of %d dimensions, want one code or more", len(t.Values), t.Dim)
	}
	if t.Side < 1 {
		return fmt.Errorf("images of %d x %d pixels, want the images of the codes", t.Side, t.Side)
	}
	for _, part := range []struct {
		name      string
		got, want int
		optional  bool
	}{
		{"log-variances", len(t.LogVariances), n * t.Dim, t.LogVariances == nil},
		{"coordinates of a layout", len(t.Layout), 2 * n, t.Layout == nil},
		{"pixels", len(t.Images), n * t.Side * t.Side, false},
		{"indices", len(t.Index), n, false},
		{"splits", len(t.Split), n, t.Split == nil},
		{"files", len(t.File), n, t.File == nil},
		{"classes", len(t.Class), n, t.Class == nil},
		{"clusters", len(t.Cluster), n, t.Cluster == nil},
	} {
		if part.got != part.want && !part.optional {
			return fmt.Errorf("%d %s for %d codes, want %d", part.got, part.name, n, part.want)
		}
	}
	return nil
}

// Code is code i, [Dim].
func (t *Table) Code(i int) []float32 { return t.Values[i*t.Dim : (i+1)*t.Dim] }

// Picture is image i.
func (t *Table) Picture(i int) *image.Gray {
	size := t.Side * t.Side
	return &image.Gray{Pix: t.Images[i*size : (i+1)*size], Stride: t.Side, Rect: image.Rect(0, 0, t.Side, t.Side)}
}

// EncodePNG writes a picture as a PNG file. It keeps its buffers for the next call, because pictures are many and small.
func EncodePNG(w io.Writer, picture image.Image) error { return encoder.Encode(w, picture) }

var encoder = png.Encoder{BufferPool: new(buffers)}

// buffers are the buffers of PNG encoders.
type buffers struct{ sync.Pool }

func (b *buffers) Get() *png.EncoderBuffer {
	buffer, _ := b.Pool.Get().(*png.EncoderBuffer)
	return buffer
}

func (b *buffers) Put(buffer *png.EncoderBuffer) { b.Pool.Put(buffer) }

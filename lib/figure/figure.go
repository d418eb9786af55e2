// Package figure draws the figures of the study: sheets of images, scatter plots, curves, manifolds and block diagrams.
//
// Its functions take plain data and return a [Figure]. Images are grey, one byte per pixel, row-major and square, one after
// another: n images of side 28 are n*784 bytes. They are shown like ink on paper: 0 is white, 255 black. The same data give
// the same picture, byte for byte.
package figure

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"sync/atomic"
)

// Figure is a finished picture with its texts.
type Figure struct {
	Image   image.Image
	Alt     string // description of the picture for those who cannot see it
	Caption string // text below the picture
	Width   int    // display width in CSS pixels; Image is twice as wide

	made atomic.Pointer[encoded] // the last result of PNG, or the content that Read read
}

// encoded is a figure and its PNG form.
type encoded struct {
	image        image.Image
	alt, caption string
	png          []byte
}

// PNG returns the picture as PNG, always the same bytes for the same picture. They must not be changed. The PNG has at
// most 256 colours, and holds its display size and the texts of the figure, which [Read] reads. A picture that was read
// or returned in this form before is not encoded again.
func (f *Figure) PNG() ([]byte, error) {
	if f == nil || f.Image == nil {
		return nil, errors.New("figure: no image to encode")
	}
	if e := f.made.Load(); e != nil && e.image == f.Image && e.alt == f.Alt && e.caption == f.Caption {
		return e.png, nil
	}
	content, err := f.encode()
	if err == nil {
		f.made.Store(&encoded{f.Image, f.Alt, f.Caption, content})
	}
	return content, err
}

func (f *Figure) encode() ([]byte, error) {
	var b bytes.Buffer
	// The best compression would make it 3 % smaller, and take nine times as long.
	if err := png.Encode(&b, compact(f.Image)); err != nil {
		return nil, fmt.Errorf("figure: %w", err)
	}
	plain := b.Bytes()
	head := plain[:headLength:headLength] // so that appending does not overwrite what follows
	// An inch has 96 CSS pixels: PNG 3rd edition, 11.3.4.3 and 11.3.3.4 (W3C 2025).
	const perMetre = 96 * density * 10000 / 254
	size := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, perMetre), perMetre)
	all := appendChunk(head, "pHYs", append(size, 1))
	for _, t := range []struct{ keyword, text string }{{keyAlt, f.Alt}, {keyCaption, f.Caption}} {
		if t.text == "" {
			continue
		}
		all = appendChunk(all, "iTXt", []byte(t.keyword+"\x00\x00\x00\x00\x00"+t.text)) // not compressed, without a language
	}
	return append(all, plain[headLength:]...), nil
}

const (
	headLength = 8 + 12 + 13 // signature and the chunk IHDR
	keyAlt     = "Description"
	keyCaption = "Comment"
)

// appendChunk appends a chunk of a PNG: length, kind, content, checksum.
func appendChunk(to []byte, kind string, content []byte) []byte {
	to = binary.BigEndian.AppendUint32(to, uint32(len(content)))
	from := len(to)
	to = append(append(to, kind...), content...)
	return binary.BigEndian.AppendUint32(to, crc32.ChecksumIEEE(to[from:]))
}

// Read reads a figure from the content that [Figure.PNG] returned. A picture without alternative text, and one that is too large to have been drawn, are errors.
func Read(content []byte) (*Figure, error) {
	size, err := png.DecodeConfig(bytes.NewReader(content))
	if err == nil && size.Width > maxPixels/size.Height {
		err = fmt.Errorf("%d x %d pixels, want at most %d in all", size.Width, size.Height, maxPixels)
	}
	var picture image.Image
	if err == nil {
		picture, err = png.Decode(bytes.NewReader(content))
	}
	if err != nil {
		return nil, fmt.Errorf("figure: %w", err)
	}
	f := &Figure{Image: picture, Width: picture.Bounds().Dx() / density}
	for rest, kind := content[8:], ""; kind != "IEND"; { // the chunks up to this one are complete, because decoding has checked them
		n := binary.BigEndian.Uint32(rest)
		var chunk []byte
		kind, chunk = string(rest[4:8]), rest[8:8+n]
		rest = rest[12+n:]
		if keyword, text, found := bytes.Cut(chunk, []byte("\x00\x00\x00\x00\x00")); kind == "iTXt" && found {
			switch string(keyword) {
			case keyAlt:
				f.Alt = string(text)
			case keyCaption:
				f.Caption = string(text)
			}
		}
	}
	if f.Alt == "" {
		return nil, errors.New("figure: a picture without alternative text, want one that a figure's PNG made")
	}
	f.made.Store(&encoded{f.Image, f.Alt, f.Caption, bytes.Clone(content)})
	return f, nil
}

// sameColour is the largest difference of a colour, in any of red, green and blue from 0 to 255, that processors may make.
const sameColour = 16

// Same says whether content, which PNG returned, is the same figure: its texts are equal, and so are its colours but for
// rounding. Versions of Go may compress one picture to different bytes.
func (f *Figure) Same(content []byte) (bool, error) {
	if f == nil || f.Image == nil {
		return false, errors.New("figure: no image to compare")
	}
	other, err := Read(content)
	if err != nil {
		return false, err
	}
	own := compact(f.Image) // with the colours that its PNG has
	if other.Alt != f.Alt || other.Caption != f.Caption || other.Image.Bounds() != own.Bounds() {
		return false, nil
	}
	for y := range own.Bounds().Dy() {
		for x := range own.Bounds().Dx() {
			if distance(own.At(x, y), other.Image.At(x, y)) > sameColour {
				return false, nil
			}
		}
	}
	return true, nil
}

// distance is the largest difference in one of red, green and blue, 0 to 255.
func distance(a, b color.Color) int {
	r0, g0, b0, _ := a.RGBA()
	r1, g1, b1, _ := b.RGBA()
	d := 0
	for _, v := range [][2]uint32{{r0, r1}, {g0, g1}, {b0, b1}} {
		d = max(d, int(v[0]>>8)-int(v[1]>>8), int(v[1]>>8)-int(v[0]>>8))
	}
	return d
}

// Package digits draws printed digits as a data set in the form of Fashion-MNIST. The classes of the images are known
// exactly.
package digits

import (
	"crypto/sha256"
	"fmt"
	"image"
	"image/draw"
	"math"
	"math/rand/v2"
	"strconv"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"fashionlatent/lib/dataset"
)

const (
	side    = 28 // pixels
	classes = 10
)

// typefaces are the typefaces of the Go fonts whose digits differ.
var typefaces = [][]byte{goregular.TTF, gomedium.TTF, gobold.TTF, goitalic.TTF, gomono.TTF, gomonobold.TTF}

// Draw makes a data set of train training images and test test images, [784] each. The numbers of images of the digits
// differ by at most one, and their order is random. Each digit is set in one of six typefaces, 16 to 20 pixels high,
// turned by up to 15 degrees, slanted by up to 0.2, moved by up to 2 pixels, and between 60 % and 100 % of full brightness. The same
// arguments give the same images.
func Draw(train, test int, seed uint64) (*dataset.Dataset, error) {
	if train < 0 || test < 0 {
		return nil, fmt.Errorf("digits: %d training and %d test images; want 0 or more", train, test)
	}
	var fonts []*sfnt.Font
	for _, t := range typefaces {
		f, err := sfnt.Parse(t)
		if err != nil {
			return nil, fmt.Errorf("digits: %w", err)
		}
		fonts = append(fonts, f)
	}
	d := &dataset.Dataset{Name: "printed digits", Title: "printed digits"}
	for digit := range classes {
		d.Classes, d.Values = append(d.Classes, strconv.Itoa(digit)), append(d.Values, uint8(digit))
	}
	d.Train.Side, d.Test.Side = side, side
	sum := sha256.New()
	for i, part := range []struct {
		split *dataset.Split
		n     int
	}{{&d.Train, train}, {&d.Test, test}} {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		for len(part.split.Labels) < part.n {
			for _, digit := range random.Perm(classes)[:min(classes, part.n-len(part.split.Labels))] {
				picture, err := one(fonts[random.IntN(len(fonts))], digit, random)
				if err != nil {
					return nil, fmt.Errorf("digits: %w", err)
				}
				part.split.Images = append(part.split.Images, picture...)
				part.split.Labels = append(part.split.Labels, uint8(digit))
			}
		}
		sum.Write(part.split.Images)
		sum.Write(part.split.Labels)
	}
	d.Checksum = fmt.Sprintf("%x", sum.Sum(nil))
	return d, nil
}

// one draws a digit, [784].
func one(f *sfnt.Font, digit int, random *rand.Rand) ([]uint8, error) {
	var buffer sfnt.Buffer
	glyph, err := f.GlyphIndex(&buffer, rune('0'+digit))
	if err != nil {
		return nil, err
	}
	const height = 64 // pixels per em at which the outline is read
	outline, err := f.LoadGlyph(&buffer, glyph, fixed.I(height), nil)
	if err != nil {
		return nil, err
	}
	bounds, _, err := f.GlyphBounds(&buffer, glyph, fixed.I(height), font.HintingNone)
	if err != nil {
		return nil, err
	}
	between := func(from, to float64) float64 { return from + (to-from)*random.Float64() }
	number := func(x fixed.Int26_6) float64 { return float64(x) / 64 }
	scale := between(16, 20) / number(bounds.Max.Y-bounds.Min.Y)
	turn, slant := between(-15, 15)*math.Pi/180, between(-.2, .2)
	middleX, middleY := number(bounds.Min.X+bounds.Max.X)/2, number(bounds.Min.Y+bounds.Max.Y)/2
	moveX, moveY := side/2+between(-2, 2), side/2+between(-2, 2)
	ink := between(.6, 1)
	at := func(p fixed.Point26_6) (x, y float32) {
		u, v := scale*(number(p.X)-middleX), scale*(number(p.Y)-middleY)
		u -= slant * v
		sin, cos := math.Sincos(turn)
		return float32(cos*u - sin*v + moveX), float32(sin*u + cos*v + moveY)
	}
	r := vector.NewRasterizer(side, side)
	for _, s := range outline {
		x, y := at(s.Args[0])
		x1, y1 := at(s.Args[1])
		x2, y2 := at(s.Args[2])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			r.ClosePath()
			r.MoveTo(x, y)
		case sfnt.SegmentOpLineTo:
			r.LineTo(x, y)
		case sfnt.SegmentOpQuadTo:
			r.QuadTo(x, y, x1, y1)
		case sfnt.SegmentOpCubeTo:
			r.CubeTo(x, y, x1, y1, x2, y2)
		}
	}
	r.ClosePath()
	mask := image.NewAlpha(r.Bounds())
	r.DrawOp = draw.Src
	r.Draw(mask, mask.Bounds(), image.Opaque, image.Point{})
	for i, v := range mask.Pix {
		mask.Pix[i] = uint8(ink*float64(v) + .5)
	}
	return mask.Pix, nil
}

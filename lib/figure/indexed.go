package figure

import (
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"slices"
)

// compact converts an image to the form with the smallest PNG: one channel if it is all grey, otherwise a palette.
func compact(m image.Image) image.Image {
	less := indexed(m)
	for _, c := range less.Palette {
		if r, g, b, a := c.RGBA(); r != g || g != b || a != 0xffff {
			return less
		}
	}
	grey := image.NewGray(less.Rect)
	draw.Draw(grey, grey.Rect, less, image.Point{}, draw.Src)
	return grey
}

// indexed converts an image to a palette of at most 256 colours, which makes its PNG a third as large. If the image has
// no more colours, it keeps them. Otherwise its colours are sorted into cells of 16 levels per channel. The palette
// holds the means of the most frequent cells, and every colour is replaced by the nearest of them. Most colours of a
// figure come from the edges of letters and points, where the change cannot be seen.
func indexed(m image.Image) *image.Paletted {
	size := m.Bounds().Size()
	drawn := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(drawn, drawn.Rect, m, m.Bounds().Min, draw.Src)
	counts := map[color.RGBA]int{}
	runs(drawn.Pix, func(c color.RGBA, _, n int) { counts[c] += n })
	colours := make([]color.RGBA, 0, len(counts))
	for c := range counts {
		colours = append(colours, c)
	}
	frequent := func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B), cmp.Compare(a.A, b.A))
	}
	if len(colours) > 256 {
		type cell struct{ n, r, g, b int }
		cells := map[[3]uint8]cell{}
		for _, c := range colours {
			k := [3]uint8{c.R >> 4, c.G >> 4, c.B >> 4}
			q, n := cells[k], counts[c]
			cells[k] = cell{q.n + n, q.r + n*int(c.R), q.g + n*int(c.G), q.b + n*int(c.B)}
		}
		colours, counts = nil, map[color.RGBA]int{}
		for _, q := range cells {
			c := color.RGBA{uint8((q.r + q.n/2) / q.n), uint8((q.g + q.n/2) / q.n), uint8((q.b + q.n/2) / q.n), 0xff}
			colours, counts[c] = append(colours, c), q.n
		}
	}
	slices.SortFunc(colours, frequent)
	palette := make(color.Palette, min(len(colours), 256))
	for i := range palette {
		palette[i] = colours[i]
	}
	out, known := image.NewPaletted(drawn.Rect, palette), map[color.RGBA]uint8{}
	runs(drawn.Pix, func(c color.RGBA, from, n int) {
		place, found := known[c]
		if !found {
			place = uint8(palette.Index(c))
			known[c] = place
		}
		for i := from; i < from+n; i++ {
			out.Pix[i] = place
		}
	})
	return out
}

// runs calls visit for each run of consecutive pixels of equal colour, with the index of the first and their number. A
// figure has many such runs.
func runs(pix []uint8, visit func(c color.RGBA, from, n int)) {
	for from := 0; from < len(pix); {
		end := from + 4
		for end < len(pix) && [4]uint8(pix[end:]) == [4]uint8(pix[from:]) {
			end += 4
		}
		visit(color.RGBA{pix[from], pix[from+1], pix[from+2], pix[from+3]}, from/4, (end-from)/4)
		from = end
	}
}

package figure

import (
	"cmp"
	"image"
	"image/color"
	"slices"
)

// indexed is a picture with a palette of at most 256 colours, which makes its PNG a third as large: its own colours if they
// are no more, else the means of the most frequent cells of 16 levels a channel, to the nearest of which all others go. Most
// of a figure's colours are the edges of letters and points, and what is changed of them cannot be seen.
func indexed(m image.Image) *image.Paletted {
	bounds := m.Bounds()
	pixels := make([]color.RGBA, 0, bounds.Dx()*bounds.Dy())
	counts := map[color.RGBA]int{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := color.RGBAModel.Convert(m.At(x, y)).(color.RGBA)
			pixels = append(pixels, c)
			counts[c]++
		}
	}
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
	out, known := image.NewPaletted(image.Rect(0, 0, bounds.Dx(), bounds.Dy()), palette), map[color.RGBA]uint8{}
	for i, c := range pixels {
		place, found := known[c]
		if !found {
			place = uint8(palette.Index(c))
			known[c] = place
		}
		out.Pix[i] = place
	}
	return out
}

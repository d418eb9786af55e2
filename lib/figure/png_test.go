package figure

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"
)

// A picture without colour is written as a grey one of the same pixels; a single coloured or transparent pixel keeps it as it is.
func TestGreyPNG(t *testing.T) {
	for _, test := range []struct {
		pixel color.RGBA
		want  color.Model
	}{
		{color.RGBA{7, 7, 7, 255}, color.GrayModel},
		{color.RGBA{7, 7, 8, 255}, color.RGBAModel},
		{color.RGBA{7, 7, 7, 7}, color.NRGBAModel},
	} {
		m := image.NewRGBA(image.Rect(0, 0, 3, 2))
		for i := range m.Pix {
			m.Pix[i] = 255
		}
		m.SetRGBA(2, 1, test.pixel)
		b, err := (&Figure{Image: m}).PNG()
		if err != nil {
			t.Fatal(err)
		}
		back, err := png.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if got := color.RGBAModel.Convert(back.At(2, 1)); back.ColorModel() != test.want || got != test.pixel {
			t.Errorf("%v came back as %v, or in another kind of picture", test.pixel, got)
		}
	}
}

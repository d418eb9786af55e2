package figure

import (
	"unicode"

	"golang.org/x/image/font/sfnt"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// Drawable says whether figures can show a text: their font has all its letters, and they are written from left to right.
// The font has Latin, Greek and Cyrillic letters.
func Drawable(text string) bool {
	face := font.DefaultCache.Lookup(textInk.font(), vg.Length(textInk.size)).Face
	var buffer sfnt.Buffer
	for _, r := range text {
		glyph, err := face.GlyphIndex(&buffer, r)
		if err != nil || glyph == 0 || unicode.In(r, unicode.Hebrew, unicode.Arabic) {
			return false
		}
	}
	return true
}

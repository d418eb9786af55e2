package figure

import "testing"

func TestDrawable(t *testing.T) {
	for text, want := range map[string]bool{"": true, "T-shirt/top": true, "Größe − ±": true, "Ρούχα": true, "Рубашка": true, "衬衫": false, "Bag 衬": false, "קמיץ": false, "قميص": false} {
		if got := Drawable(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

package lab

import (
	"slices"
	"testing"
)

// A class whose name the figures' font lacks has its number there.
func TestDrawn(t *testing.T) {
	s := Setting{Classes: []string{"Bag", "衬衫", "Größe"}}
	if got := s.Drawn(); !slices.Equal(got, []string{"Bag", "class 1", "Größe"}) || s.Classes[1] != "衬衫" {
		t.Errorf("got %q of %q", got, s.Classes)
	}
	if got := (&Setting{}).Drawn(); got != nil {
		t.Errorf("without labels: %q", got)
	}
}

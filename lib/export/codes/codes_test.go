package codes

import (
	"strings"
	"testing"
)

// table has three codes of two dimensions.
func table() *Table {
	return &Table{
		Dim: 2, Values: make([]float32, 6), LogVariances: make([]float32, 6), Side: 8, Images: make([]uint8, 3*64),
		Index: []int{0, 1, 0}, Split: []string{"train", "train", "test"}, Class: []string{"a", "b", "c"},
	}
}

func TestRefused(t *testing.T) {
	for says, change := range map[string]func(t *Table){
		"want one code or more":           func(t *Table) { t.Values = nil },
		"5 values of codes of 2":          func(t *Table) { t.Values = t.Values[:5] },
		"6 log-variances for 2 codes":     func(t *Table) { t.Values = t.Values[:4] },
		"64 pixels for 3 codes, want 192": func(t *Table) { t.Images = t.Images[:64] },
		"images of 0 x 0 pixels":          func(t *Table) { t.Side, t.Images = 0, nil },
		"0 indices for 3 codes":           func(t *Table) { t.Index = nil },
		"2 coordinates of a layout":       func(t *Table) { t.Layout = make([]float32, 2) },
		"1 classes":                       func(t *Table) { t.Class = t.Class[:1] },
	} {
		wrong := table()
		change(wrong)
		if err := wrong.Check(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	if err := table().Check(); err != nil {
		t.Error(err)
	}
}

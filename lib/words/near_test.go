package words

import (
	"fmt"
	"slices"
	"testing"
)

func TestNear(t *testing.T) {
	runs := []string{"ae-d2-e15-s0-2d8b0d931c4b", "vae-d2-e15-s0-ba7ac13f74fc", "vae-d16-e15-s0-d583430cb1e6"}
	for _, c := range []struct {
		word       string
		among      []string
		beginnings bool
		want       []string
	}{
		{"comparsion", []string{"clustering", "comparison", "loss"}, false, []string{"comparison"}},
		{"Epoch", []string{"epochs", "batch"}, false, []string{"epochs"}},
		{"trian", []string{"train", "runs"}, false, []string{"train"}},
		{"x", []string{"y", "batch"}, false, nil},
		{"", []string{"a"}, false, nil},
		{"vae-d3-e15-s0", runs, true, []string{"vae-d2-e15-s0-ba7ac13f74fc"}},
		{"rellu", []string{"gelu", "relu", "selu"}, false, []string{"relu"}},
		{"vae-d3", runs, false, nil},
		{"aa", []string{"ab", "ac", "ad", "ae"}, false, []string{"ab", "ac", "ad"}},
		{"größr", []string{"größe"}, false, []string{"größe"}},
	} {
		if got := Near(c.word, c.among, c.beginnings); !slices.Equal(got, c.want) {
			t.Errorf("near %q: %q, want %q", c.word, got, c.want)
		}
	}
}

func ExampleDidYouMean() {
	scales := []string{"smoke", "quick", "full"}
	fmt.Println(`no scale is called "fulll"` + DidYouMean("fulll", scales))
	fmt.Println(`no scale is called "huge"` + DidYouMean("huge", scales))
	// Output:
	// no scale is called "fulll"; did you mean full?
	// no scale is called "huge"
}

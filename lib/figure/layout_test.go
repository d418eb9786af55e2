package figure

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot"
)

func TestWrap(t *testing.T) {
	for _, s := range append(slices.Clone(long), "", "a", "two  spaces", "first line\nsecond line that is longer") {
		for _, limit := range []float64{20, 60, 150, 1000} {
			got := wrap(textInk, limit, s)
			if w := width(textInk, got); w > limit {
				t.Errorf("%q in %v: %v wide", s, limit, w)
			}
			letters := func(s string) string { return strings.Join(strings.Fields(s), "") }
			if letters(got) != letters(s) {
				t.Errorf("%q in %v became %q", s, limit, got)
			}
		}
	}
	if got := wrap(textInk, 5, "öß"); got != "ö\nß" {
		t.Errorf("a letter that is too wide stands alone, got %q", got)
	}
}

func labelsOf(ticks []plot.Tick) string {
	var s []string
	for _, t := range ticks {
		s = append(s, t.Label)
	}
	return strings.Join(s, " ")
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		about  int
		whole  bool
		want   string
	}{
		{0, 10, 5, false, "0 2 4 6 8 10"},
		{-1, 1, 4, false, "−1.0 −0.5 0.0 0.5 1.0"},
		{-4.3, 4.1, 3, false, "−4 −2 0 2 4"},
		{0.351, 0.583, 4, false, "0.40 0.45 0.50 0.55"},
		{0.9, 3.1, 8, true, "1 2 3"},
		{0, 60000, 3, false, "0 20,000 40,000 60,000"},
		{1e-9, 5e-9, 3, false, "1e−09 2e−09 3e−09 4e−09 5e−09"},
	} {
		if got := labelsOf(niceTicks{c.about, c.whole}.Ticks(c.lo, c.hi)); got != c.want {
			t.Errorf("%v to %v: %s, want %s", c.lo, c.hi, got, c.want)
		}
	}
	for _, c := range []struct {
		lo, hi, length float64
		values         []float64
		want           string
	}{
		{1.8, 70, 300, []float64{2, 4, 8, 16, 32, 64}, "2 4 8 16 32 64"},
		{0.9, 1100, 200, []float64{1, 1.1, 1.2, 1000}, "1 10 100 1,000"},
		{0.09, 11, 400, nil, "0.1 0.2 0.5 1 2 5 10"},
		{0.0009, 0.011, 300, []float64{0.001, 0.003, 0.01}, "0.001 0.003 0.01"},
	} {
		if got := labelsOf(logTicks(c.lo, c.hi, c.length, c.values).Ticks(c.lo, c.hi)); got != c.want {
			t.Errorf("logarithmic, %v to %v: %s, want %s", c.lo, c.hi, got, c.want)
		}
	}
}

func TestNumber(t *testing.T) {
	for want, got := range map[string]string{
		"1,234,567": number(1234567, 0), "−1,000.50": number(-1000.5, 2), "0.00": number(-0.001, 2), "999": number(999, 0),
		"−1.2e−05": short(-1.2e-5), "−ELBO": capital("−ELBO"), "Élan": capital("élan"), "Loss": capital("loss"), "": capital(""),
		"0.0123": short(0.01234), "−3.14": short(-math.Pi), "12,346": short(12345.6), "0": short(0), "1e+09": short(1e9),
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestSpread(t *testing.T) {
	for _, c := range []struct {
		n, fit int
		want   string
	}{{20, 9, "[0 6 13 19]"}, {15, 9, "[0 4 7 11 14]"}, {5, 9, "[0 1 2 3 4]"}, {20, 3, "[0 19]"}, {9, 1, "[4]"}, {1, 9, "[0]"}, {2, 9, "[0 1]"}} {
		if got := fmt.Sprint(spread(c.n, c.fit)); got != c.want {
			t.Errorf("%d places, %d fit: %s, want %s", c.n, c.fit, got, c.want)
		}
	}
}

func TestPlacedTextsDoNotMeet(t *testing.T) {
	p := placer{bounds: box{0, 0, 300, 200}}
	for range 20 { // all need the same place
		p.put(p.around(150, 100, 50, 14), func(i int, _ box) float64 { return float64(i) })
	}
	for i, a := range p.taken {
		if !a.inside(p.bounds) {
			t.Errorf("%v is out of bounds", a)
		}
		for _, b := range p.taken[:i] {
			if a.overlaps(b) {
				t.Errorf("%v lies on %v", a, b)
			}
		}
	}
}

func TestLegendColumns(t *testing.T) {
	entries := make([]entry, 25)
	for i := range entries {
		entries[i].name = fmt.Sprint("class ", i)
	}
	for tall, want := range map[float64]int{1000: 1, 300: 2, 100: 5} {
		l := newLegend(entries, tall)
		if len(l.columns) != want || l.h > tall+legendGap {
			t.Errorf("%v tall: %d columns, %v high, want %d", tall, len(l.columns), l.h, want)
		}
	}
}

func TestHues(t *testing.T) {
	seen := map[string]int{}
	for i := range 30 {
		key := fmt.Sprint(hue(i))
		if j, ok := seen[key]; ok {
			t.Errorf("classes %d and %d have the same colour", j, i)
		}
		seen[key] = i
	}
}

func TestColoursOfSeries(t *testing.T) {
	charts := []Chart{{Series: []Series{{Name: "a"}, {Name: "b", Colour: 2}}}, {Series: []Series{{Name: "c"}, {Name: "a"}}}}
	c := coloursOf(charts)
	if c.of(charts[0].Series[0]) != strong(hue(0)) || c.of(charts[0].Series[1]) != strong(hue(1)) || c.of(charts[1].Series[0]) != strong(hue(2)) || c.of(charts[1].Series[1]) != strong(hue(0)) {
		t.Errorf("colours %v", c)
	}
}

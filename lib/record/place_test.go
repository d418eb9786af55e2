package record

import (
	"slices"
	"testing"
)

func TestPlaces(t *testing.T) {
	one := Manifest{Backend: "xla:cpu", Plugin: "0.106", CPU: "A"}
	two := Manifest{Backend: "xla:cpu", Plugin: "0.106", CPU: "B"}
	three := Manifest{Backend: "go", OS: "plan9", Arch: "mips"}
	four, five := one, one
	four.Threads, five.Threads = 1, 2
	if got, want := one.Place(), "xla:cpu (PJRT 0.106) on A"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := three.Place(), "go on plan9/mips"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := four.Place(), "xla:cpu (PJRT 0.106) on A, 1 thread"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := five.Place(), "xla:cpu (PJRT 0.106) on A, 2 threads"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, c := range []struct {
		chain []Manifest // each continues the one before
		want  []string
	}{
		{[]Manifest{one, one}, nil},
		{[]Manifest{one, two}, []string{one.Place()}},
		{[]Manifest{one, two, two}, []string{one.Place()}},
		{[]Manifest{one, two, one}, []string{two.Place()}},
		{[]Manifest{one, two, three}, []string{one.Place(), two.Place()}},
		{[]Manifest{four, five}, []string{four.Place()}},
	} {
		m := c.chain[0]
		for _, next := range c.chain[1:] {
			next.After(m)
			m = next
		}
		if !slices.Equal(m.Earlier, c.want) {
			t.Errorf("%v: got %q, want %q", c.chain, m.Earlier, c.want)
		}
	}
}

package noise

import (
	"math"
	"slices"
	"testing"

	"fashionlatent/lib/backend"
	"fashionlatent/lib/backend/backendtest"

	. "github.com/gomlx/gomlx/core/graph"
)

// The known answers that the authors of Threefry publish with Random123.
func TestThreefryKnownAnswers(t *testing.T) {
	b := backendtest.Go(t)
	for _, c := range []struct{ key, counter, want [2]uint32 }{
		{[2]uint32{0, 0}, [2]uint32{0, 0}, [2]uint32{0x6b200159, 0x99ba4efe}},
		{[2]uint32{0xffffffff, 0xffffffff}, [2]uint32{0xffffffff, 0xffffffff}, [2]uint32{0x1cb996fc, 0xbb002be7}},
		{[2]uint32{0x13198a2e, 0x03707344}, [2]uint32{0x243f6a88, 0x85a308d3}, [2]uint32{0xc4923a9c, 0x483df7a0}},
	} {
		out := MustNewExec(b.Compute, func(x, y *Node) (*Node, *Node) { return threefry(c.key, x, y) }).
			MustCall(c.counter[0], c.counter[1])
		if got := [2]uint32{out[0].Value().(uint32), out[1].Value().(uint32)}; got != c.want {
			t.Errorf("key %x counter %x: got %x, want %x", c.key, c.counter, got, c.want)
		}
	}
}

func draw(b *backend.Backend, seed uint64, step uint32, f func(*Source) *Node) []float32 {
	e := MustNewExec(b.Compute, func(step *Node) *Node { return f(New(seed, step)) })
	return e.MustCall(step)[0].Value().([]float32)
}

func TestDistributions(t *testing.T) {
	b := backendtest.Go(t)
	const n = 200_000
	mean := func(x []float32, power float64) float64 {
		sum := 0.0
		for _, v := range x {
			sum += math.Pow(float64(v), power)
		}
		return sum / n
	}
	uniform := func(s *Source) *Node { return s.Uniform("u", n) }
	normal := func(s *Source) *Node { return s.Normal("n", n) }
	for _, c := range []struct {
		name    string
		draw    func(*Source) *Node
		moments [4]float64
		within  [4]float64 // six standard errors
	}{
		{"uniform", uniform, [4]float64{1. / 2, 1. / 3, 1. / 4, 1. / 5}, [4]float64{.004, .004, .004, .004}},
		{"normal", normal, [4]float64{0, 1, 0, 3}, [4]float64{.0135, .019, .052, .132}},
	} {
		x := draw(b, 7, 3, c.draw)
		for i, want := range c.moments {
			if got := mean(x, float64(i+1)); math.Abs(got-want) > c.within[i] {
				t.Errorf("%s: moment %d is %.4f, want %.4f within %.4f", c.name, i+1, got, want, c.within[i])
			}
		}
		if min, max := slices.Min(x), slices.Max(x); c.name == "uniform" && (min < 0 || max >= 1) {
			t.Errorf("uniform numbers from %v to %v, want [0, 1)", min, max)
		}
	}
}

func TestWhatChangesTheNumbers(t *testing.T) {
	b := backendtest.Go(t)
	from := func(stream string) func(*Source) *Node {
		return func(s *Source) *Node { return s.Normal(stream, 64) }
	}
	first := draw(b, 1, 1, from("a"))
	if !slices.Equal(first, draw(b, 1, 1, from("a"))) {
		t.Error("the same seed, step and stream gave other numbers")
	}
	for name, other := range map[string][]float32{
		"seed":   draw(b, 2, 1, from("a")),
		"step":   draw(b, 1, 2, from("a")),
		"stream": draw(b, 1, 1, from("b")),
	} {
		var dot float64
		for i := range first {
			dot += float64(first[i] * other[i])
		}
		if slices.Equal(first, other) || math.Abs(dot/64) > .7 { // 5.6 standard errors
			t.Errorf("another %s gave the same or correlated numbers (correlation %.2f)", name, dot/64)
		}
	}
}

func TestIntegers(t *testing.T) {
	b := backendtest.Go(t)
	e := MustNewExec(b.Compute, func(step *Node) *Node { return New(1, step).Integers("i", 5, 10_000) })
	counts := map[int32]int{}
	for _, v := range e.MustCall(uint32(0))[0].Value().([]int32) {
		counts[v]++
	}
	for v := range int32(5) {
		if c := counts[v]; c < 1750 || c > 2250 {
			t.Errorf("%d was drawn %d times of 10,000, want about 2,000", v, c)
		}
	}
	if len(counts) != 5 {
		t.Errorf("drew %v, want only 0 to 4", counts)
	}
}

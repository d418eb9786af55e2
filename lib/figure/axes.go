package figure

import (
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
)

// niceTicks marks an axis at multiples of 1, 2 or 5 times a power of ten.
type niceTicks struct {
	about int  // approximate number of marks
	whole bool // only whole numbers are marked
}

func (t niceTicks) Ticks(lo, hi float64) []plot.Tick {
	step := niceStep((hi - lo) / float64(max(t.about, 1)))
	for range 3 { // an axis should have at least three marks
		if math.Floor(hi/step+1e-9)-math.Ceil(lo/step-1e-9) < 2 {
			step = niceStep(step / 2.5)
		}
	}
	if t.whole {
		step = max(step, 1)
	}
	decimals := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	scientific := decimals > 5 || max(math.Abs(lo), math.Abs(hi)) >= 1e7
	var ticks []plot.Tick
	for i := math.Ceil(lo/step - 1e-9); i*step <= hi+1e-9*step && len(ticks) < 100; i++ {
		v := i * step
		label := number(v, decimals)
		if scientific {
			label = short(v)
		}
		ticks = append(ticks, plot.Tick{Value: v, Label: label})
	}
	return ticks
}

// niceStep is the smallest of 1, 2 and 5 times a power of ten that is not below step.
func niceStep(step float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(step)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= step*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// logTicks marks a logarithmic axis at the given values if they fit on its length. Otherwise it marks 1, 2 and 5 times
// powers of ten, and if these do not fit either, powers of ten.
func logTicks(lo, hi, length float64, values []float64) plot.Ticker {
	var decades, steps []float64
	for e := math.Floor(math.Log10(lo)); e <= math.Ceil(math.Log10(hi)); e++ {
		decades = append(decades, math.Pow(10, e))
		steps = append(steps, math.Pow(10, e), 2*math.Pow(10, e), 5*math.Pow(10, e))
	}
	for _, candidate := range [][]float64{values, steps, decades} {
		var ticks []plot.Tick
		fits, last := len(candidate) > 0, math.Inf(-1)
		for _, v := range candidate {
			if v < lo || v > hi {
				continue
			}
			label := logLabel(v)
			half := width(smallInk, label)/2 + 4
			at := length * math.Log(v/lo) / math.Log(hi/lo)
			if at-half < last {
				fits = false
				break
			}
			last = at + half
			ticks = append(ticks, plot.Tick{Value: v, Label: label})
		}
		if fits && len(ticks) >= 2 {
			return plot.ConstantTicks(ticks)
		}
	}
	return niceTicks{about: 3}
}

func logLabel(v float64) string {
	if v >= 1e-4 && v < 1e7 {
		return number(v, min(5, max(0, digits(v))))
	}
	return short(v)
}

// digits is the number of decimals, at most 5, with which v is written to three significant digits.
func digits(v float64) int {
	for d := range 5 {
		scaled := v * math.Pow10(d)
		if math.Abs(scaled-math.Round(scaled)) < 1e-3*math.Abs(scaled) {
			return d
		}
	}
	return 5
}

// span is a range of values. It grows with each added value.
type span struct{ lo, hi float64 }

func noSpan() span { return span{math.Inf(1), math.Inf(-1)} }

func (s *span) add(v float64) { s.lo, s.hi = min(s.lo, v), max(s.hi, v) }

// padded is the span with some room at both ends. It is never empty.
func (s span) padded(share float64) span {
	size := s.hi - s.lo
	if size <= 1e-9*max(math.Abs(s.lo), math.Abs(s.hi)) {
		size = max(1, math.Abs(s.hi)*0.1)
		mid := (s.lo + s.hi) / 2
		return span{mid - size/2, mid + size/2}
	}
	return span{s.lo - share*size, s.hi + share*size}
}

func (s span) paddedLog(share float64) span {
	l := span{math.Log(s.lo), math.Log(s.hi)}.padded(share)
	return span{math.Exp(l.lo), math.Exp(l.hi)}
}

// distinct returns the different values, sorted.
func distinct(values []float64) []float64 {
	v := slices.Clone(values)
	slices.Sort(v)
	return slices.Compact(v)
}

// finite is also false for numbers so large that their differences may not be finite.
func finite(v float64) bool { return math.Abs(v) < 1e300 }

func lines(s string) int { return 1 + strings.Count(s, "\n") }

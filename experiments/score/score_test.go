package score

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"fashionlatent/lib/record"
)

// Values of SciPy's Welch and paired tests and statsmodels' Holm correction, written by testdata/reference.py.
func TestReference(t *testing.T) {
	content, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Welch []struct {
			A, B                []float64
			T, DF, P, Low, High float64
		}
		Paired []struct {
			A, B []float64
			P    float64
		}
		Holm []struct{ P, Adjusted []float64 }
	}
	if err := json.Unmarshal(content, &want); err != nil || len(want.Welch) < 5 || len(want.Paired) < 3 || len(want.Holm) < 3 {
		t.Fatalf("%d, %d and %d cases, %v", len(want.Welch), len(want.Paired), len(want.Holm), err)
	}
	near := func(got, want float64) bool { return math.Abs(got-want) <= 1e-9*math.Max(1e-3, math.Abs(want)) }
	for _, w := range want.Welch {
		got, err := Compare(Summary{Values: w.A}, Summary{Values: w.B})
		if err != nil || !near(got.T, w.T) || !near(got.DF, w.DF) || !near(got.P, w.P) || !near(got.Low, w.Low) || !near(got.High, w.High) {
			t.Errorf("%v against %v: got %+v, %v, want %+v", w.A, w.B, got, err, w)
		}
	}
	for _, w := range want.Paired {
		a := Summary{Values: append([]float64{7}, w.A...), Seeds: []uint64{100}} // b has not this seed
		var b Summary
		for i := range w.A {
			a.Seeds = append(a.Seeds, uint64(i))
			last := len(w.B) - 1 - i // in another order
			b.Values, b.Seeds = append(b.Values, w.B[last]), append(b.Seeds, uint64(last))
		}
		if got, err := Paired(a, b); err != nil || !near(got, w.P) {
			t.Errorf("%v beside %v: got %v, %v, want %v", w.A, w.B, got, err, w.P)
		}
	}
	for _, h := range want.Holm {
		if got := Holm(h.P); !slices.EqualFunc(got, h.Adjusted, near) {
			t.Errorf("Holm of %v: got %v, want %v", h.P, got, h.Adjusted)
		}
	}
}

func TestCompareUndefined(t *testing.T) {
	some := Summary{Values: []float64{1, 2}}
	for _, c := range []struct {
		a, b Summary
		want error
	}{
		{Summary{Values: []float64{1}}, some, ErrFewSeeds},
		{some, Summary{}, ErrFewSeeds},
		{Summary{Values: []float64{1, 1}}, Summary{Values: []float64{2, 2, 2}}, ErrNoSpread},
	} {
		if _, err := Compare(c.a, c.b); !errors.Is(err, c.want) {
			t.Errorf("%v against %v: %v, want %v", c.a, c.b, err, c.want)
		}
	}
}

func TestPairedUndefined(t *testing.T) {
	some := Summary{Values: []float64{1, 2}, Seeds: []uint64{0, 1}}
	for _, c := range []struct {
		b    Summary
		want error
	}{
		{Summary{Values: []float64{1, 2}, Seeds: []uint64{1, 2}}, ErrFewSeeds},
		{Summary{}, ErrFewSeeds},
		{Summary{Values: []float64{3, 4}, Seeds: []uint64{0, 1}}, ErrNoSpread},
	} {
		if _, err := Paired(some, c.b); !errors.Is(err, c.want) {
			t.Errorf("%v: %v, want %v", c.b, err, c.want)
		}
	}
}

func row(variant string, seed uint64, metric string, value float64, undefined string) Row {
	return Row{Dataset: "tiny", Run: "ae-d2-0123456789ab", Variant: variant, Model: "ae", Latent: 2, Seed: seed, Score: record.Score{
		Identity: record.Identity{Metric: metric, Version: 1, Parameters: "k=5", Split: "test", N: 20, Data: "0a1b"},
		Unit:     "share", Value: value, Undefined: undefined}}
}

func TestCSV(t *testing.T) {
	rows := Rows{row("AE, d = 2", 0, "holes", 1.0/3, ""), row("AE, d = 2", 1, "holes", 5e-324, ""), row(`"a", b`, 0, "holes", 0, "there is one class")}
	var text strings.Builder
	if err := rows.Write(&text); err != nil {
		t.Fatal(err)
	}
	read, err := Read(strings.NewReader(text.String()))
	if err != nil || !slices.Equal(read, rows) {
		t.Errorf("read %v, %v, want %v", read, err, rows)
	}
	line := strings.Split(text.String(), "\n")
	for _, c := range []struct{ text, says string }{
		{"", "not the header"},
		{"a,b\n", "wrong number of fields"},
		{line[0] + "\n" + strings.Replace(line[1], ",20,", ",many,", 1), `n is "many"`},
		{line[0] + "\n" + strings.Replace(line[1], "0.3333333333333333", "NaN", 1), `value is "NaN"`},
		{line[0] + "\n" + strings.Replace(line[1], "0.3333333333333333", "", 1), "neither a value nor a reason"},
		{line[0] + "\n" + strings.Replace(line[1], "0.3333333333333333,", "0.3,no labels", 1), "a reason why it has none: no labels"},
		{line[0] + "\n" + line[1] + "\n" + line[1], "lines 2 and 3 are both of"},
	} {
		if _, err := Read(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v, want it to say %q", c.text, err, c.says)
		}
	}
}

func TestSummary(t *testing.T) {
	rows := Rows{row("a", 1, "x", 3, ""), row("a", 0, "x", 1, ""), row("b", 0, "x", 7, ""), row("a", 0, "y", 9, ""), row("a", 2, "x", 0, "there is one class")}
	s := rows.Of("a", "x", "test").Summary()
	deviation, known := s.Deviation()
	if !slices.Equal(s.Values, []float64{1, 3}) || !slices.Equal(s.Seeds, []uint64{0, 1}) || s.N() != 2 || s.Undefined != "" || s.Left != 1 || s.Why != "there is one class" || s.Mean() != 2 || math.Abs(deviation-math.Sqrt2) > 1e-15 || !known {
		t.Errorf("%+v, mean %v, deviation %v", s, s.Mean(), deviation)
	}
	if _, known := rows.Of("b", "x", "test").Summary().Deviation(); known {
		t.Error("one seed has a deviation")
	}
	if s := rows[4:].Summary(); s.N() != 0 || s.Undefined != "there is one class" {
		t.Errorf("%+v", s)
	}
	if s := rows.Of("c", "x", "test").Summary(); s.Undefined == "" {
		t.Errorf("%+v", s)
	}
}

// The variances are 2 of two seeds and 4 of three, so the pooled one is (1*2 + 2*4)/3. What has one seed, is undefined, or is of
// another metric has no part in it.
func TestPooled(t *testing.T) {
	rows := Rows{row("a", 0, "x", 1, ""), row("b", 0, "x", 10, ""), row("a", 1, "x", 3, ""), row("b", 1, "x", 12, ""), row("b", 2, "x", 14, ""),
		row("c", 0, "x", 100, ""), row("a", 2, "x", 0, "there is one class"), row("a", 0, "y", 50, ""), row("a", 1, "y", 70, "")}
	if deviation, freedom := rows.Pooled("x", "test"); math.Abs(deviation-math.Sqrt(10./3)) > 1e-15 || freedom != 3 {
		t.Errorf("%v of %v degrees of freedom", deviation, freedom)
	}
	if deviation, freedom := rows.Of("c", "x", "test").Pooled("x", "test"); !math.IsNaN(deviation) || freedom != 0 {
		t.Errorf("one seed has deviation %v of %v degrees of freedom", deviation, freedom)
	}
}

func FuzzRead(f *testing.F) {
	var text strings.Builder
	Rows{row("AE, d = 2", 0, "holes", .5, ""), row("b", 3, "holes", 0, "there is one class")}.Write(&text)
	f.Add(text.String())
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := Read(strings.NewReader(text))
		if err != nil {
			return
		}
		var again strings.Builder
		if err := rows.Write(&again); err != nil {
			t.Fatal(err)
		}
		read, err := Read(strings.NewReader(again.String()))
		if err != nil || !slices.Equal(read, rows) {
			t.Errorf("%v is written as\n%s\nand read as %v, %v", rows, &again, read, err)
		}
	})
}

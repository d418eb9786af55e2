package latent

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

func ExampleAUROC() {
	inside := []float64{1, 2, 3, 4}
	outside := []float64{3, 5} // 3 is above 1 and 2 and equal to 3; 5 is above all
	a, err := AUROC(inside, outside)
	if err != nil {
		panic(err)
	}
	fmt.Println(a)
	// Output: 0.8125
}

func TestAUROCReference(t *testing.T) {
	m := readMeasures(t)
	if len(m.AUROCs) < 4 {
		t.Fatalf("%d cases", len(m.AUROCs))
	}
	for _, c := range m.AUROCs {
		a, err := AUROC(c.Inside, c.Outside)
		if err != nil {
			t.Fatal(err)
		}
		checkClose(t, c.Name, []float64{a}, []float64{c.AUROC}, 1e-12)
	}
}

func TestAUROCPlanted(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		inside, outside []float64
		want            float64
	}{
		{[]float64{0, 1}, []float64{2, 3, 4}, 1},
		{[]float64{2, 3, 4}, []float64{0, 1}, 0},
		{[]float64{7, 7, 7}, []float64{7}, .5},
		{[]float64{0, 2}, []float64{1}, .5},
		{[]float64{1, 1, 2}, []float64{1, 3}, .5 * (2*.5/3 + 1)}, // 1 is equal to two of three, 3 is above all
		{[]float64{-inf, 0}, []float64{inf, 0}, .875},
	} {
		before := slices.Clone(c.outside)
		if a, err := AUROC(c.inside, c.outside); err != nil || math.Abs(a-c.want) > 1e-12 {
			t.Errorf("%v, %v: %v, %v, want %v", c.inside, c.outside, a, err, c.want)
		}
		if !slices.Equal(before, c.outside) {
			t.Errorf("%v has become %v", before, c.outside)
		}
		if a, err := AUROC(c.outside, c.inside); err != nil || math.Abs(a-(1-c.want)) > 1e-12 {
			t.Errorf("exchanged: %v, %v, want %v", a, err, 1-c.want)
		}
	}
	for _, c := range [][2][]float64{{nil, {1}}, {{1}, nil}, {{1, math.NaN()}, {1}}, {{1}, {2, math.NaN()}}} {
		if a, err := AUROC(c[0], c[1]); err == nil {
			t.Errorf("%v: %v, want an error", c, a)
		}
	}
}

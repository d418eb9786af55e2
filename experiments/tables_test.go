package experiments

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/score"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/fashion"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/record"
)

// What figures of one seed say of the spread over seeds is what the published comparison found.
func TestSeedDeviations(t *testing.T) {
	f, err := os.Open(filepath.Join(lab.Root(), "results", Comparison, "table.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for of, want := range map[string][2]float64{metric.ACC: seedDeviations.acc, metric.NMI: seedDeviations.nmi} {
		var all []float64
		for _, method := range []string{metric.KMeans, metric.Mixture} {
			column := slices.Index(lines[0], metric.Agreement(method, of)+", standard deviation")
			if column < 0 {
				t.Fatalf("no column of the standard deviation of %s", metric.Agreement(method, of))
			}
			for _, line := range lines[1:] {
				v, err := strconv.ParseFloat(line[column], 64)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, math.Round(100*v)/100)
			}
		}
		if got := [2]float64{slices.Min(all), slices.Max(all)}; got != want {
			t.Errorf("standard deviations of %s: %v, and figures of one seed say %v", of, got, want)
		}
	}
}

func TestOneSeed(t *testing.T) {
	known, other := &lab.Setting{Dataset: fashion.Name}, &lab.Setting{Dataset: "tiny"}
	for _, c := range []struct {
		s       *lab.Setting
		seeds   int
		spread  bool
		numbers bool
	}{{known, 5, false, false}, {known, 1, true, true}, {other, 1, true, false}, {other, 2, false, false}} {
		got := oneSeed(c.s, c.seeds)
		if strings.Contains(got, "how far seeds differ") != c.spread || strings.Contains(got, "standard deviation of ACC is .") != c.numbers {
			t.Errorf("%s, %d seeds: %q", c.s.Dataset, c.seeds, got)
		}
	}
}

// The weights of a network depend on the size of the images.
func TestWeightsOfSide(t *testing.T) {
	for side, want := range map[int]string{0: "26432", 8: "2672"} { // 784 or 64 pixels to 16, 16 to 16, and back, with biases
		if got := layers(&lab.Setting{Scale: lab.Smoke, Side: side}, autoencoder.AE, 16).labels[2].String(); got != want {
			t.Errorf("side %d: %s weights, want %s", side, got, want)
		}
	}
}

// With KL and negative ELBO of the same seeds, the distortion is their difference.
func TestDistortion(t *testing.T) {
	row := func(name string, seed uint64, value float64, undefined string) score.Row {
		r := score.Row{Variant: "a", Seed: seed, Score: record.Score{Value: value, Undefined: undefined}}
		r.Metric, r.Split = name, metric.Test
		return r
	}
	rows := score.Rows{row(metric.Bound, 0, 240, ""), row(metric.Bound, 1, 242, ""), row(metric.Bound, 2, 250, ""),
		row(metric.KL, 1, 12, ""), row(metric.KL, 0, 15, ""), row(metric.KL, 2, 0, "it has none")}
	if got := distortion(rows, "a").Values; !slices.Equal(got, []float64{225, 230}) {
		t.Errorf("distortions %v", got)
	}
}

// A diagram shows one level and one code, and a picture has a largest number of images.
func TestLimitsOfFigures(t *testing.T) {
	c := autoencoder.Default(autoencoder.VAE, 2)
	if _, err := Diagram(c); err != nil {
		t.Error(err)
	}
	two, several := c, c
	two.Levels, several.Samples = 2, 16
	for _, c := range []autoencoder.Config{two, several} {
		if _, err := Diagram(c); err == nil || !strings.Contains(err.Error(), "want one of each") {
			t.Errorf("levels %d, samples %d: %v", c.Levels, c.Samples, err)
		}
	}
	for side, most := range map[int]int{8: 4000, 28: 4000, 56: 1000, 128: 191} {
		if checkPictured(most, side) != nil || checkPictured(most+1, side) == nil {
			t.Errorf("side %d: the limit is not %d images", side, most)
		}
		if _, err := figure.Grid(make([]uint8, most*side*side), figure.GridOptions{Columns: 10, Side: side}); err != nil {
			t.Errorf("%d images of side %d: %v", most, side, err)
		}
	}
}

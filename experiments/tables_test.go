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
	"fashionlatent/lib/fashion"
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

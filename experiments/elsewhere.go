package experiments

import (
	"crypto/sha256"
	"fmt"

	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/lib/dataset"
)

// Data sets on which the clustering methods were not chosen; each is made with a seed.
const (
	unequal = "unequal" // the lab's, its classes of unequal size
	printed = "printed" // digits
)

// elsewhereSeeds is the number of encoders, and of data sets, on other data.
func (s *Setting) elsewhereSeeds() int { return min(3, s.Scale.ManySeeds) }

// otherData are the data sets, with what they are called in tables.
var otherData = []struct{ data, name string }{{unequal, "sizes of classes 4 : 1"}, {printed, "printed digits"}}

// trials are the representations that are tried on other data, each with its methods.
var trials = []struct {
	representation string
	methods        []string
}{{aeWide, []string{metric.KMeans, metric.Mixture}}, {aeBrightness, []string{metric.Search}}, {aeUnit, onGraph}}

// elsewhereName is the variant of a representation of other data.
func elsewhereName(data, representation string) string { return representation + ", " + data }

// elsewhereUnits are trials on data where what the methods were chosen on does not hold, their settings unchanged: on classes of unequal size, and on a
// data set that they were never tried on.
func elsewhereUnits(l *Lab) ([]unit, error) {
	var all []unit
	for _, other := range otherData {
		for _, t := range trials {
			for seed := range l.elsewhereSeeds() {
				u, err := representationNamed(&l.Setting, t.representation).unitOf(l, fmt.Sprint(other.data, " ", seed), seed, t.methods, []string{metric.All})
				if err != nil {
					return nil, err
				}
				u.variant = elsewhereName(other.data, t.representation)
				all = append(all, u)
			}
		}
	}
	return all, nil
}

// elsewhereTable tells what becomes of the clustering methods on other data.
func elsewhereTable(rows score.Rows) report.Table {
	t := report.Table{Title: "The same settings on other data", Columns: report.Labels("data", "representation", "method", "seeds")}
	for _, of := range metric.Agreements {
		t.Columns = append(t.Columns, report.Column{Name: of, Score: true})
	}
	for _, other := range otherData {
		for _, tried := range trials {
			variant := elsewhereName(other.data, tried.representation)
			for _, method := range tried.methods {
				cells := []report.Cell{report.Text(other.name), report.Text(tried.representation), report.Text(method), report.Number(float64(seeds(rows, variant)), 0)}
				for _, of := range metric.Agreements {
					cells = append(cells, report.Score(rows.Of(variant, metric.Agreement(method, of), metric.All).Summary(), 3))
				}
				t.Add(cells...)
			}
		}
	}
	return t
}

// thinned keeps the first images of each class: all of one class, a quarter of another, and shares in equal steps between of those
// between. Which class is which turns with the seed.
func thinned(d *dataset.Dataset, seed int) *dataset.Dataset {
	t := &dataset.Dataset{
		Name:     fmt.Sprintf("%s, sizes of classes 4 : 1, seed %d", d.Name, seed),
		Checksum: fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%s thinned 4:1 %d", d.Checksum, seed))),
		Classes:  d.Classes, Values: d.Values,
	}
	t.Train.Side, t.Test.Side = d.Side(), d.Side()
	k := len(d.Classes)
	for _, part := range []struct{ from, to *dataset.Split }{{&d.Train, &t.Train}, {&d.Test, &t.Test}} {
		count := make([]int, k)
		for _, class := range part.from.Labels {
			count[class]++
		}
		seen := make([]int, k)
		for i, class := range part.from.Labels {
			place := (int(class) + 3*seed) % k
			share := 1 - .75*float64(place)/float64(max(1, k-1))
			if seen[class]++; float64(seen[class]) <= share*float64(count[class]) {
				part.to.Images = append(part.to.Images, part.from.Image(i)...)
				part.to.Labels = append(part.to.Labels, class)
			}
		}
	}
	return t
}

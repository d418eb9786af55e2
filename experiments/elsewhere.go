package experiments

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"fashionlatent/lib/fashion"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
)

// Data sets on which the clustering methods were not chosen; each is made with a seed.
const (
	unequal = "unequal" // the lab's, its classes of unequal size
	printed = "printed" // digits
)

// elsewhereSeeds is the number of encoders, and of data sets, on other data.
func (l *Lab) elsewhereSeeds() int { return min(3, l.Scale.ManySeeds) }

// elsewherePairs are the representations and methods that are tried on other data.
func (l *Lab) elsewherePairs() []pair {
	all := l.representations()
	return []pair{{all[2], clusterers[0]}, {all[2], clusterers[1]}, {all[4], clusterers[2]}, {all[5], clusterers[3]}, {all[5], clusterers[4]}}
}

type pair struct {
	representation
	clusterer
}

// elsewhereJobs are the runs of elsewhere.
func (l *Lab) elsewhereJobs() []job {
	var jobs []job
	for _, data := range []string{unequal, printed} {
		for _, p := range l.elsewherePairs() {
			for seed := range l.elsewhereSeeds() {
				jobs = append(jobs, job{config: withSeed(*p.config, seed), derived: fmt.Sprint(data, " ", seed)})
			}
		}
	}
	return jobs
}

// elsewhere tells what becomes of the clustering methods, their settings unchanged, where what they were chosen on does not hold:
// on classes of unequal size, and on a data set that they were never tried on.
func (l *Lab) elsewhere(ctx context.Context) (show.Table, error) {
	t := show.Table{
		Title:  "The same settings on other data",
		Header: []string{"data", "representation", "method", "seeds", "ACC", "NMI", "ARI"},
	}
	for _, other := range []struct{ data, name string }{{unequal, "sizes of classes 4 : 1"}, {printed, "printed digits"}} {
		for _, p := range l.elsewherePairs() {
			scores := map[string]spread{}
			for seed := range l.elsewhereSeeds() {
				measures, err := l.clusteredOn(ctx, fmt.Sprint(other.data, " ", seed), p, seed)
				if err != nil {
					return t, fmt.Errorf("%s, %s: %w", other.name, p.representation.name, err)
				}
				for _, m := range measures {
					scores[m.Name] = append(scores[m.Name], m.Value)
				}
			}
			row := []string{other.name, p.representation.name, p.clusterer.name, fmt.Sprint(l.elsewhereSeeds())}
			for _, name := range p.measures() {
				row = append(row, scores[name].text(3))
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return t, nil
}

// clusteredOn are the scores of a method among all images of a data set, in a representation learned from its training images.
func (l *Lab) clusteredOn(ctx context.Context, name string, p pair, seed int) ([]record.Measure, error) {
	data, err := l.dataset(name)
	if err != nil {
		return nil, err
	}
	run, err := l.train(ctx, data, withSeed(*p.config, seed))
	if err != nil {
		return nil, err
	}
	known, err := run.Run.Measures()
	if err != nil {
		return nil, err
	}
	var found []record.Measure
	for _, name := range p.measures() {
		if m, there := record.Find(known, name, "all"); there {
			found = append(found, m)
		}
	}
	if len(found) == len(p.measures()) {
		return found, nil
	}
	fmt.Fprintf(l.out, "%s, %s, seed %d: %s\n", data.Name, p.representation.name, seed, p.clusterer.name)
	views, err := l.represent(ctx, data, p.representation, seed)
	if err != nil {
		return nil, err
	}
	clusters, err := p.find(ctx, &points{views: views, seed: uint64(seed)})
	if err != nil {
		return nil, err
	}
	if found, err = p.agreement("all", slices.Concat(data.Train.Labels, data.Test.Labels), clusters); err != nil {
		return nil, err
	}
	return found, run.Run.AddMeasures(found...)
}

// thinned keeps the first images of each class: all of one class, a quarter of another, and shares in equal steps between of those
// between. Which class is which turns with the seed.
func thinned(d *fashion.Dataset, seed int) *fashion.Dataset {
	t := &fashion.Dataset{
		Name:     fmt.Sprintf("%s, sizes of classes 4 : 1, seed %d", d.Name, seed),
		Checksum: fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%s thinned 4:1 %d", d.Checksum, seed))),
	}
	for _, part := range []struct{ from, to *fashion.Split }{{&d.Train, &t.Train}, {&d.Test, &t.Test}} {
		count := make([]int, fashion.Classes)
		for _, class := range part.from.Labels {
			count[class]++
		}
		seen := make([]int, fashion.Classes)
		for i, class := range part.from.Labels {
			place := (int(class) + 3*seed) % fashion.Classes
			share := 1 - .75*float64(place)/(fashion.Classes-1)
			if seen[class]++; float64(seen[class]) <= share*float64(count[class]) {
				part.to.Images = append(part.to.Images, part.from.Image(i)...)
				part.to.Labels = append(part.to.Labels, class)
			}
		}
	}
	return t
}

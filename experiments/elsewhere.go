package experiments

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"fashionlatent/lib/dataset"
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

// elsewhereTrials are the representations that are tried on other data, each with its methods.
func (l *Lab) elsewhereTrials() []trial {
	all := l.representations()
	return []trial{{all[2], clusterers[:2]}, {all[4], clusterers[2:3]}, {all[5], clusterers[3:]}}
}

type trial struct {
	representation
	methods []clusterer
}

// elsewhereJobs are the runs of elsewhere.
func (l *Lab) elsewhereJobs() []job {
	var jobs []job
	for _, data := range []string{unequal, printed} {
		for _, t := range l.elsewhereTrials() {
			for seed := range l.elsewhereSeeds() {
				jobs = append(jobs, job{config: withSeed(*t.config, seed), derived: fmt.Sprint(data, " ", seed)})
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
		for _, tried := range l.elsewhereTrials() {
			scores := map[string]spread{}
			for seed := range l.elsewhereSeeds() {
				measures, err := l.clusteredOn(ctx, fmt.Sprint(other.data, " ", seed), tried, seed)
				if err != nil {
					return t, fmt.Errorf("%s, %s: %w", other.name, tried.name, err)
				}
				for _, m := range measures {
					scores[m.Name] = append(scores[m.Name], m.Value)
				}
			}
			for _, c := range tried.methods {
				row := []string{other.name, tried.name, c.name, fmt.Sprint(l.elsewhereSeeds())}
				for _, name := range c.measures() {
					row = append(row, scores[name].text(3))
				}
				t.Rows = append(t.Rows, row)
			}
		}
	}
	return t, nil
}

// clusteredOn are the scores of a trial's methods among all images of a data set, in a representation learned from its training images.
func (l *Lab) clusteredOn(ctx context.Context, name string, t trial, seed int) (scores []record.Measure, err error) {
	data, err := l.dataset(name)
	if err != nil {
		return nil, err
	}
	run, err := l.train(ctx, data, withSeed(*t.config, seed))
	if err != nil {
		return nil, err
	}
	known, err := run.Run.Measures()
	if err != nil {
		return nil, err
	}
	var p *points // once a score is missing
	for _, c := range t.methods {
		var found []record.Measure
		for _, name := range c.measures() {
			if m, there := record.Find(known, name, "all"); there {
				found = append(found, m)
			}
		}
		if len(found) < len(c.measures()) {
			fmt.Fprintf(l.out, "%s, %s, seed %d: %s\n", data.Name, t.name, seed, c.name)
			if p == nil {
				views, err := l.represent(ctx, data, t.representation, seed)
				if err != nil {
					return nil, err
				}
				p = &points{views: views, k: len(data.Classes), seed: uint64(seed)}
			}
			clusters, err := c.find(ctx, p)
			if err != nil {
				return nil, err
			}
			if found, err = c.agreement("all", slices.Concat(data.Train.Labels, data.Test.Labels), clusters); err != nil {
				return nil, err
			}
			if err := run.Run.AddMeasures(found...); err != nil {
				return nil, err
			}
		}
		scores = append(scores, found...)
	}
	return scores, nil
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

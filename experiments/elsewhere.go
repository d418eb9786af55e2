package experiments

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"fashionlatent/lib/digits"
	"fashionlatent/lib/fashion"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
)

// elsewhere tells what becomes of the clustering methods, their settings unchanged, where what they were chosen on does not hold:
// on classes of unequal size, and on a data set that they were never tried on.
func (l *Lab) elsewhere(ctx context.Context) (show.Table, error) {
	seeds := min(3, l.Scale.ManySeeds)
	t := show.Table{
		Title:  "The same settings on other data",
		Header: []string{"data", "representation", "method", "seeds", "ACC", "NMI", "ARI"},
	}
	all := l.representations()
	pairs := []struct {
		representation
		clusterer
	}{{all[2], clusterers[0]}, {all[2], clusterers[1]}, {all[4], clusterers[2]}, {all[5], clusterers[3]}}
	for _, other := range []struct {
		name string
		data func(seed int) (*fashion.Dataset, error)
	}{
		{"sizes of classes 4 : 1", func(seed int) (*fashion.Dataset, error) { return thinned(l.Data, seed), nil }},
		{"printed digits", func(seed int) (*fashion.Dataset, error) {
			return digits.Draw(min(l.Data.Train.Len(), 20_000), min(l.Data.Test.Len(), 4000), uint64(seed))
		}},
	} {
		for _, p := range pairs {
			scores := map[string]spread{}
			for seed := range seeds {
				data, err := other.data(seed)
				if err != nil {
					return t, err
				}
				measures, err := l.clusteredOn(ctx, data, p.representation, p.clusterer, seed)
				if err != nil {
					return t, fmt.Errorf("%s, %s: %w", other.name, p.representation.name, err)
				}
				for _, m := range measures {
					scores[m.Name] = append(scores[m.Name], m.Value)
				}
			}
			row := []string{other.name, p.representation.name, p.clusterer.name, fmt.Sprint(seeds)}
			for _, score := range []string{" ACC", " NMI", " ARI"} {
				row = append(row, scores[clusterMeasure(p.clusterer.name)+score].text(3))
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return t, nil
}

// clusteredOn are the scores of a method among all images of a data set, in a representation learned from its training images.
func (l *Lab) clusteredOn(ctx context.Context, data *fashion.Dataset, r representation, c clusterer, seed int) ([]record.Measure, error) {
	run, err := l.train(ctx, data, withSeed(*r.config, seed))
	if err != nil {
		return nil, err
	}
	name := clusterMeasure(c.name)
	known, err := run.Run.Measures()
	if err != nil {
		return nil, err
	}
	var found []record.Measure
	for _, score := range []string{" ACC", " NMI", " ARI"} {
		if m, there := record.Find(known, name+score, "all"); there {
			found = append(found, m)
		}
	}
	if len(found) == 3 {
		return found, nil
	}
	fmt.Fprintf(l.out, "%s, %s, seed %d: %s\n", data.Name, r.name, seed, c.name)
	x, _, err := run.Model.Encode(ctx, slices.Concat(data.Train.Images, data.Test.Images))
	if err != nil {
		return nil, err
	}
	clusters, err := c.find(ctx, x, r.config.Model.Latent, uint64(seed))
	if err != nil {
		return nil, err
	}
	found, err = agreement(name, slices.Concat(data.Train.Labels, data.Test.Labels), clusters)
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i].Split = "all"
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

package experiments

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/lib/cluster"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/training"
)

// foundClusters are the clusters that a Gaussian mixture finds in a model's codes of the test images. It is fitted to the
// codes of the training images, without labels.
type foundClusters struct {
	of      []int     // cluster of each test image, [n]
	margins []float64 // how certain the mixture is of it: log of the ratio of the largest to the second largest posterior, [n]
	hues    []uint8   // for each cluster the class that is matched to it; without labels its number
	score   string    // such as "ACC .53"; "" without labels
}

func findClusters(ctx context.Context, l *Lab, r *training.Result) (*foundClusters, error) {
	s, err := lab.Subject(l, r)
	if err != nil {
		return nil, err
	}
	test, err := s.Codes(ctx, metric.Test)
	if err != nil {
		return nil, err
	}
	m, err := s.Mixture(ctx, metric.Clustering{Method: metric.Mixture, K: l.K, Fit: metric.Train})
	if err != nil {
		return nil, err
	}
	c := &foundClusters{}
	if c.of, err = m.Predict(test.Values); err != nil {
		return nil, err
	}
	if c.margins, err = m.Margins(test.Values); err != nil {
		return nil, err
	}
	c.hues = make([]uint8, m.K)
	for i := range c.hues {
		c.hues[i] = uint8(i)
	}
	labels := l.Data.Test.Labels
	if labels == nil {
		return c, nil
	}
	match, err := cluster.Assignment(labels, c.of)
	if err != nil {
		return nil, err
	}
	for i := range c.hues {
		c.hues[i] = uint8(len(l.Classes)) // unless a class is matched to it
		if i < len(match) && match[i] >= 0 {
			c.hues[i] = uint8(match[i])
		}
	}
	accuracy, err := cluster.Accuracy(labels, c.of)
	c.score = "ACC " + decimals(accuracy)
	return c, err
}

// clusterNames are the names of the hues of clusters: those of the classes, or, without labels, numbers.
func clusterNames(l *Lab) (names []string) {
	if l.Data.Labelled() {
		return append(l.Drawn(), "no class matched")
	}
	for i := range l.K {
		names = append(names, fmt.Sprint("cluster ", i+1))
	}
	return names
}

// ClusterPlanes shows the codes of the test images, one model per row: at the left coloured by class, at the right by the
// cluster that a Gaussian mixture finds. A cluster has the colour of the class that is matched to it. Without labels, only
// the clusters are shown.
func ClusterPlanes(ctx context.Context, l *Lab, results ...*training.Result) (*figure.Figure, error) {
	var panels []figure.Panel
	names := Names(results...)
	for i, r := range results {
		c, err := findClusters(ctx, l, r)
		if err != nil {
			return nil, err
		}
		p, err := panel(ctx, l, r, names[i]+"\nby class")
		if err != nil {
			return nil, err
		}
		p.Centres = nil // those of k-means
		if l.Data.Labelled() {
			panels = append(panels, p)
		}
		p.Title, p.Labels = names[i]+"\nby cluster", make([]uint8, len(c.of))
		if c.score != "" {
			p.Title += ", " + c.score
		}
		for j, k := range c.of {
			p.Labels[j] = c.hues[k]
		}
		panels = append(panels, p)
	}
	f, err := figure.SmallMultiples(panels, figure.ScatterOptions{Names: clusterNames(l), Columns: 2, NameClasses: true})
	if err != nil {
		return nil, err
	}
	f.Caption = fmt.Sprintf("Codes of the test images (VAE: posterior means) by %sthe cluster that a mixture of %d Gaussians finds. The mixture is fitted to the codes of the training images, without labels.%s%s",
		l.OfClasses("their class and by "), l.K, l.OfClasses(" Each cluster has the colour of the class that is matched to it, one to one, so that the accuracy is highest."), runsOf(results...))
	return f, nil
}

// extremeImages is the number of images of each cluster that CertainImages shows in each figure.
const extremeImages = 4

// CertainImages shows the test images of each cluster of a Gaussian mixture of which the mixture is most certain, at the
// left, and least certain, at the right, one model per row of the figure. Labels name the clusters and do nothing else.
func CertainImages(ctx context.Context, l *Lab, results ...*training.Result) (*figure.Figure, error) {
	var figures []*figure.Figure
	var titles []string
	side, names, clusters := l.Data.Side(), Names(results...), clusterNames(l)
	for i, r := range results {
		c, err := findClusters(ctx, l, r)
		if err != nil {
			return nil, err
		}
		order := make([]int, len(c.hues)) // clusters in the order of their classes
		for k := range order {
			order[k] = k
		}
		slices.SortStableFunc(order, func(a, b int) int { return int(c.hues[a]) - int(c.hues[b]) })
		order = order[:min(mostShown, len(order))]
		var rows []string
		certain, doubtful := make([]uint8, len(order)*extremeImages*side*side), make([]uint8, len(order)*extremeImages*side*side)
		for row, k := range order {
			var members []int
			for j, of := range c.of {
				if of == k {
					members = append(members, j)
				}
			}
			slices.SortStableFunc(members, func(a, b int) int { return cmp.Compare(c.margins[b], c.margins[a]) })
			for place := range min(extremeImages, len(members)) {
				at := (row*extremeImages + place) * side * side
				copy(certain[at:], l.Data.Test.Image(members[place]))
				copy(doubtful[at:], l.Data.Test.Image(members[len(members)-1-place]))
			}
			rows = append(rows, clusters[c.hues[k]])
		}
		for _, part := range []struct {
			title  string
			images []uint8
		}{{"most certain", certain}, {"most doubtful", doubtful}} {
			f, err := figure.Grid(part.images, figure.GridOptions{Columns: extremeImages, Rows: rows, Side: side, Scale: max(1, 56/side)})
			if err != nil {
				return nil, err
			}
			figures, titles = append(figures, f), append(titles, names[i]+"\n"+part.title)
		}
	}
	f, err := figure.Beside(figures, figure.BesideOptions{Titles: titles, Columns: 2})
	if err != nil {
		return nil, err
	}
	of := fmt.Sprint(l.K)
	if l.K > mostShown {
		of = fmt.Sprintf("the first %d of %d", mostShown, l.K)
	}
	f.Caption = fmt.Sprintf("Test images of each of %s clusters that a mixture of Gaussians finds in the codes. Left: the images whose cluster the mixture is most certain of, the most certain first. Right: the images that it is least certain of, the most doubtful first. "+
		"Certainty is the ratio of the largest to the second largest posterior probability of the Gaussians. It needs no labels.%s%s", of, l.OfClasses(" Each row has the name of the class that is matched to its cluster, one to one, so that the accuracy is highest. If the images of a row are of other classes, no better class was left for its cluster."), runsOf(results...))
	return f, nil
}

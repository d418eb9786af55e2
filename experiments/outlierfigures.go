package experiments

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/subject"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/points"
)

// shown are outliers with the −ELBO of images, in nats, under the VAE of seed 0: of the test images and of the others.
type shown struct {
	outliers
	test, others    metric.ImageSet
	inside, outside []float64
	run             string // name
}

// shownOutliers are all outliers that the data set defines. Of the classes that are left out it is the first.
func shownOutliers(ctx context.Context, l *Lab) (all []shown, err error) {
	wanted := wholeOutliers(&l.Setting)
	if left := leftOuts(&l.Setting); left != nil {
		wanted = append(wanted, left[0].outliers(&l.Setting))
	}
	models := map[string]*subject.Model{}
	for _, o := range wanted {
		test, others, unmet, err := o.sets(l)
		if err != nil {
			return nil, err
		}
		if unmet != "" {
			continue
		}
		j := o.job(&l.Setting, autoencoder.VAE, 0)
		if models[o.data] == nil {
			if models[o.data], err = trained(ctx, l, j); err != nil {
				return nil, err
			}
		}
		run, _, err := l.RunOf(j.Derived, j.Config)
		if err != nil {
			return nil, err
		}
		s := shown{outliers: o, test: test, others: others, run: run.Name()}
		if s.inside, err = models[o.data].Outlying(ctx, metric.OfBound, s.test); err != nil {
			return nil, err
		}
		if s.outside, err = models[o.data].Outlying(ctx, metric.OfBound, s.others); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// runsShown is the end of a caption: the names of the runs.
func runsShown(all []shown) string {
	var names []string
	for _, s := range all {
		names = append(names, s.run)
	}
	return runsNamed(names)
}

func outliersPictures(ctx context.Context, l *Lab) (pictures, error) {
	find := sync.OnceValues(func() ([]shown, error) { return shownOutliers(ctx, l) })
	draw := func(f func(l *Lab, all []shown) (*figure.Figure, error)) func() (*figure.Figure, error) {
		return func() (*figure.Figure, error) {
			all, err := find()
			if err != nil {
				return nil, err
			}
			return f(l, all)
		}
	}
	return pictures{"histograms": draw(outlierHistograms), "extremes": draw(extremes)}, nil
}

// histogramBins is the number of bins of a histogram.
const histogramBins = 40

// outlierHistograms shows the −ELBO of test images and of others, one chart for each kind of outliers.
func outlierHistograms(_ *Lab, all []shown) (*figure.Figure, error) {
	var charts []figure.Chart
	for _, s := range all {
		edges := figure.Bins(slices.Concat(s.inside, s.outside), histogramBins)
		chart := figure.Chart{Title: s.name + "\ntrained on " + s.trained, X: "−ELBO, nats per image", Y: "share of the images", LogX: edges[0] > 0}
		for i, of := range []struct {
			name   string
			values []float64
		}{{"test images", s.inside}, {"others", s.outside}} {
			outline := figure.Histogram(of.values, edges)
			outline.Name, outline.Colour, outline.Variant = of.name, []int{colours[autoencoder.VAE], colourOther}[i], i
			chart.Series = append(chart.Series, outline)
		}
		charts = append(charts, chart)
	}
	f, err := figure.Panels(charts, figure.PanelsOptions{Columns: 2})
	if err == nil {
		f.Caption = fmt.Sprintf("Histograms of the −ELBO under the VAE of seed 0, codes of %d dimensions: test images of the data that were trained on, and others. Where the dashed line lies to the left, the VAE takes the others for more likely.", lab.Wide) + runsShown(all)
	}
	return f, err
}

// extremesShown is the number of images in a row of extremes.
const extremesShown = 12

// extremes shows the images that are the least and the most likely under the VAE: of the test images, and of each kind
// of outliers.
func extremes(l *Lab, all []shown) (*figure.Figure, error) {
	var titles []string
	var sheets [][]figure.Row
	for _, s := range all {
		title := "trained on " + s.trained
		at := slices.Index(titles, title)
		if at < 0 {
			at = len(titles)
			titles, sheets = append(titles, title), append(sheets, extremeRows("test images", s.test, s.inside))
		}
		sheets[at] = append(sheets[at], extremeRows(s.name, s.others, s.outside)...)
	}
	var figures []*figure.Figure
	for _, rows := range sheets {
		var images []uint8
		var names []string
		least := extremesShown * l.Data.Pixels()
		for _, r := range rows {
			least = min(least, len(r.Images))
		}
		for _, r := range rows {
			images, names = append(images, r.Images[:least]...), append(names, r.Name)
		}
		f, err := figure.Grid(images, figure.GridOptions{Columns: least / l.Data.Pixels(), Rows: names, Side: l.Data.Side()})
		if err != nil {
			return nil, err
		}
		figures = append(figures, f)
	}
	f, err := figure.Beside(figures, figure.BesideOptions{Titles: titles, Columns: 1})
	if err == nil {
		f.Caption = fmt.Sprintf("The images with the largest and with the smallest −ELBO under the VAE of seed 0, codes of %d dimensions. The most extreme is at the left.", lab.Wide) + runsShown(all)
	}
	return f, err
}

// extremeRows are the least and the most likely images of a set, the most extreme first.
func extremeRows(name string, set metric.ImageSet, bound []float64) []figure.Row {
	order := make([]int, set.N)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(bound[b], bound[a]) })
	width := len(set.Images) / set.N
	least := points.Rows(set.Images, width, order[:min(extremesShown, len(order))])
	slices.Reverse(order)
	most := points.Rows(set.Images, width, order[:min(extremesShown, len(order))])
	return []figure.Row{{Name: name + ", least likely", Images: least}, {Name: name + ", most likely", Images: most}}
}

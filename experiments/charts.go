package experiments

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/lib/figure"
)

// point is a variant at a place on the x axis of a curve.
type point struct {
	variant string
	x       float64
}

// curve appends to s the mean of a metric for each point, with the standard deviation over the seeds. Variants for
// which the metric is undefined are left out.
func curve(rows score.Rows, s figure.Series, name string, points []point) figure.Series {
	return line(s, points, func(variant string) score.Summary { return onTest(rows, variant, name) })
}

// line is curve for any summary of a variant's scores.
func line(s figure.Series, points []point, summary func(variant string) score.Summary) figure.Series {
	for _, p := range points {
		of := summary(p.variant)
		if of.N() == 0 {
			continue
		}
		deviation, _ := of.Deviation()
		s.X, s.Y, s.Spread = append(s.X, p.x), append(s.Y, of.Mean()), append(s.Spread, deviation)
	}
	return s
}

// panels draws the charts that have at least one point as a figure of the report. Without any such chart the figure
// is not drawn. A logarithmic axis has no place for values of 0, which are left out.
func panels(r *report.Report, file string, charts []figure.Chart, o figure.PanelsOptions, caption string) error {
	charts = slices.Clone(charts)
	for i, c := range charts {
		charts[i].Shares = slices.ContainsFunc([]string{metric.ACC, metric.NMI, metric.Coverage, "share"}, func(of string) bool { return strings.Contains(c.Y, of) })
		series := slices.Clone(c.Series)
		if c.LogY {
			charts[i].References = slices.DeleteFunc(slices.Clone(c.References), func(r figure.Reference) bool { return r.At <= 0 })
			for k, s := range series {
				series[k].X, series[k].Y, series[k].Spread = nil, nil, nil
				for at, y := range s.Y {
					if y > 0 {
						series[k].X, series[k].Y, series[k].Spread = append(series[k].X, s.X[at]), append(series[k].Y, y), append(series[k].Spread, s.Spread[at])
					}
				}
			}
		}
		charts[i].Series = slices.DeleteFunc(series, func(s figure.Series) bool { return len(s.X) == 0 })
	}
	charts = slices.DeleteFunc(charts, func(c figure.Chart) bool { return len(c.Series) == 0 })
	if len(charts) == 0 {
		r.Undrawn = append(r.Undrawn, file)
		return nil
	}
	f, err := figure.Panels(charts, o)
	if err != nil {
		return fmt.Errorf("figure %s: %w", file, err)
	}
	f.Caption = caption
	if !o.CommonY {
		f.Caption += ownRanges(charts, func(c figure.Chart) string { return c.Y })
	}
	r.Figures = append(r.Figures, report.Figure{Name: file, Scores: true, Figure: f})
	return nil
}

// ownRanges warns readers of charts that measure the same, as the names of their axes say, in different ranges.
func ownRanges[C any](charts []C, axis func(C) string) string {
	seen := map[string]bool{}
	for _, c := range charts {
		if seen[axis(c)] {
			return " Each panel has its own range of values."
		}
		seen[axis(c)] = true
	}
	return ""
}

// picture adds the names of pictures of models to the report's figures, at this place.
func picture(r *report.Report, names ...string) {
	for _, name := range names {
		r.Figures = append(r.Figures, report.Figure{Name: name})
	}
}

// floorLine adds to a chart a line at the score of training images.
func floorLine(rows score.Rows, c *figure.Chart, of string) {
	if floor := onTest(rows, extractor, metric.Generated(metric.Floor, of)); floor.N() > 0 {
		c.References = append(c.References, figure.Reference{Name: metric.Floor, At: floor.Mean()})
	}
}

// addDot appends the mean and the standard deviation of a score to a row of dots. Where there is no score it appends
// NaN, which is not drawn.
func addDot(d *figure.Dots, s score.Summary) {
	if s.N() == 0 {
		d.Values, d.Spread = append(d.Values, math.NaN()), append(d.Spread, 0)
		return
	}
	deviation, _ := s.Deviation()
	d.Values, d.Spread = append(d.Values, s.Mean()), append(d.Spread, deviation)
}

// dotCharts draws the charts that have at least one dot as a figure of the report. Without any such chart the figure
// is not drawn.
func dotCharts(r *report.Report, file string, charts []figure.DotChart, caption string) error {
	charts = slices.DeleteFunc(charts, func(c figure.DotChart) bool {
		return !slices.ContainsFunc(c.Dots, func(d figure.Dots) bool {
			return slices.ContainsFunc(d.Values, func(v float64) bool { return !math.IsNaN(v) })
		})
	})
	if len(charts) == 0 {
		r.Undrawn = append(r.Undrawn, file)
		return nil
	}
	f, err := figure.DotCharts(charts, 2)
	if err != nil {
		return fmt.Errorf("figure %s: %w", file, err)
	}
	f.Caption = caption
	r.Figures = append(r.Figures, report.Figure{Name: file, Scores: true, Figure: f})
	return nil
}

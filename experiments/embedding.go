package experiments

import (
	"context"
	"fmt"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/subject"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/points"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"
)

// embedded is the number of test images whose codes Embeddings lays out, if there are that many. More points would hide
// each other.
const embedded = 2000

// Embeddings shows the codes of the same test images, one model per row, in two layouts: the plane of the first two
// principal components, and t-SNE. Each panel states its trustworthiness: how far the neighbours in the plane are also
// neighbours among the codes. The images are a random subsample with seed 0. Nothing else is random.
func Embeddings(ctx context.Context, l *Lab, results ...*training.Result) (*figure.Figure, error) {
	some := latent.Subsample(l.Data.Test.Len(), embedded, 0)
	labels := subject.LabelsAt(l.Data.Test, some)
	neighbours := max(1, min(metric.Nearest, (len(some)-1)/2))
	var panels []figure.Panel
	names := Names(results...)
	for i, r := range results {
		d := r.Config.Model.Latent
		if d <= 2 {
			return nil, fmt.Errorf("%s: its codes have %d dimensions, want more than 2: codes of 1 or 2 dimensions need no layout", names[i], d)
		}
		s, err := lab.Subject(l, r)
		if err != nil {
			return nil, err
		}
		all, err := s.Codes(ctx, metric.Test)
		if err != nil {
			return nil, err
		}
		codes := points.Rows(all.Values, d, some)
		p, err := planeOf(ctx, all.Values, d)
		if err != nil {
			return nil, err
		}
		components, err := p.project(codes, d)
		if err != nil {
			return nil, err
		}
		laidOut, err := lab.Layout(ctx, r.Run, codes, d)
		if err != nil {
			return nil, err
		}
		for _, way := range []struct {
			name, x, y string
			points     []float32
		}{{"principal components", p.x, p.y, components}, {"t-SNE", "t-SNE 1", "t-SNE 2", laidOut}} {
			trust, err := latent.Trustworthiness(ctx, codes, d, way.points, 2, neighbours)
			if err != nil {
				return nil, metric.Because(err)
			}
			panels = append(panels, figure.Panel{
				Title:  fmt.Sprintf("%s, %s\ntrustworthiness %s", names[i], way.name, decimals(trust)),
				Points: way.points, Labels: labels, X: way.x, Y: way.y,
			})
		}
	}
	f, err := figure.SmallMultiples(panels, figure.ScatterOptions{Names: l.Drawn(), Columns: 2, NameClasses: true})
	if err == nil {
		f.Caption = fmt.Sprintf("Codes of %s test images (VAE: posterior means) in the plane%s. t-SNE keeps neighbours together. In its layout, the sizes of groups and the distances between them have no meaning. "+
			"Trustworthiness is 1 if the %d nearest neighbours in the plane are the %d nearest codes.%s", show.Count(len(some)), l.OfClasses(", coloured by class (the layouts do not use the classes)"), neighbours, neighbours, runsOf(results...))
	}
	return f, err
}

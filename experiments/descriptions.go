package experiments

import (
	"context"
	"math"

	"fashionlatent/experiments/metric"
	"fashionlatent/lib/cluster"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/gradient"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/points"
)

// described are the settings of the representation by gradients and square roots of pixels: two descriptions of each
// image, the first components of each, and the weight of each in the sum of the graphs of neighbours. They were chosen,
// among some 70 others, by ACC and NMI on Fashion-MNIST with the seeds 0 to 4, and not on MNIST or any other data.
var described = struct {
	components int
	starts     int // of the search for communities
	parts      []description
}{30, 10, []description{{"gradients", 2, gradients}, {"square roots", 1, squareRoots}}}

// description describes images, [n, side*side], without labels.
type description struct {
	name   string
	weight float64
	of     func(ctx context.Context, images []uint8, side int) (points.Matrix, error)
}

// gradients are histograms of gradients.
func gradients(ctx context.Context, images []uint8, side int) (points.Matrix, error) {
	return gradient.Histograms(ctx, images, side, gradient.Config{})
}

// squareRoots are the square roots of the pixels, divided by their Euclidean length.
func squareRoots(_ context.Context, images []uint8, side int) (points.Matrix, error) {
	x := dataset.Floats(images)
	for i, v := range x {
		x[i] = float32(math.Sqrt(float64(v)))
	}
	toUnitLength(x, side*side)
	return points.Matrix{X: x, Dim: side * side}, nil
}

// componentsOf returns the first components of each description of images, [n, dim] each. A description with fewer
// numbers has fewer components.
func componentsOf(ctx context.Context, all []description, dim int, images []uint8, side int) (views []cluster.View, err error) {
	for _, d := range all {
		m, err := d.of(ctx, images, side)
		if err != nil {
			return nil, metric.Because(err)
		}
		dim := min(dim, m.Dim)
		pca, err := latent.FitPCA(ctx, m.X, m.Dim, dim)
		if err != nil {
			return nil, metric.Because(err)
		}
		x, err := pca.Transform(m.X)
		if err != nil {
			return nil, err
		}
		views = append(views, cluster.View{X: x, Dim: dim})
	}
	return views, ctx.Err()
}

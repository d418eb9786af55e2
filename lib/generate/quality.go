package generate

import (
	"context"
	"fmt"

	"fashionlatent/lib/points"
)

// Quality says how similar generated images are to real ones, by their features.
type Quality struct {
	// Frechet is the distance between the two sets, as in the function Frechet. It is 0 if mean and covariance are
	// equal.
	Frechet float64

	// Precision is the share of generated images that lie in the ball around at least one real image. Recall is the
	// share of real images that lie in the ball around at least one generated image (Kynkäänniemi et al., arXiv
	// 1904.06991). A ball has the image's 5th nearest neighbour in its own set on its surface.
	Precision, Recall float64

	// Density is the mean number of balls around real images that contain a generated image, divided by 5. It may
	// exceed 1. Coverage is the share of real images whose ball contains at least one generated image (Naeem et al.,
	// arXiv 2002.09797).
	Density, Coverage float64
}

// Reference is a set of real images, by their features, that other images are compared with.
type Reference struct {
	// Floor is the quality of other real images in place of generated ones, which a perfect generator would reach.
	// Every other quality should be read in comparison with it.
	Floor Quality

	dim      int
	gaussian *gaussian
	balls    *points.Balls
}

// NewReference makes a reference from the features of test images, [n, dim]. Its floor comes from the features of as
// many training images. A generator that only repeats training images reaches the floor, so these scores do not show
// copying. Fewer than 6 images are an error.
func NewReference(ctx context.Context, test, train []float32, dim int) (*Reference, error) {
	g, err := fitGaussian(test, dim)
	if err != nil {
		return nil, err
	}
	if n := len(test) / dim; n <= neighbours {
		return nil, fmt.Errorf("generate: %d images; want at least %d", n, neighbours+1)
	}
	balls, err := points.NewBalls(ctx, points.Matrix{X: test, Dim: dim}, neighbours)
	if err != nil {
		return nil, err
	}
	r := &Reference{dim: dim, gaussian: g, balls: balls}
	r.Floor, err = r.Score(ctx, train)
	return r, err
}

// Score computes the quality of images from their features, [n, dim]. n must be that of the reference, because the
// scores depend on n.
func (r *Reference) Score(ctx context.Context, features []float32) (Quality, error) {
	if n := len(features) / r.dim; n != r.balls.N() {
		return Quality{}, fmt.Errorf("generate: features of %d images against those of %d; want as many", n, r.balls.N())
	}
	g, err := fitGaussian(features, r.dim)
	if err != nil {
		return Quality{}, err
	}
	balls, err := points.NewBalls(ctx, points.Matrix{X: features, Dim: r.dim}, neighbours)
	if err != nil {
		return Quality{}, err
	}
	q, err := compare(ctx, r.balls, balls)
	if err != nil {
		return Quality{}, err
	}
	q.Frechet, err = r.gaussian.frechet(g)
	return q, err
}

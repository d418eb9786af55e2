package generate

import (
	"context"
	"fmt"

	"fashionlatent/lib/points"
)

// Quality says how close generated images come to real ones, by their features.
type Quality struct {
	// Frechet is the distance of the two sets as in Frechet: 0 for the same mean and covariance.
	Frechet float64

	// Precision is the share of generated images within the ball about a real one, Recall the share of real images within
	// the ball about a generated one (Kynkäänniemi et al., arXiv 1904.06991). A ball reaches to the image's 5th nearest
	// neighbour in its own set.
	Precision, Recall float64

	// Density is the mean number of balls about real images that a generated image lies in, over 5; it may exceed 1. Coverage
	// is the share of real images whose ball holds a generated one (Naeem et al., arXiv 2002.09797).
	Density, Coverage float64
}

// Reference is a set of real images, by their features, that others are measured against.
type Reference struct {
	// Floor is the quality of other real images in the place of generated ones: what a perfect generator would reach. Every
	// other quality is to be read beside it.
	Floor Quality

	dim      int
	gaussian *gaussian
	balls    *points.Balls
}

// NewReference makes a reference of the features of test images, [n, dim], with its floor from those of as many
// training images. Against images that no generator was fitted to, one that repeats the training images gains nothing.
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

// Score measures images by their features, [n, dim], as many as the reference has: the figures change with n.
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

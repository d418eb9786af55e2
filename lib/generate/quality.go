package generate

import (
	"context"
	"fmt"
	"sync/atomic"

	"fashionlatent/lib/points"
)

// Quality says how similar generated images are to real ones, by their features.
type Quality struct {
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

	balls *points.Balls
}

// NewReference makes a reference from the features of test images, [n, dim]. Its floor comes from the features of as
// many training images. A generator that only repeats training images reaches the floor, so these scores do not show
// copying. Fewer than 6 images are an error.
func NewReference(ctx context.Context, test, train []float32, dim int) (*Reference, error) {
	x, err := points.New(test, dim)
	if err != nil {
		return nil, err
	}
	if x.N() <= neighbours {
		return nil, fmt.Errorf("generate: %d images; want at least %d", x.N(), neighbours+1)
	}
	balls, err := points.NewBalls(ctx, x, neighbours)
	if err != nil {
		return nil, err
	}
	r := &Reference{balls: balls}
	r.Floor, err = r.Score(ctx, train)
	return r, err
}

// Score computes the quality of images from their features, [n, dim]. n must be that of the reference, because the
// scores depend on n.
func (r *Reference) Score(ctx context.Context, features []float32) (Quality, error) {
	x, err := points.New(features, r.balls.Dim)
	if err != nil {
		return Quality{}, err
	}
	if x.N() != r.balls.N() {
		return Quality{}, fmt.Errorf("generate: features of %d images against those of %d; want as many", x.N(), r.balls.N())
	}
	balls, err := points.NewBalls(ctx, x, neighbours)
	if err != nil {
		return Quality{}, err
	}
	return compare(ctx, r.balls, balls)
}

// neighbours is the k of precision, recall, density and coverage: the ball around a point has its k-th nearest
// neighbour on its surface (Naeem et al., arXiv 2002.09797).
const neighbours = 5

// compare computes the quality from the balls around real and around generated points.
func compare(ctx context.Context, real, generated *points.Balls) (q Quality, err error) {
	covered, recalled := make([]atomic.Bool, real.N()), make([]atomic.Bool, real.N())
	precise := make([]atomic.Bool, generated.N())
	var pairs atomic.Int64 // pairs of a ball and a generated point in it; a count does not depend on the order of adding
	err = real.Hold(ctx, generated.Matrix, func(ball, row int) {
		covered[ball].Store(true)
		precise[row].Store(true)
		pairs.Add(1)
	})
	if err != nil {
		return q, err
	}
	if err := generated.Hold(ctx, real.Matrix, func(_, row int) { recalled[row].Store(true) }); err != nil {
		return q, err
	}
	share := func(flags []atomic.Bool) float64 {
		count := 0
		for i := range flags {
			if flags[i].Load() {
				count++
			}
		}
		return float64(count) / float64(len(flags))
	}
	return Quality{
		Precision: share(precise),
		Recall:    share(recalled),
		Density:   float64(pairs.Load()) / float64(neighbours*generated.N()),
		Coverage:  share(covered),
	}, nil
}

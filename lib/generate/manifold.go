package generate

import (
	"context"
	"sync/atomic"

	"fashionlatent/lib/points"
)

// neighbours is k: the ball about a point reaches to its k-th nearest neighbour (Naeem et al., arXiv 2002.09797).
const neighbours = 5

// compare takes, of the balls about real and about generated points, all but the Fréchet distance.
func compare(ctx context.Context, real, generated *points.Balls) (q Quality, err error) {
	covered, recalled := make([]atomic.Bool, real.N()), make([]atomic.Bool, real.N())
	precise := make([]atomic.Bool, generated.N())
	var pairs atomic.Int64 // of a ball and a generated point in it; a count, so that the order of adding does not matter
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

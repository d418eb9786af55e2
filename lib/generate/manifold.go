package generate

import (
	"context"
	"sync/atomic"

	"fashionlatent/lib/points"
)

// neighbours is the k of precision, recall, density and coverage: the ball around a point has its k-th nearest
// neighbour on its surface (Naeem et al., arXiv 2002.09797).
const neighbours = 5

// compare computes everything but the Fréchet distance, from the balls around real and around generated points.
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

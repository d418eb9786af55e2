package points

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct{ n, parts int }{{0, 1}, {1, 1}, {10, 3}, {64, 64}, {3, 5}} {
		seen := make([]atomic.Int32, c.n)
		err := Split(t.Context(), c.n, c.parts, func(part, lo, hi int) {
			for i := lo; i < hi; i++ {
				seen[i].Add(1)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := range seen {
			if got := seen[i].Load(); got != 1 {
				t.Errorf("%v: row %d was worked on %d times", c, i, got)
			}
		}
	}
}

func TestParallelIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	const n = 1e6
	var done atomic.Int32
	err := Parallel(ctx, n, func(int) {
		done.Add(1)
		cancel()
	})
	if !errors.Is(err, context.Canceled) || done.Load() == n {
		t.Errorf("%d tasks, %v", done.Load(), err)
	}
}

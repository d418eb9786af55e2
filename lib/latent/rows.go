package latent

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Subsample draws size of n rows without repetition, in rising order; all of them where there are no more than size.
// Measures that compare every pair are taken of such a part.
func Subsample(n, size int, seed uint64) []int {
	rows := rand.New(rand.NewPCG(seed, 0)).Perm(max(0, n))
	rows = rows[:min(max(0, size), len(rows))]
	slices.Sort(rows)
	return rows
}

// Rows gathers those rows of x, [n, width]; labels are rows of one value.
func Rows[T any](x []T, width int, rows []int) []T {
	part := make([]T, 0, len(rows)*width)
	for _, i := range rows {
		part = append(part, x[i*width:(i+1)*width]...)
	}
	return part
}

// countRows checks that x is a non-empty [n, features] array, and returns n.
func countRows(x []float32, features int) (int, error) {
	switch {
	case features <= 0:
		return 0, fmt.Errorf("latent: rows of %d values; want at least 1", features)
	case len(x) == 0:
		return 0, errors.New("latent: no rows")
	case len(x)%features != 0:
		return 0, fmt.Errorf("latent: %d values are not a whole number of rows of %d", len(x), features)
	}
	return len(x) / features, nil
}

// countFinite is countRows that refuses NaN and infinity.
func countFinite(x []float32, features int) (int, error) {
	n, err := countRows(x, features)
	if err != nil {
		return 0, err
	}
	for i, v := range x {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return 0, fmt.Errorf("latent: feature %d of row %d is %v; want a finite number", i%features, i/features, v)
		}
	}
	return n, nil
}

// squaredDistance is that between a and the first len(a) values of b.
func squaredDistance(a, b []float32) float64 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(a); i += 4 {
		p, q := a[i:i+4:i+4], b[i:i+4:i+4]
		d0, d1, d2, d3 := float64(p[0])-float64(q[0]), float64(p[1])-float64(q[1]), float64(p[2])-float64(q[2]), float64(p[3])-float64(q[3])
		s0 += d0 * d0
		s1 += d1 * d1
		s2 += d2 * d2
		s3 += d3 * d3
	}
	for ; i < len(a); i++ {
		d := float64(a[i]) - float64(b[i])
		s0 += d * d
	}
	return (s0 + s1) + (s2 + s3)
}

func sum(values []float64) float64 {
	var total float64
	for _, v := range values {
		total += v
	}
	return total
}

// parallel calls work for each of n tasks on as many cores as there are.
// It stops early, and returns the context's error, when ctx is cancelled.
func parallel(ctx context.Context, n int, work func(task int)) error {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for ctx.Err() == nil {
				task := int(next.Add(1)) - 1
				if task >= n {
					return
				}
				work(task)
			}
		})
	}
	wait.Wait()
	return ctx.Err()
}

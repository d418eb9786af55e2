package points

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// Parallel calls work for each of n tasks, numbered from 0, on as many goroutines as there are cores. ClearUpper is
// called before each task. When ctx is cancelled, no further task is started and the context's error is returned.
func Parallel(ctx context.Context, n int, work func(task int)) error {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for ctx.Err() == nil {
				task := int(next.Add(1)) - 1
				if task >= n {
					return
				}
				ClearUpper()
				work(task)
			}
		})
	}
	wait.Wait()
	return ctx.Err()
}

// Split cuts n rows into parts [lo, hi) and calls work for each, as Parallel does. The sizes of the parts differ by at
// most one row. Sums that are computed for each part and then added in order do not depend on the number of cores.
func Split(ctx context.Context, n, parts int, work func(part, lo, hi int)) error {
	return Parallel(ctx, parts, func(part int) { work(part, part*n/parts, (part+1)*n/parts) })
}

package points

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// Parallel calls work for each of n tasks, numbered from 0, on as many goroutines as there are cores. Each task starts as after ClearUpper.
// When ctx is cancelled, no further task is started, and the context's error is returned.
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

// Split calls work for each of the parts [lo, hi) into which it cuts n rows, as Parallel does. The parts differ by one row at most.
// Sums that are kept part by part and added in the parts' order do not depend on the number of cores.
func Split(ctx context.Context, n, parts int, work func(part, lo, hi int)) error {
	return Parallel(ctx, parts, func(part int) { work(part, part*n/parts, (part+1)*n/parts) })
}

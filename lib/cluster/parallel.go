package cluster

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

const (
	maxChunks  = 64      // more cores than this are not used
	minChunk   = 256     // points: less is not worth a goroutine
	maxPartial = 1 << 25 // float64 values held by all the chunks' partial results together
)

// chunkCount says into how many chunks to cut n points where each chunk keeps partial values of its own.
// It must not depend on the machine: floating-point sums are combined chunk by chunk.
func chunkCount(n, partial int) int {
	return max(1, min(maxChunks, n/minChunk, maxPartial/max(1, partial)))
}

// forChunks calls work for each of the chunks [lo, hi) of n points, on as many cores as there are.
// It stops early, and returns the context's error, when ctx is cancelled.
func forChunks(ctx context.Context, n, chunks int, work func(chunk, lo, hi int)) error {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(chunks, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for ctx.Err() == nil {
				c := int(next.Add(1)) - 1
				if c >= chunks {
					return
				}
				work(c, c*n/chunks, (c+1)*n/chunks)
			}
		})
	}
	wait.Wait()
	return ctx.Err()
}

// sum adds in order.
func sum(values []float64) float64 {
	var total float64
	for _, v := range values {
		total += v
	}
	return total
}

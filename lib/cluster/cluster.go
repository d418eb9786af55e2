// Package cluster partitions points without labels, and scores a partition against known classes.
//
// Points are float32, row-major [n, dim]; all arithmetic is in float64, but for the distances by which neighbours are found, which are in float32.
// Fitting uses every core, and its result is the same bits for the same seed however many there are: work is cut into chunks
// that depend on the data's size alone, and the chunks' results are combined in order.
package cluster

import (
	"fmt"
	"math"
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

// option is a field of a configuration: its name and value, for errors.
type option struct {
	name  string
	value float64
}

// checkOptions refuses a configuration with a negative or not finite field.
func checkOptions(options ...option) error {
	for _, o := range options {
		if !(o.value >= 0) || math.IsInf(o.value, 0) {
			return fmt.Errorf("cluster: %s is %v; want a positive number, or 0 for the default", o.name, o.value)
		}
	}
	return nil
}

// or returns value, or standard where value is zero.
func or[T int | float64](value, standard T) T {
	if value == 0 {
		return standard
	}
	return value
}

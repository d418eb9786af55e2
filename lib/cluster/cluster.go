// Package cluster partitions points without labels, and scores a partition against known classes.
//
// Points are float32, row-major [n, dim]. Arithmetic is in float64, except for the distances from which the graph of nearest
// neighbours is built, which are in float32. Fitting uses all cores. For the same seed its result is the same to the bit,
// whatever the number of cores: work is cut into chunks that depend only on the size of the data, and the chunks' results
// are combined in order.
package cluster

import (
	"fmt"
	"math"
)

const (
	maxChunks  = 64      // further cores are not used
	minChunk   = 256     // points in a chunk: fewer are not worth a goroutine
	maxPartial = 1 << 25 // float64 values in the partial results of all chunks together
)

// chunkCount is the number of chunks into which n points are cut, if each chunk keeps that many partial values. It must
// not depend on the machine, because floating-point sums are combined chunk by chunk.
func chunkCount(n, partial int) int {
	return max(1, min(maxChunks, n/minChunk, maxPartial/max(1, partial)))
}

// option is the name and the value of a field of a configuration, for errors.
type option struct {
	name  string
	value float64
}

// checkOptions returns an error for a negative or infinite field, and for NaN.
func checkOptions(options ...option) error {
	for _, o := range options {
		if !(o.value >= 0) || math.IsInf(o.value, 0) {
			return fmt.Errorf("cluster: %s is %v; want a positive number, or 0 for the default", o.name, o.value)
		}
	}
	return nil
}

// checkFinite returns an error for an infinite field, and for NaN.
func checkFinite(options ...option) error {
	for _, o := range options {
		if math.IsNaN(o.value) || math.IsInf(o.value, 0) {
			return fmt.Errorf("cluster: %s is %v; want a number, 0 for the default, or a number below 0 for none", o.name, o.value)
		}
	}
	return nil
}

// or returns value, standard if value is zero, and zero if value is negative.
func or[T int | float64](value, standard T) T {
	if value == 0 {
		return standard
	}
	return max(value, 0)
}

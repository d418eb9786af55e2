// Package cluster partitions points without labels, and scores a partition against known classes.
//
// Points are float32, row-major [n, dim]; all arithmetic is in float64, but for the distances by which neighbours are found.
// Fitting uses every core, and its result is the same bits for the same seed however many there are: work is cut into chunks
// that depend on the data's size alone, and the chunks' results are combined in order.
package cluster

import (
	"fmt"
	"math"
)

// countPoints checks that x is a non-empty [n, dim] array of finite numbers, and returns n.
func countPoints(x []float32, dim int) (int, error) {
	switch {
	case dim <= 0:
		return 0, fmt.Errorf("cluster: points of dimension %d; want at least 1", dim)
	case len(x) == 0:
		return 0, fmt.Errorf("cluster: no points")
	case len(x)%dim != 0:
		return 0, fmt.Errorf("cluster: %d values are not a whole number of points of dimension %d", len(x), dim)
	}
	for i, v := range x {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return 0, fmt.Errorf("cluster: value %d of point %d is %v; want a finite number", i%dim, i/dim, v)
		}
	}
	return len(x) / dim, nil
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

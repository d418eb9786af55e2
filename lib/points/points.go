// Package points holds what the computations on codes share: the check of a matrix, exact neighbours, and work on rows in
// parallel.
//
// Points are the rows of a [Matrix] of float32. Results are the same to the bit, whatever the number of cores.
package points

import (
	"errors"
	"fmt"
	"math"
)

// Matrix is n points of Dim coordinates each: X, [n, Dim], row-major.
type Matrix struct {
	X   []float32
	Dim int
}

// New is the matrix of x, [n, dim]. It returns the error of Check.
func New(x []float32, dim int) (Matrix, error) {
	m := Matrix{x, dim}
	return m, m.Check()
}

// Count is the number of points of x, [n, dim]. It returns the error of Check.
func Count(x []float32, dim int) (int, error) {
	m, err := New(x, dim)
	if err != nil {
		return 0, err
	}
	return m.N(), nil
}

// Check returns an error for a matrix without points, for an incomplete row, and for NaN or infinite values.
func (m Matrix) Check() error {
	switch {
	case m.Dim < 1:
		return fmt.Errorf("points: dimension %d; want at least 1", m.Dim)
	case len(m.X) == 0:
		return errors.New("points: no points; want at least 1")
	case len(m.X)%m.Dim != 0:
		return fmt.Errorf("points: %d values are not a whole number of points of dimension %d", len(m.X), m.Dim)
	}
	for i, v := range m.X {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("points: value %d of point %d is %v; want a finite number", i%m.Dim, i/m.Dim, v)
		}
	}
	return nil
}

// N is the number of points.
func (m Matrix) N() int { return len(m.X) / m.Dim }

// Row is point i, [Dim].
func (m Matrix) Row(i int) []float32 { return m.X[i*m.Dim : (i+1)*m.Dim] }

// Rows gathers those rows of x, [n, width]. Labels are rows of width 1.
func Rows[T any](x []T, width int, rows []int) []T {
	part := make([]T, 0, len(rows)*width)
	for _, i := range rows {
		part = append(part, x[i*width:(i+1)*width]...)
	}
	return part
}

// SquaredDistance is the squared Euclidean distance, in float64, between a and the first len(a) values of b.
func SquaredDistance(a, b []float32) float64 {
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

// Sum adds the values in their order.
func Sum(values []float64) float64 {
	var total float64
	for _, v := range values {
		total += v
	}
	return total
}

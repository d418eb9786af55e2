package training

import (
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
)

// The parts without the rows that are skipped are all rows, each once, in their order.
func TestRows(t *testing.T) {
	const pixels = 784
	for _, n := range []int{0, 1, largestPart, largestPart + 1, 2*largestPart + 1, 10_000} {
		images := make([]uint8, n*pixels)
		for i := range n {
			images[i*pixels], images[i*pixels+1] = uint8(i), uint8(i>>8)
		}
		r := newRows(images, pixels)
		next := 0
		for i, part := range r.parts {
			levels := tensors.MustCopyFlatData[uint8](part)
			if len(levels) != r.size*pixels {
				t.Fatalf("part %d of %d rows has %d values, want %d rows", i, n, len(levels), r.size)
			}
			for row := r.skip(i); row < r.size; row++ {
				if got := int(levels[row*pixels]) | int(levels[row*pixels+1])<<8; got != next {
					t.Fatalf("%d rows: row %d of part %d is row %d, want %d", n, row, i, got, next)
				}
				next++
			}
		}
		if next != n {
			t.Errorf("%d of %d rows", next, n)
		}
	}
}

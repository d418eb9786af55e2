package backend

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// batch is the number of rows in a call. It is small, so that a short input costs little, and constant, so that a graph
// is compiled only once.
const batch = 500

// Rows runs a graph over the rows of input, [n, width], in batches of constant size, the last one padded with zeros.
// The graph takes the fixed inputs and then a batch. Each of its outputs must have one row for each row of the batch.
// Rows returns the outputs, each [n, columns].
func Rows[T uint8 | float32](ctx context.Context, exec *graph.Exec, fixed []any, input []T, width int) ([][]float32, error) {
	if len(input)%width != 0 {
		return nil, fmt.Errorf("%d values, want a whole number of rows of %d values", len(input), width)
	}
	n := len(input) / width
	var outputs [][]float32
	for start := 0; start == 0 || start < n; start += batch { // once even without rows, because only a call shows the number of outputs
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rows := min(batch, n-start)
		padded := make([]T, batch*width)
		copy(padded, input[start*width:(start+rows)*width])
		in := tensors.FromFlatDataAndDimensions(padded, batch, width)
		results, err := exec.Call(append(fixed[:len(fixed):len(fixed)], in)...)
		if err != nil {
			return nil, err
		}
		in.FinalizeAll()
		if outputs == nil {
			outputs = make([][]float32, len(results))
		}
		for i, r := range results {
			values, err := tensors.CopyFlatData[float32](r)
			if err != nil {
				return nil, err
			}
			outputs[i] = append(outputs[i], values[:rows*len(values)/batch]...)
			r.FinalizeAll()
		}
	}
	return outputs, nil
}

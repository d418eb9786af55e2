package training

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/backend/backendtest"
	"fashionlatent/lib/fashion/fashiontest"
	"fashionlatent/lib/record"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// stepsOfBenchmark is the number of steps in an iteration of BenchmarkStep: one call on XLA.
const stepsOfBenchmark = 52

// BenchmarkStep is a training step of the reference VAE with a code of 2 dimensions and 128 images, on each backend. It
// also reports the time of the matrix products alone, and their share of the step.
func BenchmarkStep(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *backend.Backend{"go": backendtest.Go, "xla": backendtest.XLA} {
		b.Run(name, func(b *testing.B) {
			device := open(b)
			c := Default(autoencoder.Default(autoencoder.VAE, 2), 0)
			data := fashiontest.Real(b).Head(stepsOfBenchmark*c.Batch, 1)
			e, err := newEngine(device, c, data, c.Model.Initial(0), nil)
			if err != nil {
				b.Fatal(err)
			}
			defer e.close()
			epoch := 0
			train := func() {
				if _, err := e.epoch(context.Background(), epoch%c.Epochs, func(int, record.Loss) {}); err != nil {
					b.Fatal(err)
				}
				epoch++
			}
			multiply := productsOf(b, device, c)
			train() // compiles
			multiply()
			var step, products time.Duration
			for b.Loop() {
				start := time.Now()
				train()
				middle := time.Now()
				multiply()
				step += middle.Sub(start)
				products += time.Since(middle)
			}
			each := func(d time.Duration) float64 { return d.Seconds() * 1e3 / float64(b.N*stepsOfBenchmark) }
			b.ReportMetric(0, "ns/op") // it would be the sum of both
			b.ReportMetric(each(step), "ms/step")
			b.ReportMetric(each(products), "ms/products")
			b.ReportMetric(products.Seconds()/step.Seconds(), "products/step")
		})
	}
}

// productsOf returns a function that computes the matrix products of that number of steps: in each layer the output,
// the gradient of the weights and, except in the first layer, the gradient of the input. Each product uses the results
// of those before, so that none is left out.
func productsOf(b *testing.B, device *backend.Backend, c Config) func() {
	args := []any{int32(0), make2D(c.Batch, c.Model.Sizes()[0])}
	for _, v := range c.Model.Initial(0) {
		if strings.HasSuffix(v.Name, "/weights") && v.Name != "encoder/log_variance/weights" {
			args = append(args, tensors.FromFlatDataAndDimensions(v.Values, v.Shape...))
		}
	}
	layers := len(args) - 2
	for _, t := range args[2:] { // for the gradients of the weights
		dims := t.(*tensors.Tensor).Shape().Dimensions
		args = append(args, make2D(dims[0], dims[1]))
	}
	// once takes [index, x, weights..., gradients...] and returns the next ones.
	once := func(s []*Node) []*Node {
		g := s[0].Graph()
		next := append([]*Node{}, s...)
		next[0] = Add(s[0], Const(g, int32(1)))
		weights := s[2 : 2+layers]
		h := []*Node{s[1]}
		for _, w := range weights {
			h = append(h, MatMul(h[len(h)-1], w))
		}
		slope := h[layers]
		for l := layers - 1; l >= 0; l-- {
			next[2+layers+l] = DotGeneral(h[l], []int{0}, nil, slope, []int{0}, nil)
			if l > 0 {
				slope = DotGeneral(slope, []int{1}, nil, weights[l], []int{1}, nil)
			}
		}
		next[1] = h[layers]
		return next
	}
	loop := func(s []*Node) []*Node {
		g := s[0].Graph()
		inside := func(g *Graph) []*Node {
			nodes := make([]*Node, len(s))
			for i, n := range s {
				nodes[i] = Parameter(g, fmt.Sprintf("p%d", i), n.Shape())
			}
			return nodes
		}
		more := NewClosure(g, func(g *Graph) []*Node {
			return []*Node{LessThan(inside(g)[0], Const(g, int32(stepsOfBenchmark)))}
		})
		return While(more, NewClosure(g, func(g *Graph) []*Node { return once(inside(g)) }), s...)
	}
	calls, f := stepsOfBenchmark, once
	if device.Loops() {
		calls, f = 1, loop
	}
	exec, err := NewExec(device.Compute, f)
	if err != nil {
		b.Fatal(err)
	}
	return func() {
		for range calls {
			out, err := exec.Call(args...)
			if err != nil {
				b.Fatal(err)
			}
			backend.Free(out...)
		}
	}
}

func make2D(rows, columns int) *tensors.Tensor {
	t := tensors.FromShape(shapes.Make(dtypes.Float32, rows, columns))
	tensors.MustMutableFlatData(t, func(values []float32) {
		for i := range values {
			values[i] = float32(i%7) - 3
		}
	})
	return t
}

package backend

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Step is one step of training, as graph nodes.
type Step struct {
	Index   *Node   // int32: its number in the epoch, from 0
	Now     *Node   // uint32: its number in the whole training, from 0
	Learned []*Node // what the step changes
	Data    []*Node // what it only reads
}

// Batch is the places of the step's n examples among all, [n, 1] int32, given the order of all in the epoch, [all] int32.
func (s Step) Batch(order *Node, n int) *Node {
	g := order.Graph()
	places := Add(Iota(g, shapes.Make(dtypes.Int32, n), 0), Mul(s.Index, Const(g, int32(n))))
	return Reshape(Gather(order, Reshape(places, n, 1)), n, 1)
}

// Steps takes the steps of a training, many in a call to the device if the backend loops.
type Steps struct {
	exec            *Exec
	learned, values int
}

// NewSteps returns the steps of a training. step computes what is learned in one step, in the order of Step.Learned, and a
// vector of values. learned and values are the lengths of the two.
func (b *Backend) NewSteps(learned, values int, step func(Step) (learned []*Node, values *Node)) (*Steps, error) {
	// The inputs are the index of the next step, the index at which to stop, the number of steps in earlier epochs, the
	// sums of the values over the steps of this call, and then what is learned and the data.
	changed := 4 + learned
	one := func(nodes []*Node) []*Node {
		index, end, before, sums := nodes[0], nodes[1], nodes[2], nodes[3]
		now := Add(before, ConvertDType(index, before.DType()))
		next, values := step(Step{index, now, nodes[4:changed:changed], nodes[changed:]})
		after := []*Node{AddScalar(index, 1), end, before, Add(sums, values)}
		return append(append(after, next...), nodes[changed:]...)
	}
	steps := func(nodes []*Node) []*Node { return one(nodes)[:changed] }
	if b.Loops() {
		steps = func(nodes []*Node) []*Node { return loop(one, nodes)[:changed] }
	}
	exec, err := NewExec(b.Compute, steps)
	return &Steps{exec, learned, values}, err
}

// loop repeats a step until its first node reaches the second.
func loop(step func([]*Node) []*Node, nodes []*Node) []*Node {
	g := nodes[0].Graph()
	parameters := func(g *Graph) []*Node {
		inside := make([]*Node, len(nodes))
		for i, n := range nodes {
			inside[i] = Parameter(g, fmt.Sprintf("state_%d", i), n.Shape())
		}
		return inside
	}
	more := NewClosure(g, func(g *Graph) []*Node {
		inside := parameters(g)
		return []*Node{LessThan(inside[0], inside[1])}
	})
	body := NewClosure(g, func(g *Graph) []*Node { return step(parameters(g)) })
	return While(more, body, nodes...)
}

// callsPerEpoch is the largest number of calls to the device in an epoch, if the backend runs many steps in a call. It
// limits how long the caller waits for progress and for an interruption. Progress is reported about as often on every
// backend.
const callsPerEpoch = 8

// Epoch takes the steps of an epoch, counted from 0, and returns what was learned. What was learned before is not freed.
// progress receives, several times in an epoch, the number of steps done and the sums of the values over them. A sum that is
// infinite or not a number is a NotFiniteError.
func (s *Steps) Epoch(ctx context.Context, epoch, steps int, learned, data []*tensors.Tensor, progress func(done int, sums []float64)) (after []*tensors.Tensor, err error) {
	perCall := (steps + callsPerEpoch - 1) / callsPerEpoch
	sums := make([]float64, s.values)
	defer func() {
		if err != nil {
			Free(after...)
			after = nil
		}
	}()
	for done := 0; done < steps; {
		if err := ctx.Err(); err != nil {
			return after, err
		}
		args := []any{int32(done), int32(min(done+perCall, steps)), uint32(epoch * steps), make([]float32, s.values)}
		for _, t := range learned {
			args = append(args, t)
		}
		for _, t := range data {
			args = append(args, t)
		}
		out, err := s.exec.Call(args...)
		if err != nil {
			return after, err
		}
		last := done
		reached, err := tensors.CopyFlatData[int32](out[0])
		var values []float32
		if err == nil {
			values, err = tensors.CopyFlatData[float32](out[3])
		}
		Free(out[:4]...)
		Free(after...)
		after = out[4:]
		if err != nil {
			return after, err
		}
		done = int(reached[0])
		for i, v := range values {
			sums[i] += float64(v)
		}
		learned = after
		for _, sum := range sums {
			if math.IsNaN(sum) || math.IsInf(sum, 0) {
				return after, &NotFiniteError{Done: done}
			}
		}
		if done == steps || done/perCall != last/perCall {
			progress(done, sums)
		}
	}
	return after, nil
}

// NotFiniteError says that a value of a training step became infinite or not a number.
type NotFiniteError struct {
	Done int // steps of the epoch after which it was noticed
}

func (e *NotFiniteError) Error() string {
	return fmt.Sprintf("a loss became infinite or not a number by step %d of the epoch", e.Done)
}

// Free frees tensors on the device.
func Free(all ...*tensors.Tensor) {
	for _, t := range all {
		t.FinalizeAll()
	}
}

// Order is the order of n images in an epoch, counted from 0, of a training with a seed.
func Order(seed uint64, epoch, n int) *tensors.Tensor {
	order := make([]int32, n)
	for i, place := range rand.New(rand.NewPCG(seed, 1+uint64(epoch))).Perm(n) {
		order[i] = int32(place)
	}
	return tensors.FromFlatDataAndDimensions(order, n)
}

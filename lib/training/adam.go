package training

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Adam's constants (Kingma and Ba, arXiv 1412.6980).
const (
	decay1  = .9
	decay2  = .999
	epsilon = 1e-8
)

// adam updates weights by the rule of Kingma and Ba (arXiv 1412.6980, algorithm 1) at one step.
type adam struct {
	rate  *Node // scalar: the learning rate, with the corrections of both moments for their start at zero
	floor *Node // scalar: epsilon, with the correction of the second moment
	fused bool
}

// newAdam is Adam at a step, counted from 0 (uint32), with a learning rate; both scalars. Fused is for XLA: the three
// arrays of a variable are then made in one pass.
func newAdam(step, rate *Node, fused bool) adam {
	t := AddScalar(ConvertDType(step, dtypes.Float32), 1)
	correction := func(decay float64) *Node { return OneMinus(Exp(MulScalar(t, math.Log(decay)))) }
	second := Sqrt(correction(decay2))
	return adam{Mul(Div(rate, correction(decay1)), second), MulScalar(second, epsilon), fused}
}

// update returns a variable's new weights and moments. It adds zero to the rate, which orders the update after zero.
func (a adam) update(weights, first, second, gradient, zero *Node) (newWeights, newFirst, newSecond *Node) {
	newFirst, newSecond = moments(first, second, gradient)
	m, v := newFirst, newSecond
	if a.fused {
		// XLA would make the moments first and then read them again for the weights. Here the weights' update computes the moments
		// once more, behind a barrier that hides that they are the same, so that all three come out of one loop over the arrays:
		// see multiOutputFusion in lib/backend.
		old := OptimizationBarriers(first, second, gradient)
		m, v = moments(old[0], old[1], old[2])
	}
	change := Div(Mul(Add(a.rate, zero), m), Add(Sqrt(v), a.floor))
	return Sub(weights, change), newFirst, newSecond
}

// moments returns the running means of the gradient and of its square.
func moments(first, second, gradient *Node) (newFirst, newSecond *Node) {
	return Add(MulScalar(first, decay1), MulScalar(gradient, 1-decay1)),
		Add(MulScalar(second, decay2), MulScalar(Square(gradient), 1-decay2))
}

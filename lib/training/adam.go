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

// adam updates weights by one step of Adam (Kingma and Ba, arXiv 1412.6980, algorithm 1, with the corrections of both
// moments moved into rate and floor).
type adam struct {
	rate  *Node // scalar: the learning rate times the bias corrections of both moments
	floor *Node // scalar: epsilon times the bias correction of the second moment
	fused bool
}

// newAdam is Adam at a step, counted from 0 (uint32), with a learning rate. Both are scalars. fused is for XLA: the
// three arrays of a variable are then computed in one loop.
func newAdam(step, rate *Node, fused bool) adam {
	t := AddScalar(ConvertDType(step, dtypes.Float32), 1)
	correction := func(decay float64) *Node { return OneMinus(Exp(MulScalar(t, math.Log(decay)))) }
	second := Sqrt(correction(decay2))
	return adam{Mul(Div(rate, correction(decay1)), second), MulScalar(second, epsilon), fused}
}

// update returns a variable's new weights and moments. zero is a scalar zero that is added to the rate. It forces the
// update to run after the computation of zero.
func (a adam) update(weights, first, second, gradient, zero *Node) (newWeights, newFirst, newSecond *Node) {
	newFirst, newSecond = moments(first, second, gradient)
	m, v := newFirst, newSecond
	if a.fused {
		// XLA would compute the moments first, and read them again for the weights. Here the weights' update computes
		// the moments a second time, behind a barrier that hides that they are the same. Then all three results come
		// out of one loop over the arrays: see multiOutputFusion in lib/backend.
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

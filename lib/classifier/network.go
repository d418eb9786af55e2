package classifier

import (
	"math"

	"fashionlatent/lib/autoencoder"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// network returns the features, [batch, features], of x, [batch, pixels] in [0, 1], and the logits of its classes,
// [batch, classes].
func (c Config) network(weights []*Node, x *Node) (features, logits *Node) {
	dense := func(layer int) *Node { return Add(MatMul(x, weights[2*layer]), InsertAxes(weights[2*layer+1], 0)) }
	for i := range c.Hidden {
		x = dense(i)
		x = Max(x, ZerosLike(x))
	}
	return x, dense(len(c.Hidden))
}

// momentum is the share of the previous step's movement that is added to the next step.
const momentum = .9

// state is what a training step reads and changes, as graph nodes in this order.
type state struct {
	index  *Node // int32: the next step of this epoch
	end    *Node // int32: the step before which the call stops
	before *Node // int32: the number of steps in earlier epochs
	sum    *Node // scalar: the losses of the steps of this call, summed

	weights, velocities []*Node

	images *Node // [n, pixels] uint8: the training set
	labels *Node // [n] uint8
	order  *Node // [n] int32: the order of images in this epoch
}

// changed is the number of nodes at the front of the list that a call returns.
func (c Config) changed() int { return 4 + 2*len(c.variables()) }

func (s state) list() []*Node {
	nodes := append([]*Node{s.index, s.end, s.before, s.sum}, s.weights...)
	return append(append(nodes, s.velocities...), s.images, s.labels, s.order)
}

func (c Config) stateOf(nodes []*Node) state {
	k, rest := len(c.variables()), nodes[c.changed():]
	return state{nodes[0], nodes[1], nodes[2], nodes[3], nodes[4 : 4+k : 4+k], nodes[4+k : 4+2*k : 4+2*k], rest[0], rest[1], rest[2]}
}

// step takes one step of gradient descent with momentum on the mean cross-entropy of a batch. all is the number of
// steps of the whole training, during which the learning rate falls to 0 along half a cosine.
func (c Config) step(s state, all int) state {
	g := s.index.Graph()
	fraction := MulScalar(ConvertDType(Add(s.before, s.index), dtypes.Float32), 1/float64(all))
	rate := MulScalar(OnePlus(Cos(MulScalar(fraction, math.Pi))), c.LearningRate/2)

	rows := Add(Iota(g, shapes.Make(dtypes.Int32, c.Batch), 0), MulScalar(s.index, c.Batch))
	places := InsertAxes(Gather(s.order, InsertAxes(rows, -1)), -1)
	_, logits := c.network(s.weights, autoencoder.Pixels(Gather(s.images, places)))
	truth := OneHot(ConvertDType(Gather(s.labels, places), dtypes.Int32), c.classes, dtypes.Float32)
	loss := Neg(ReduceAllMean(ReduceSum(Mul(truth, LogSoftmax(logits)), -1)))

	next := s
	next.weights, next.velocities = nil, nil
	for i, gradient := range Gradient(loss, s.weights...) {
		velocity := Sub(MulScalar(s.velocities[i], momentum), Mul(rate, gradient))
		next.weights = append(next.weights, Add(s.weights[i], velocity))
		next.velocities = append(next.velocities, velocity)
	}
	next.index, next.sum = AddScalar(s.index, 1), Add(s.sum, loss)
	return next
}

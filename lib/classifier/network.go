package classifier

import (
	"math"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// network returns the features, [batch, features], of x, [batch, pixels] in [0, 1], and the logits of its classes,
// [batch, classes].
func (c Config) network(weights []*Node, x *Node) (features, logits *Node) {
	batch := x.Shape().Dim(0)
	next := func() (w, bias *Node) {
		w, bias = weights[0], weights[1]
		weights = weights[2:]
		return w, bias
	}
	if len(c.Kernels) > 0 {
		x = averaged(Reshape(x, batch, c.side(), c.side(), 1), c.square())
		for range c.Kernels {
			kernel, bias := next()
			x = rectified(Add(pooled(convolved(x, kernel)), InsertAxes(bias, 0, 0, 0)))
		}
		x = Reshape(x, batch, -1)
	}
	dense := func() *Node {
		w, bias := next()
		return Add(MatMul(x, w), InsertAxes(bias, 0))
	}
	for range c.Hidden {
		x = rectified(dense())
	}
	return x, dense()
}

func rectified(x *Node) *Node { return Max(x, ZerosLike(x)) }

// momentum is the share of the previous step's movement that is added to the next step.
const momentum = .9

// step takes one step of gradient descent with momentum on the mean cross-entropy of a batch, with weight decay. all is the number of
// steps of the whole training, during which the learning rate falls to 0 along half a cosine. What is learned is the
// weights and then their velocities. The data are the training images, [n, pixels] uint8, their labels, [n] uint8, and their
// order in the epoch, [n] int32. The value is the loss.
func (c Config) step(s backend.Step, all int) (learned []*Node, loss *Node) {
	k := len(s.Learned) / 2
	images, labels, order := s.Data[0], s.Data[1], s.Data[2]
	fraction := MulScalar(ConvertDType(s.Now, dtypes.Float32), 1/float64(all))
	rate := MulScalar(OnePlus(Cos(MulScalar(fraction, math.Pi))), c.LearningRate/2)

	places := s.Batch(order, c.Batch)
	_, logits := c.network(s.Learned[:k], autoencoder.Pixels(Gather(images, places)))
	truth := OneHot(ConvertDType(Gather(labels, places), dtypes.Int32), c.classes, dtypes.Float32)
	loss = Neg(ReduceAllMean(ReduceSum(Mul(truth, LogSoftmax(logits)), -1)))

	var weights, velocities []*Node
	for i, gradient := range Gradient(loss, s.Learned[:k]...) {
		if c.Decay > 0 {
			gradient = Add(gradient, MulScalar(s.Learned[i], c.Decay))
		}
		velocity := Sub(MulScalar(s.Learned[k+i], momentum), Mul(rate, gradient))
		weights, velocities = append(weights, Add(s.Learned[i], velocity)), append(velocities, velocity)
	}
	return append(weights, velocities...), InsertAxes(loss, 0)
}

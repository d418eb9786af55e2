package classifier

import (
	"fashionlatent/lib/autoencoder"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// network returns the features, [batch, features], of x, [batch, pixels] in [0, 1], and the logits of its classes, [batch, classes].
func (c Config) network(weights []*Node, x *Node) (features, logits *Node) {
	dense := func(layer int) *Node { return Add(MatMul(x, weights[2*layer]), InsertAxes(weights[2*layer+1], 0)) }
	for i := range c.Hidden {
		x = dense(i)
		x = Max(x, ZerosLike(x))
	}
	return x, dense(len(c.Hidden))
}

// momentum is the share of a step's movement that the next one goes on with.
const momentum = .9

// step is the graph of a step of gradient descent with momentum down the mean cross-entropy of a batch. Its inputs are the
// learning rate, the places of the batch's images, [batch] int32, the images, [n, pixels] uint8, and their labels, [n] uint8;
// then the state: the sum of losses, the weights, the velocities of the weights. Its outputs are the next state.
func (c Config) step(nodes []*Node) []*Node {
	rate, places, images, labels := nodes[0], InsertAxes(nodes[1], -1), nodes[2], nodes[3]
	sum, weights := nodes[4], nodes[5:]
	weights, velocities := weights[:len(weights)/2], weights[len(weights)/2:]

	_, logits := c.network(weights, autoencoder.Pixels(Gather(images, places)))
	truth := OneHot(ConvertDType(Gather(labels, places), dtypes.Int32), c.classes, dtypes.Float32)
	loss := Neg(ReduceAllMean(ReduceSum(Mul(truth, LogSoftmax(logits)), -1)))

	var moved, faster []*Node
	for i, gradient := range Gradient(loss, weights...) {
		velocity := Sub(MulScalar(velocities[i], momentum), Mul(rate, gradient))
		moved = append(moved, Add(weights[i], velocity))
		faster = append(faster, velocity)
	}
	return append(append([]*Node{Add(sum, loss)}, moved...), faster...)
}

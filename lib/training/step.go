package training

import (
	"math"
	"slices"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/noise"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// state is what a training step reads and changes, as graph nodes in this order.
type state struct {
	index  *Node // int32: the next step of this epoch
	end    *Node // int32: the step before which the call stops
	before *Node // uint32: the number of steps in earlier epochs
	sums   *Node // [2]: reconstruction and KL, summed over the steps of this call

	weights, first, second []*Node // the model's weights, and Adam's moments of their gradients

	images *Node // [n, pixels] uint8: the training set
	order  *Node // [n] int32: the order of images in this epoch
}

// changed is the number of nodes at the front of list that a call returns.
func changed(c autoencoder.Config) int { return 4 + 3*len(c.Variables()) }

func (s state) list() []*Node {
	nodes := []*Node{s.index, s.end, s.before, s.sums}
	nodes = append(append(append(nodes, s.weights...), s.first...), s.second...)
	return append(nodes, s.images, s.order)
}

func stateOf(c autoencoder.Config, nodes []*Node) state {
	k := len(c.Variables())
	weights := nodes[4:]
	return state{
		index: nodes[0], end: nodes[1], before: nodes[2], sums: nodes[3],
		weights: weights[:k:k], first: weights[k : 2*k : 2*k], second: weights[2*k : 3*k : 3*k],
		images: weights[3*k], order: weights[3*k+1],
	}
}

// step takes one step of Adam on the loss of one batch. If loop is set, it is the body of a loop on the device.
func (c Config) step(s state, stepsPerEpoch int, loop bool) state {
	g := s.index.Graph()
	now := Add(s.before, ConvertDType(s.index, dtypes.Uint32))
	source := noise.New(c.Seed, now)
	fraction := MulScalar(ConvertDType(now, dtypes.Float32), 1/(float64(c.Epochs)*float64(stepsPerEpoch)))

	x := c.batch(s, source)
	network := autoencoder.NewNetwork(c.Model, s.weights, source)
	loss := network.Loss(x)
	gradients, read := c.gradients(loss.Objective(c.betaAt(fraction)), s.weights, network)

	next := s
	next.weights, next.first, next.second = nil, nil, nil
	a := newAdam(now, c.rateAt(fraction), loop)
	for i, gradient := range gradients {
		weights, first, second := a.update(s.weights[i], s.first[i], s.second[i], gradient, read[i])
		next.weights = append(next.weights, weights)
		next.first = append(next.first, first)
		next.second = append(next.second, second)
	}
	next.index = Add(s.index, Const(g, int32(1)))
	next.sums = Add(s.sums, Stack([]*Node{ReduceAllMean(loss.Reconstruction), ReduceAllMean(loss.KL)}, 0))
	return next
}

// gradients returns the gradients of the weights and, for each, a scalar zero that is computed from the gradient of the
// layer's input. That gradient is the last value for which the layer's weights are read. Adding the zero to the update
// orders it after this read. Without that order XLA copies the weights in every step, because it would change them
// while they are still read.
func (c Config) gradients(objective *Node, weights []*Node, network *autoencoder.Network) (gradients, read []*Node) {
	k := len(weights)
	of := slices.Clone(weights)
	at := make([]int, k) // index of the gradient of the layer's input in all; 0: there is none
	variables := c.Model.Variables()
	images := network.Input(variables[0].Name) // their gradient is not needed
	for i, v := range variables {
		if input := network.Input(v.Name); input != nil && input != images {
			at[i] = len(of)
			of = append(of, input)
		}
	}
	all := Gradient(objective, of...)
	zero := ScalarZero(objective.Graph(), dtypes.Float32)
	for i := range k {
		read = append(read, zero)
		if at[i] > 0 {
			read[i] = MulScalar(Reshape(Slice(all[at[i]], AxisElem(0), AxisElem(0))), 0)
		}
	}
	return all[:k], read
}

// batch gathers the images of a step, in [0, 1] and augmented: [batch, pixels].
func (c Config) batch(s state, source *noise.Source) *Node {
	g := s.index.Graph()
	places := Add(Iota(g, shapes.Make(dtypes.Int32, c.Batch), 0), Mul(s.index, Const(g, int32(c.Batch))))
	rows := Gather(s.order, Reshape(places, c.Batch, 1))
	levels := Gather(s.images, Reshape(rows, c.Batch, 1))
	return c.Augment.Apply(autoencoder.Pixels(levels), c.Model.ImageSide(), source)
}

// rateAt computes Config.rate in a graph.
func (c Config) rateAt(fraction *Node) *Node {
	fall := MulScalar(MaxScalar(AddScalar(fraction, -c.RateHold), 0), 1/(1-c.RateHold))
	rate := AddScalar(MulScalar(OnePlus(Cos(MulScalar(fall, math.Pi))), (c.LearningRate-c.FinalRate)/2), c.FinalRate)
	if c.RateWarmup == 0 {
		return rate
	}
	return Mul(rate, MinScalar(MulScalar(fraction, 1/c.RateWarmup), 1))
}

// betaAt computes Config.beta in a graph.
func (c Config) betaAt(fraction *Node) *Node {
	if c.Model.Warmup == 0 {
		return Const(fraction.Graph(), float32(c.Model.Beta))
	}
	return MulScalar(MinScalar(MulScalar(fraction, 1/c.Model.Warmup), 1), c.Model.Beta)
}

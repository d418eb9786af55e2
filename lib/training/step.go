package training

import (
	"fmt"
	"math"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/noise"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Adam's constants (Kingma and Ba, arXiv 1412.6980).
const (
	decay1  = .9
	decay2  = .999
	epsilon = 1e-8
)

// state is what a training step reads and changes, as nodes in this order.
type state struct {
	index  *Node // int32: the next step of this epoch
	end    *Node // int32: the step to stop before
	before *Node // uint32: steps of the epochs before
	sums   *Node // [2]: reconstruction and KL, summed over the steps of this call

	weights, first, second []*Node // the model's weights, and Adam's moments of their gradients

	images *Node // [n, pixels] uint8: the training set
	order  *Node // [n] int32: the order of images in this epoch
}

// changed is the number of nodes at the front of the list that a call returns: see list.
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

// step takes one step of Adam down the gradient of the mean loss of a batch.
func (c Config) step(s state, stepsPerEpoch int) state {
	g := s.index.Graph()
	now := Add(s.before, ConvertDType(s.index, dtypes.Uint32))
	source := noise.New(c.Seed, now)
	share := MulScalar(ConvertDType(now, dtypes.Float32), 1/(float64(c.Epochs)*float64(stepsPerEpoch)))

	x := c.batch(s, source)
	loss := autoencoder.NewNetwork(c.Model, s.weights, source).Loss(x)
	gradients := Gradient(loss.Objective(c.betaAt(share)), s.weights...)

	t := AddScalar(ConvertDType(now, dtypes.Float32), 1)
	correct := func(decay float64) *Node { return OneMinus(Exp(MulScalar(t, math.Log(decay)))) }
	// Both moments are divided by what their start at zero lacks; here it is taken out of the sum over the weights.
	unbias := Sqrt(correct(decay2))
	rate := Mul(Div(c.rateAt(share), correct(decay1)), unbias)
	floor := MulScalar(unbias, epsilon)
	next := s
	next.weights, next.first, next.second = nil, nil, nil
	for i, gradient := range gradients {
		first := Add(MulScalar(s.first[i], decay1), MulScalar(gradient, 1-decay1))
		second := Add(MulScalar(s.second[i], decay2), MulScalar(Square(gradient), 1-decay2))
		change := Div(Mul(rate, first), Add(Sqrt(second), floor))
		next.weights = append(next.weights, Sub(s.weights[i], change))
		next.first = append(next.first, first)
		next.second = append(next.second, second)
	}
	next.index = Add(s.index, Const(g, int32(1)))
	next.sums = Add(s.sums, Stack([]*Node{ReduceAllMean(loss.Reconstruction), ReduceAllMean(loss.KL)}, 0))
	return next
}

// batch gathers the images of a step, in [0, 1] and augmented: [batch, pixels].
func (c Config) batch(s state, source *noise.Source) *Node {
	g := s.index.Graph()
	places := Add(Iota(g, shapes.Make(dtypes.Int32, c.Batch), 0), Mul(s.index, Const(g, int32(c.Batch))))
	rows := Gather(s.order, Reshape(places, c.Batch, 1))
	levels := Gather(s.images, Reshape(rows, c.Batch, 1))
	return c.Augment.Apply(autoencoder.Pixels(levels), c.Model.ImageSide(), source)
}

func (c Config) rateAt(share *Node) *Node {
	half := MulScalar(OnePlus(Cos(MulScalar(share, math.Pi))), (c.LearningRate-c.FinalRate)/2)
	return AddScalar(half, c.FinalRate)
}

func (c Config) betaAt(share *Node) *Node {
	if c.Model.Warmup == 0 {
		return Const(share.Graph(), float32(c.Model.Beta))
	}
	return MulScalar(MinScalar(MulScalar(share, 1/c.Model.Warmup), 1), c.Model.Beta)
}

// steps is the graph of one call: one step, or where the backend loops the steps from index to end.
func (c Config) steps(stepsPerEpoch int, loop bool) func([]*Node) []*Node {
	return func(nodes []*Node) []*Node {
		if !loop {
			return c.step(stateOf(c.Model, nodes), stepsPerEpoch).list()[:changed(c.Model)]
		}
		g := nodes[0].Graph()
		parameters := func(g *Graph) []*Node {
			inside := make([]*Node, len(nodes))
			for i, n := range nodes {
				inside[i] = Parameter(g, fmt.Sprintf("state_%d", i), n.Shape())
			}
			return inside
		}
		more := NewClosure(g, func(g *Graph) []*Node {
			s := stateOf(c.Model, parameters(g))
			return []*Node{LessThan(s.index, s.end)}
		})
		body := NewClosure(g, func(g *Graph) []*Node {
			return c.step(stateOf(c.Model, parameters(g)), stepsPerEpoch).list()
		})
		return While(more, body, nodes...)[:changed(c.Model)]
	}
}

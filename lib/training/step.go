package training

import (
	"math"
	"slices"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/noise"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// step takes one step of Adam on the loss of one batch. What is learned is the model's weights, then Adam's first and then
// its second moments of their gradients. The data are the training images, [n, pixels] uint8, and their order in the epoch,
// [n] int32. The values are the means of reconstruction and KL. If loop is set, the step is the body of a loop on the
// device.
func (c Config) step(s backend.Step, stepsPerEpoch int, loop bool) (learned []*Node, values *Node) {
	k := len(s.Learned) / 3
	weights, first, second := s.Learned[:k:k], s.Learned[k:2*k:2*k], s.Learned[2*k:]
	source := noise.New(c.Seed, s.Now)
	fraction := MulScalar(ConvertDType(s.Now, dtypes.Float32), 1/(float64(c.Epochs)*float64(stepsPerEpoch)))

	x := autoencoder.Pixels(Gather(s.Data[0], s.Batch(s.Data[1], c.Batch))) // [batch, pixels] in [0, 1]
	x = c.Augment.Apply(x, c.Model.ImageSide(), source)
	network := autoencoder.NewNetwork(c.Model, weights, source)
	loss := network.Loss(x)
	gradients, read := c.gradients(loss.Objective(c.betaAt(fraction)), weights, network)

	var newWeights, newFirst, newSecond []*Node
	a := newAdam(s.Now, c.rateAt(fraction), loop)
	for i, gradient := range gradients {
		w, m, v := a.update(weights[i], first[i], second[i], gradient, read[i])
		newWeights, newFirst, newSecond = append(newWeights, w), append(newFirst, m), append(newSecond, v)
	}
	learned = append(append(newWeights, newFirst...), newSecond...)
	return learned, Stack([]*Node{ReduceAllMean(loss.Reconstruction), ReduceAllMean(loss.KL)}, 0)
}

// gradients returns the gradients of the weights and, for each, a scalar zero that is computed from the gradients of the
// layer's inputs. Those gradients are the last values for which the layer's weights are read. Adding the zero to the update
// orders it after these reads. Without that order XLA copies the weights in every step, because it would change them
// while they are still read.
func (c Config) gradients(objective *Node, weights []*Node, network *autoencoder.Network) (gradients, read []*Node) {
	k := len(weights)
	of := slices.Clone(weights)
	at := make([][]int, k) // indices of the gradients of the layer's inputs in all
	variables := c.Model.Variables()
	images := network.Inputs(variables[0].Name)[0] // their gradient is not needed
	for i, v := range variables {
		for _, input := range network.Inputs(v.Name) {
			if input != images {
				at[i] = append(at[i], len(of))
				of = append(of, input)
			}
		}
	}
	all := Gradient(objective, of...)
	for i := range k {
		zero := ScalarZero(objective.Graph(), dtypes.Float32)
		for _, j := range at[i] {
			zero = Add(zero, MulScalar(Reshape(Slice(all[j], AxisElem(0), AxisElem(0))), 0))
		}
		read = append(read, zero)
	}
	return all[:k], read
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

// Package noise draws random numbers inside a graph that depend only on seed, stream and step.
//
// The generator is Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011). It has
// no state, so the numbers of a step do not depend on what was drawn before, nor on the backend, except for the rounding of normal numbers. A run that was stopped
// continues with the same numbers as without the interruption.
package noise

import (
	"hash/fnv"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Source draws the random numbers of one training step.
type Source struct {
	seed uint64
	step *Node // uint32 scalar
}

// New returns the source for a run's seed and a step, a uint32 scalar.
func New(seed uint64, step *Node) *Source { return &Source{seed, step} }

// Uniform draws numbers in [0, 1) of the given shape (float32). Streams with different names are independent.
func (s *Source) Uniform(stream string, dims ...int) *Node {
	bits, _ := s.bits(stream, dims)
	return toUnit(bits)
}

// Normal draws from the standard normal distribution (float32) with the transform of Box and Muller (1958).
func (s *Source) Normal(stream string, dims ...int) *Node {
	a, b := s.bits(stream, dims)
	radius := Sqrt(MulScalar(Log(OneMinus(toUnit(a))), -2)) // 1-u is in (0, 1]
	return Mul(radius, Cos(MulScalar(toUnit(b), 2*math.Pi)))
}

// Integers draws integers from 0 to n-1 (int32).
func (s *Source) Integers(stream string, n int, dims ...int) *Node {
	return ConvertDType(Floor(MulScalar(s.Uniform(stream, dims...), float64(n))), dtypes.Int32)
}

// bits draws two independent sets of 32 random bits of the given shape.
func (s *Source) bits(stream string, dims []int) (a, b *Node) {
	g := s.step.Graph()
	shape := shapes.Make(dtypes.Uint32, dims...)
	index := Reshape(Iota(g, shapes.Make(dtypes.Uint32, shape.Size()), 0), dims...)
	return threefry(key(s.seed, stream), index, BroadcastToDims(s.step, dims...))
}

// key mixes the seed and the name of the stream.
func key(seed uint64, stream string) [2]uint32 {
	h := fnv.New64a()
	h.Write([]byte(stream))
	// The finaliser of SplitMix64 (Steele et al. 2014) makes the keys of neighbouring seeds very different.
	x := seed + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x>>31 ^ h.Sum64()
	return [2]uint32{uint32(x >> 32), uint32(x)}
}

// toUnit maps 32 random bits to [0, 1). It uses the upper 24, which a float32 holds exactly.
func toUnit(bits *Node) *Node {
	upper := BitwiseShiftRightLogical(bits, Const(bits.Graph(), uint32(8)))
	return MulScalar(ConvertDType(upper, dtypes.Float32), 1.0/(1<<24))
}

// threefry encrypts the counters (x, y) with the key in 20 rounds.
func threefry(k [2]uint32, x, y *Node) (*Node, *Node) {
	g := x.Graph()
	word := func(v uint32) *Node { return Const(g, v) }
	keys := [3]uint32{k[0], k[1], 0x1bd11bda ^ k[0] ^ k[1]}
	rotations := [2][4]uint32{{13, 15, 26, 6}, {17, 29, 16, 24}}
	x, y = Add(x, word(keys[0])), Add(y, word(keys[1]))
	for block := range uint32(5) {
		for _, r := range rotations[block%2] {
			x = Add(x, y)
			y = BitwiseOr(BitwiseShiftLeft(y, word(r)), BitwiseShiftRightLogical(y, word(32-r)))
			y = BitwiseXor(y, x)
		}
		x = Add(x, word(keys[(block+1)%3]))
		y = Add(y, word(keys[(block+2)%3]+block+1))
	}
	return x, y
}

package onnx

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"fashionlatent/lib/autoencoder"

	"google.golang.org/protobuf/encoding/protowire"
)

// graph is an ONNX graph that is being made. Its values have names, and a node is added after those whose outputs it takes.
type graph struct {
	config  autoencoder.Config
	weights map[string]autoencoder.Variable

	nodes   []node
	tensors []message       // the graph's constants, above all the weights
	known   map[string]bool // names of tensors
	count   int             // of unnamed values
	problem error
}

// node is one operator.
type node struct {
	op, name        string
	inputs, outputs []string
	attributes      []attribute
}

// attribute is a setting of an operator: a float64, an int or a []int.
type attribute struct {
	name  string
	value any
}

// value is an input or output of the graph, [batch, width] float32.
type value struct {
	name  string
	width int
	doc   string
}

// describe is the shape, the type and the meaning of a value.
func (v value) describe() string { return fmt.Sprintf("[batch, %d] float32: %s", v.width, v.doc) }

func (g *graph) fresh(op string) string {
	g.count++
	return fmt.Sprintf("%s_%d", op, g.count)
}

// named adds an operator with a name, which its output has too.
func (g *graph) named(name, op string, inputs []string, attributes ...attribute) string {
	g.nodes = append(g.nodes, node{op, name, inputs, []string{name}, attributes})
	return name
}

func (g *graph) add(op string, inputs ...string) string { return g.named(g.fresh(op), op, inputs) }

func (g *graph) with(op string, a attribute, inputs ...string) string {
	return g.named(g.fresh(op), op, inputs, a)
}

// output renames a value to the name of an output.
func (g *graph) output(old, name string) string {
	for _, n := range g.nodes {
		for _, names := range [][]string{n.inputs, n.outputs} {
			for i := range names {
				if names[i] == old {
					names[i] = name
				}
			}
		}
	}
	return name
}

// weight is an array of the model's weights, by its name.
func (g *graph) weight(name string) string {
	v := g.weights[name]
	return g.tensor(name, float32s, v.Shape, floatBytes(v.Values))
}

func (g *graph) scalar(v float64) string {
	return g.tensor("scalar_"+strconv.FormatFloat(v, 'g', -1, 64), float32s, nil, floatBytes([]float32{float32(v)}))
}

// axis is the list of one axis.
func (g *graph) axis(i int) string {
	return g.tensor(fmt.Sprintf("axis_%d", i), int64s, []int{1}, binary.LittleEndian.AppendUint64(nil, uint64(i)))
}

func floatBytes(values []float32) []byte {
	data := make([]byte, 0, 4*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	return data
}

// elementType is the number of a type of elements in TensorProto.DataType.
type elementType uint64

const (
	float32s elementType = 1
	int64s   elementType = 7
)

// tensor adds a constant, unless there is one of that name. Its bytes are little-endian.
func (g *graph) tensor(name string, of elementType, shape []int, data []byte) string {
	if g.known[name] {
		return name
	}
	g.known[name] = true
	var m message // TensorProto
	for _, n := range shape {
		m.number(1, uint64(n))
	}
	m.number(2, uint64(of))
	m.text(8, name)
	m.bytes(9, data)
	g.tensors = append(g.tensors, m)
	return name
}

// message is a message of Protocol Buffers that is being made. The numbers of its fields are those of onnx.proto
// (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
type message []byte

func (m *message) number(field protowire.Number, v uint64) {
	*m = protowire.AppendVarint(protowire.AppendTag(*m, field, protowire.VarintType), v)
}

func (m *message) float(field protowire.Number, v float64) {
	*m = protowire.AppendFixed32(protowire.AppendTag(*m, field, protowire.Fixed32Type), math.Float32bits(float32(v)))
}

func (m *message) bytes(field protowire.Number, v []byte) {
	*m = protowire.AppendBytes(protowire.AppendTag(*m, field, protowire.BytesType), v)
}

func (m *message) text(field protowire.Number, v string) { m.bytes(field, []byte(v)) }

// irVersion is the version of the file format. Version 7 came with operator set 13.
const irVersion = 7

// encodeModel is a ModelProto.
func (g *graph) encodeModel(name, doc string, in value, out []value, metadata map[string]string) []byte {
	var whole message // GraphProto
	for _, n := range g.nodes {
		whole.bytes(1, n.encode())
	}
	whole.text(2, name)
	for _, t := range g.tensors {
		whole.bytes(5, t)
	}
	whole.text(10, doc)
	whole.bytes(11, in.encode())
	for _, v := range out {
		whole.bytes(12, v.encode())
	}
	var opset message // OperatorSetIdProto
	opset.text(1, "")
	opset.number(2, Opset)

	var m message
	m.number(1, irVersion)
	m.text(2, "fashionlatent")
	m.text(6, doc)
	m.bytes(7, whole)
	m.bytes(8, opset)
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		var entry message // StringStringEntryProto
		entry.text(1, key)
		entry.text(2, metadata[key])
		m.bytes(14, entry)
	}
	return m
}

// encode is a NodeProto.
func (n node) encode() message {
	var m message
	for _, name := range n.inputs {
		m.text(1, name)
	}
	for _, name := range n.outputs {
		m.text(2, name)
	}
	m.text(3, n.name)
	m.text(4, n.op)
	for _, a := range n.attributes {
		m.bytes(5, a.encode())
	}
	return m
}

// encode is an AttributeProto.
func (a attribute) encode() message {
	var m message
	m.text(1, a.name)
	switch v := a.value.(type) {
	case float64:
		m.float(2, v)
		m.number(20, 1)
	case int:
		m.number(3, uint64(v))
		m.number(20, 2)
	case []int:
		for _, i := range v {
			m.number(8, uint64(i))
		}
		m.number(20, 7)
	}
	return m
}

// encode is a ValueInfoProto.
func (v value) encode() message {
	var batch, width, shape, tensor, kind, m message
	batch.text(2, "batch")
	width.number(1, uint64(v.width))
	shape.bytes(1, batch)
	shape.bytes(1, width)
	tensor.number(1, uint64(float32s))
	tensor.bytes(2, shape)
	kind.bytes(1, tensor)
	m.text(1, v.name)
	m.bytes(2, kind)
	m.text(3, v.describe())
	return m
}

// Package npz reads and writes arrays in NumPy's formats .npy and .npz.
package npz

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/x448/float16"
)

// Array is a named array. Values is a flat slice of its numbers in row-major order, as many as the shape requires. Only
// []float32, []float16.Float16 and []uint8 can be written. Reading also gives []bool, []float64 and slices of integers of
// 8 to 64 bits.
type Array struct {
	Name   string
	Shape  []int
	Values any
}

// The format is NumPy's own, version 1.0: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
// The header is padded to a multiple of 16 bytes, as in that version, and not of 64, as newer ones recommend.
const magic = "\x93NUMPY"

// Encode returns an array as the content of an .npy file. The same array always gives the same bytes.
func Encode(a Array) ([]byte, error) {
	var kind string
	var length, width int
	switch values := a.Values.(type) {
	case []float32:
		kind, length, width = "<f4", len(values), 4
	case []float16.Float16:
		kind, length, width = "<f2", len(values), 2
	case []uint8:
		kind, length, width = "<u1", len(values), 1
	default:
		return nil, fmt.Errorf("array %s is a %T, want []float32, []float16.Float16 or []uint8", a.Name, a.Values)
	}
	if size, err := sizeOf(a.Shape); err != nil || size != length {
		return nil, fmt.Errorf("array %s holds %d values, want as many as its shape %v says", a.Name, length, a.Shape)
	}
	sizes := make([]string, len(a.Shape))
	for i, n := range a.Shape {
		sizes[i] = strconv.Itoa(n)
	}
	shape := strings.Join(sizes, ", ")
	if len(sizes) == 1 {
		shape += ","
	}
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", kind, shape)
	before := len(magic) + 4 // length of the magic string, the version and the header's length
	header += strings.Repeat(" ", 15-(before+len(header))%16) + "\n"
	if len(header) > math.MaxUint16 {
		return nil, fmt.Errorf("array %s has %d dimensions, want fewer", a.Name, len(a.Shape))
	}

	file := make([]byte, 0, before+len(header)+width*length)
	file = append(file, magic+"\x01\x00"...)
	file = binary.LittleEndian.AppendUint16(file, uint16(len(header)))
	file = append(file, header...)
	switch values := a.Values.(type) {
	case []float32:
		for _, v := range values {
			file = binary.LittleEndian.AppendUint32(file, math.Float32bits(v))
		}
	case []float16.Float16:
		for _, v := range values {
			file = binary.LittleEndian.AppendUint16(file, v.Bits())
		}
	case []uint8:
		file = append(file, values...)
	}
	return file, nil
}

// Decode reads the content of an .npy file of format version 1, 2 or 3. The array has no name. Its values may share
// memory with the content. Arrays of several dimensions in Fortran order, and arrays of anything but real numbers, are
// errors.
func Decode(content []byte) (Array, error) {
	header, data, err := split(content)
	if err != nil {
		return Array{}, err
	}
	kind, fortran, shape, err := parseHeader(header)
	if err != nil {
		return Array{}, err
	}
	size, err := sizeOf(shape)
	if err != nil {
		return Array{}, err
	}
	if fortran && len(shape) > 1 {
		return Array{}, fmt.Errorf("the array of shape %v is in Fortran order, want C order (numpy.ascontiguousarray makes it)", shape)
	}
	width, values := valuesOf(kind)
	if values == nil {
		return Array{}, fmt.Errorf("the array's type is %q, want real numbers such as \"|u1\" or \"<f4\"", kind)
	}
	if len(data)%width != 0 || len(data)/width != size {
		return Array{}, fmt.Errorf("the array's shape %v of type %q promises %d values; found %d bytes of them", shape, kind, size, len(data))
	}
	return Array{Shape: shape, Values: values(data)}, nil
}

// split separates the header of an .npy file from the values.
func split(content []byte) (header string, data []byte, err error) {
	if len(content) < len(magic)+4 || string(content[:len(magic)]) != magic {
		return "", nil, fmt.Errorf("want an .npy file, which begins with %q; found %q", magic, content[:min(len(content), 16)])
	}
	version, rest := content[len(magic)], content[len(magic)+2:]
	var length int64
	switch {
	case version == 1:
		length, rest = int64(binary.LittleEndian.Uint16(rest)), rest[2:]
	case (version == 2 || version == 3) && len(rest) >= 4:
		length, rest = int64(binary.LittleEndian.Uint32(rest)), rest[4:]
	default:
		return "", nil, fmt.Errorf("want an .npy file of version 1 to 3, found version %d", version)
	}
	if length > int64(len(rest)) {
		return "", nil, fmt.Errorf("cut short: want a header of %d bytes, found %d", length, len(rest))
	}
	return string(rest[:length]), rest[length:], nil
}

// sizeOf is the number of values of a shape.
func sizeOf(shape []int) (int, error) {
	size := 1
	for _, n := range shape {
		if n < 0 || n > 0 && size > math.MaxInt/n {
			return 0, fmt.Errorf("the array's shape is %v, want sizes of 0 or more whose product is a number of values", shape)
		}
		size *= n
	}
	return size, nil
}

// parseHeader reads the header, a Python dictionary with the keys descr, fortran_order and shape.
func parseHeader(header string) (kind string, fortran bool, shape []int, err error) {
	p := parser{rest: header}
	found := map[string]bool{}
	p.want("{")
	for !p.take("}") && p.err == nil {
		key := p.word()
		p.want(":")
		found[key] = true
		switch key {
		case "descr":
			kind = p.word()
		case "fortran_order":
			if fortran = p.take("True"); !fortran {
				p.want("False")
			}
		case "shape":
			p.want("(")
			for !p.take(")") && p.err == nil {
				shape = append(shape, p.number())
				if !p.take(",") {
					p.want(")")
					break
				}
			}
		default:
			p.fail()
		}
		if !p.take(",") {
			p.want("}")
			break
		}
	}
	if p.err == nil && (len(found) != 3 || strings.TrimSpace(p.rest) != "") {
		p.fail()
	}
	if p.err != nil {
		return "", false, nil, fmt.Errorf("the header of the .npy file is %.100q, want a dictionary such as {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", header)
	}
	return kind, fortran, shape, nil
}

// parser takes tokens from the front of a text. After the first failure it takes none.
type parser struct {
	rest string
	err  error
}

func (p *parser) fail() { p.err = strconv.ErrSyntax }

// take takes a token if the text continues with it.
func (p *parser) take(token string) bool {
	rest, found := strings.CutPrefix(strings.TrimLeft(p.rest, " \t\r\n"), token)
	if found && p.err == nil {
		p.rest = rest
	}
	return found && p.err == nil
}

func (p *parser) want(token string) {
	if !p.take(token) {
		p.fail()
	}
}

// word takes a string in single or double quotes. Escapes are not supported.
func (p *parser) word() string {
	quote := "'"
	if !p.take(quote) {
		quote = `"`
		p.want(quote)
	}
	word, rest, closed := strings.Cut(p.rest, quote)
	if !closed || p.err != nil {
		p.fail()
		return ""
	}
	p.rest = rest
	return word
}

func (p *parser) number() int {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	end := 0
	for end < len(p.rest) && '0' <= p.rest[end] && p.rest[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(p.rest[:end])
	if err != nil {
		p.fail()
	}
	p.rest = strings.TrimPrefix(p.rest[end:], "L") // Python 2 writes long integers with an L
	return n
}

// valuesOf returns the width in bytes of a NumPy type and a function that reads its values. The function is nil if the
// type is not one of real numbers.
func valuesOf(kind string) (width int, values func([]byte) any) {
	order := binary.ByteOrder(binary.LittleEndian)
	if strings.HasPrefix(kind, ">") {
		order = binary.BigEndian
	}
	switch strings.TrimLeft(kind, "<>=|") {
	case "b1":
		return 1, func(b []byte) any { return each(b, 1, func(b []byte) bool { return b[0] != 0 }) }
	case "u1":
		return 1, func(b []byte) any { return b }
	case "i1":
		return 1, func(b []byte) any { return each(b, 1, func(b []byte) int8 { return int8(b[0]) }) }
	case "u2":
		return 2, func(b []byte) any { return each(b, 2, order.Uint16) }
	case "i2":
		return 2, func(b []byte) any { return each(b, 2, func(b []byte) int16 { return int16(order.Uint16(b)) }) }
	case "u4":
		return 4, func(b []byte) any { return each(b, 4, order.Uint32) }
	case "i4":
		return 4, func(b []byte) any { return each(b, 4, func(b []byte) int32 { return int32(order.Uint32(b)) }) }
	case "u8":
		return 8, func(b []byte) any { return each(b, 8, order.Uint64) }
	case "i8":
		return 8, func(b []byte) any { return each(b, 8, func(b []byte) int64 { return int64(order.Uint64(b)) }) }
	case "f2":
		return 2, func(b []byte) any {
			return each(b, 2, func(b []byte) float16.Float16 { return float16.Frombits(order.Uint16(b)) })
		}
	case "f4":
		return 4, func(b []byte) any {
			return each(b, 4, func(b []byte) float32 { return math.Float32frombits(order.Uint32(b)) })
		}
	case "f8":
		return 8, func(b []byte) any {
			return each(b, 8, func(b []byte) float64 { return math.Float64frombits(order.Uint64(b)) })
		}
	}
	return 0, nil
}

// each reads values of a given width.
func each[T any](data []byte, width int, read func([]byte) T) []T {
	values := make([]T, len(data)/width)
	for i := range values {
		values[i] = read(data[i*width:])
	}
	return values
}

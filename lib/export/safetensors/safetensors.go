// Package safetensors writes named arrays in the format of the same name (https://github.com/huggingface/safetensors).
package safetensors

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"

	"fashionlatent/lib/npz"
)

// aboutKey is the key of the metadata, which no array may have.
const aboutKey = "__metadata__"

type entry struct {
	Type    string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"` // first byte of the data, and the byte after the last
}

// Write writes arrays of []float32 with metadata. The same content always gives the same bytes. Values of another type,
// another number of values than the shape says, and a name that occurs twice are errors.
func Write(w io.Writer, about map[string]string, arrays ...npz.Array) error {
	header, at := map[string]any{}, 0
	if about != nil {
		header[aboutKey] = about
	}
	for _, a := range arrays {
		values, ok := a.Values.([]float32)
		size := 1
		for _, n := range a.Shape {
			size *= n
		}
		switch {
		case !ok:
			return fmt.Errorf("array %s is a %T, want []float32", a.Name, a.Values)
		case len(values) != size:
			return fmt.Errorf("array %s holds %d values, want as many as its shape %v says", a.Name, len(values), a.Shape)
		case header[a.Name] != nil || a.Name == aboutKey:
			return fmt.Errorf("there is already an array or metadata of the name %q, want another name", a.Name)
		}
		header[a.Name] = entry{"F32", append([]int{}, a.Shape...), [2]int{at, at + 4*size}}
		at += 4 * size
	}
	text, err := json.Marshal(header)
	if err != nil {
		return err
	}
	for len(text)%8 != 0 { // so that the data are aligned
		text = append(text, ' ')
	}
	out := bufio.NewWriter(w)
	out.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(text)))) // Flush returns the first error
	out.Write(text)
	for _, a := range arrays {
		var number [4]byte
		for _, v := range a.Values.([]float32) {
			binary.LittleEndian.PutUint32(number[:], math.Float32bits(v))
			out.Write(number[:])
		}
	}
	return out.Flush()
}

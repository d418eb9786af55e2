// Package events writes TensorBoard's event files.
package events

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Scalar is a point of a curve. The tag names the curve; TensorBoard groups tags by the part before the first /.
type Scalar struct {
	Tag   string
	Step  int
	Time  time.Time
	Value float64 // kept as float32
}

// Write writes an event file, whose name must contain "tfevents" for TensorBoard to find it. start is the time at which the
// file begins. The same content always gives the same bytes.
func Write(w io.Writer, start time.Time, scalars []Scalar) error {
	// The fields are those of event.proto and summary.proto (https://github.com/tensorflow/tensorboard/tree/master/tensorboard/compat/proto).
	version := at(start, 0)
	version = protowire.AppendTag(version, 3, protowire.BytesType)
	version = protowire.AppendString(version, "brain.Event:2")
	if err := writeRecord(w, version); err != nil {
		return err
	}
	for _, s := range scalars {
		value := protowire.AppendTag(nil, 1, protowire.BytesType)
		value = protowire.AppendString(value, s.Tag)
		value = protowire.AppendTag(value, 2, protowire.Fixed32Type)
		value = protowire.AppendFixed32(value, math.Float32bits(float32(s.Value)))
		summary := protowire.AppendTag(nil, 1, protowire.BytesType)
		summary = protowire.AppendBytes(summary, value)
		event := protowire.AppendTag(at(s.Time, s.Step), 5, protowire.BytesType)
		if err := writeRecord(w, protowire.AppendBytes(event, summary)); err != nil {
			return err
		}
	}
	return nil
}

// at is the beginning of an event: its time, in seconds since 1970, and its step.
func at(t time.Time, step int) []byte {
	event := protowire.AppendTag(nil, 1, protowire.Fixed64Type)
	event = protowire.AppendFixed64(event, math.Float64bits(float64(t.UnixNano())/1e9))
	if step == 0 { // the default
		return event
	}
	event = protowire.AppendTag(event, 2, protowire.VarintType)
	return protowire.AppendVarint(event, uint64(step))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// writeRecord writes a record of TFRecord: length, checksum of the length, content and checksum of the content
// (https://www.tensorflow.org/tutorials/load_data/tfrecord).
func writeRecord(w io.Writer, content []byte) error {
	record := binary.LittleEndian.AppendUint64(nil, uint64(len(content)))
	record = appendSum(record, record)
	record = append(record, content...)
	_, err := w.Write(appendSum(record, content))
	return err
}

func appendSum(to, of []byte) []byte {
	sum := crc32.Checksum(of, castagnoli)
	return binary.LittleEndian.AppendUint32(to, (sum>>15|sum<<17)+0xa282ead8)
}

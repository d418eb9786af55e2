package dataset

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// The IDX format, as the MNIST database defines it, starts with two zero bytes, the type of the values, and the number
// of dimensions. The size of each dimension follows as a big-endian 32-bit number, and then the values.
const (
	magicLabels = 0x0801 // unsigned bytes, [n]
	magicImages = 0x0803 // unsigned bytes, [n, rows, columns]
)

// idxTypes are the value types of the format.
var idxTypes = map[byte]string{
	0x08: "unsigned bytes", 0x09: "signed bytes", 0x0b: "16-bit integers", 0x0c: "32-bit integers", 0x0d: "32-bit floating-point numbers", 0x0e: "64-bit floating-point numbers",
}

// content is one decoded file.
type content struct {
	side int     // of the images; 0: the file holds labels
	data []uint8 // [n, side*side] or [n]
	sum  string  // SHA-256 of the uncompressed file, in hexadecimal
}

// decode reads an IDX file of size bytes, compressed by gzip or not. It must hold at least one image or label. Memory
// is allocated in proportion to the bytes that are there, never to the size in a header.
func decode(r io.Reader, size int64, images bool) (content, error) {
	if size == 0 {
		return content{}, errors.New("the file is empty")
	}
	br := bufio.NewReaderSize(r, 1<<16)
	start, err := br.Peek(16)
	if err != nil && err != io.EOF {
		return content{}, err
	}
	switch {
	case bytes.HasPrefix(start, []byte{0, 0}):
		return decodeIDX(br, size, 1, images)
	case !bytes.HasPrefix(start, []byte{0x1f, 0x8b}):
		return content{}, fmt.Errorf("neither IDX nor gzip: want a file that begins with %q or %q, found %q", "\x00\x00\x08", "\x1f\x8b", start)
	}
	zr, err := gzip.NewReader(br)
	if err != nil {
		return content{}, fmt.Errorf("a damaged gzip header: %w", err)
	}
	zr.Multistream(false)
	// Deflate cannot expand a byte to more than 1032, because a back reference to 258 bytes takes at least two bits.
	return decodeIDX(&members{Reader: zr, file: br}, size, 1032, images)
}

// members reads the members of a gzip file one after another. The last one may be followed by zeros, which some tools
// add.
type members struct {
	*gzip.Reader
	file *bufio.Reader
	err  error // of what follows a member
}

func (m *members) Read(p []byte) (int, error) {
	if m.err != nil {
		return 0, m.err
	}
	n, err := m.Reader.Read(p)
	if err == io.EOF {
		m.err = m.next()
		err = m.err
	}
	return n, err
}

// next moves to the next member. If there is none, the error is io.EOF.
func (m *members) next() error {
	for {
		b, err := m.file.ReadByte()
		if err != nil {
			return err
		}
		if b != 0 {
			break
		}
	}
	if err := m.file.UnreadByte(); err != nil {
		return err
	}
	start, _ := m.file.Peek(16)
	text := fmt.Sprintf("%q", start)
	if err := m.Reset(m.file); err != nil {
		return fmt.Errorf("bytes after the gzip data that are not zero, %s", text)
	}
	m.Multistream(false)
	return nil
}

// decodeIDX reads what decode reads. The decompression before it makes at most ratio bytes of each of the file's size
// bytes.
func decodeIDX(r io.Reader, size, ratio int64, images bool) (content, error) {
	magic, noun, each, header := uint32(magicLabels), "labels", int64(1), make([]byte, 8)
	if images {
		magic, noun, header = magicImages, "images", make([]byte, 16)
	}

	n, err := io.ReadFull(r, header)
	if n >= 4 {
		if err := checkMagic(binary.BigEndian.Uint32(header), magic, noun); err != nil {
			return content{}, err
		}
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return content{}, fmt.Errorf("cut short: want a header of %d bytes, found %d bytes", len(header), n)
	}
	if err != nil {
		return content{}, fmt.Errorf("damaged in its header: %w", err)
	}

	var c content
	count := int64(binary.BigEndian.Uint32(header[4:]))
	if images {
		rows, columns := binary.BigEndian.Uint32(header[8:]), binary.BigEndian.Uint32(header[12:])
		if err := checkSide(int(rows), int(columns)); err != nil {
			return content{}, err
		}
		c.side = int(rows)
		each = int64(rows) * int64(columns)
	}
	if count == 0 {
		return content{}, fmt.Errorf("want at least one of its %s, found a header that promises none", noun)
	}
	want := count * each // below 2^46
	if most := size * ratio; want > most {
		return content{}, fmt.Errorf("cut short: the header promises %d %s, %d bytes; the file can hold %d at most", count, noun, want, most)
	}

	// Grey images shrink to between a half and a fifth under gzip. If they shrink more, the buffer grows while reading.
	var buf bytes.Buffer
	buf.Grow(int(min(want, size*min(ratio, 8))) + bytes.MinRead)
	found, err := io.CopyN(&buf, r, want)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return content{}, fmt.Errorf("cut short: the header promises %d %s, %d bytes; found %d bytes", count, noun, want, found)
	}
	if err != nil {
		return content{}, fmt.Errorf("damaged after %d of %d bytes: %w", found, want, err)
	}
	extra, err := io.Copy(io.Discard, r) // to the end, where gzip stores its own checksum
	if err != nil {
		return content{}, fmt.Errorf("want a sound end of the file after %d %s, found: %w", count, noun, err)
	}
	if extra > 0 {
		return content{}, fmt.Errorf("the header promises %d %s, %d bytes; found %d bytes more", count, noun, want, extra)
	}
	c.data = buf.Bytes()
	c.sum = sumOf(c.data, c.side)
	return c, nil
}

// checkMagic returns an error unless the magic number of a file is the wanted one, of images or of labels.
func checkMagic(found, want uint32, noun string) error {
	if found == want {
		return nil
	}
	kind, dimensions := byte(found>>8), found&0xff
	what := "which is no IDX file"
	switch name, known := idxTypes[kind]; {
	case found == magicImages:
		what = "images"
	case found == magicLabels:
		what = "labels"
	case known && kind != 8:
		what = fmt.Sprintf("%s in %d dimensions", name, dimensions)
	case known:
		what = fmt.Sprintf("an array of %d dimensions", dimensions)
	}
	return fmt.Errorf("want %s, unsigned bytes in %d dimensions, magic number %#08x; found %#08x, %s", noun, want&0xff, want, found, what)
}

// idxHeader is the header of a file of size values. side is 0 for labels.
func idxHeader(size, side int) []byte {
	header := []uint32{magicLabels, uint32(size)}
	if side > 0 {
		header = []uint32{magicImages, uint32(size / (side * side)), uint32(side), uint32(side)}
	}
	var file []byte
	for _, v := range header {
		file = binary.BigEndian.AppendUint32(file, v)
	}
	return file
}

// encodeIDX is the file that decodeIDX reads. side is 0 for labels.
func encodeIDX(data []uint8, side int) []byte { return append(idxHeader(len(data), side), data...) }

// sumOf is the SHA-256 of that file, in hexadecimal.
func sumOf(data []uint8, side int) string {
	h := sha256.New()
	h.Write(idxHeader(len(data), side))
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil))
}

package fashion

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The magic numbers of the IDX format, as the MNIST database defines it: two zero bytes, 8 for unsigned bytes, the number of
// dimensions. Each dimension's size follows as a big-endian 32-bit number, then the values.
const (
	magicLabels = 0x0801 // [n]
	magicImages = 0x0803 // [n, rows, columns]
)

// content is one decoded file.
type content struct {
	data []uint8           // [n, 784] or [n]
	sum  [sha256.Size]byte // SHA-256 of the uncompressed file
}

// decode reads an IDX file of size bytes that holds images of 28 x 28 or labels below 10, at least one of them.
// It allocates in proportion to the bytes that are there, never to those that a header promises.
func decode(r io.Reader, size int64, zipped, images bool) (content, error) {
	if size == 0 {
		return content{}, errors.New("the file is empty")
	}
	if !zipped {
		return decodeIDX(r, size, 1, images)
	}
	br := bufio.NewReaderSize(r, 1<<16)
	if start, err := br.Peek(16); !bytes.HasPrefix(start, []byte{0x1f, 0x8b}) {
		if err != nil && err != io.EOF {
			return content{}, err
		}
		return content{}, fmt.Errorf("not gzip: want a file that begins with %q, found %q", "\x1f\x8b", start)
	}
	zr, err := gzip.NewReader(br)
	if err != nil {
		return content{}, fmt.Errorf("a damaged gzip header: %w", err)
	}
	// Deflate cannot expand a byte to more than 1032: a back reference of 258 bytes takes at least two bits.
	return decodeIDX(zr, size, 1032, images)
}

// decodeIDX reads what decode reads, after a decompression that makes at most ratio bytes of each of the file's size bytes.
func decodeIDX(r io.Reader, size, ratio int64, images bool) (content, error) {
	magic, noun, each, header := uint32(magicLabels), "labels", int64(1), make([]byte, 8)
	if images {
		magic, noun, each, header = magicImages, "images", Pixels, make([]byte, 16)
	}

	n, err := io.ReadFull(r, header)
	if n >= 4 && binary.BigEndian.Uint32(header) != magic {
		found := binary.BigEndian.Uint32(header)
		what := "neither images nor labels"
		switch found {
		case magicImages:
			what = "images"
		case magicLabels:
			what = "labels"
		}
		return content{}, fmt.Errorf("want %s, magic number %#08x; found %#08x, %s", noun, magic, found, what)
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return content{}, fmt.Errorf("cut short: want a header of %d bytes, found %d bytes", len(header), n)
	}
	if err != nil {
		return content{}, fmt.Errorf("damaged in its header: %w", err)
	}

	count := int64(binary.BigEndian.Uint32(header[4:]))
	if images {
		rows, columns := binary.BigEndian.Uint32(header[8:]), binary.BigEndian.Uint32(header[12:])
		if rows != Side || columns != Side {
			return content{}, fmt.Errorf("want images of %d x %d, found %d x %d", Side, Side, rows, columns)
		}
	}
	if count == 0 {
		return content{}, fmt.Errorf("want at least one of its %s, found a header that promises none", noun)
	}
	want := count * each // below 2^42
	if most := size * ratio; want > most {
		return content{}, fmt.Errorf("cut short: the header promises %d %s, %d bytes; the file can hold %d at most", count, noun, want, most)
	}

	// Grey images shrink to half or a fifth under gzip. Where more comes, the buffer grows as it does.
	var buf bytes.Buffer
	buf.Grow(int(min(want, size*min(ratio, 8))) + bytes.MinRead)
	found, err := io.CopyN(&buf, r, want)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return content{}, fmt.Errorf("cut short: the header promises %d %s, %d bytes; found %d bytes", count, noun, want, found)
	}
	if err != nil {
		return content{}, fmt.Errorf("damaged after %d of %d bytes: %w", found, want, err)
	}
	extra, err := io.Copy(io.Discard, r) // to the end, where gzip keeps its own checksum
	if err != nil {
		return content{}, fmt.Errorf("want a sound end of the file after %d %s, found: %w", count, noun, err)
	}
	if extra > 0 {
		return content{}, fmt.Errorf("the header promises %d %s, %d bytes; found %d bytes more", count, noun, want, extra)
	}

	c := content{data: buf.Bytes()}
	if !images {
		for i, label := range c.data {
			if label >= Classes {
				return content{}, fmt.Errorf("want labels from 0 to %d, found %d at position %d", Classes-1, label, i)
			}
		}
	}
	h := sha256.New()
	h.Write(header)
	h.Write(c.data)
	h.Sum(c.sum[:0])
	return c, nil
}

// encodeIDX is the file that decodeIDX reads.
func encodeIDX(data []uint8, images bool) []byte {
	header := []uint32{magicLabels, uint32(len(data))}
	if images {
		header = []uint32{magicImages, uint32(len(data) / Pixels), Side, Side}
	}
	file := make([]byte, 0, 4*len(header)+len(data))
	for _, v := range header {
		file = binary.BigEndian.AppendUint32(file, v)
	}
	return append(file, data...)
}

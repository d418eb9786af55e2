package dataset

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// planted are the four files of a small data set and their sums.
func planted() (files [4][]byte, sums [4]string) {
	for i, n := range [4]int{30, 30, 20, 20} {
		each := 1
		if i%2 == 0 {
			each = 784
		}
		data := make([]uint8, n*each)
		for j := range data {
			data[j] = uint8(j*j/7) % 10
		}
		files[i] = append(header(0x801, uint32(n)), data...)
		if i%2 == 0 {
			files[i] = append(header(0x803, uint32(n), 28, 28), data...)
		}
		sum := sha256.Sum256(files[i])
		sums[i] = hex.EncodeToString(sum[:])
	}
	return files, sums
}

func zip(data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(data)
	w.Close()
	return b.Bytes()
}

// plant writes the planted files, compressed, to a new folder. It then replaces or adds the other files. A nil file is
// removed.
func plant(t *testing.T, others map[string][]byte) string {
	t.Helper()
	folder := t.TempDir()
	files, _ := planted()
	for i, name := range FileNames {
		put(t, filepath.Join(folder, name+".gz"), zip(files[i]))
	}
	for name, data := range others {
		put(t, filepath.Join(folder, name), data)
	}
	return folder
}

func put(t *testing.T, path string, data []byte) {
	t.Helper()
	var err error
	if data == nil {
		err = os.Remove(path)
	} else {
		err = os.WriteFile(path, data, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func flip(data []byte, bit int) []byte {
	data = slices.Clone(data)
	data[bit/8] ^= 1 << (bit % 8)
	return data
}

func header(values ...uint32) []byte {
	var b []byte
	for _, v := range values {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	return b
}

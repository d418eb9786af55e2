// Package idxtest makes small data sets of IDX files for tests.
package idxtest

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
)

// Files are the four files of a data set of 30 training and 20 test images, and their sums.
func Files() (files [4][]byte, sums [4]string) {
	for i, n := range [4]int{30, 30, 20, 20} {
		each := 1
		if i%2 == 0 {
			each = 784
		}
		data := make([]uint8, n*each)
		for j := range data {
			data[j] = uint8(j*j/7) % 10
		}
		files[i] = append(Header(0x801, uint32(n)), data...)
		if i%2 == 0 {
			files[i] = append(Header(0x803, uint32(n), 28, 28), data...)
		}
		sum := sha256.Sum256(files[i])
		sums[i] = hex.EncodeToString(sum[:])
	}
	return files, sums
}

// Folder writes the files, compressed, to a new folder under their names. It then replaces or adds the other files. A nil
// file is removed.
func Folder(t *testing.T, names [4]string, others map[string][]byte) string {
	t.Helper()
	folder := t.TempDir()
	files, _ := Files()
	for i, name := range names {
		Put(t, filepath.Join(folder, name+".gz"), Zip(files[i]))
	}
	for name, data := range others {
		Put(t, filepath.Join(folder, name), data)
	}
	return folder
}

// Put writes a file. If data is nil, it removes the file.
func Put(t *testing.T, path string, data []byte) {
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

// Zip compresses data with gzip.
func Zip(data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(data)
	w.Close()
	return b.Bytes()
}

// Header is the start of an IDX file: its magic number and its dimensions.
func Header(values ...uint32) []byte {
	var b []byte
	for _, v := range values {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	return b
}

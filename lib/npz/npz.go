package npz

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// Write writes an uncompressed .npz archive. The same arrays always give the same bytes.
func Write(w io.Writer, arrays ...Array) error {
	archive := zip.NewWriter(w)
	for _, a := range arrays {
		content, err := Encode(a)
		if err != nil {
			return err
		}
		if err := Add(archive, a.Name+".npy", content); err != nil {
			return err
		}
	}
	return archive.Close()
}

// Add adds an uncompressed member without a date to an archive.
func Add(archive *zip.Writer, name string, content []byte) error {
	part, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err != nil {
		return err
	}
	_, err = part.Write(content)
	return err
}

// Archive is an .npz archive that is open for reading.
type Archive struct {
	members map[string]*zip.File // by the name of the array
	size    int64
}

// Open opens an .npz archive of size bytes.
func Open(r io.ReaderAt, size int64) (*Archive, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, err
	}
	a := &Archive{map[string]*zip.File{}, size}
	for _, f := range archive.File {
		if name, isArray := strings.CutSuffix(f.Name, ".npy"); isArray {
			a.members[name] = f
		}
	}
	return a, nil
}

// Names returns the names of the arrays, sorted.
func (a *Archive) Names() []string {
	var names []string
	for name := range a.members {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// NoArrayError is the error of a name that no array of a file has.
type NoArrayError struct{ error }

// Read reads an array of the archive, stored or deflated. Memory is allocated in proportion to the
// bytes that are there, whatever size a header promises. An unknown name is an error.
func (a *Archive) Read(name string) (Array, error) {
	f, found := a.members[name]
	if !found {
		return Array{}, NoArrayError{fmt.Errorf("there is no array %q; there are %q", name, a.Names())}
	}
	content, err := a.content(f)
	if err != nil {
		return Array{}, fmt.Errorf("array %q: %w", name, err)
	}
	array, err := Decode(content)
	if err != nil {
		return Array{}, fmt.Errorf("array %q: %w", name, err)
	}
	array.Name = name
	return array, nil
}

// deflated is the largest number of bytes that Deflate can make of one, because a reference to 258 bytes takes at least
// two bits.
const deflated = 1032

func (a *Archive) content(f *zip.File) ([]byte, error) {
	if f.UncompressedSize64 > uint64(a.size)*deflated {
		return nil, fmt.Errorf("cut short: %d bytes are promised, which %d of the file cannot hold", f.UncompressedSize64, a.size)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var content bytes.Buffer
	content.Grow(int(min(f.UncompressedSize64, uint64(a.size)*8)) + bytes.MinRead)
	_, err = content.ReadFrom(r)
	return content.Bytes(), err
}

// ReadFile reads an array of an .npz file by its name, or, if there is only one array, that one. The array of an .npy file has no
// name.
func ReadFile(path, name string) (Array, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return Array{}, err
	}
	if bytes.HasPrefix(content, []byte(magic)) {
		return Decode(content)
	}
	archive, err := Open(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return Array{}, fmt.Errorf("it is neither an .npz nor an .npy file (%w)", err)
	}
	if names := archive.Names(); len(names) == 1 {
		name = names[0]
	}
	return archive.Read(name)
}

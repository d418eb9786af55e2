package training

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/npz"
)

// sumName is the member of an archive that holds the checksum of all members before it.
const sumName = "sha256.txt"

// writeArchive writes an .npz archive: a member NAME.npy for each array, then the other members, then a text member
// with the checksum of all of them. The same content always gives the same bytes.
func writeArchive(w io.Writer, arrays []npz.Array, others map[string][]byte) error {
	archive := zip.NewWriter(w)
	sum := sha256.New()
	for _, a := range arrays {
		content, err := npz.Encode(a)
		if err != nil {
			return err
		}
		if err := npz.Add(archive, a.Name+".npy", addTo(sum, a.Name+".npy", content)); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(others)) {
		if err := npz.Add(archive, name, addTo(sum, name, others[name])); err != nil {
			return err
		}
	}
	if err := npz.Add(archive, sumName, []byte(hex.EncodeToString(sum.Sum(nil))+"\n")); err != nil {
		return err
	}
	return archive.Close()
}

// addTo adds a member to the checksum and returns its content.
func addTo(sum hash.Hash, name string, content []byte) []byte {
	fmt.Fprintf(sum, "%s %d\n", name, len(content))
	sum.Write(content)
	return content
}

// readArchive reads what writeArchive wrote. All arrays must be float32 or float16. The checksum is verified before anything is
// decoded.
func readArchive(path string) (arrays autoencoder.Weights, others map[string][]byte, err error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	arrays, others, err = parseArchive(content)
	if err != nil {
		return nil, nil, fmt.Errorf("%s is damaged: %w", path, err)
	}
	return arrays, others, nil
}

func parseArchive(content []byte) (arrays autoencoder.Weights, others map[string][]byte, err error) {
	names, members, err := verified(content)
	if err != nil {
		return nil, nil, err
	}
	others = map[string][]byte{}
	for i, name := range names {
		array, isArray := strings.CutSuffix(name, ".npy")
		if !isArray {
			others[name] = members[i]
			continue
		}
		a, err := npz.Decode(members[i])
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		values := singles(a.Values)
		if values == nil {
			return nil, nil, fmt.Errorf("%s holds numbers of another type than float32 or float16, which weights have", name)
		}
		arrays = append(arrays, autoencoder.Variable{Name: array, Shape: a.Shape, Values: values})
	}
	return arrays, others, nil
}

// verified reads the members of an archive and verifies the checksum at its end.
func verified(content []byte) (names []string, members [][]byte, err error) {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, nil, err
	}
	sum, total := sha256.New(), 0
	for _, f := range archive.File {
		member, err := readMember(f)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		if f.Name == sumName {
			if got, want := hex.EncodeToString(sum.Sum(nil))+"\n", string(member); got != want {
				return nil, nil, fmt.Errorf("its content has the checksum %.12s…, want %.12q…", got, want)
			}
			return names, members, nil
		}
		if total += len(member); total > len(content) { // several members share the same bytes of the file
			return nil, nil, fmt.Errorf("its members are larger than the file")
		}
		names, members = append(names, f.Name), append(members, addTo(sum, f.Name, member))
	}
	return nil, nil, fmt.Errorf("it has no checksum")
}

// readMember reads an uncompressed member. Such a member cannot be larger than its file. A compressed member is an
// error.
func readMember(f *zip.File) ([]byte, error) {
	if f.Method != zip.Store {
		return nil, fmt.Errorf("compressed, want it stored")
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

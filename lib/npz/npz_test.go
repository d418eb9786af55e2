package npz

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/x448/float16"
)

func open(t testing.TB, path string) *Archive {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Open(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// numbers are those of numpy_files.py.
func numbers[T uint8 | int8 | uint16 | int16 | uint32 | int32 | uint64 | int64 | float32 | float64]() []T {
	return []T{0, 1, 2, 100, 101, 127}
}

// TestNumPy reads files that NumPy wrote.
func TestNumPy(t *testing.T) {
	for _, file := range []string{"numpy.npz", "numpy-deflated.npz"} {
		a := open(t, filepath.Join("testdata", file))
		for _, want := range []Array{
			{"a_u1", []int{2, 3}, numbers[uint8]()},
			{"a_i1", []int{2, 3}, numbers[int8]()},
			{"a_<u2", []int{2, 3}, numbers[uint16]()},
			{"a_<i2", []int{2, 3}, numbers[int16]()},
			{"a_<u4", []int{2, 3}, numbers[uint32]()},
			{"a_<i4", []int{2, 3}, numbers[int32]()},
			{"a_<u8", []int{2, 3}, numbers[uint64]()},
			{"a_<i8", []int{2, 3}, numbers[int64]()},
			{"a_>i8", []int{2, 3}, numbers[int64]()},
			{"a_<f4", []int{2, 3}, numbers[float32]()},
			{"a_>f4", []int{2, 3}, numbers[float32]()},
			{"a_<f8", []int{2, 3}, numbers[float64]()},
			{"bool", []int{3}, []bool{true, false, true}},
			{"negative", []int{2}, []int64{-1, -1 << 40}},
			{"half", []int{3}, []float16.Float16{float16.Fromfloat32(.1), float16.Fromfloat32(-65504), float16.Fromfloat32(0x1p-24)}},
			{"fraction", []int{2}, []float32{.5, -1e-30}},
			{"scalar", nil, []uint8{7}},
			{"empty", []int{0, 28, 28}, []uint8{}},
			{"column", []int{5, 1}, []uint8{0, 1, 2, 3, 4}},
		} {
			got, err := a.Read(want.Name)
			if err != nil {
				t.Errorf("%s: %v", file, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s (-want +got)\n%s", file, want.Name, diff)
			}
		}
		for name, says := range map[string]string{"fortran": "Fortran order", "complex": `"<c16"`, "text": `"<U3"`, "object": `"|O"`, "none": `no array "none"`} {
			if _, err := a.Read(name); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %s: want an error that says %q, found %v", file, name, says, err)
			}
		}
	}
}

// TestWritten compares with a file that GoMLX's package numpy wrote. The files of runs were written by it before.
func TestWritten(t *testing.T) {
	var got bytes.Buffer
	arrays := []Array{
		{"codes", []int{2, 3}, []float32{1, -2, 3.5, 0, 1e-30, 6}},
		{"labels", []int{5}, []uint8{0, 1, 2, 254, 255}},
		{"scale", []int{1}, []float32{7}},
		{"images", []int{2, 2, 2}, []uint8{1, 2, 3, 4, 5, 6, 7, 8}},
	}
	if err := Write(&got, arrays...); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/written.npz")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("want the bytes of testdata/written.npz, found\n%q", got.Bytes())
	}
	a := open(t, "testdata/written.npz")
	for _, want := range arrays {
		if got, err := a.Read(want.Name); err != nil || !cmp.Equal(want, got) {
			t.Errorf("want %v, found %v, %v", want, got, err)
		}
	}
}

func TestRefused(t *testing.T) {
	for name, a := range map[string]Array{
		"strings": {"a", []int{1}, []string{"b"}}, "too few": {"a", []int{2, 2}, []uint8{1}}, "negative": {"a", []int{-1, -1}, []uint8{1}},
	} {
		if content, err := Encode(a); err == nil {
			t.Errorf("%s: want an error, found %q", name, content)
		}
	}
	sound, err := Encode(Array{"a", []int{2}, []float32{1, 2}})
	if err != nil {
		t.Fatal(err)
	}
	with := func(header string) []byte {
		return append([]byte(magic+"\x01\x00"+string([]byte{byte(len(header)), byte(len(header) >> 8)})+header), 1)
	}
	for name, test := range map[string]struct {
		content []byte
		says    string
	}{
		"empty":              {nil, "begins with"},
		"another file":       {[]byte("<html>"), `found "<html>"`},
		"another version":    {append([]byte(magic), 9, 0, 0, 0), "version 9"},
		"cut in the header":  {sound[:40], "cut short"},
		"cut in the values":  {sound[:len(sound)-3], "promises 2 values; found 5 bytes"},
		"more":               {append(sound, 1, 2, 3, 4), "found 12 bytes"},
		"no dictionary":      {with("descr"), "want a dictionary"},
		"without a shape":    {with("{'descr': '|u1', 'fortran_order': False}"), "want a dictionary"},
		"another key":        {with("{'descr': '|u1', 'fortran_order': False, 'shape': (), 'more': 1}"), "want a dictionary"},
		"structured":         {with("{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': ()}"), "want a dictionary"},
		"a negative size":    {with("{'descr': '|u1', 'fortran_order': False, 'shape': (-1,)}"), "want a dictionary"},
		"too great a shape":  {with("{'descr': '|u1', 'fortran_order': False, 'shape': (4294967296, 4294967296)}"), "4294967296"},
		"another type":       {with("{'descr': '<M8[ns]', 'fortran_order': False, 'shape': ()}"), "<M8[ns]"},
		"half precision":     {with("{'descr': '<f2', 'fortran_order': False, 'shape': ()}"), "<f2"},
		"more values wanted": {with("{'descr': '|u1', 'fortran_order': False, 'shape': (1000000000,)}"), "promises 1000000000 values; found 1 bytes"},
	} {
		if a, err := Decode(test.content); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: want an error that says %q, found %v, %v", name, test.says, a, err)
		}
	}
}

// FuzzDecode searches for a panic, for more values than there are bytes, and for values that are written differently
// from how they were read.
func FuzzDecode(f *testing.F) {
	for _, a := range []Array{{"a", []int{2}, []float32{1, 2}}, {"a", nil, []uint8{1}}, {"a", []int{0, 2}, []uint8{}}} {
		content, err := Encode(a)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Add([]byte(magic + "\x02\x00\x00\x00\x00\xff"))
	f.Fuzz(func(t *testing.T, content []byte) {
		a, err := Decode(content)
		if err != nil {
			return
		}
		if size, err := sizeOf(a.Shape); err != nil || size > len(content) {
			t.Errorf("%d values, %v, were read from %d bytes", size, err, len(content))
		}
		written, err := Encode(a)
		if err != nil {
			return // another type
		}
		again, err := Decode(written)
		if err != nil || fmt.Sprint(again) != fmt.Sprint(a) {
			t.Errorf("%v is read again as %v, %v", a, again, err)
		}
	})
}

// FuzzOpen searches for a panic.
func FuzzOpen(f *testing.F) {
	for _, method := range []uint16{zip.Store, zip.Deflate} {
		var file bytes.Buffer
		w := zip.NewWriter(&file)
		content, err := Encode(Array{"a", []int{2}, []uint8{1, 2}})
		if err != nil {
			f.Fatal(err)
		}
		part, err := w.CreateHeader(&zip.FileHeader{Name: "a.npy", Method: method})
		if err != nil {
			f.Fatal(err)
		}
		part.Write(content)
		if err := w.Close(); err != nil {
			f.Fatal(err)
		}
		f.Add(file.Bytes())
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		a, err := Open(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return
		}
		for _, name := range a.Names() {
			if _, err := a.Read(name); err != nil {
				continue
			}
		}
	})
}

func ExampleEncode() {
	content, err := Encode(Array{Name: "codes", Shape: []int{2, 3}, Values: make([]float32, 6)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.TrimSpace(string(content[10:80])))
	// Output: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
}

// A file has one array, or the array of a name.
func TestReadFile(t *testing.T) {
	folder := t.TempDir()
	write := func(name string, content []byte, err error) string {
		path := filepath.Join(folder, name)
		if err == nil {
			err = os.WriteFile(path, content, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	archive := func(arrays ...Array) ([]byte, error) {
		var content bytes.Buffer
		err := Write(&content, arrays...)
		return content.Bytes(), err
	}
	a, b := Array{"a", []int{1}, []uint8{1}}, Array{"b", []int{1}, []uint8{2}}
	one, err := archive(a)
	oneFile := write("one.npz", one, err)
	two, err := archive(a, b)
	twoFile := write("two.npz", two, err)
	plain, err := Encode(b)
	plainFile := write("b.npy", plain, err)
	for _, c := range []struct {
		path string
		want uint8
		says string
	}{
		{oneFile, 1, ""}, {twoFile, 2, ""}, {plainFile, 2, ""},
		{write("text", []byte("hello"), nil), 0, "neither an .npz nor an .npy file"},
		{filepath.Join(folder, "none"), 0, "none"},
	} {
		got, err := ReadFile(c.path, "b")
		if c.says == "" && (err != nil || got.Values.([]uint8)[0] != c.want) || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v, %v", c.path, got, err)
		}
	}
}

package experiments_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fashionlatent/experiments"
	"fashionlatent/lib/npz"
)

func TestReadCodes(t *testing.T) {
	folder := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	archive := func(arrays ...npz.Array) []byte {
		var content bytes.Buffer
		if err := npz.Write(&content, arrays...); err != nil {
			t.Fatal(err)
		}
		return content.Bytes()
	}
	of := func(name string, values ...float32) npz.Array {
		return npz.Array{Name: name, Shape: []int{len(values) / 2, 2}, Values: values}
	}
	header := "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }"
	doubles := append([]byte("\x93NUMPY\x01\x00"+string([]byte{byte(len(header)), 0})+header), 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0) // 1, -2
	for _, c := range []struct {
		path, array string
		want        []float32
		says        string
	}{
		{write("one.npz", archive(of("latents", 1, 2, 3, 4))), "codes", []float32{1, 2, 3, 4}, ""},
		{write("several.npz", archive(of("test_codes", 1, 2), of("codes", 3, 4))), "codes", []float32{3, 4}, ""},
		{filepath.Join(folder, "several.npz"), "test_codes", []float32{1, 2}, ""},
		{write("doubles.npy", doubles), "codes", []float32{1, -2}, ""},
		{write("rows.tsv", []byte("1\t-2\r\n.5\t1e-3")), "", []float32{1, -2, .5, 1e-3}, ""},
		{filepath.Join(folder, "several.npz"), "train_codes", nil, `no array "train_codes"; there are ["codes" "test_codes"]`},
		{write("wide.npz", archive(npz.Array{Name: "codes", Shape: []int{1, 3}, Values: []float32{1, 2, 3}})), "codes", nil, "shape [1 3], want [n, 2]"},
		{write("bytes.npz", archive(npz.Array{Name: "codes", Shape: []int{1, 2}, Values: []uint8{1, 2}})), "codes", nil, "the array is of uint8, want float32 or float64"},
		{write("none.npz", archive(of("codes"))), "codes", nil, "no codes"},
		{write("none.tsv", nil), "", nil, "no codes"},
		{write("head.tsv", []byte("x\ty\n1\t2\n")), "", nil, `line 1 holds "x", want a number`},
		{write("wide.tsv", []byte("1\t2\n1\t2\t3\n")), "", nil, "line 2 has 3 cells between tabs, want 2"},
		{write("nan.tsv", []byte("1\t2\n3\tNaN\n")), "", nil, "code 1 holds NaN"},
		{filepath.Join(folder, "nowhere.npz"), "codes", nil, "nowhere.npz"},
	} {
		got, err := experiments.ReadCodes(c.path, c.array, 2)
		if c.says == "" && (err != nil || !slices.Equal(got, c.want)) {
			t.Errorf("%s: %v, %v, want %v", c.path, got, err, c.want)
		}
		if c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v, want an error that says %q", c.path, err, c.says)
		}
	}
}

// Whatever a file holds, the result is whole codes of finite numbers or an error.
func FuzzReadCodes(f *testing.F) {
	f.Add([]byte("1\t2\n3\t4\n"), true)
	f.Add([]byte("PK"), false)
	f.Add([]byte("\x93NUMPY\x01\x00"), false)
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, content []byte, rows bool) {
		path := filepath.Join(folder, map[bool]string{true: "codes.tsv", false: "codes.npz"}[rows])
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		codes, err := experiments.ReadCodes(path, "codes", 2)
		if (err == nil) != (len(codes) > 0) || len(codes)%2 != 0 {
			t.Errorf("%d numbers, %v", len(codes), err)
		}
		for _, v := range codes {
			if v-v != 0 {
				t.Errorf("the number %v", v)
			}
		}
	})
}

package safetensors

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fashionlatent/lib/npz"
)

// A file, byte by byte.
func TestBytes(t *testing.T) {
	var got bytes.Buffer
	err := Write(&got, map[string]string{"run": "vae"}, npz.Array{Name: "b", Shape: []int{2, 1}, Values: []float32{1, -2}}, npz.Array{Name: "a", Values: []float32{.5}})
	header := `{"__metadata__":{"run":"vae"},"a":{"dtype":"F32","shape":[],"data_offsets":[8,12]},"b":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}`
	header += strings.Repeat(" ", (8-len(header)%8)%8)
	want := string([]byte{byte(len(header)), 0, 0, 0, 0, 0, 0, 0}) + header + "\x00\x00\x80\x3f\x00\x00\x00\xc0\x00\x00\x00\x3f"
	if err != nil || got.String() != want {
		t.Errorf("%v\n%q, want\n%q", err, &got, want)
	}
}

func TestRefused(t *testing.T) {
	one := npz.Array{Name: "a", Shape: []int{1}, Values: []float32{1}}
	for says, arrays := range map[string][]npz.Array{
		"[]uint8, want []float32":  {{Name: "a", Shape: []int{1}, Values: []uint8{1}}},
		"holds 1 values":           {{Name: "a", Shape: []int{2}, Values: []float32{1}}},
		`of the name "a"`:          {one, one},
		"of the name \"__metadata": {{Name: "__metadata__", Shape: []int{1}, Values: []float32{1}}},
	} {
		var out bytes.Buffer
		if err := Write(&out, nil, arrays...); err == nil || !strings.Contains(err.Error(), says) || out.Len() > 0 {
			t.Errorf("%v, wrote %d bytes, want an error with %q", err, out.Len(), says)
		}
	}
}

// Python's safetensors reads the arrays and the metadata. make test-exports runs this test, with a Python that has it in
// FASHIONLATENT_EXPORTS.
func TestExportsInPython(t *testing.T) {
	python := os.Getenv("FASHIONLATENT_EXPORTS")
	if python == "" {
		t.Skip("needs safetensors: make test-exports")
	}
	file := filepath.Join(t.TempDir(), "a.safetensors")
	var content bytes.Buffer
	if err := Write(&content, map[string]string{"model": "größe \"x\""}, npz.Array{Name: "layer/weights", Shape: []int{2, 3}, Values: []float32{0, 1, 2, 3, 4, 5}},
		npz.Array{Name: "none", Shape: []int{0, 4}, Values: []float32{}}, npz.Array{Name: "bias", Shape: []int{1}, Values: []float32{-1e-30}}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, "-c", `
import sys
from safetensors import safe_open
with safe_open(sys.argv[1], framework="numpy") as f:
    print(f.metadata()["model"], sorted(f.keys()), f.get_tensor("layer/weights").tolist(), f.get_tensor("none").shape, f.get_tensor("bias"))
`, file).CombinedOutput()
	const want = `größe "x" ['bias', 'layer/weights', 'none'] [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]] (0, 4) [-1.e-30]` + "\n"
	if err != nil || string(out) != want {
		t.Errorf("%v\n%swant\n%s", err, out, want)
	}
}

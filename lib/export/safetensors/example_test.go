package safetensors_test

import (
	"bytes"
	"fmt"

	"fashionlatent/lib/export/safetensors"
	"fashionlatent/lib/npz"
)

// The header of a file says where the values of each array are.
func ExampleWrite() {
	var file bytes.Buffer
	err := safetensors.Write(&file, map[string]string{"run": "ae"}, npz.Array{Name: "bias", Shape: []int{2}, Values: []float32{1, -1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(file.Bytes()[8 : file.Len()-8]))
	// Output:
	// {"__metadata__":{"run":"ae"},"bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}
}

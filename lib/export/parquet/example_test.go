package parquet_test

import (
	"bytes"
	"fmt"

	"fashionlatent/lib/export/codes"
	"fashionlatent/lib/export/parquet"
)

// Codes of two images for pandas.read_parquet.
func ExampleWrite() {
	table := &codes.Table{
		Dim: 2, Values: []float32{1, -2, .5, 3},
		Side: 28, Images: make([]uint8, 2*28*28), // black
		Index: []int{0, 1}, Split: []string{"test", "test"}, Class: []string{"Bag", "Coat"},
	}
	var file bytes.Buffer
	err := parquet.Write(&file, table)
	fmt.Printf("%q %v\n", file.Bytes()[:4], err)
	// Output: "PAR1" <nil>
}

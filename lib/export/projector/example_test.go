package projector_test

import (
	"fmt"
	"os"
	"path/filepath"

	"fashionlatent/lib/export/codes"
	"fashionlatent/lib/export/projector"
)

// Codes of two images for the Embedding Projector.
func ExampleWrite() {
	folder, err := os.MkdirTemp("", "projector")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	table := &codes.Table{
		Dim: 2, Values: []float32{1, -2, .5, 3},
		Side: 28, Images: make([]uint8, 2*28*28), // black
		Index: []int{0, 1}, Split: []string{"test", "test"}, Class: []string{"Bag", "Coat"},
	}
	paths, err := projector.Write(filepath.Join(folder, "codes.tsv"), table)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, path := range paths {
		fmt.Println(filepath.Base(path))
	}
	metadata, _ := os.ReadFile(paths[1])
	fmt.Print(string(metadata))
	// Output:
	// codes.tsv
	// codes.metadata.tsv
	// codes.sprite.png
	// projector_config.pbtxt
	// class	split	index
	// Bag	test	0
	// Coat	test	1
}

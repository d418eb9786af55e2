package export_test

import (
	"fmt"

	"fashionlatent/lib/export"
)

func ExampleNamed() {
	for _, name := range []string{"onnx", "onx"} {
		f, err := export.Named(name)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(f.Holds) // f.Write(result, folder) writes a run
	}
	// Output:
	// the encoder and the decoder as ONNX graphs
	// format is "onx", want one of onnx, safetensors, published, tensorboard, gomlx; did you mean onnx?
}

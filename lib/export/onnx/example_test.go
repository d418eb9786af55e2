package onnx_test

import (
	"fmt"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/export/onnx"
)

// The decoder of a model, here with the weights before training, for onnxruntime.
func ExampleDecoder() {
	config := autoencoder.Default(autoencoder.VAE, 2)
	config.Hidden = []int{8}
	graph, err := onnx.Decoder(config, config.Initial(0), map[string]string{"run": "untrained"})
	fmt.Println(len(graph) > 4*8*784, err)
	// Output: true <nil>
}

package gradient_test

import (
	"context"
	"fmt"

	"fashionlatent/lib/gradient"
)

// An image of 28 x 28 pixels has 7 x 7 cells of 8 directions. The description has the length 1.
func ExampleHistograms() {
	image := make([]uint8, 28*28)
	for i := range image {
		image[i] = uint8(8 * (i % 28)) // brighter from left to right
	}
	described, err := gradient.Histograms(context.Background(), image, 28, gradient.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var sum float64
	for _, v := range described.X {
		sum += float64(v * v)
	}
	fmt.Printf("%d numbers, length %.3f\n", described.Dim, sum)
	// Output: 392 numbers, length 1.000
}

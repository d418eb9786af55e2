package digits_test

import (
	"fmt"

	"fashionlatent/lib/digits"
)

func ExampleDraw() {
	data, err := digits.Draw(1000, 200, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(data.Train.Len(), "and", data.Test.Len(), "images of", data.Side(), "pixels,", len(data.Classes), "classes")
	// Output: 1000 and 200 images of 28 pixels, 10 classes
}

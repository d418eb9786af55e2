package fashion_test

import (
	"context"
	"fmt"

	"fashionlatent/lib/fashion"
)

// Another data set is read from a folder with the same four files.
func ExampleLoad() {
	d, err := fashion.Load(context.Background(), fashion.Source{Folder: "fashiontest/testdata/tiny"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Name, d.Train.Len(), d.Test.Len())
	fmt.Println(d.Checksum[:12])
	// Output:
	// tiny 60 20
	// 55ff423a713a
}

// The first images alone are a data set with a checksum of its own.
func ExampleDataset_Head() {
	d, err := fashion.Load(context.Background(), fashion.Source{Folder: "fashiontest/testdata/tiny"})
	if err != nil {
		fmt.Println(err)
		return
	}
	few := d.Head(20, 10)
	fmt.Println(few.Train.Len(), few.Test.Len(), few.Checksum != d.Checksum)
	for _, label := range few.Test.Labels[:3] {
		fmt.Println(fashion.ClassNames[label])
	}
	// Output:
	// 20 10 true
	// Sandal
	// Pullover
	// Ankle boot
}

func ExampleFloats() {
	fmt.Println(fashion.Floats([]uint8{0, 51, 255}))
	// Output: [0 0.2 1]
}

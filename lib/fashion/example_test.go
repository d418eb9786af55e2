package fashion_test

import (
	"context"
	"fmt"

	"fashionlatent/lib/fashion"
)

// Another data set is read from a folder with the same four files.
func ExampleLoad() {
	d, err := fashion.Load(context.Background(), fashion.Source{Path: "fashiontest/testdata/tiny"})
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

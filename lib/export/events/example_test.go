package events_test

import (
	"bytes"
	"fmt"
	"time"

	"fashionlatent/lib/export/events"
)

// A curve of two points for TensorBoard.
func ExampleWrite() {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var file bytes.Buffer
	err := events.Write(&file, start, []events.Scalar{
		{Tag: "loss/total", Step: 468, Time: start.Add(3 * time.Second), Value: 270.5},
		{Tag: "loss/total", Step: 936, Time: start.Add(6 * time.Second), Value: 262.25},
	})
	fmt.Println(file.Len(), err)
	// Output:
	// 138 <nil>
}

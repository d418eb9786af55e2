package events

import (
	"bytes"
	"encoding/hex"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

var start = time.Unix(1_700_000_000, 500_000_000)

func scalars() []Scalar {
	return []Scalar{
		{"loss/total", 469, start.Add(2 * time.Second), 240.5},
		{"loss/total", 938, start.Add(4 * time.Second), 230.25},
		{"beta", 938, start.Add(4 * time.Second), math.NaN()},
	}
}

// A file with one point has the bytes that the messages of Python's tensorboard 2.21.0 give.
func TestBytes(t *testing.T) {
	var got bytes.Buffer
	if err := Write(&got, start, scalars()[:1]); err != nil {
		t.Fatal(err)
	}
	const want = "1800000000000000a37f4b220900002040fc54d9411a0d627261696e2e4576656e743a322b353110" +
		"2100000000000000017becf6090000a040fc54d94110d5032a130a110a0a6c6f73732f746f74616c15008070438bc50c84"
	if hex.EncodeToString(got.Bytes()) != want {
		t.Errorf("got\n%x, want\n%s", got.Bytes(), want)
	}
}

// TensorBoard's own reader returns every point. make test-exports runs this test, with a Python that has tensorboard in
// FASHIONLATENT_EXPORTS.
func TestExportsInPython(t *testing.T) {
	python := os.Getenv("FASHIONLATENT_EXPORTS")
	if python == "" {
		t.Skip("needs tensorboard: make test-exports")
	}
	folder := t.TempDir()
	var content bytes.Buffer
	if err := Write(&content, start, scalars()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "events.out.tfevents.1"), content.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, "-c", `
import sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1]).Reload()
for tag in sorted(events.Tags()["scalars"]):
    print(tag, [(e.wall_time, e.step, e.value) for e in events.Scalars(tag)])
`, folder).Output()
	const want = "beta [(1700000004.5, 938, nan)]\nloss/total [(1700000002.5, 469, 240.5), (1700000004.5, 938, 230.25)]\n"
	if err != nil || string(out) != want {
		t.Errorf("%v\n%swant\n%s", err, out, want)
	}
}

package explorer

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// Every half that is a number is unchanged after a round trip.
func TestHalfRoundTrip(t *testing.T) {
	for h := range 1 << 16 {
		value := single(uint16(h))
		if nan := h&0x7c00 == 0x7c00 && h&0x3ff != 0; nan {
			if !math.IsNaN(float64(value)) || !math.IsNaN(float64(single(half(value)))) {
				t.Errorf("half %#04x is %v, want NaN", h, value)
			}
			continue
		}
		if back := half(value); back != uint16(h) {
			t.Errorf("half %#04x is %v, which rounds to %#04x", h, value, back)
		}
	}
}

// The halves are those of NumPy, written by testdata/reference.py.
func TestHalfAsNumPy(t *testing.T) {
	text, err := os.ReadFile("testdata/half.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Values []uint32
		Halves []uint16
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if len(want.Values) < 200 || len(want.Values) != len(want.Halves) {
		t.Fatalf("%d values and %d halves", len(want.Values), len(want.Halves))
	}
	for i, bits := range want.Values {
		if got := half(math.Float32frombits(bits)); got != want.Halves[i] {
			t.Errorf("%v is %#04x, want %#04x", math.Float32frombits(bits), got, want.Halves[i])
		}
	}
}

func TestRoundHalf(t *testing.T) {
	values := []float32{1, 1 + 1.0/4096, -.1}
	got := RoundHalf(values)
	if got[0] != 1 || got[1] != 1 || got[2] != -0.099975586 || values[1] == 1 {
		t.Errorf("%v rounds to %v", values, got)
	}
}

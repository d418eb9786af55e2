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

// single is the value of a half.
func single(h uint16) float32 {
	exponent, fraction := int(h>>10&0x1f), float64(h&0x3ff)
	var size float64
	switch exponent {
	case 0:
		size = math.Ldexp(fraction, -24)
	case 0x1f:
		size = math.Inf(1)
		if fraction != 0 {
			size = math.NaN()
		}
	default:
		size = math.Ldexp(1024+fraction, exponent-25)
	}
	return float32(math.Copysign(size, 1-2*float64(h>>15)))
}

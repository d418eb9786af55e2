//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package record

import (
	"strings"
	"testing"
)

func TestParsePeakMemory(t *testing.T) {
	tests := []struct {
		content string
		want    int64
	}{
		{"VmPeak:\t  999999 kB\nVmHWM:\t  123456 kB\nVmRSS:\t  100000 kB\n", 123456 << 10}, // the largest resident size
		{"VmPeak:\t  999999 kB\n", 0},
		{"", 0},
	}
	for _, test := range tests {
		if got := parsePeakMemory(strings.NewReader(test.content)); got != test.want {
			t.Errorf("%q gives %d, want %d", test.content, got, test.want)
		}
	}
}

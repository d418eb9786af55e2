//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package record

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"
)

// PeakMemory is the most memory that the process has had resident so far, in bytes; 0 where the system does not say.
func PeakMemory() int64 {
	// On Linux, getrusage begins with the figure of the process that started this one; its own is in the file.
	if status, err := os.Open("/proc/self/status"); err == nil {
		defer status.Close()
		if peak := parsePeakMemory(status); peak > 0 {
			return peak
		}
	}
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(usage.Maxrss)
	}
	return int64(usage.Maxrss) * 1024 // getrusage(2) of Linux and the BSDs: kibibytes
}

// parsePeakMemory finds the high-water mark of the resident size ("VmHWM: 1234 kB") in the form of Linux's proc(5); 0 if it
// is not there.
func parsePeakMemory(r io.Reader) int64 {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		var kib int64
		if _, err := fmt.Sscanf(lines.Text(), "VmHWM: %d kB", &kib); err == nil {
			return kib * 1024
		}
	}
	return 0
}

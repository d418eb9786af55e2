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

// PeakMemory is the largest resident memory of the process so far, in bytes; 0 if the system does not report it.
func PeakMemory() int64 {
	// On Linux, getrusage starts with the value of the process that started this one. The value of this process alone
	// is in the file.
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
	return int64(usage.Maxrss) * 1024 // in getrusage(2) of Linux and the BSDs it is in kibibytes
}

// parsePeakMemory reads the largest resident size ("VmHWM: 1234 kB") in the format of Linux's proc(5), in bytes; 0 if
// it is missing.
func parsePeakMemory(r io.Reader) int64 {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		var kib int64
		if _, err := fmt.Sscanf(lines.Text(), "VmHWM: %d kB", &kib); err == nil {
			return kib * 1024
		}
	}
	return 0
}

//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package record

import (
	"runtime"
	"syscall"
)

// PeakMemory is the largest resident memory of the process so far, in bytes; 0 if the system does not report it.
func PeakMemory() int64 {
	// On Linux, getrusage starts with the value of the process that started this one. The value of this process alone
	// is in the file of proc(5).
	if kibibytes, found := number("/proc/self/status", "VmHWM: %d kB"); found {
		return kibibytes << 10
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

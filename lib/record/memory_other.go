//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package record

// PeakMemory is 0 on this system, which does not report the largest resident memory.
func PeakMemory() int64 { return 0 }

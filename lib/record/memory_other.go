//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package record

// PeakMemory is the most memory that the process has had resident so far, in bytes; 0 where the system does not say.
func PeakMemory() int64 { return 0 }

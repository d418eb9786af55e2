//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package record

import (
	"errors"
	"fmt"
	"os"
	"runtime"
)

// A lock that outlives a killed process would stop every later one, so there is none rather than that.
func tryLock(*os.File) (bool, error) {
	return false, fmt.Errorf("%w: no file locks on %s (use Linux, macOS or a BSD; on Windows, WSL)", errors.ErrUnsupported, runtime.GOOS)
}

func unlock(*os.File) error { return errors.ErrUnsupported }

// PeakMemory is the most memory that the process has had resident so far, in bytes; 0 where the system does not say.
func PeakMemory() int64 { return 0 }

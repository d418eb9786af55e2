package record

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// FreeMemory is the memory that programs can still take without swapping, in bytes; 0 if the system does not report it.
// Only Linux does. In a container it is at most what is left of the container's limit.
func FreeMemory() int64 {
	kibibytes, _ := number("/proc/meminfo", "MemAvailable: %d kB")
	free := kibibytes << 10
	if left, limited := leftInContainer("/sys/fs/cgroup"); limited {
		free = min(free, left)
	}
	return free
}

// leftInContainer is what the control group at root can still take, in bytes; limited is false if it has no limit. root
// holds the files of version 2 of Linux's control groups, or the folder memory with those of version 1. Pages of files
// that were not used lately count as free.
func leftInContainer(root string) (left int64, limited bool) {
	for _, names := range [][4]string{
		{"memory.max", "memory.current", "memory.stat", "inactive_file %d"},
		{"memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat", "total_inactive_file %d"},
	} {
		limit, some := number(filepath.Join(root, names[0]), "%d")
		used, known := number(filepath.Join(root, names[1]), "%d")
		if some && known {
			unused, _ := number(filepath.Join(root, names[2]), names[3])
			return max(1, limit-used+unused), true
		}
	}
	return 0, false
}

// number returns the first number in a file whose line has a format.
func number(path, format string) (n int64, found bool) {
	content, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(content)) {
		if _, err := fmt.Sscanf(line, format, &n); err == nil {
			return n, true
		}
	}
	return 0, false
}

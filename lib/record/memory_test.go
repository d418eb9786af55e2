package record

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestPeakMemory(t *testing.T) {
	const size = 64 << 20
	touched := make([]byte, size)
	for i := 0; i < size; i += 4096 {
		touched[i] = 1
	}
	got := PeakMemory()
	runtime.KeepAlive(touched)
	if got < size || got > 1<<40 {
		t.Errorf("%d bytes, want at least the %d in use, and no other unit", got, size)
	}
}

func TestNumber(t *testing.T) {
	tests := []struct {
		content string
		want    int64
		found   bool
	}{
		{"MemTotal:       24603968 kB\nMemFree:         1000 kB\nMemAvailable:   23109876 kB\n", 23109876, true},
		{"MemTotal:       24603968 kB\n", 0, false},
		{"", 0, false},
	}
	for _, test := range tests {
		path := filepath.Join(t.TempDir(), "meminfo")
		if err := os.WriteFile(path, []byte(test.content), 0o644); err != nil {
			t.Fatal(err)
		}
		if got, found := number(path, "MemAvailable: %d kB"); got != test.want || found != test.found {
			t.Errorf("%q gives %d, %v; want %d, %v", test.content, got, found, test.want, test.found)
		}
	}
	if _, found := number(filepath.Join(t.TempDir(), "missing"), "%d"); found {
		t.Error("a number in a file that does not exist")
	}
}

func TestLeftInContainer(t *testing.T) {
	tests := map[string]struct {
		files   map[string]string
		want    int64
		limited bool
	}{
		"version 2":    {map[string]string{"memory.max": "2000\n", "memory.current": "1500\n", "memory.stat": "anon 900\ninactive_file 400\n"}, 900, true},
		"version 1":    {map[string]string{"memory/memory.limit_in_bytes": "2000\n", "memory/memory.usage_in_bytes": "1500\n", "memory/memory.stat": "inactive_file 1\ntotal_inactive_file 300\n"}, 800, true},
		"no limit":     {map[string]string{"memory.max": "max\n", "memory.current": "1500\n"}, 0, false},
		"none left":    {map[string]string{"memory.max": "2000\n", "memory.current": "2000\n", "memory.stat": ""}, 1, true},
		"no container": {nil, 0, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			for path, content := range test.files {
				path = filepath.Join(root, path)
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			if left, limited := leftInContainer(root); left != test.want || limited != test.limited {
				t.Errorf("%d left, limited %v; want %d, %v", left, limited, test.want, test.limited)
			}
		})
	}
}

package notebook

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPrepare(t *testing.T) {
	folder := t.TempDir()
	for _, test := range []struct{ command, says string }{
		{"", ""},
		{"echo made > file", ""},
		{"echo no network >&2; exit 3", "echo no network >&2; exit 3 failed (exit status 3):\nno network"},
	} {
		err := Prepare(t.Context(), folder, test.command)
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%q: error %v, want %q", test.command, err, test.says)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "file")); err != nil {
		t.Errorf("it did not run in its folder: %v", err)
	}
}

func TestPrepareCancelled(t *testing.T) {
	folder := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for len(readFile(filepath.Join(folder, "pid"))) == 0 && ctx.Err() == nil {
			time.Sleep(5 * time.Millisecond)
		}
		cancel()
	}()
	if err := Prepare(ctx, folder, "sleep 300 & echo $! >pid; wait"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	pid := strings.TrimSpace(string(readFile(filepath.Join(folder, "pid"))))
	for deadline := time.Now().Add(10 * time.Second); alive(pid); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("process %s is still there", pid)
		}
	}
}

//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package record

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A file that a user names is written at the place to which the name leads.
func TestWriteFileWhereLinksLead(t *testing.T) {
	for _, there := range []bool{true, false} {
		folder, elsewhere := t.TempDir(), t.TempDir()
		path := filepath.Join(elsewhere, "file")
		if there {
			if err := WriteFile(path, put(oldContent)); err != nil {
				t.Fatal(err)
			}
		}
		first, second := filepath.Join(folder, "first"), filepath.Join(folder, "second")
		for link, to := range map[string]string{first: "second", second: path} {
			if err := os.Symlink(to, link); err != nil {
				t.Fatal(err)
			}
		}
		if err := WriteFile(first, put(newContent)); err != nil {
			t.Fatal(err)
		}
		wantAlone(t, path, newContent)
		for _, link := range []string{first, second} {
			if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
				t.Errorf("the link %s is replaced: %v, %v", link, info, err)
			}
		}
	}
}

func TestWriteFileIntoAPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	read := make(chan string)
	go func() {
		f, err := os.Open(pipe)
		if err != nil {
			t.Error(err)
		}
		defer f.Close()
		content, err := io.ReadAll(f)
		if err != nil {
			t.Error(err)
		}
		read <- string(content)
	}()
	if err := WriteFile(pipe, put(newContent)); err != nil {
		t.Fatal(err)
	}
	if got := <-read; got != newContent {
		t.Errorf("read %q, want %q", got, newContent)
	}
	if info, err := os.Lstat(pipe); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("the pipe is replaced: %v, %v", info, err)
	}
}

func TestWriteFileRefuses(t *testing.T) {
	folder := t.TempDir()
	inner, socket := filepath.Join(folder, "inner"), filepath.Join(folder, "socket")
	if err := os.Mkdir(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	loop := filepath.Join(folder, "loop")
	if err := os.Symlink("loop", loop); err != nil {
		t.Fatal(err)
	}
	device := filepath.Join(folder, "device") // it is only named, because writing to it would do nothing
	if err := os.Symlink(os.DevNull, device); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{inner: "it is a folder", socket: "it is a socket", device: "it is a device", loop: "too many"} {
		err := WriteFile(path, put(newContent))
		wantError(t, err, path, want)
		if entries, err := os.ReadDir(folder); err != nil || len(entries) != 4 {
			t.Errorf("after %s the folder has %v, %v", path, entries, err)
		}
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		t.Errorf("%s is now %v, %v", os.DevNull, info, err)
	}
}

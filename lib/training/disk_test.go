//go:build unix

package training_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend/backendtest"
	"fashionlatent/lib/fashion/fashiontest"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

// limitFiles makes every write fail that goes beyond that number of bytes of a file, as on a full disk. The returned
// function removes the limit.
func limitFiles(t *testing.T, bytes uint64) (lift func()) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ) // so that the write returns an error
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
	now := was
	now.Cur = bytes
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &now); err != nil {
		t.Skip(err)
	}
	return func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
			t.Fatal(err)
		}
	}
}

// However little space a disk has, a run names the file that it could not write in one sentence, and keeps what it had.
// When there is space again, it ends with the same result to the bit.
func TestFullDisk(t *testing.T) {
	// This runs in a separate process, because the limit applies to all files of a process, also to the log of go test.
	const limited = "FASHIONLATENT_TEST_LIMITED"
	if os.Getenv(limited) == "" {
		process := exec.Command(os.Args[0], "-test.run", "^TestFullDisk$")
		process.Env = append(os.Environ(), limited+"=1")
		if out, err := process.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	data, b := fashiontest.Tiny(t), backendtest.Go(t)
	c := tiny(autoencoder.VAE, 12)
	whole := fit(t, b, data, c, training.Options{Runs: record.Open(t.TempDir())})
	checkpoint, err := os.Stat(filepath.Join(whole.Run.Folder(), "checkpoints", "epoch-00006.npz"))
	if err != nil {
		t.Fatal(err)
	}
	size := uint64(checkpoint.Size())
	for _, at := range []struct {
		bytes uint64
		file  string
	}{
		{0, "config.json"}, {100, "config.json"}, {300, "manifest.json"}, {5000, ".npz"},
		{size / 3, ".npz"}, {size / 2, ".npz"}, {size - 2000, ".npz"},
	} {
		o := training.Options{Runs: record.Open(t.TempDir()), SaveEvery: 1}
		stopAt(t, b, data, c, o, 3) // two epochs exist already, except in the first cases
		if at.bytes < 300 {
			o.Runs = record.Open(t.TempDir())
		}
		lift := limitFiles(t, at.bytes)
		_, err := training.Fit(context.Background(), b, data, c, o)
		lift()
		if !errors.Is(err, syscall.EFBIG) || !strings.Contains(err.Error(), at.file) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%d bytes a file: it said %v, want a sentence about %s", at.bytes, err, at.file)
		}
		if at.bytes >= 300 && !strings.Contains(err.Error(), "after epoch 2 of 6 is kept, and once the problem is solved, the same command continues from there") {
			t.Errorf("%d bytes a file: it said %v, want what is kept", at.bytes, err)
		}
		var said []string
		o.Say = func(s string) { said = append(said, s) }
		sameRun(t, whole, fit(t, b, data, c, o))
		if at.bytes >= 300 && (len(said) != 1 || !strings.Contains(said[0], "continues after epoch 2 of 6")) {
			t.Errorf("%d bytes a file: with space again it said %q", at.bytes, said)
		}
	}
}

// A folder that is not writable is named in the error. A finished run in it is read nevertheless.
func TestReadOnlyFolder(t *testing.T) {
	data, b := fashiontest.Tiny(t), backendtest.Go(t)
	c := tiny(autoencoder.AE, 13)
	c.Epochs = 2
	folder := t.TempDir()
	o := training.Options{Runs: record.Open(folder)}
	made := fit(t, b, data, c, o)
	other := c
	other.Seed++
	t.Run("permission", func(t *testing.T) {
		if os.Geteuid() == 0 {
			t.Skip("root may write anywhere")
		}
		if err := os.Chmod(folder, 0o555); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(folder, 0o755)
		if _, err := training.Fit(context.Background(), b, data, other, o); !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), folder) {
			t.Errorf("it said %v, want an error of permission that names %s", err, folder)
		}
		if found := fit(t, b, data, c, o); !found.Found || found.Model.Weights.SHA256() != made.Model.Weights.SHA256() {
			t.Error("the finished run was not read")
		}
	})
	t.Run("a file in the folder's place", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		o := training.Options{Runs: record.Open(filepath.Join(file, "runs"))}
		if _, err := training.Fit(context.Background(), b, data, c, o); !errors.Is(err, syscall.ENOTDIR) || !strings.Contains(err.Error(), file) {
			t.Errorf("it said %v, want an error that names %s", err, file)
		}
	})
}

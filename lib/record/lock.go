package record

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"
)

// pollInterval is how often one that waits for a lock looks again.
const pollInterval = 200 * time.Millisecond

// Lock waits until nobody else holds the run, in this process or in another, and holds it until release is called or the
// process ends, however it ends. The run's folder must exist. While it waits, waiting, if not nil, is told who holds the
// run ("process 123"), once for each holder. It returns ctx's error, wrapped, soon after ctx is cancelled.
// The manifest and the history are the holder's alone to write.
func (r *Run) Lock(ctx context.Context, waiting func(holder string)) (release func(), err error) {
	return r.lock(ctx, runLock, waiting, manifestName, historyName)
}

// Locked says whether somebody holds the run, in this process or in another. Where that cannot be found out, nobody does.
func (r *Run) Locked() bool {
	f, err := os.OpenFile(r.path(runLock), os.O_RDWR, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	locked, err := tryLock(f)
	if locked {
		unlock(f) // Close alone would not, while a child that is being started has a copy of the file
	}
	return !locked && err == nil
}

// runLock is the file that whoever trains the run locks.
const runLock = "run.lock"

// lock locks a file of the run and sweeps up what was left of those that only the holder writes.
func (r *Run) lock(ctx context.Context, name string, waiting func(holder string), guarded ...string) (release func(), err error) {
	release, err = lockFile(ctx, r.path(name), waiting)
	if err == nil {
		Sweep(r.folder, guarded...)
	}
	return release, err
}

// lockFile locks a file that exists only for that. It is never removed: one that waits for a removed file and one that
// makes it anew would both get the lock.
func lockFile(ctx context.Context, path string, waiting func(holder string)) (release func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("locking: %w", err)
	}
	defer func() {
		if err != nil {
			f.Close() // unlocks too
		}
	}()
	if err := waitLock(ctx, f, waiting); err != nil {
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	if err := stillAt(path, f); err != nil {
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	if err := f.Truncate(0); err != nil {
		return nil, fmt.Errorf("locking: %w", err)
	}
	if _, err := f.WriteAt(fmt.Appendln(nil, os.Getpid()), 0); err != nil {
		return nil, fmt.Errorf("locking: %w", err)
	}
	return sync.OnceFunc(func() {
		f.Truncate(0)
		unlock(f) // Close alone would not, while a child that is being started has a copy of the file
		f.Close()
	}), nil
}

func waitLock(ctx context.Context, f *os.File, waiting func(holder string)) error {
	told := ""
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		locked, err := tryLock(f)
		if locked || err != nil {
			return err
		}
		by := holder(f)
		if waiting != nil && by != told {
			waiting(by)
			told = by
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("held by %s: %w", by, ctx.Err())
		case <-time.After(pollInterval):
		}
	}
}

// holder names who holds the lock: its process number stands in the file, soon after it got the lock.
func holder(f *os.File) string {
	content := make([]byte, 32)
	n, _ := f.ReadAt(content, 0)
	line, _, whole := bytes.Cut(content[:n], []byte("\n"))
	if pid, err := strconv.Atoi(string(line)); whole && err == nil {
		return fmt.Sprintf("process %d", pid)
	}
	return "another process"
}

// stillAt reports a lock file that was removed while it was waited for: its lock excludes nobody any more.
func stillAt(path string, f *os.File) error {
	locked, err := f.Stat()
	if err != nil {
		return err
	}
	there, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !os.SameFile(locked, there) {
		return errors.New("the file was replaced meanwhile: try again")
	}
	return nil
}

package record

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// pollInterval is the time between two attempts to get a lock.
const pollInterval = 200 * time.Millisecond

// Lock waits until nobody else holds the run, in this process or in another. It then holds the run until release is
// called or the process ends, however it ends. The run's folder must exist. If waiting is not nil, it is called with
// the holder ("process 123"), once for each holder. After ctx is cancelled, Lock soon returns its error, wrapped. A
// process that trains a run must hold it while it writes the manifest and the history.
func (r *Run) Lock(ctx context.Context, waiting func(holder string)) (release func(), err error) {
	return r.lock(ctx, runLock, waiting, manifestName, historyName)
}

// Locked says whether the run is held, in this process or in another. It is false if that cannot be determined.
func (r *Run) Locked() bool {
	if _, err := os.Stat(r.path(runLock)); err != nil {
		return false
	}
	lock := flock.New(r.path(runLock), flock.SetFlag(os.O_RDWR))
	free, err := lock.TryRLock() // several may ask at the same time
	if free {
		lock.Unlock()
	}
	return !free && err == nil
}

// LockFolder waits until nobody else holds a folder, in this process or in another, and holds it until release is called or the
// process ends. The folder itself is locked, so that no file is left in it. It is for what takes seconds: after a minute, or where folders
// cannot be locked, LockFolder returns without a lock.
func LockFolder(folder string) (release func()) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	lock := flock.New(folder, flock.SetFlag(os.O_RDONLY))
	lock.TryLockContext(ctx, pollInterval)
	return func() { lock.Unlock() }
}

// configLock is the file that is locked by whoever creates the run.
const configLock = "config.lock"

// runLock is the file that is locked by whoever trains the run.
const runLock = "run.lock"

// lock locks a file of the run. It then removes the temporary files left over from files that only the holder writes.
func (r *Run) lock(ctx context.Context, name string, waiting func(holder string), guarded ...string) (release func(), err error) {
	release, err = lockFile(ctx, r.path(name), waiting)
	if err == nil {
		Sweep(r.folder, guarded...)
	}
	return release, err
}

// lockFile locks a file that exists only for this purpose and names the holder. The file is never removed. Otherwise a
// process that waits for a removed file and one that creates it again could both get the lock.
func lockFile(ctx context.Context, path string, waiting func(holder string)) (release func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("locking: %w", err)
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	lock := flock.New(path, flock.SetFlag(os.O_RDWR)) // it opens the file at each attempt, while f stays the file that was there at first
	if err := waitLock(ctx, lock, f, waiting); err != nil {
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	if err := sign(lock, f); err != nil {
		lock.Unlock()
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	return sync.OnceFunc(func() {
		f.Truncate(0)
		lock.Unlock()
		f.Close()
	}), nil
}

func waitLock(ctx context.Context, lock *flock.Flock, f *os.File, waiting func(holder string)) error {
	told := ""
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		locked, err := lock.TryLock()
		if errors.Is(err, fs.ErrNotExist) {
			return errReplaced
		}
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

// errReplaced is the error if the lock file was removed during the wait. Another process may hold the removed file.
var errReplaced = errors.New("the file was replaced meanwhile: try again")

// sign writes the number of this process to the lock file, if it is still the file that was waited for.
func sign(lock *flock.Flock, f *os.File) error {
	locked, err := lock.Stat()
	if err != nil {
		return err
	}
	waited, err := f.Stat()
	if err != nil {
		return err
	}
	if !os.SameFile(locked, waited) {
		return errReplaced
	}
	f.Truncate(0)
	f.WriteAt(fmt.Appendln(nil, os.Getpid()), 0) // if the disk is full, the holder stays nameless, but holds the lock
	return nil
}

// holder names the process that holds the lock. It writes its number to the file soon after it got the lock.
func holder(f *os.File) string {
	content := make([]byte, 32)
	n, _ := f.ReadAt(content, 0)
	line, _, whole := bytes.Cut(content[:n], []byte("\n"))
	if pid, err := strconv.Atoi(string(line)); whole && err == nil {
		return fmt.Sprintf("process %d", pid)
	}
	return "another process"
}

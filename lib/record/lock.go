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

// pollInterval is how often one that waits for a lock looks again.
const pollInterval = 200 * time.Millisecond

// Lock waits until nobody else holds the run, in this process or in another, and holds it until release is called or the
// process ends, however it ends. The run's folder must exist. While it waits, waiting, if not nil, is told who holds the
// run ("process 123"), once for each holder. It returns ctx's error, wrapped, soon after ctx is cancelled.
// Only the holder writes the manifest and the history.
func (r *Run) Lock(ctx context.Context, waiting func(holder string)) (release func(), err error) {
	return r.lock(ctx, runLock, waiting, manifestName, historyName)
}

// Locked says whether somebody holds the run, in this process or in another. Where that cannot be found out, nobody does.
func (r *Run) Locked() bool {
	if _, err := os.Stat(r.path(runLock)); err != nil {
		return false
	}
	lock := flock.New(r.path(runLock), flock.SetFlag(os.O_RDWR))
	free, err := lock.TryLock()
	if free {
		lock.Unlock()
	}
	return !free && err == nil
}

// runLock is the file that whoever trains the run locks.
const runLock = "run.lock"

// lock locks a file of the run and removes the temporary files that were left of those that only the holder writes.
func (r *Run) lock(ctx context.Context, name string, waiting func(holder string), guarded ...string) (release func(), err error) {
	release, err = lockFile(ctx, r.path(name), waiting)
	if err == nil {
		Sweep(r.folder, guarded...)
	}
	return release, err
}

// lockFile locks a file that exists only for that and says who holds it. The file is never removed: a process that waits for a
// removed file and one that makes it again would both get the lock.
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
	lock := flock.New(path, flock.SetFlag(os.O_RDWR)) // it opens the file each time that it tries, and f keeps what was there at first
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

// errReplaced says that the lock file was removed while it was waited for: another process may hold the removed one.
var errReplaced = errors.New("the file was replaced meanwhile: try again")

// sign writes the number of this process in the lock file, if that is still the one that was waited for.
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
	f.WriteAt(fmt.Appendln(nil, os.Getpid()), 0) // where the disk is full, the holder has no name, and is one all the same
	return nil
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

package record

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

func TestRemove(t *testing.T) {
	store, run := created(t)
	other := newRun(t, store, "other", map[string]int{"a": 1})
	if err := other.Create(); err != nil {
		t.Fatal(err)
	}
	release, err := run.Lock(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, store.Remove("vae"), run.Name(), "is being trained by process", "when that has ended")
	if _, err := store.Load(run.Name()); err != nil {
		t.Errorf("it was removed nevertheless: %v", err)
	}
	release()
	asking := flock.New(filepath.Join(run.Folder(), runLock), flock.SetFlag(os.O_RDWR)) // as Locked does, for a moment
	if is, err := asking.TryRLock(); !is || err != nil {
		t.Fatal(is, err)
	}
	time.AfterFunc(pollInterval/2, func() { asking.Unlock() })
	overwrite(t, run, configName, "{") // a damaged run can be removed
	// A killed process has left a part of an earlier run.
	if err := os.MkdirAll(filepath.Join(filepath.Dir(run.Folder()), ".removed-"+run.Name(), "snapshots"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := store.Remove("vae"); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Load(run.Name()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(run.Folder())); err != nil || len(left) != 1 || left[0].Name() != other.Name() {
		t.Errorf("left are %v, %v", left, err)
	}
	if err := store.Remove("nothing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a run that is not there: %v", err)
	}
}

// A folder that is no run of the store stays, even if it has a file like a run's.
func TestRemoveNothingElse(t *testing.T) {
	store, run := created(t)
	elsewhere := filepath.Join(t.TempDir(), run.Name())
	for _, folder := range []string{filepath.Join(t.TempDir(), "model"), filepath.Join(filepath.Dir(run.Folder()), "model"), elsewhere} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, configName), []byte("{}"), 0o644); err != nil {
			t.Fatal(err)
		}
		wantError(t, store.Remove(folder), folder, "only its runs are removed")
		if _, err := os.Stat(filepath.Join(folder, configName)); err != nil {
			t.Errorf("%s: %v", folder, err)
		}
	}
}

package record

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Own is the store without its other folders.
func (s *Store) Own() *Store { return Open(s.folder) }

// Remove removes a run of the store's own folder, which is named as for Load. A run whose configuration is damaged can be
// removed too. Any other folder, and a run that is held, in this process or in another, are errors. A process that is killed
// in the meantime leaves either the whole run or a folder whose name begins with a dot, which is no run.
func (s *Store) Remove(name string) error {
	folder, err := s.Own().Find(name)
	if err != nil {
		return err
	}
	if !s.holds(folder) {
		return fmt.Errorf("%s is not a run in %s, and only its runs are removed", folder, s.folder)
	}
	run := &Run{folder: folder}
	ctx, stop := context.WithTimeout(context.Background(), 3*pollInterval) // Locked holds the lock for a moment
	defer stop()
	by := ""
	release, err := run.Lock(ctx, func(holder string) { by = holder })
	if err != nil && by != "" {
		return fmt.Errorf("run %s is being trained by %s: it can be removed when that has ended", run.Name(), by)
	}
	if err != nil {
		return fmt.Errorf("removing run %s: %w", run.Name(), err)
	}
	defer func() { release() }()
	gone := filepath.Join(filepath.Dir(folder), ".removed-"+run.Name())
	if err := os.RemoveAll(gone); err != nil { // of a process that was killed
		return fmt.Errorf("removing run %s: %w", run.Name(), err)
	}
	if err := os.Rename(folder, gone); err != nil {
		return fmt.Errorf("removing run %s: %w", run.Name(), err)
	}
	release() // some file systems remove no file that is open; nobody finds the run any more
	release = func() {}
	if err := os.RemoveAll(gone); err != nil {
		return fmt.Errorf("removing run %s: %w (the rest of it is in %s)", run.Name(), err, gone)
	}
	return nil
}

// holds says whether a folder has the name of a run and lies in the store's own folder.
func (s *Store) holds(folder string) bool {
	own, err := os.Stat(s.folder)
	if err != nil {
		return false
	}
	parent, err := os.Stat(filepath.Dir(folder))
	return err == nil && os.SameFile(own, parent) && nameForm.MatchString(filepath.Base(folder))
}

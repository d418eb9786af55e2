// Package record keeps the specification and the results of a run in one folder, which is found by the specification.
//
// A run's folder is named <slug>-<id>. The id is the first 12 hexadecimal digits of the SHA-256 of everything that
// determines the run's outcome (its specification) together with [Format]. The folder holds:
//
//	config.json    format, id and specification; written once
//	history.csv    a row per epoch
//	scores.json    scores, each with everything that it depends on
//	manifest.json  the circumstances: versions, machine, times, state
//
// There are also the files that the maker of the run adds, and run.lock, config.lock and scores.lock, which hold no data.
// Every data file is replaced completely or not at all. Checksums are verified when a file is read. That of the
// specification is the id. The files scores.json and manifest.json hold their own, and the manifest of a finished run holds
// that of its history. A checksum covers the content of a file, not its formatting.
package record

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Format is the version of the layout of a run's folder. It is part of the identity of every run, so a folder of
// another format is never mistaken for one of this format.
const Format = 2

const configName = "config.json"

var (
	slugForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,99}$`)
	nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,99}-[0-9a-f]{12}$`)
)

// Store is a folder of runs.
type Store struct {
	folder string
	others []string
	last   []string
}

// Open returns the store in folder, which need not exist yet. It reads and writes no file. Load also finds runs in the
// other folders. Nothing is written to them.
func Open(folder string, others ...string) *Store { return &Store{folder: folder, others: others} }

// Else is the store whose Load also finds runs in more folders, if none elsewhere has the name. Nothing is written to them.
func (s *Store) Else(folders ...string) *Store { return &Store{s.folder, s.others, folders} }

// Run is one run of a store: the name of a folder, which exists after Create.
type Run struct {
	folder string
	// spec returns the specification as JSON. For a run that was listed, the first call reads and checks config.json.
	spec func() (json.RawMessage, error)
}

// config is the content of config.json.
type config struct {
	Format int             `json:"format"`
	ID     string          `json:"id"`
	Spec   json.RawMessage `json:"spec"`
}

// Run returns the run made from spec, a value that encoding/json can write, whether the run exists yet or not. Two
// specs mean the same run if their JSON has the same fields with the same values, in any order. The slug is a name for
// people. It consists of a-z, 0-9 and -. Run reads and writes no file.
func (s *Store) Run(slug string, spec any) (*Run, error) {
	if !slugForm.MatchString(slug) {
		return nil, fmt.Errorf("%q cannot begin a run's name: want 1 to 100 characters of a-z, 0-9 and -, the first not -", slug)
	}
	raw, err := json.Marshal(spec)
	if err != nil {
		return nil, fmt.Errorf("the specification of run %s cannot be written as JSON: %w", slug, err)
	}
	if string(raw) == "null" {
		return nil, fmt.Errorf("the specification of run %s is %T(nil): want what determines its outcome", slug, spec)
	}
	id, err := identity(Format, raw)
	if err != nil {
		return nil, fmt.Errorf("the specification of run %s: %w", slug, err)
	}
	return &Run{
		folder: filepath.Join(s.folder, slug+"-"+id),
		spec:   func() (json.RawMessage, error) { return raw, nil },
	}, nil
}

// List returns the runs of the store, sorted by name. It returns none if the store does not exist. It reads only the
// names; the content of a run is checked when it is read. A folder that has a run's name but no config.json, unless Create was interrupted in it, or a
// config.json but no run's name, is reported in the error, and the runs are returned nevertheless. Everything else in
// the store is ignored.
func (s *Store) List() ([]*Run, error) {
	entries, err := os.ReadDir(s.folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing runs: %w", err)
	}
	var runs []*Run
	var problems []error
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		folder := filepath.Join(s.folder, entry.Name())
		named := nameForm.MatchString(entry.Name())
		_, err := os.Stat(filepath.Join(folder, configName))
		switch {
		case named && err == nil:
			runs = append(runs, &Run{folder, sync.OnceValues(func() (json.RawMessage, error) { return readSpec(folder) })})
		case named && begun(folder): // nothing is in it yet
		case named:
			problems = append(problems, fmt.Errorf("run %s: %w (remove the folder to make the run again)", folder, err))
		case err == nil:
			problems = append(problems, misnamed(folder, "<the id in its config.json>"))
		}
	}
	return runs, errors.Join(problems...)
}

// begun says whether Create was interrupted in a folder before it wrote the configuration. It goes on when it is called again.
func begun(folder string) bool {
	entries, err := os.ReadDir(folder)
	return err == nil && len(entries) > 0 && !slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return e.Name() != configLock && !strings.HasPrefix(e.Name(), tempPrefix(configName))
	})
}

// Name is the base name of the run's folder, <slug>-<id>.
func (r *Run) Name() string { return filepath.Base(r.folder) }

// Folder is the path of the run's folder.
func (r *Run) Folder() string { return r.folder }

// ID is determined by the run's specification: the first 12 hexadecimal digits of a SHA-256. It is the end of the run's
// name.
func (r *Run) ID() string { return idOf(r.Name()) }

// Spec decodes the run's specification into the value that into points to. A field for which the value has no place is
// an error, because without it the value would describe another run. To read only a part of the specification, decode
// into a map or a json.RawMessage.
func (r *Run) Spec(into any) error {
	spec, err := r.spec()
	if err != nil {
		return fmt.Errorf("run %s: %w", r.Name(), err)
	}
	if err := Decode(spec, into); err != nil {
		return fmt.Errorf("the configuration of run %s is of another kind, or of another version of the program: %w", r.Name(), err)
	}
	return nil
}

// Create creates the run's folder and config.json. If they exist, it checks that config.json has the same
// specification. If config.json does not exist, Create waits, at most a minute, while somebody else is creating the
// run, and removes temporary files that killed processes left.
func (r *Run) Create() error {
	spec, err := r.spec()
	if err != nil {
		return fmt.Errorf("creating run %s: %w", r.Name(), err)
	}
	if err := os.MkdirAll(r.folder, 0o755); err != nil {
		return fmt.Errorf("creating run %s: %w (runs need a folder that can be written)", r.Name(), err)
	}
	there, err := readSpec(r.folder)
	if errors.Is(err, fs.ErrNotExist) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		// This is not the lock of the run, because whoever created the run first may be training it already.
		release, failed := r.lock(ctx, configLock, nil, configName)
		if failed != nil {
			return fmt.Errorf("creating run %s: %w", r.Name(), failed)
		}
		defer release()
		if there, err = readSpec(r.folder); errors.Is(err, fs.ErrNotExist) {
			return WriteJSON(r.path(configName), config{Format, r.ID(), spec})
		}
	}
	if err != nil {
		return fmt.Errorf("creating run %s: %w", r.Name(), err)
	}
	if !sameSpec(spec, there) { // the first 48 bits of the hash are equal
		return fmt.Errorf("creating run %s: its folder holds another run of the same id: give this one another slug", r.Name())
	}
	return nil
}

// Records are the names of the files that hold the run's record: all data files but those that the maker of the run added.
func (r *Run) Records() []string {
	return slices.DeleteFunc([]string{configName, manifestName, historyName, scoresName}, func(name string) bool {
		_, err := os.Stat(r.path(name))
		return err != nil
	})
}

func (r *Run) path(name string) string { return filepath.Join(r.folder, name) }

// check returns an error if the run's specification does not match its name. It is called before anything else in the
// folder is read.
func (r *Run) check() error {
	_, err := r.spec()
	return err
}

// readSpec reads config.json and checks that its id and the folder's name match its content.
func readSpec(folder string) (json.RawMessage, error) {
	path := filepath.Join(folder, configName)
	var c config
	if err := readVersioned(path, &c, &c.Format); err != nil {
		return nil, err
	}
	if c.Spec == nil {
		return nil, damaged(path, errors.New(`it has no "spec"`))
	}
	id, err := identity(c.Format, c.Spec)
	if err != nil {
		return nil, damaged(path, err)
	}
	if c.ID != id {
		return nil, fmt.Errorf("%s was changed by hand: its id is %q and its content makes %q "+
			"(another configuration is another run: restore the file, or remove the folder)", path, c.ID, id)
	}
	if name := filepath.Base(folder); !nameForm.MatchString(name) || idOf(name) != id {
		return nil, misnamed(folder, id)
	}
	return c.Spec, nil
}

func misnamed(folder, id string) error {
	return fmt.Errorf("the name of folder %s does not fit the run in it: rename the folder to <slug>-%s", folder, id)
}

// idOf is the id at the end of a run's name.
func idOf(name string) string { return name[strings.LastIndexByte(name, '-')+1:] }

// identity is the id of a specification.
func identity(format int, spec json.RawMessage) (string, error) {
	sum, err := sumOf(map[string]any{"format": format, "spec": spec})
	if err != nil {
		return "", err
	}
	return sum[:12], nil
}

func sameSpec(a, b json.RawMessage) bool {
	x, errX := canonical(a)
	y, errY := canonical(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

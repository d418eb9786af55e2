package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"fashionlatent/lib/words"
)

// Load returns an existing run. It is named by the name of its folder, by the beginning of that name if no other run of
// the store begins so, or by the path of the folder. A run that is in several folders of the store is taken from the first. The
// error says where the run was looked for and which names come near; if there is no run, it is an fs.ErrNotExist. The run's
// config.json must have this format and match the folder's name.
func (s *Store) Load(name string) (*Run, error) {
	folder, err := s.Find(name)
	if err != nil {
		return nil, err
	}
	run := &Run{folder: folder}
	spec, err := readSpec(folder)
	if err != nil {
		return nil, fmt.Errorf("loading run %s: %w", folder, err)
	}
	run.spec = func() (json.RawMessage, error) { return spec, nil }
	return run, nil
}

// Find returns the folder of the run that a name or a path means, as for Load. What is in it is not read.
func (s *Store) Find(name string) (string, error) {
	if name == "" {
		return "", missing("a run has no name; want the name of a run in %s, or the beginning of one", s.folder)
	}
	folders := map[string]string{} // by the name of the run
	var places, all, begin []string
	for _, in := range [][]string{append([]string{s.folder}, s.others...), s.last} {
		for _, r := range runsIn(in) {
			if folders[r.Name()] != "" {
				continue
			}
			folders[r.Name()] = r.folder
			all = append(all, r.Name())
			if strings.HasPrefix(r.Name(), name) {
				begin = append(begin, r.Name())
			}
		}
		if places = append(places, in...); begin != nil {
			break
		}
	}
	where := strings.Join(places, " and ")
	if folder := folders[name]; folder != "" {
		return folder, nil
	}
	if len(begin) == 1 {
		return folders[begin[0]], nil
	}
	path, err := filepath.Abs(name) // of a path such as ".", too
	if err != nil {
		return "", err
	}
	if nameForm.MatchString(filepath.Base(name)) {
		path = filepath.Clean(name)
	}
	_, err = os.Stat(filepath.Join(path, configName))
	switch {
	case err == nil:
		return path, nil
	case len(begin) > 1:
		some, more := begin[:min(3, len(begin))], ""
		if n := len(begin) - len(some); n > 0 {
			more = fmt.Sprintf(" and %d more", n)
		}
		return "", missing("%d runs in %s begin with %q: %s%s; want more of the name", len(begin), where, name, strings.Join(some, ", "), more)
	case strings.ContainsRune(name, filepath.Separator):
		if _, err := os.Stat(name); err != nil {
			return "", missing("there is no folder %s%s", name, words.DidYouMeanBeginning(filepath.Base(name), all))
		}
		return "", missing("the folder %s holds no run: it has no %s", name, configName)
	case len(all) == 0:
		return "", missing("there is no run %q: there are no runs in %s", name, where)
	}
	return "", missing("no run in %s has the name %q or a name that begins so%s", where, name, words.DidYouMeanBeginning(name, all))
}

// runsIn are the runs in some folders. Damaged runs are reported when they are read.
func runsIn(folders []string) (all []*Run) {
	for _, folder := range folders {
		runs, _ := Open(folder).List()
		all = append(all, runs...)
	}
	return all
}

// missingError is the error if there is no run, or not exactly one, of a name.
type missingError struct{ error }

func (missingError) Is(target error) bool { return errors.Is(target, fs.ErrNotExist) }

func missing(format string, args ...any) error { return missingError{fmt.Errorf(format, args...)} }

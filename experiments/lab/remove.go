package lab

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

// RemoveRun removes a run, which is named as for record.Store.Load, and returns its folder. A run that is being trained,
// or that other runs of the store start from, is an error.
func RemoveRun(runs *record.Store, name string) (folder string, err error) {
	folder, err = runs.Own().Find(name)
	if err != nil {
		return "", err
	}
	all, _ := runs.List() // runs that cannot be read start from none
	var starting []string
	for _, run := range all {
		if of, err := training.SpecOf(run); err == nil && slices.Contains(of.From, filepath.Base(folder)) {
			starting = append(starting, run.Name())
		}
	}
	if starting != nil {
		return "", fmt.Errorf("run %s is kept, because other runs start from it: %s; remove them first", filepath.Base(folder), strings.Join(starting, ", "))
	}
	return folder, runs.Remove(name)
}

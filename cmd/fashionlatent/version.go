package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"fashionlatent/lib/backend"
	"fashionlatent/lib/record"
)

// version prints from what the program was built and with what it computes.
func version(_ context.Context, c *call) error {
	if _, err := c.parse(0); err != nil {
		return err
	}
	m := record.NewManifest()
	fmt.Fprintf(c.out, "fashionlatent %s\ncommit  %s\nGo      %s\n", cmp.Or(m.Module, "(no version)"), cmp.Or(m.Commit, "unknown: the program was not built in a git checkout"), m.Go)
	for _, path := range slices.Sorted(maps.Keys(m.Dependencies)) {
		fmt.Fprintf(c.out, "module  %s %s\n", path, m.Dependencies[path])
	}
	b, err := backend.Open()
	if err != nil {
		return err
	}
	defer b.Close()
	plugin := "none, the backend is " + b.Kind
	if b.Plugin != "" {
		plugin = fmt.Sprintf("%s, PJRT %s, for the backend %s", filepath.Base(b.Plugin), b.Version, b.Kind)
	}
	fmt.Fprintln(c.out, "plugin ", plugin)
	return nil
}

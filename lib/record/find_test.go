package record

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLoadByTheBeginningOfAName(t *testing.T) {
	store := Open(filepath.Join(t.TempDir(), "runs"))
	_, err := store.Load("vae")
	wantError(t, err, `there is no run "vae": there are no runs in `, store.folder)
	var names []string
	for _, slug := range []string{"vae-d2-s0", "vae-d2-s1", "vae-d16-s0", "vae-d2-s0-long"} {
		run := newRun(t, store, slug, map[string]string{"slug": slug})
		if err := run.Create(); err != nil {
			t.Fatal(err)
		}
		names = append(names, run.Name())
	}
	for _, c := range []struct {
		name string
		want string // name of the run, or a part of the error
	}{
		{names[0], names[0]},
		{names[1][:9], names[1]},
		{"vae-d1", names[2]},
		{"vae-d2-s0-l", names[3]},
		{filepath.Join(store.folder, names[0]), names[0]},
		{"vae-d2-s0", "2 runs in " + store.folder + ` begin with "vae-d2-s0": ` + names[0] + ", " + names[3]},
		{"vae", "4 runs in "},
		{"vae", " and 1 more; want more of the name"},
		{"vae-d2-s7", "did you mean " + names[0]},
		{"something-else", "no run in " + store.folder + ` has the name "something-else" or a name that begins so`},
		{"", "a run has no name"},
		{filepath.Join(store.folder, "vae-d2-s7"), "there is no folder " + filepath.Join(store.folder, "vae-d2-s7") + "; did you mean " + names[0]},
		{os.TempDir() + "/", "holds no run: it has no config.json"},
	} {
		run, err := store.Load(c.name)
		switch {
		case err == nil && run.Name() != c.want:
			t.Errorf("%q is %s, want %s", c.name, run.Name(), c.want)
		case err != nil && (!strings.Contains(err.Error(), c.want) || !errors.Is(err, fs.ErrNotExist)):
			t.Errorf("%q: %v, want %s", c.name, err, c.want)
		}
	}
}

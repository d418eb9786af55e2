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
		name  string
		want  string // name of the run
		wrong string // a part of the error, if there is no such run
	}{
		{names[0], names[0], ""},
		{names[1][:9], names[1], ""},
		{"vae-d1", names[2], ""},
		{"vae-d2-s0-l", names[3], ""},
		{filepath.Join(store.folder, names[0]), names[0], ""},
		{"vae-d2-s0", "", "2 runs in " + store.folder + ` begin with "vae-d2-s0": ` + names[0] + ", " + names[3]},
		{"vae", "", "4 runs in "},
		{"vae", "", " and 1 more; want more of the name"},
		{"vae-d2-s7", "", "did you mean " + names[0]},
		{"something-else", "", "no run in " + store.folder + ` has the name "something-else" or a name that begins so`},
		{"", "", "a run has no name"},
		{filepath.Join(store.folder, "vae-d2-s7"), "", "there is no folder " + filepath.Join(store.folder, "vae-d2-s7") + "; did you mean " + names[0]},
		{os.TempDir() + "/", "", "holds no run: it has no config.json"},
	} {
		run, err := store.Load(c.name)
		switch {
		case err == nil && run.Name() != c.want:
			t.Errorf("%q is %s, want %s", c.name, run.Name(), c.want+c.wrong)
		case err != nil && (c.wrong == "" || !strings.Contains(err.Error(), c.wrong) || !errors.Is(err, fs.ErrNotExist)):
			t.Errorf("%q: %v, want %s", c.name, err, c.want+c.wrong)
		}
	}
}

// Runs of other folders are found, and never removed.
func TestLoadFromOtherFolders(t *testing.T) {
	own, other := filepath.Join(t.TempDir(), "runs"), filepath.Join(t.TempDir(), "models")
	store := Open(own, other)
	_, err := store.Load("vae")
	wantError(t, err, `there are no runs in `, own+" and "+other)
	there := newRun(t, Open(other), "vae", map[string]string{"seed": "0"})
	if err := there.Create(); err != nil {
		t.Fatal(err)
	}
	run, err := store.Load("va")
	if err != nil || run.Folder() != there.Folder() {
		t.Errorf("%v, %v; want %s", run, err, there.Folder())
	}
	wantError(t, store.Remove("va"), "there are no runs in "+own)
	here := newRun(t, store, "vae", map[string]string{"seed": "0"})
	if err := here.Create(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{here.Name(), "va"} {
		run, err = store.Load(name)
		if err != nil || run.Folder() != here.Folder() {
			t.Errorf("%s: %v, %v; want the run of the store's own folder, %s", name, run, err, here.Folder())
		}
	}
	if list, err := store.List(); err != nil || len(list) != 1 || list[0].Folder() != here.Folder() {
		t.Errorf("listed %v, %v", list, err)
	}
}

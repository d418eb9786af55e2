package record

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"testing"
)

func TestStamped(t *testing.T) {
	for _, c := range []struct {
		settings []debug.BuildSetting
		want     string
	}{
		{nil, ""},
		{[]debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.modified", Value: "false"}}, "abc"},
		{[]debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.modified", Value: "true"}}, "abc+dirty"},
		{[]debug.BuildSetting{{Key: "vcs.modified", Value: "true"}, {Key: "vcs.revision", Value: "abc"}}, "abc+dirty"},
		{[]debug.BuildSetting{{Key: "vcs.modified", Value: "true"}}, ""},
	} {
		if got := stamped(&debug.BuildInfo{Settings: c.settings}); got != c.want {
			t.Errorf("%v: %q, want %q", c.settings, got, c.want)
		}
	}
}

func TestMade(t *testing.T) {
	for commit, want := range map[string]string{
		"":                       "Made by fashionlatent.",
		"0123456789abcdef":       "Made by fashionlatent, commit 0123456789ab.",
		"0123456789abcdef+dirty": "Made by fashionlatent, commit 0123456789ab+dirty.",
		"unknown":                "Made by fashionlatent, commit unknown.",
	} {
		if got := made(commit); got != want {
			t.Errorf("%q: %q, want %q", commit, got, want)
		}
	}
}

func TestCheckedOut(t *testing.T) {
	folder := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		args = append([]string{"-C", folder, "-c", "user.name=a", "-c", "user.email=a@example.org"}, args...)
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			t.Skipf("git: %v\n%s", err, out)
		}
	}
	write := func(content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, "file"), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := checkedOut(folder); got != "" {
		t.Errorf("outside of a checkout: %q", got)
	}
	git("init", "-q")
	write("one")
	git("add", "file")
	git("commit", "-q", "-m", "one")
	clean := checkedOut(folder)
	if !regexp.MustCompile("^[0-9a-f]{40}$").MatchString(clean) {
		t.Errorf("clean: %q", clean)
	}
	write("two")
	if got := checkedOut(folder); got != clean+changed {
		t.Errorf("changed: %q, want %q", got, clean+changed)
	}
}

// The commit is not part of a run's identity, and a manifest without a commit, as from before it was kept, is read.
func TestCommitOfAManifest(t *testing.T) {
	store, run := created(t)
	for _, commit := range []string{"", "abc", "def+dirty"} {
		m := NewManifest()
		m.Commit = commit
		if err := run.WriteManifest(m); err != nil {
			t.Fatal(err)
		}
		got, err := run.Manifest()
		if err != nil || got.Commit != commit {
			t.Errorf("commit %q is read as %q, %v", commit, got.Commit, err)
		}
		if same := newRun(t, store, "vae-2", someRecipe); same.Name() != run.Name() {
			t.Errorf("with the commit %q the run is %s, want %s", commit, same.Name(), run.Name())
		}
	}
}

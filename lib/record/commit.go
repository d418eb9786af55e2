package record

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
)

// stamp is the commit with which a build was told to mark the program: -ldflags "-X fashionlatent/lib/record.stamp=COMMIT".
var stamp string

// changed is the end of a commit's name if files were changed after it.
const changed = "+dirty"

// Commit is the commit of the sources from which the program was built, with +dirty at the end if files were changed
// after it. It is "" if it is unknown. The build says it. A program that lies in a folder for temporary files, as those of
// go run, go test and notebook cells do, was built just now from the sources, and so git is asked.
var Commit = sync.OnceValue(func() string {
	if stamp != "" {
		return stamp
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Path == self {
		if commit := stamped(info); commit != "" {
			return commit
		}
	}
	program, err := os.Executable()
	if _, here, _, ok := runtime.Caller(0); ok && err == nil && within(program, os.TempDir()) {
		return checkedOut(filepath.Dir(here))
	}
	return ""
})

// Made says which program made something, in a sentence: "Made by fashionlatent, commit 0123456789ab." Without a known commit it does not
// name one.
func Made() string { return made(Commit()) }

func made(commit string) string {
	if commit == "" {
		return "Made by fashionlatent."
	}
	name, dirty, _ := strings.Cut(commit, "+")
	name = name[:min(len(name), 12)]
	if dirty != "" {
		name += changed
	}
	return fmt.Sprintf("Made by fashionlatent, commit %s.", name)
}

// stamped is the commit that Go wrote into a program that was built in a git checkout.
func stamped(info *debug.BuildInfo) (commit string) {
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			commit = s.Value + commit
		}
		if s.Key == "vcs.modified" && s.Value == "true" {
			commit += changed
		}
	}
	if commit == changed {
		return ""
	}
	return commit
}

// checkedOut is the commit of the git checkout that a folder belongs to; "" if git does not know it.
func checkedOut(folder string) string {
	git := func(args ...string) (string, error) {
		out, err := exec.Command("git", append([]string{"-C", folder}, args...)...).Output()
		return strings.TrimSpace(string(out)), err
	}
	commit, err := git("rev-parse", "HEAD")
	if err != nil {
		return ""
	}
	if now, err := git("status", "--porcelain", "--untracked-files=no"); err != nil || now != "" {
		commit += changed
	}
	return commit
}

// within says whether a path lies in a folder.
func within(path, folder string) bool {
	relative, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(relative)
}

package fashion

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"fashionlatent/lib/dataset"
	"fashionlatent/lib/dataset/idxtest"
)

// tools replaces apt-get and dpkg-deb by scripts. An empty script stands for a tool that does not exist.
func tools(t *testing.T, apt, dpkg string) {
	if runtime.GOOS == "windows" {
		t.Skip("the tools are shell scripts here")
	}
	bin := t.TempDir()
	for name, script := range map[string]string{"apt-get": apt, "dpkg-deb": dpkg} {
		if script == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\nPATH="+os.Getenv("PATH")+"\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin)
}

func TestPackage(t *testing.T) {
	const (
		download = `case "$*" in *download*) echo deb > dataset-fashion-mnist_0.0_all.deb ;; esac`
		ownLists = `case "$*" in
*Dir::State=*update*) echo "W: Failed to fetch a list" >&2; touch state/known ;;
*Dir::State=*download*) test -e state/known && echo deb > dataset-fashion-mnist_0.0_all.deb ;;
*) echo "E: Unable to locate package dataset-fashion-mnist" >&2; exit 100 ;; esac`
		unknown  = `case "$*" in *update*) echo "W: Failed to fetch a list" >&2 ;; *) echo "E: Unable to locate package" >&2; exit 100 ;; esac`
		noUpdate = `echo "E: no $*" >&2; exit 100`
	)
	unpack := func(folder string) string {
		return fmt.Sprintf(`test "$1 $2" = "-x dataset-fashion-mnist_0.0_all.deb" && mkdir -p "$3%s" && cp %s/* "$3%s"`, debianFolder, folder, debianFolder)
	}
	good := unpack(idxtest.Folder(t, dataset.FileNames, nil))
	for _, test := range []struct {
		name, apt, dpkg string
		want            string // part of the error; "": success
	}{
		{"known", download, good, ""},
		{"known to lists of its own", ownLists, good, ""},
		{"no apt-get", "", good, "apt-get, a tool of Debian and its derivatives, is not on this system"},
		{"no dpkg-deb", download, "", "dpkg-deb, a tool of Debian and its derivatives, is not on this system"},
		{"unknown", unknown, good, "Unable to locate package; before that, apt-get update: Failed to fetch a list"},
		{"no update", noUpdate, good, "apt-get: exit status 100: no -o"},
		{"no file", "true", good, "want one package file from apt-get download, found 0"},
		{"not a package", download, `echo "dpkg-deb: error: not a Debian format archive" >&2; exit 2`, "dpkg-deb: exit status 2: not a Debian format archive"},
		{"damaged", download, unpack(idxtest.Folder(t, dataset.FileNames, map[string][]byte{"t10k-labels-idx1-ubyte.gz": {}})), "t10k-labels-idx1-ubyte.gz: the file is empty"},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := offline(t)
			n.pack = unpackPackage
			tools(t, test.apt, test.dpkg)
			src := Source{Cache: t.TempDir()}
			d, err := load(t.Context(), src, n)
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("want %q in the error, found %v", test.want, err)
				}
				empty(t, src.Cache)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if want := filepath.Join(src.Cache, "fashion-mnist"); d.Folder != want {
				t.Errorf("want %s, found %s", want, d.Folder)
			}
		})
	}
}

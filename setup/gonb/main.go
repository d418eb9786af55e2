// Command gonb prepares the build of GoNB, the notebooks' kernel: it copies GoNB's sources and mends faults in the copy.
//
//	go run ./setup/gonb SOURCES FOLDER
//
// SOURCES is the folder of GoNB's module. FOLDER is made anew. If a source is not as expected, that is an error, because
// the fault may be gone or may have moved.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// mend replaces a text in a source file.
type mend struct {
	fault    string // in GoNB v0.11.4 and v0.11.5
	file     string // in GoNB's module
	times    int    // how often the text is there
	old, new string
}

var mends = []mend{
	{
		"The first attempt to connect to gopls is made 12 s after its start.",
		"internal/goexec/goplsclient/exec.go", 1,
		"case <-time.After(ConnectTimeout):", "case <-time.After(100 * time.Millisecond):",
	},
	{
		"A request that arrives before that waits for another 12 s.",
		"internal/goexec/goplsclient/exec.go", 1,
		"<-time.After(ConnectTimeout)\n\t\tc.mu.Lock()", "<-time.After(100 * time.Millisecond)\n\t\tc.mu.Lock()",
	},
	{
		"If the kernel is killed, its gopls goes on for ever.",
		"internal/goexec/goplsclient/exec.go", 1,
		`exec.Command(goplsPath, "-listen", addr)`, `exec.Command(goplsPath, "-listen", addr, "-listen.timeout", "1m")`,
	},
	{
		"The first request, for which gopls reads all packages, fails after 8 s.",
		"internal/goexec/goplsclient/conn.go", 1,
		"CommunicationTimeout = 8000 * time.Millisecond", "CommunicationTimeout = 60 * time.Second",
	},
	{
		"gopls does not get the imports of earlier cells while the code cannot be parsed, as after the point of a name that is to be completed.",
		"internal/goexec/inspect.go", 2,
		"err = s.createAlternativeFileFromDecls(s.Definitions)\n", "if err = s.createAlternativeFileFromDecls(s.Definitions); err == nil {\n\t\t\terr = s.importInMain()\n\t\t}\n",
	},
	{
		"The same: the imports are written into the first line, so that no position changes.",
		"internal/goexec/inspect.go", 1,
		"// runeIndicesForLine returns", `// importInMain adds the memorized imports to the first line of main.go.
func (s *State) importInMain() error {
	content, err := os.ReadFile(s.CodePath())
	if err != nil {
		return err
	}
	first := "package main"
	for _, i := range s.Definitions.Imports {
		first += "; import " + i.Alias + " \"" + i.Path + "\""
	}
	return os.WriteFile(s.CodePath(), []byte(strings.Replace(string(content), "package main", first, 1)), 0600)
}

// runeIndicesForLine returns`,
	},
	{
		"The exit status of a cell is said twice, on standard error and as the cell's error. Of a shell command it is said once.",
		"internal/jpyexec/jpyexec.go", 1,
		"if exec.exitError != nil {\n\t\terrMsg :=", "if exec.exitError != nil && !exec.useNamedPipes { // a cell's error says it\n\t\terrMsg :=",
	},
	{
		"Controls whose page waits longer than half a second for the kernel, as on a busy machine, lose what the reader does first.",
		"internal/websocket/websocket.js", 1,
		"500, // milliseconds", "10000, // milliseconds",
	},
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: go run ./setup/gonb SOURCES FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run copies the sources and mends the copy.
func run(sources, folder string) error {
	mended, err := mendAll(sources)
	if err == nil {
		err = os.RemoveAll(folder)
	}
	if err == nil {
		err = copied(sources, folder)
	}
	for file, content := range mended {
		path := filepath.Join(folder, filepath.FromSlash(file))
		if err == nil {
			err = os.Remove(path) // files of a module are read-only, and so are their copies
		}
		if err == nil {
			err = os.WriteFile(path, []byte(content), 0o644)
		}
	}
	return err
}

// copied copies a module without its documentation and examples, which take most of its space.
func copied(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for _, e := range entries {
		source, copy := filepath.Join(from, e.Name()), filepath.Join(to, e.Name())
		switch {
		case e.Name() == "docs" || e.Name() == "examples":
		case e.IsDir():
			err = os.CopyFS(copy, os.DirFS(source))
		default:
			var content []byte
			if content, err = os.ReadFile(source); err == nil {
				err = os.WriteFile(copy, content, 0o644)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// mendAll returns the mended content of each source file that has a fault.
func mendAll(sources string) (map[string]string, error) {
	mended := map[string]string{}
	for _, m := range mends {
		if _, read := mended[m.file]; !read {
			content, err := os.ReadFile(filepath.Join(sources, filepath.FromSlash(m.file)))
			if err != nil {
				return nil, err
			}
			mended[m.file] = string(content)
		}
		if n := strings.Count(mended[m.file], m.old); n != m.times {
			return nil, fmt.Errorf("%s of GoNB has %d times what is to be mended, want %d: see whether this fault is still there: %s", m.file, n, m.times, m.fault)
		}
		mended[m.file] = strings.ReplaceAll(mended[m.file], m.old, m.new)
	}
	return mended, nil
}

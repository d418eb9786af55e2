package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/term"
)

// standardOut is the file name that means standard output.
const standardOut = "-"

// checkOut returns an error if a file name has an ending that does not fit the content that a command writes. endings are
// those that fit, such as ".npz". Names without an ending are accepted. Standard output is an error if it is a terminal.
func (c *call) checkOut(name string, endings ...string) error {
	if name == standardOut {
		if f, ok := c.out.to.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
			return usageError{fmt.Errorf("-out -: standard output is a terminal; want a file or a pipe")}
		}
		return nil
	}
	if name == "" {
		return usageError{errors.New(`-out is "", want the name of a file, or - for standard output`)}
	}
	got := filepath.Ext(name)
	fits := slices.ContainsFunc(endings, func(ending string) bool { return strings.EqualFold(got, ending) })
	if got != "" && !fits && filepath.Base(name) != got {
		return usageError{fmt.Errorf("-out %s: the name ends in %[4]s; want a name that ends in %[3]s, which is what %[2]s writes", name, c.Name(), strings.Join(endings, " or "), got)}
	}
	return nil
}

// writeOut calls write with the name of the file, whose folder it makes, and then prints the name. For standard output it prints
// the content instead.
func (c *call) writeOut(name, ending string, write func(path string) error) error {
	if name != standardOut {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := write(name); err != nil {
			return err
		}
		if name == os.Stdout.Name() {
			return nil // it holds what was written, and nothing else
		}
		_, err := fmt.Fprintln(c.out, name)
		return err
	}
	folder, err := os.MkdirTemp("", "fashionlatent-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "out"+ending)
	if err := write(path); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(c.out, f)
	return err
}

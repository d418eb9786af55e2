package record

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
)

// WriteFile replaces the file at path with what write writes, completely or not at all. A reader sees either the old or
// the new content, even after a power failure, and even if several processes write the same path at the same time (the
// last one wins).
//
// The content is written to a temporary file in the same folder, which must exist. The file gets the mode 0644, is
// synced and then renamed. If write returns an error or panics, or if the disk fails, path is left unchanged and the
// temporary file is removed, even if write ignored the failure. A process that is killed can leave its temporary file:
// see Sweep.
//
// If path is a symbolic link, the file that it points to is written and the link stays. If it is a pipe, the content is
// written directly into it, and cannot be undone if writing fails. A folder, a device and a socket are errors.
func WriteFile(path string, write func(io.Writer) error) error {
	path, kind, err := target(path)
	if err == nil && kind == fs.ModeNamedPipe {
		err = writeInto(path, write)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if kind == fs.ModeNamedPipe {
		return nil
	}
	return writeFile(path, write, func(folder, pattern string) (temporary, error) { return os.CreateTemp(folder, pattern) })
}

// target follows the symbolic links at path. It returns the path to write to and the kind of file there: a pipe or a
// regular file, which may not exist yet.
func target(path string) (string, fs.FileMode, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.Mode().IsRegular():
		resolved, err := filepath.EvalSymlinks(path)
		return cmp.Or(resolved, path), 0, err
	case err == nil && info.Mode().Type() == fs.ModeNamedPipe:
		return path, fs.ModeNamedPipe, nil // not resolved: /dev/stdout leads to a pipe that has no name
	case err == nil:
		kind := "a device"
		switch {
		case info.IsDir():
			kind = "a folder"
		case info.Mode()&fs.ModeSocket != 0:
			kind = "a socket"
		}
		return path, 0, fmt.Errorf("it is %s; want a file or a pipe", kind)
	case !errors.Is(err, fs.ErrNotExist):
		return path, 0, err
	}
	for range maxLinks { // nothing is there, or a link to nothing
		to, err := os.Readlink(path)
		if err != nil {
			return path, 0, nil
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return path, 0, errors.New("too many symbolic links")
}

const maxLinks = 40

// writeInto writes directly to an existing file.
func writeInto(path string, write func(io.Writer) error) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return unnamed(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriter(f)
	if err := write(w); err != nil {
		return err
	}
	return w.Flush()
}

// WriteJSON is WriteFile with v as indented JSON.
func WriteJSON(path string, v any) error {
	var content bytes.Buffer
	encoder := json.NewEncoder(&content)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return WriteBytes(path, content.Bytes())
}

// WriteBytes is WriteFile with that content.
func WriteBytes(path string, content []byte) error {
	return WriteFile(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// tempPrefix is the start of the names of temporary files of a file. They are called .NAME.NUMBER.tmp.
func tempPrefix(name string) string { return "." + name + "." }

const tempSuffix = ".tmp"

// Sweep removes temporary files that killed processes left in folder: those of files with the given names, or all if no
// name is given. Nobody may be writing these files at the same time.
func Sweep(folder string, names ...string) {
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		begins := func(name string) bool { return strings.HasPrefix(entry.Name(), tempPrefix(name)) }
		of := strings.HasPrefix(entry.Name(), ".") && len(names) == 0 || slices.ContainsFunc(names, begins)
		if of && strings.HasSuffix(entry.Name(), tempSuffix) {
			os.Remove(filepath.Join(folder, entry.Name()))
		}
	}
}

// temporary is the part of *os.File that WriteFile needs.
type temporary interface {
	io.Writer
	Name() string
	Chmod(os.FileMode) error
	Sync() error
	Close() error
}

func writeFile(path string, write func(io.Writer) error, create func(folder, pattern string) (temporary, error)) error {
	folder := filepath.Dir(path)
	temp, err := create(folder, tempPrefix(filepath.Base(path))+"*"+tempSuffix)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, unnamed(err))
	}
	renamed := false
	defer func() { // deferred because write may panic
		if !renamed {
			temp.Close()
			os.Remove(temp.Name())
		}
	}()
	if err := fill(temp, write); err != nil {
		return fmt.Errorf("writing %s: %w", path, unnamed(err))
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	renamed = true
	if err := syncFolder(folder); err != nil {
		return fmt.Errorf("%s is written, but a power failure may lose it: %w", path, err)
	}
	return nil
}

// unnamed is the error without the name of the temporary file, which would mean nothing to a user.
func unnamed(err error) error {
	var of *fs.PathError
	if errors.As(err, &of) && strings.HasSuffix(of.Path, tempSuffix) {
		return of.Err
	}
	return err
}

// fill writes, syncs and closes the temporary file.
func fill(temp temporary, write func(io.Writer) error) error {
	w := bufio.NewWriter(temp) // it keeps the first error and returns it from Flush, even if write ignored it
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := temp.Chmod(0o644); err != nil {
		return err
	}
	if err := temp.Sync(); err != nil {
		return err
	}
	return temp.Close()
}

// syncFolder makes a rename in the folder durable, if the system can do that.
func syncFolder(folder string) error {
	if runtime.GOOS == "windows" { // folders cannot be synced
		return nil
	}
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer f.Close()
	err = f.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) { // some network file systems
		return nil
	}
	return err
}

// readVersioned reads a JSON file into v, as strictly as decode. format points to the field of v with the name
// "format", which must be Format. A file of another format is reported as such, not by its unknown fields.
func readVersioned(path string, v any, format *int) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	problem := Decode(content, v)
	if problem == nil && *format == Format {
		return nil
	}
	var head struct{ Format *int }
	if err := json.Unmarshal(content, &head); err != nil {
		return damaged(path, plain(err, &head))
	}
	switch {
	case head.Format == nil:
		return damaged(path, errors.New(`it has no "format"`))
	case *head.Format != Format:
		return fmt.Errorf("%s has format %d and this program reads format %d: use the version of the program that wrote it, "+
			"or remove the run's folder to make the run again", path, *head.Format, Format)
	}
	return damaged(path, problem)
}

// sumOf is the SHA-256, in hexadecimal, of a value as canonical JSON. It is the same for a value before it was written
// and after it was read.
func sumOf(v any) (string, error) {
	content, err := canonical(v)
	if err != nil {
		return "", err
	}
	return hexSum(content), nil
}

func hexSum(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// verify compares a checksum with the recorded one.
func verify(sum, want string) error {
	if sum != want {
		return fmt.Errorf("its content has the checksum %.12s…, want %.12q…", sum, want)
	}
	return nil
}

// damaged is the error about a file that cannot be understood. It names the file and the reason, and says what to do.
func damaged(path string, err error) error {
	return fmt.Errorf("%s is damaged: %w (restore it, or remove the run's folder to make the run again)", path, err)
}

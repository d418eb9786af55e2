package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// FileNames are the names of the IDX files of a data set: training images and labels, test images and labels. A file in
// a folder may also have a dot in place of the hyphen before "idx", and .gz at the end. A file classes.txt beside them may
// hold the names of the classes: one per line, starting with label 0.
var FileNames = [4]string{
	"train-images-idx3-ubyte",
	"train-labels-idx1-ubyte",
	"t10k-images-idx3-ubyte",
	"t10k-labels-idx1-ubyte",
}

const classesName = "classes.txt"

// ErrAbsent is the error if a folder does not exist or holds none of the files.
var ErrAbsent = errors.New("not there")

// ReadFiles reads the IDX files of a folder, all at the same time. The files of labels may both be missing. If check is
// not nil, it is called for each file with its index in FileNames and the SHA-256 of its uncompressed content. Errors
// name the file, not the folder. If all files are missing, the error is an ErrAbsent.
func ReadFiles(ctx context.Context, folder string, check func(i int, sum string) error) (*Dataset, error) {
	names, classes, err := findFiles(folder)
	if err != nil {
		return nil, err
	}
	var (
		files [4]content
		errs  [4]error
		wg    sync.WaitGroup
	)
	for i, name := range names {
		if name == "" {
			continue
		}
		wg.Go(func() {
			files[i], errs[i] = readFile(ctx, filepath.Join(folder, name), i%2 == 0)
			if errs[i] == nil && check != nil {
				errs[i] = check(i, files[i].sum)
			}
			if errs[i] != nil {
				errs[i] = fmt.Errorf("%s: %w", name, errs[i])
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}

	var splits [2]Split
	var sums [4]string
	for i := range splits {
		splits[i] = Split{Side: files[2*i].side, Images: files[2*i].data, Labels: files[2*i+1].data}
		if n, labels := splits[i].Len(), len(splits[i].Labels); splits[i].Labels != nil && n != labels {
			return nil, fmt.Errorf("%s has %d images and %s has %d labels; want as many labels as images", names[2*i], n, names[2*i+1], labels)
		}
		sums[2*i], sums[2*i+1] = files[2*i].sum, files[2*i+1].sum
	}
	d, err := assemble(baseName(folder), splits[0], splits[1], classes, sums)
	if err != nil {
		return nil, err
	}
	d.Folder = folder
	return d, nil
}

// findFiles returns the names of the four files in a folder, "" for missing labels, and the names of the classes, if
// there are any. It reads the folder only once. If another process replaces the folder in the meantime, the names are
// all from before or all from after.
func findFiles(folder string) (names [4]string, classes []string, err error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return names, nil, fmt.Errorf("%w: no such folder", ErrAbsent)
	}
	if err != nil {
		return names, nil, err
	}
	there := map[string]bool{}
	for _, e := range entries {
		there[e.Name()] = true
	}
	var missing []string
	for i, plain := range FileNames {
		dotted := strings.Replace(plain, "-idx", ".idx", 1)
		for _, name := range []string{plain, plain + ".gz", dotted, dotted + ".gz"} {
			if names[i] == "" && there[name] {
				names[i] = name
			}
		}
		if names[i] == "" {
			missing = append(missing, plain)
		}
	}
	switch {
	case len(missing) == len(FileNames):
		return names, nil, fmt.Errorf("%w: want %s, each with .gz after its name or without; found %s", ErrAbsent, strings.Join(missing, ", "), listed(entries))
	case names[0] == "" || names[2] == "" || (names[1] == "") != (names[3] == ""):
		return names, nil, fmt.Errorf("missing: %s, with .gz after the name or without; found %s", strings.Join(missing, ", "), listed(entries))
	}
	if there[classesName] && names[1] != "" {
		if classes, err = readClasses(filepath.Join(folder, classesName)); err != nil {
			return names, nil, fmt.Errorf("%s: %w", classesName, err)
		}
	}
	return names, classes, nil
}

// listed describes the content of a folder in a phrase.
func listed(entries []fs.DirEntry) string {
	if len(entries) == 0 {
		return "an empty folder"
	}
	const most = 8
	var names []string
	for _, e := range entries[:min(most, len(entries))] {
		name := e.Name()
		if e.IsDir() {
			name += "/"
		}
		names = append(names, name)
	}
	text := strings.Join(names, ", ")
	if more := len(entries) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// readClasses reads the names of classes, one per line.
func readClasses(path string) ([]string, error) {
	text, err := readRegular(path)
	if err != nil {
		return nil, err
	}
	lines := strings.ReplaceAll(strings.TrimPrefix(string(text), "\ufeff"), "\r\n", "\n") // some editors write a byte order mark
	names := strings.Split(strings.TrimRight(lines, "\n"), "\n")
	if len(names) > 256 {
		return nil, fmt.Errorf("%d lines, want the names of at most 256 classes", len(names))
	}
	for i, name := range names {
		if err := checkClass(name); err != nil {
			return nil, fmt.Errorf("line %d is %w", i+1, err)
		}
	}
	return names, nil
}

// checkClass says what is wrong with the name of a class.
func checkClass(name string) error {
	if strings.TrimSpace(name) == "" || len(name) > 100 || strings.ContainsAny(name, "\r\n") {
		return fmt.Errorf("%.20q…, want a name of 1 to 100 bytes in one line", name)
	}
	return nil
}

// readFile reads one IDX file.
func readFile(ctx context.Context, path string, images bool) (content, error) {
	info, err := regular(path)
	if err != nil {
		return content{}, err
	}
	f, err := os.Open(path)
	if err != nil {
		return content{}, err
	}
	defer f.Close()
	return decode(cancelReader{ctx, f}, info.Size(), images)
}

// regular describes a file. Something that is no file, such as a pipe, from which reading might never end, is an error.
func regular(path string) (fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("want a file, found %s", info.Mode())
	}
	return info, err
}

// readRegular reads a file.
func readRegular(path string) ([]byte, error) {
	if _, err := regular(path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// baseName is the last part of a path without the ending .npz.
func baseName(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return strings.TrimSuffix(filepath.Base(path), ".npz")
}

// cancelReader fails as soon as its context is done.
type cancelReader struct {
	ctx context.Context
	io.Reader
}

func (r cancelReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

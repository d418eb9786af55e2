package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Write writes the data set as uncompressed IDX files to a folder, with the names of classes that are not numbers in classes.txt. The folder must not exist, be empty, or already hold
// this data set. A symbolic link to a folder stands for the folder. It is written completely or not at all, even if several
// processes do so at the same time.
func (d *Dataset) Write(ctx context.Context, folder string) error {
	folder = filepath.Clean(folder)
	real, err := filepath.EvalSymlinks(folder)
	if info, there := os.Lstat(folder); err != nil && there == nil && info.Mode()&fs.ModeSymlink != 0 {
		return fmt.Errorf("dataset: %s is a link to a place that does not exist", folder)
	}
	if err == nil {
		folder = real
	}
	there, err := ReadFiles(ctx, folder, nil)
	if err == nil && d.same(there) {
		return nil
	}
	if err == nil && there.Checksum == d.Checksum {
		return fmt.Errorf("dataset: folder %s holds this data set with other names of classes (%q) than those to be written (%q)", folder, there.Classes, d.Classes)
	}
	if err == nil {
		return fmt.Errorf("dataset: folder %s holds another data set (checksum %.12s) than the one to be written (%.12s)", folder, there.Checksum, d.Checksum)
	}
	if !errors.Is(err, ErrAbsent) {
		return fmt.Errorf("dataset: folder %s: %w", folder, err)
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return fmt.Errorf("dataset: %w", err)
	}
	if here, err := os.Getwd(); err == nil && here == folder {
		return fmt.Errorf("dataset: folder %s is the working directory and cannot be replaced, want one that does not exist", folder)
	}
	work, err := WorkFolder(filepath.Dir(folder), ".writing-")
	if err != nil {
		return fmt.Errorf("dataset: %w", err)
	}
	defer os.RemoveAll(work)
	whole := filepath.Join(work, "data")
	if err := d.WriteFiles(whole); err != nil {
		return fmt.Errorf("dataset: %w", err)
	}
	if err := os.Remove(folder); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTEMPTY) { // it is removed only if it is empty
		return fmt.Errorf("dataset: folder %s cannot be replaced, want one that does not exist: %w", folder, err)
	}
	if err := os.Rename(whole, folder); err != nil {
		if there, meanwhile := ReadFiles(ctx, folder, nil); meanwhile == nil && d.same(there) {
			return nil // another process has written it in the meantime
		}
		if entries, unread := os.ReadDir(folder); unread == nil && len(entries) > 0 {
			err = fmt.Errorf("folder %s holds %s, want a folder that is empty or does not exist", folder, listed(entries))
		}
		return fmt.Errorf("dataset: %w", err)
	}
	return nil
}

// same says whether another data set has the same images, labels and names of classes. The checksum alone does not say so:
// that of a data set that was cut is not that of its files.
func (d *Dataset) same(other *Dataset) bool {
	names := map[uint8]string{}
	for class, label := range d.Values {
		names[label] = d.Classes[class]
	}
	for class, label := range other.Values {
		if names[label] != other.Classes[class] {
			return false
		}
	}
	if other.Checksum == d.Checksum {
		return len(other.Values) == len(d.Values)
	}
	equal := func(a, b Split) bool {
		return a.Side == b.Side && bytes.Equal(a.Images, b.Images) && bytes.Equal(d.FileLabels(a), other.FileLabels(b))
	}
	return equal(d.Train, other.Train) && equal(d.Test, other.Test)
}

// WorkFolder makes a temporary folder in parent, whose name begins with prefix. It removes those that processes left there
// that were killed more than a day ago.
func WorkFolder(parent, prefix string) (string, error) {
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", err
	}
	old, _ := fs.Glob(os.DirFS(parent), prefix+"*") // what cannot be found or removed does no harm
	for _, name := range old {
		folder := filepath.Join(parent, name)
		if info, err := os.Stat(folder); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			_ = os.RemoveAll(folder)
		}
	}
	return os.MkdirTemp(parent, prefix)
}

// WriteFiles writes the data set as IDX files to a folder that it creates. They are uncompressed, which is ten times
// faster to read.
func (d *Dataset) WriteFiles(folder string) error {
	if err := os.Mkdir(folder, 0o755); err != nil {
		return err
	}
	for i, s := range []Split{d.Train, d.Test} {
		if err := os.WriteFile(filepath.Join(folder, FileNames[2*i]), encodeIDX(s.Images, s.Side), 0o644); err != nil {
			return err
		}
		if s.Labels == nil {
			continue
		}
		if err := os.WriteFile(filepath.Join(folder, FileNames[2*i+1]), encodeIDX(d.FileLabels(s), 0), 0o644); err != nil {
			return err
		}
	}
	if d.numbered() {
		return nil
	}
	names := make([]string, int(d.Values[len(d.Values)-1])+1)
	for label := range names {
		names[label] = fmt.Sprint(label)
	}
	for class, label := range d.Values {
		names[label] = d.Classes[class]
	}
	return os.WriteFile(filepath.Join(folder, classesName), []byte(strings.Join(names, "\n")+"\n"), 0o644)
}

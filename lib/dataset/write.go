package dataset

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Write writes the data set as uncompressed IDX files to a folder. The folder must not exist, be empty, or already hold
// this data set. It is written completely or not at all, even if several processes do so at the same time.
func (d *Dataset) Write(ctx context.Context, folder string) error {
	there, err := ReadFiles(ctx, folder, nil)
	if err == nil && there.Checksum == d.Checksum {
		return nil
	}
	if err == nil {
		return fmt.Errorf("dataset: folder %s holds another data set (checksum %.12s) than the one to be written (%.12s)", folder, there.Checksum, d.Checksum)
	}
	if !errors.Is(err, ErrAbsent) {
		return fmt.Errorf("dataset: folder %s: %w", folder, err)
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return fmt.Errorf("dataset: %w", err)
	}
	work, err := os.MkdirTemp(filepath.Dir(folder), ".writing-")
	if err != nil {
		return fmt.Errorf("dataset: %w", err)
	}
	defer os.RemoveAll(work)
	whole := filepath.Join(work, "data")
	if err := d.WriteFiles(whole); err != nil {
		return fmt.Errorf("dataset: %w", err)
	}
	_ = os.Remove(folder) // it is removed only if it is empty
	if err := os.Rename(whole, folder); err != nil {
		if there, meanwhile := ReadFiles(ctx, folder, nil); meanwhile == nil && there.Checksum == d.Checksum {
			return nil // another process has written it in the meantime
		}
		return fmt.Errorf("dataset: %w", err)
	}
	return nil
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

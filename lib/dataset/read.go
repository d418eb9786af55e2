package dataset

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Read reads a data set of grey images with as many rows as columns, from 8 x 8 to 128 x 128, with at most 256 classes or
// without labels. The path is that of one of:
//
//   - a folder of IDX files named like those of MNIST: see FileNames;
//   - an .npz archive as Keras or MedMNIST writes it: see ReadArchive;
//   - a folder of PNG files in train/CLASS and test/CLASS: see ReadPictures.
//
// An error says what was expected and what was found.
func Read(ctx context.Context, path string) (*Dataset, error) {
	d, err := read(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("data %s: %w", path, err)
	}
	return d, nil
}

func read(ctx context.Context, path string) (*Dataset, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("there is no such file or folder")
	case err != nil:
		return nil, err
	case info.Mode().IsRegular():
		return ReadArchive(ctx, path)
	case !info.IsDir():
		return nil, fmt.Errorf("want a folder or an .npz file, found %s", info.Mode())
	}
	d, err := ReadFiles(ctx, path, nil)
	if errors.Is(err, ErrAbsent) {
		for _, name := range partNames {
			if info, err := os.Stat(filepath.Join(path, name)); err == nil && info.IsDir() {
				return ReadPictures(ctx, path)
			}
		}
		err = fmt.Errorf("want IDX files named like those of MNIST (%s and so on), folders train and test of PNG files, or the path of an .npz file: %w", FileNames[0], err)
	}
	return d, err
}

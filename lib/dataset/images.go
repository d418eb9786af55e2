package dataset

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fashionlatent/lib/npz"
)

// imagesName is the name of the array of images in an .npz file that holds several arrays.
const imagesName = "images"

// ReadImages reads grey images that are no data set: a PNG file, a folder of PNG files in the order of their names, or an .npz
// or .npy file with an array of uint8, [n, rows, columns] or [n, rows, columns, 1]. Among several arrays, it is the one called
// images. The images are square, of one size, from 8 x 8 to 128 x 128, and have no labels. files are the names of their
// PNG files, [n]; nil for an array. Other files in a folder are left out.
func ReadImages(ctx context.Context, path string) (images Split, files []string, err error) {
	images, files, err = readImages(ctx, path)
	if err != nil {
		return Split{}, nil, fmt.Errorf("images %s: %w", path, err)
	}
	return images, files, nil
}

func readImages(ctx context.Context, path string) (images Split, files []string, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return images, nil, errors.New("there is no such file or folder")
	}
	if err != nil {
		return images, nil, err
	}
	folder := path
	switch {
	case info.IsDir():
		entries, err := os.ReadDir(path)
		if err != nil {
			return images, nil, err
		}
		for _, e := range entries {
			if name := e.Name(); !isFolder(path, name, e) && !strings.HasPrefix(name, ".") && strings.EqualFold(filepath.Ext(name), ".png") {
				files = append(files, name)
			}
		}
		if files == nil {
			return images, nil, fmt.Errorf("want PNG files in the folder, found %s", listed(entries))
		}
	case strings.EqualFold(filepath.Ext(path), ".png"):
		folder, files = filepath.Dir(path), []string{filepath.Base(path)}
	default:
		a, err := npz.ReadFile(path, imagesName)
		if err != nil && !slices.Contains([]string{".npz", ".npy"}, strings.ToLower(filepath.Ext(path))) {
			err = fmt.Errorf("%w; want an .npz, .npy or .png file, or a folder of PNG files", err)
		}
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = images.setImages(a)
		}
		if err == nil && images.Len() == 0 {
			err = fmt.Errorf("%sno images, want one or more", of(a))
		}
		return images, nil, err
	}
	var pictures []picture
	for _, name := range files {
		pictures = append(pictures, picture{path: name})
	}
	images.Side, images.Images, err = readPictures(ctx, folder, pictures)
	return images, files, err
}

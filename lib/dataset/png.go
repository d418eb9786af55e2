package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// partNames are the folders of the training and the test images.
var partNames = [2]string{"train", "test"}

// picture is a PNG file: its path below the folder of the data set, and the name of its class.
type picture struct{ path, class string }

// ReadPictures reads a folder of PNG files, grey and with at most 8 bits, in train/CLASS and test/CLASS. The classes
// have the names of their folders, in sorted order. Files directly in train and test have no labels. Images of all
// classes alternate, so that the first images of a split are of all classes.
func ReadPictures(ctx context.Context, folder string) (*Dataset, error) {
	var found [2][]picture
	classes := map[string]bool{}
	for i, part := range partNames {
		var err error
		if found[i], err = findPictures(folder, part); err != nil {
			return nil, err
		}
		for _, p := range found[i] {
			classes[p.class] = true
		}
	}
	if classes[""] && len(classes) > 1 {
		return nil, errors.New("some PNG files lie in folders of classes and some do not; want all of them sorted, or none")
	}
	var names []string
	for name := range classes {
		if err := checkClass(name); name != "" && err != nil {
			return nil, fmt.Errorf("a folder of a class is called %w", err)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	if len(names) > 256 {
		return nil, fmt.Errorf("%d folders of classes, want at most 256", len(names))
	}
	var splits [2]Split
	for i := range splits {
		side, images, err := readPictures(ctx, folder, found[i])
		if err != nil {
			return nil, err
		}
		splits[i] = Split{Side: side, Images: images}
		for _, p := range found[i] {
			if !classes[""] {
				splits[i].Labels = append(splits[i].Labels, uint8(slices.Index(names, p.class)))
			}
		}
	}
	if classes[""] {
		names = nil
	}
	d, err := New(baseName(folder), splits[0], splits[1], names)
	if err != nil {
		return nil, err
	}
	d.Folder = folder
	return d, nil
}

// findPictures lists the PNG files of a part: the first of every class, then the second of every class, and so on.
func findPictures(folder, part string) ([]picture, error) {
	entries, err := os.ReadDir(filepath.Join(folder, part))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no folder %s; want folders train and test", part)
	}
	if err != nil {
		return nil, err
	}
	var columns [][]picture
	add := func(class, place string, entries []fs.DirEntry) error {
		var column []picture
		for _, e := range entries {
			path := filepath.Join(place, e.Name())
			switch {
			case strings.HasPrefix(e.Name(), "."):
			case isFolder(folder, path, e):
				return fmt.Errorf("%s is a folder, want PNG files", path)
			case !strings.EqualFold(filepath.Ext(path), ".png"):
				return fmt.Errorf("%s: want PNG files and nothing else", path)
			default:
				column = append(column, picture{path, class})
			}
		}
		columns = append(columns, column)
		return nil
	}
	var loose []fs.DirEntry
	for _, e := range entries {
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case isFolder(folder, filepath.Join(part, e.Name()), e):
			place := filepath.Join(part, e.Name())
			inside, err := os.ReadDir(filepath.Join(folder, place))
			if err != nil {
				return nil, err
			}
			if err := add(e.Name(), place, inside); err != nil {
				return nil, err
			}
		default:
			loose = append(loose, e)
		}
	}
	if err := add("", part, loose); err != nil {
		return nil, err
	}
	var all []picture
	for i := 0; ; i++ {
		before := len(all)
		for _, column := range columns {
			if i < len(column) {
				all = append(all, column[i])
			}
		}
		if len(all) == before {
			break
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("there are no PNG files in %s or in folders of classes in it; found %s", part, listed(entries))
	}
	return all, nil
}

// readPictures reads pictures, which must all have the size of the first: [n, side*side].
func readPictures(ctx context.Context, folder string, pictures []picture) (side int, images []uint8, err error) {
	side, first, err := readPicture(folder, pictures[0].path, 0)
	if err != nil {
		return 0, nil, err
	}
	images = make([]uint8, len(pictures)*side*side)
	copy(images, first)
	group, working := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, p := range pictures {
		if working.Err() != nil {
			break
		}
		group.Go(func() error {
			_, image, err := readPicture(folder, p.path, side)
			copy(images[i*side*side:], image)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return 0, nil, err
	}
	return side, images, ctx.Err()
}

func readPicture(folder, path string, want int) (side int, image []uint8, err error) {
	content, err := readRegular(filepath.Join(folder, path))
	if err == nil {
		side, image, err = decodePicture(content, want)
	}
	if err != nil {
		return 0, nil, fmt.Errorf("%s: %w", path, err)
	}
	return side, image, nil
}

// decodePicture reads a grey PNG file. Its height and width must be want, if want is not 0.
func decodePicture(content []byte, want int) (side int, pixels []uint8, err error) {
	config, err := png.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return 0, nil, fmt.Errorf("want a PNG file, found %.16q: %w", content, err)
	}
	if err := checkSide(config.Height, config.Width); err != nil {
		return 0, nil, err
	}
	side = config.Width
	if want != 0 && side != want {
		return 0, nil, fmt.Errorf("found an image of %d x %d, want %d x %d as the others are", side, side, want, want)
	}
	if config.ColorModel == color.Gray16Model || config.ColorModel == color.RGBA64Model || config.ColorModel == color.NRGBA64Model {
		return 0, nil, errors.New("found 16 bits for a pixel's brightness, want 8 at most")
	}
	picture, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		return 0, nil, fmt.Errorf("a damaged PNG file: %w", err)
	}
	pixels = make([]uint8, 0, side*side)
	grey, isGrey := picture.(*image.Gray)
	for y := range side {
		if isGrey {
			pixels = append(pixels, grey.Pix[y*grey.Stride:y*grey.Stride+side]...)
			continue
		}
		for x := range side {
			c := color.NRGBAModel.Convert(picture.At(x, y)).(color.NRGBA)
			if c.R != c.G || c.G != c.B || c.A != 255 {
				return 0, nil, fmt.Errorf("the pixel in row %d, column %d has red %d, green %d, blue %d, opacity %d; want grey and opaque pixels", y, x, c.R, c.G, c.B, c.A)
			}
			pixels = append(pixels, c.R)
		}
	}
	return side, pixels, nil
}

// isFolder says whether the entry at a path in a folder is a folder, or a symbolic link to one.
func isFolder(folder, path string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := os.Stat(filepath.Join(folder, path))
	return err == nil && info.IsDir()
}

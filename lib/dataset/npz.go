package dataset

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"fashionlatent/lib/npz"
)

// archiveNames are the names of training images, training labels, test images and test labels in archives: those of
// Keras, then those of MedMNIST.
var archiveNames = [][4]string{
	{"x_train", "y_train", "x_test", "y_test"},
	{"train_images", "train_labels", "test_images", "test_labels"},
}

// ReadArchive reads an .npz archive, stored or deflated, with the arrays x_train, y_train, x_test, y_test of Keras or
// train_images, train_labels, test_images, test_labels of MedMNIST. Images are uint8, [n, rows, columns] or [n, rows,
// columns, 1]. Labels are integers from 0 to 255, [n] or [n, 1]. Both arrays of labels may be missing. Other arrays are
// ignored.
func ReadArchive(ctx context.Context, path string) (*Dataset, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	splits, err := decodeArchive(readerAt{ctx, f}, info.Size())
	if err != nil {
		return nil, err
	}
	d, err := New(baseName(path), splits[0], splits[1], nil)
	if err != nil {
		return nil, err
	}
	d.Folder = path
	return d, nil
}

func decodeArchive(r io.ReaderAt, size int64) (splits [2]Split, err error) {
	start := make([]byte, 16)
	n, err := r.ReadAt(start, 0)
	if err != nil && err != io.EOF {
		return splits, err
	}
	if n < 2 || string(start[:2]) != "PK" {
		return splits, fmt.Errorf("want a folder or an .npz file, which begins with %q; found %q", "PK", start[:n])
	}
	archive, err := npz.Open(r, size)
	if err != nil {
		return splits, fmt.Errorf("want an .npz file, found a damaged one: %w", err)
	}
	there := archive.Names()
	has := func(name string) bool { return slices.Contains(there, name) }
	for _, names := range archiveNames {
		if !has(names[0]) || !has(names[2]) {
			continue
		}
		if has(names[1]) != has(names[3]) {
			return splits, fmt.Errorf("want both %s and %s or neither, found the arrays %q", names[1], names[3], there)
		}
		for i := range splits {
			images, err := archive.Read(names[2*i])
			if err == nil {
				err = splits[i].setImages(images)
			}
			if err != nil {
				return splits, err
			}
			if !has(names[1]) {
				continue
			}
			labels, err := archive.Read(names[2*i+1])
			if err == nil {
				err = splits[i].setLabels(labels)
			}
			if err != nil {
				return splits, err
			}
		}
		return splits, nil
	}
	return splits, fmt.Errorf("want the arrays %q or %q, found %q", archiveNames[0], archiveNames[1], there)
}

func (s *Split) setImages(a npz.Array) error {
	values, ok := a.Values.([]uint8)
	if !ok {
		return fmt.Errorf("%sthe images are of the type %s, want uint8", of(a), typeName(a))
	}
	shape := a.Shape
	if len(shape) == 4 && shape[3] == 1 {
		shape = shape[:3]
	}
	if len(shape) == 4 {
		return fmt.Errorf("%sthe images have the shape %v, which is that of colour images; want grey ones, [n, rows, columns]", of(a), a.Shape)
	}
	if len(shape) != 3 {
		return fmt.Errorf("%sthe images have the shape %v, want [n, rows, columns]", of(a), a.Shape)
	}
	if err := checkSide(shape[1], shape[2]); err != nil {
		return fmt.Errorf("%s%w", of(a), err)
	}
	s.Side, s.Images = shape[1], values
	return nil
}

func (s *Split) setLabels(a npz.Array) error {
	if shape := a.Shape; len(shape) < 1 || len(shape) > 2 || len(shape) == 2 && shape[1] != 1 || shape[0] != s.Len() {
		return fmt.Errorf("%sthe labels have the shape %v, want [%d] or [%d, 1], one for each image", of(a), a.Shape, s.Len(), s.Len())
	}
	var err error
	switch values := a.Values.(type) {
	case []uint8:
		s.Labels = values
	case []int8:
		s.Labels, err = bytesOf(values)
	case []uint16:
		s.Labels, err = bytesOf(values)
	case []int16:
		s.Labels, err = bytesOf(values)
	case []uint32:
		s.Labels, err = bytesOf(values)
	case []int32:
		s.Labels, err = bytesOf(values)
	case []uint64:
		s.Labels, err = bytesOf(values)
	case []int64:
		s.Labels, err = bytesOf(values)
	default:
		err = fmt.Errorf("the labels are of the type %s, want integers", typeName(a))
	}
	if err != nil {
		return fmt.Errorf("%s%w", of(a), err)
	}
	return nil
}

// typeName is NumPy's name for the type of an array.
func typeName(a npz.Array) string {
	name := fmt.Sprintf("%T", a.Values)
	name = name[len("[]"):]
	return strings.ToLower(name[strings.LastIndex(name, ".")+1:]) // float16 has a package's name before it
}

// of is the beginning of an error about an array: its name, if it has one. The array of an .npy file has none.
func of(a npz.Array) string {
	if a.Name == "" {
		return ""
	}
	return fmt.Sprintf("array %q: ", a.Name)
}

// bytesOf converts labels to bytes. A label outside 0 to 255 is an error.
func bytesOf[T int8 | uint16 | int16 | uint32 | int32 | uint64 | int64](values []T) ([]uint8, error) {
	labels := make([]uint8, len(values))
	for i, v := range values {
		if v < 0 || uint64(v) > 255 {
			return nil, fmt.Errorf("want labels from 0 to 255, found %d at position %d", v, i)
		}
		labels[i] = uint8(v)
	}
	return labels, nil
}

// readerAt fails as soon as its context is done.
type readerAt struct {
	ctx context.Context
	io.ReaderAt
}

func (r readerAt) ReadAt(p []byte, offset int64) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.ReaderAt.ReadAt(p, offset)
}

// Package dataset reads and writes data sets of grey images, with or without labels: IDX files, .npz archives and
// folders of PNG files.
package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// Limits of the height and width of an image, in pixels.
const (
	MinSide = 8
	MaxSide = 128
)

// Split is the training part or the test part of a data set.
type Split struct {
	Side   int     // height and width of an image, in pixels
	Images []uint8 // [n, Side*Side], row by row; 0 is the background, 255 the brightest value
	Labels []uint8 // [n], the class of each image; nil: there are no labels
}

// Pixels is the number of pixels of an image.
func (s Split) Pixels() int { return s.Side * s.Side }

// Len is the number of images.
func (s Split) Len() int {
	if s.Side == 0 {
		return 0
	}
	return len(s.Images) / s.Pixels()
}

// Image is image i, [Side*Side]. It shares the memory of the split.
func (s Split) Image(i int) []uint8 {
	return s.Images[i*s.Pixels() : (i+1)*s.Pixels() : (i+1)*s.Pixels()]
}

// Sorted says whether the images are sorted by class, of which there are at least two.
func (s Split) Sorted() bool {
	return slices.IsSorted(s.Labels) && len(s.Labels) > 0 && s.Labels[0] != s.Labels[len(s.Labels)-1]
}

// Head is the first n images, or all if there are fewer. It shares the memory of the split.
func (s Split) Head(n int) Split {
	n = max(0, min(n, s.Len()))
	h := Split{Side: s.Side, Images: s.Images[: n*s.Pixels() : n*s.Pixels()]}
	if s.Labels != nil {
		h.Labels = s.Labels[:n:n]
	}
	return h
}

// Dataset is a data set in memory. It must not be changed, because its parts share memory and its checksum describes
// its content.
type Dataset struct {
	Name   string // for folders and records; at first the base name of the folder or file
	Title  string // for readers
	Folder string // path of the folder or file

	// Checksum identifies the content. Of a data set that was read, in whatever form, it is the SHA-256, in hexadecimal, of the
	// sums in Sums that are not empty, 32 bytes each. Head and drawn data sets have other ones.
	Checksum string

	// Sums are the SHA-256 sums, in hexadecimal, of the training images, training labels, test images and test labels,
	// each as an uncompressed IDX file; "" for missing labels. Of a data set that was cut, they are those of the whole.
	Sums [4]string

	Classes []string // names of the classes, by class; nil: there are no labels
	Values  []uint8  // the label of each class in the files

	Train, Test Split
}

// ErrNoChecksum is the error where a checksum must tell data sets apart and there is none.
var ErrNoChecksum = errors.New("the data set has no checksum, want one from New or Read")

// Side is the height and width of an image, in pixels.
func (d *Dataset) Side() int { return d.Train.Side }

// Pixels is the number of pixels of an image.
func (d *Dataset) Pixels() int { return d.Train.Pixels() }

// Labelled says whether there are labels.
func (d *Dataset) Labelled() bool { return d.Classes != nil }

// Head is the data set cut to its first train and test images. Its checksum is derived from that of d and the two
// numbers. If nothing is cut, or d has none, the checksum stays the same.
func (d *Dataset) Head(train, test int) *Dataset {
	h := *d
	h.Train, h.Test = d.Train.Head(train), d.Test.Head(test)
	if d.Checksum != "" && (h.Train.Len() < d.Train.Len() || h.Test.Len() < d.Test.Len()) {
		h.Checksum = fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%s head %d %d", d.Checksum, h.Train.Len(), h.Test.Len())))
	}
	return &h
}

// FileLabels are the labels of a split as in the files, [n].
func (d *Dataset) FileLabels(s Split) []uint8 {
	labels := make([]uint8, len(s.Labels))
	for i, class := range s.Labels {
		labels[i] = d.Values[class]
	}
	return labels
}

// Floats divides grey levels by 255: from [n, pixels] in 0 to 255 to [n, pixels] in 0 to 1.
func Floats(images []uint8) []float32 {
	x := make([]float32, len(images))
	for i, v := range images {
		x[i] = float32(v) / 255
	}
	return x
}

// New makes a data set from a training and a test split with any labels. The classes are the different labels of both
// splits in rising order. names are their names by label. Without names, the classes are called by their labels. Splits
// with different image sizes, without images, with parts of images, with another number of labels than of images, or with
// labels in only one of them are errors. So are names of more than one line, empty ones, and those of more than 100 bytes.
func New(name string, train, test Split, names []string) (*Dataset, error) {
	var sums [4]string
	for i, s := range []Split{train, test} {
		sums[2*i] = sumOf(s.Images, s.Side)
		if s.Labels != nil {
			sums[2*i+1] = sumOf(s.Labels, 0)
		}
	}
	return assemble(name, train, test, names, sums)
}

// assemble is New for files whose sums are known.
func assemble(name string, train, test Split, names []string, sums [4]string) (*Dataset, error) {
	d := &Dataset{Name: name, Title: name, Train: train, Test: test, Sums: sums}
	if train.Side != test.Side {
		return nil, fmt.Errorf("the training images are of %d x %d and the test images of %d x %d; want one size", train.Side, train.Side, test.Side, test.Side)
	}
	if err := checkSide(train.Side, train.Side); err != nil {
		return nil, err
	}
	for i, s := range []Split{train, test} {
		if len(s.Images)%s.Pixels() != 0 || s.Labels != nil && len(s.Labels) != s.Len() {
			return nil, fmt.Errorf("the %s images have %d pixels, and there are %d labels; want %d pixels for each image, and a label for each or none", []string{"training", "test"}[i], len(s.Images), len(s.Labels), s.Pixels())
		}
	}
	if (train.Labels == nil) != (test.Labels == nil) {
		return nil, fmt.Errorf("one of the splits has labels and the other has none; want labels for both or for neither")
	}
	if train.Len() == 0 || test.Len() == 0 {
		return nil, fmt.Errorf("%d training and %d test images, want at least one of each", train.Len(), test.Len())
	}
	all := sha256.New()
	for _, sum := range sums {
		bytes, err := hex.DecodeString(sum)
		if err != nil {
			return nil, err
		}
		all.Write(bytes)
	}
	d.Checksum = hex.EncodeToString(all.Sum(nil))
	if train.Labels == nil {
		return d, nil
	}

	var there [256]bool
	for _, s := range []Split{train, test} {
		for _, label := range s.Labels {
			there[label] = true
		}
	}
	var classOf [256]uint8
	for label, is := range there {
		if !is {
			continue
		}
		class := strconv.Itoa(label)
		if names != nil {
			if label >= len(names) {
				return nil, fmt.Errorf("there is a label %d, but only the %d labels from 0 to %d have names", label, len(names), len(names)-1)
			}
			class = names[label]
			if err := checkClass(class); err != nil {
				return nil, fmt.Errorf("the class of label %d is %w", label, err)
			}
		}
		classOf[label] = uint8(len(d.Classes))
		d.Classes, d.Values = append(d.Classes, class), append(d.Values, uint8(label))
	}
	for _, s := range []*Split{&d.Train, &d.Test} {
		labels := make([]uint8, len(s.Labels))
		for i, label := range s.Labels {
			labels[i] = classOf[label]
		}
		s.Labels = labels
	}
	return d, nil
}

// numbered says whether the classes are named by the numbers of their labels.
func (d *Dataset) numbered() bool {
	for class, label := range d.Values {
		if d.Classes[class] != strconv.Itoa(int(label)) {
			return false
		}
	}
	return true
}

// checkSide returns an error unless images of that size can be used.
func checkSide(rows, columns int) error {
	if rows != columns || rows < MinSide || rows > MaxSide {
		return fmt.Errorf("found images of %d x %d, want as many rows as columns, from %d x %d to %d x %d", rows, columns, MinSide, MinSide, MaxSide, MaxSide)
	}
	return nil
}

// Package fashion finds, fetches, verifies and decodes Fashion-MNIST, or another data set in the same format.
package fashion

import (
	"crypto/sha256"
	"fmt"
)

const (
	Side    = 28          // height and width of an image, in pixels
	Pixels  = Side * Side // values of an image, row by row; 0 is background, 255 is brightest
	Classes = 10          // labels are 0 to 9
)

// Name is that of Fashion-MNIST as a Dataset.
const Name = "fashion-mnist"

// ClassNames are the names that Fashion-MNIST gives its labels.
var ClassNames = [Classes]string{
	"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
	"Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
}

// Split is the training part or the test part of a data set.
type Split struct {
	Images []uint8 // [n, 784]
	Labels []uint8 // [n]
}

// Len is the number of images.
func (s Split) Len() int { return len(s.Labels) }

// Image is image i, [784]. It shares the memory of the split.
func (s Split) Image(i int) []uint8 {
	return s.Images[i*Pixels : (i+1)*Pixels : (i+1)*Pixels]
}

// Head is the first n images, or all of them where there are fewer. It shares the memory of the split.
func (s Split) Head(n int) Split {
	n = max(0, min(n, s.Len()))
	return Split{Images: s.Images[: n*Pixels : n*Pixels], Labels: s.Labels[:n:n]}
}

// Dataset is a data set in memory. It is not to be changed: its parts share memory, and its checksum speaks of its content.
type Dataset struct {
	Name   string // Name, or the base name of the folder of another data set
	Folder string // where the files lie

	// Checksum identifies the content, however the files are named or compressed. It is the SHA-256, in hexadecimal, of the
	// four SHA-256 sums (32 bytes each) of the uncompressed files: training images, training labels, test images, test labels.
	Checksum string

	Train, Test Split
}

// Head is the data set cut to its first train and test images. Its checksum derives from that of d and the two counts;
// where nothing is cut, it is that of d.
func (d *Dataset) Head(train, test int) *Dataset {
	h := *d
	h.Train, h.Test = d.Train.Head(train), d.Test.Head(test)
	if h.Train.Len() < d.Train.Len() || h.Test.Len() < d.Test.Len() {
		h.Checksum = fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%s head %d %d", d.Checksum, h.Train.Len(), h.Test.Len())))
	}
	return &h
}

// Floats divides pixels by 255: [n, 784] in, [n, 784] in 0 to 1 out.
func Floats(images []uint8) []float32 {
	x := make([]float32, len(images))
	for i, v := range images {
		x[i] = float32(v) / 255
	}
	return x
}

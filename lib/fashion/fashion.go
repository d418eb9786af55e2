// Package fashion finds, fetches and verifies Fashion-MNIST and MNIST. It recognises them by their content.
package fashion

import (
	"context"
	"fmt"
	"strings"

	"fashionlatent/lib/dataset"
)

// Names of the known data sets.
const (
	Name  = "fashion-mnist"
	MNIST = "mnist"
)

// ClassNames are the names of the classes of Fashion-MNIST, by label.
var ClassNames = []string{
	"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
	"Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
}

// sums are the SHA-256 sums of a data set's uncompressed IDX files, in the order of dataset.FileNames.
type sums = [4]string

// known is a data set that is recognised by its content.
type known struct {
	name, title string
	classes     []string // nil: the numbers of the labels
	sums        sums
}

var knownFashion = known{Name, "Fashion-MNIST", ClassNames, sums{
	"c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
	"bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
	"5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
	"0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}}

var knownMNIST = known{MNIST, "MNIST", nil, sums{
	"ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
	"65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
	"0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
	"ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}}

// all are the known data sets: the one of this network, and the others.
func (n network) all() []known {
	all := []known{n.known}
	for _, k := range []known{knownFashion, knownMNIST} {
		if k.name != n.name {
			all = append(all, k)
		}
	}
	return all
}

// recognise sets the name, title and classes of a known data set, by its content. A data set that has the name of a
// known one but other content gets another name. recognise returns a warning if parts of a known data set are mixed
// with others.
func (n network) recognise(d *dataset.Dataset) (warning string) {
	for _, k := range n.all() {
		if d.Sums == k.sums {
			d.Name, d.Title = k.name, k.title
			for class, label := range d.Values {
				if k.classes != nil {
					d.Classes[class] = k.classes[label]
				}
			}
			return ""
		}
	}
	for _, k := range n.all() {
		var its, others []string
		for i, sum := range d.Sums {
			if part := partNames[i]; sum == k.sums[i] {
				its = append(its, part)
			} else if sum != "" {
				others = append(others, part)
			}
		}
		if strings.EqualFold(d.Name, k.name) {
			d.Name = "not-" + k.name
			if its != nil && others == nil {
				d.Name = k.name + "-unlabelled"
			}
			d.Title = d.Name
		}
		if its != nil && others != nil {
			warning = fmt.Sprintf("warning: the data set mixes parts of %s (%s) with others (%s)", k.title, strings.Join(its, ", "), strings.Join(others, ", "))
		}
	}
	return warning
}

// partNames describe the four files.
var partNames = [4]string{"training images", "training labels", "test images", "test labels"}

// readFolder reads the files of the known data set. Files with other content are an error.
func (n network) readFolder(ctx context.Context, folder string) (*dataset.Dataset, error) {
	d, err := dataset.ReadFiles(ctx, folder, n.check)
	if err != nil {
		return nil, err
	}
	n.recognise(d)
	if d.Name != n.name {
		return nil, fmt.Errorf("want images and labels of %s, found %d and %d images without labels", n.title, d.Train.Len(), d.Test.Len())
	}
	return d, nil
}

// check compares the sum of file i with the wanted one. The error says if the content is that of another of the four
// files.
func (n network) check(i int, found string) error {
	if found == n.sums[i] {
		return nil
	}
	for j, other := range n.sums {
		if found == other {
			return fmt.Errorf("the content is that of %s", dataset.FileNames[j])
		}
	}
	return fmt.Errorf("not the content of %s: want SHA-256 %s uncompressed, found %s", n.title, n.sums[i], found)
}

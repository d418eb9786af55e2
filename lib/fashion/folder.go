package fashion

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// The four files in the order of every array of four here: images and labels for training, images and labels for test.
// A folder may hold each as it is named here, or compressed with .gz after the name.
var fileNames = [4]string{
	"train-images-idx3-ubyte",
	"train-labels-idx1-ubyte",
	"t10k-images-idx3-ubyte",
	"t10k-labels-idx1-ubyte",
}

// fashionSums are the SHA-256 sums of Fashion-MNIST's uncompressed files.
var fashionSums = [4]string{
	"c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
	"bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
	"5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
	"0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}

// errAbsent says that a folder has none of the four files, or does not exist.
var errAbsent = errors.New("not there")

// readFolder reads the four files at once. They are Fashion-MNIST if their sums are those given; strict makes anything else an error.
// Errors name the file, not the folder.
func readFolder(ctx context.Context, folder string, sums [4]string, strict bool) (*Dataset, error) {
	names, err := findFiles(folder)
	if err != nil {
		return nil, err
	}
	var (
		files [4]content
		errs  [4]error
		wg    sync.WaitGroup
	)
	for i, name := range names {
		wg.Go(func() {
			files[i], errs[i] = readFile(ctx, filepath.Join(folder, name), i%2 == 0)
			if errs[i] == nil && strict {
				errs[i] = checkSum(files[i].sum, i, sums)
			}
			if errs[i] != nil {
				errs[i] = fmt.Errorf("%s: %w", name, errs[i])
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}

	d := &Dataset{
		Name:   Name,
		Folder: folder,
		Train:  Split{Images: files[0].data, Labels: files[1].data},
		Test:   Split{Images: files[2].data, Labels: files[3].data},
	}
	for i, s := range []Split{d.Train, d.Test} {
		if n := len(s.Images) / Pixels; n != s.Len() {
			return nil, fmt.Errorf("%s has %d images and %s has %d labels; want as many labels as images", names[2*i], n, names[2*i+1], s.Len())
		}
	}
	all := sha256.New()
	for i, f := range files {
		all.Write(f.sum[:])
		if hex.EncodeToString(f.sum[:]) != sums[i] {
			d.Name = baseName(folder)
		}
	}
	d.Checksum = hex.EncodeToString(all.Sum(nil))
	return d, nil
}

// findFiles returns the names under which the four files lie in a folder. It looks once: a folder that another process puts
// in its place meanwhile is there as a whole or not at all.
func findFiles(folder string) (names [4]string, err error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return names, fmt.Errorf("%w: no such folder", errAbsent)
	}
	if err != nil {
		return names, err
	}
	there := map[string]bool{}
	for _, e := range entries {
		there[e.Name()] = true
	}
	var missing []string
	for i, plain := range fileNames {
		switch {
		case there[plain]:
			names[i] = plain
		case there[plain+".gz"]:
			names[i] = plain + ".gz"
		default:
			missing = append(missing, plain)
		}
	}
	switch len(missing) {
	case 0:
		return names, nil
	case len(fileNames):
		return names, fmt.Errorf("%w: want %s, each with .gz after its name or without", errAbsent, strings.Join(missing, ", "))
	}
	return names, fmt.Errorf("missing: %s, with .gz after the name or without", strings.Join(missing, ", "))
}

// Write writes the data set, uncompressed, to a folder that does not exist, is empty or holds it already: whole or not at
// all, also where several do so at once.
func (d *Dataset) Write(ctx context.Context, folder string) error {
	there, err := readFolder(ctx, folder, fashionSums, false)
	if err == nil && there.Checksum == d.Checksum {
		return nil
	}
	if err == nil {
		return fmt.Errorf("fashion: folder %s holds another data set (checksum %.12s) than the one to be written (%.12s)", folder, there.Checksum, d.Checksum)
	}
	if !errors.Is(err, errAbsent) {
		return fmt.Errorf("fashion: folder %s: %w", folder, err)
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return fmt.Errorf("fashion: %w", err)
	}
	work, err := os.MkdirTemp(filepath.Dir(folder), ".writing-")
	if err != nil {
		return fmt.Errorf("fashion: %w", err)
	}
	defer os.RemoveAll(work)
	whole := filepath.Join(work, "data")
	if err := writeFolder(whole, d); err != nil {
		return fmt.Errorf("fashion: %w", err)
	}
	_ = os.Remove(folder) // if it is empty
	if err := os.Rename(whole, folder); err != nil {
		if there, meanwhile := readFolder(ctx, folder, fashionSums, false); meanwhile == nil && there.Checksum == d.Checksum {
			return nil // somebody else was as fast
		}
		return fmt.Errorf("fashion: %w", err)
	}
	return nil
}

// writeFolder writes the four files uncompressed, which is ten times faster to read.
func writeFolder(folder string, d *Dataset) error {
	if err := os.Mkdir(folder, 0o755); err != nil {
		return err
	}
	for i, data := range [4][]uint8{d.Train.Images, d.Train.Labels, d.Test.Images, d.Test.Labels} {
		if err := os.WriteFile(filepath.Join(folder, fileNames[i]), encodeIDX(data, i%2 == 0), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func readFile(ctx context.Context, path string, images bool) (content, error) {
	f, err := os.Open(path)
	if err != nil {
		return content{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return content{}, err
	}
	if !info.Mode().IsRegular() {
		return content{}, fmt.Errorf("want a file, found %s", info.Mode())
	}
	return decode(cancelReader{ctx, f}, info.Size(), filepath.Ext(path) == ".gz", images)
}

// checkSum compares the sum of file i with the one wanted, and says so when the content is that of another of the four.
func checkSum(sum [sha256.Size]byte, i int, sums [4]string) error {
	found := hex.EncodeToString(sum[:])
	if found == sums[i] {
		return nil
	}
	for j, other := range sums {
		if found == other {
			return fmt.Errorf("the content is that of %s", fileNames[j])
		}
	}
	return fmt.Errorf("not the content of Fashion-MNIST: want SHA-256 %s uncompressed, found %s", sums[i], found)
}

func baseName(folder string) string {
	if abs, err := filepath.Abs(folder); err == nil {
		folder = abs
	}
	return filepath.Base(folder)
}

// cancelReader fails once its context is done.
type cancelReader struct {
	ctx context.Context
	io.Reader
}

func (r cancelReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

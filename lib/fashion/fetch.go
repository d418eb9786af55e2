package fashion

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"fashionlatent/lib/dataset"
)

const (
	connectTimeout = 5 * time.Second
	silenceTimeout = 20 * time.Second // a server that sends nothing for this time is abandoned
	maxFile        = 64 << 20         // bytes; the largest of the four files has 26 MB
)

var client = &http.Client{Transport: &http.Transport{
	Proxy:                 http.ProxyFromEnvironment,
	DialContext:           (&net.Dialer{Timeout: connectTimeout}).DialContext,
	TLSHandshakeTimeout:   connectTimeout,
	ResponseHeaderTimeout: silenceTimeout,
	ForceAttemptHTTP2:     true,
	DisableCompression:    true, // the files are already compressed with gzip
}}

// way is a way to fetch the four files.
type way struct {
	name  string
	fetch fetcher
}

// ways are all ways to fetch, in the order of preference. Each file that is complete is said.
func (n network) ways(say func(format string, args ...any)) []way {
	var ways []way
	for _, address := range n.publishers {
		ways = append(ways, way{address, func(ctx context.Context, work string) (string, error) {
			return work, download(ctx, address, work, say)
		}})
	}
	if n.pack != nil {
		ways = append(ways, way{n.packName, n.pack})
	}
	return ways
}

// fetch fetches the four files into a folder under work, verifies them, and puts them uncompressed into the cache.
func (n network) fetch(ctx context.Context, get fetcher, work, cache string) (*dataset.Dataset, error) {
	work, err := os.MkdirTemp(work, "")
	if err != nil {
		return nil, err
	}
	folder, err := get(ctx, work)
	if err != nil {
		return nil, err
	}
	d, err := n.readFolder(ctx, folder)
	if err != nil {
		return nil, err
	}
	plain := filepath.Join(work, "plain")
	if err := d.WriteFiles(plain); err != nil {
		return nil, err
	}
	if err := n.install(ctx, plain, cache); err != nil {
		return nil, err
	}
	d.Folder = cache
	return d, nil
}

// install renames a folder of verified files to the cache. If the files there are intact, they stay, because another
// process may have fetched them in the meantime. Otherwise they are moved away.
func (n network) install(ctx context.Context, folder, cache string) error {
	var err error
	for try := range 5 {
		if err = os.Rename(folder, cache); err == nil {
			return nil
		}
		if _, damaged := n.readFolder(ctx, cache); damaged == nil {
			return nil
		}
		_ = os.Rename(cache, folder+".old"+strconv.Itoa(try)) // if it fails, so does the next attempt
	}
	return err
}

// download fetches the four files from an address that ends in a slash.
func download(ctx context.Context, address, folder string, say func(format string, args ...any)) error {
	for _, name := range dataset.FileNames {
		name += ".gz"
		if err := downloadFile(ctx, address+name, filepath.Join(folder, name)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		say("downloaded %s", name)
	}
	return nil
}

func downloadFile(ctx context.Context, address, path string) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		var wrapped *url.Error // its text repeats the address
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("want status 200, found %s", response.Status)
	}

	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()

	silence := time.AfterFunc(silenceTimeout, func() {
		cancel(fmt.Errorf("the server sent nothing for %v", silenceTimeout))
	})
	defer silence.Stop()
	body := readerFunc(func(p []byte) (int, error) {
		silence.Reset(silenceTimeout)
		return response.Body.Read(p)
	})
	n, err := io.Copy(f, io.LimitReader(body, maxFile+1))
	switch {
	case err != nil && context.Cause(ctx) != nil:
		return fmt.Errorf("after %d bytes: %w", n, context.Cause(ctx))
	case err != nil:
		return fmt.Errorf("after %d bytes: %w", n, err)
	case n > maxFile:
		return fmt.Errorf("want a file of %d bytes at most, found more", maxFile)
	}
	return nil
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

package fashion

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"fashionlatent/lib/dataset"
	"fashionlatent/lib/dataset/idxtest"
)

// publisher serves the planted files and counts requests.
func publisher(t *testing.T) (address string, requests func() int) {
	files, _ := idxtest.Files()
	mux := http.NewServeMux()
	var mu sync.Mutex
	n := 0
	for i, name := range dataset.FileNames {
		mux.HandleFunc("/data/"+name+".gz", func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			n++
			w.Write(idxtest.Zip(files[i]))
		})
	}
	return serve(t, mux), func() int { mu.Lock(); defer mu.Unlock(); return n }
}

func serve(t *testing.T, handler http.Handler) (address string) {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL + "/data/"
}

// empty fails the test if anything is left in a folder.
func empty(t *testing.T, folder string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if len(entries) > 0 {
		t.Errorf("want nothing left in the cache, found %v", entries)
	}
}

func TestOrderOfPlaces(t *testing.T) {
	n := offline(t)
	address, requests := publisher(t)
	src := Source{Cache: t.TempDir()}
	cache := filepath.Join(src.Cache, "fashion-mnist")
	mustLoad := func(src Source) *dataset.Dataset {
		t.Helper()
		d, err := load(t.Context(), src, n)
		if err != nil {
			t.Fatal(err)
		}
		if d.Name != "fashion-mnist" {
			t.Errorf("want fashion-mnist, found %s", d.Name)
		}
		return d
	}

	n.publishers = []string{address}
	var log bytes.Buffer
	src.Progress = &log
	if d := mustLoad(src); d.Folder != cache || requests() != 4 {
		t.Errorf("want four files fetched to %s, found %d and %s", cache, requests(), d.Folder)
	}
	if want := fmt.Sprintf("downloading Fashion-MNIST, 31 MB, from %s\ndownloaded %s.gz\ndownloaded %s.gz\ndownloaded %s.gz\ndownloaded %s.gz\nverified and stored in %s\n", address,
		dataset.FileNames[0], dataset.FileNames[1], dataset.FileNames[2], dataset.FileNames[3], cache); log.String() != want {
		t.Errorf("want the progress %q, found %q", want, log.String())
	}

	log.Reset()
	n.debian = idxtest.Folder(t, dataset.FileNames, nil)
	if d := mustLoad(src); d.Folder != cache || requests() != 4 || log.Len() > 0 {
		t.Errorf("want the cache in silence, found %s, %d requests, progress %q", d.Folder, requests(), log.String())
	}
	if d := mustLoad(Source{Cache: t.TempDir()}); d.Folder != n.debian || requests() != 4 {
		t.Errorf("want Debian's folder, found %s", d.Folder)
	}

	own := idxtest.Folder(t, dataset.FileNames, nil)
	t.Setenv("FASHION_MNIST_DIR", own)
	if d := mustLoad(src); d.Folder != own {
		t.Errorf("want %s from the environment, found %s", own, d.Folder)
	}
	other := idxtest.Folder(t, dataset.FileNames, nil)
	if d := mustLoad(Source{Path: other}); d.Folder != other {
		t.Errorf("want %s as asked, found %s", other, d.Folder)
	}
}

func TestEnvironmentNeverFallsThrough(t *testing.T) {
	n := offline(t)
	n.debian = idxtest.Folder(t, dataset.FileNames, nil)
	for name, folder := range map[string]string{
		"absent":     filepath.Join(t.TempDir(), "none"),
		"incomplete": idxtest.Folder(t, dataset.FileNames, map[string][]byte{"t10k-images-idx3-ubyte.gz": nil}),
		"damaged":    idxtest.Folder(t, dataset.FileNames, map[string][]byte{"t10k-images-idx3-ubyte.gz": {}}),
	} {
		t.Setenv("FASHION_MNIST_DIR", folder)
		_, err := load(t.Context(), Source{Cache: t.TempDir()}, n)
		if err == nil || !strings.Contains(err.Error(), "FASHION_MNIST_DIR, "+folder) {
			t.Errorf("%s: want an error that names FASHION_MNIST_DIR and %s, found %v", name, folder, err)
		}
	}
}

func TestDamagedCacheIsReplaced(t *testing.T) {
	n := offline(t)
	address, requests := publisher(t)
	n.publishers = []string{address}
	n.debian = idxtest.Folder(t, dataset.FileNames, map[string][]byte{"t10k-labels-idx1-ubyte.gz": {}})
	var log bytes.Buffer
	src := Source{Cache: t.TempDir(), Progress: &log}
	cache := filepath.Join(src.Cache, "fashion-mnist")
	if err := os.Rename(idxtest.Folder(t, dataset.FileNames, map[string][]byte{"train-images-idx3-ubyte.gz": []byte("<html>")}), cache); err != nil {
		t.Fatal(err)
	}
	if _, err := load(t.Context(), src, n); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"the cache, " + cache + ", is skipped: train-images-idx3-ubyte.gz: neither IDX nor gzip",
		"Debian's folder, " + n.debian + ", is skipped: t10k-labels-idx1-ubyte.gz: the file is empty",
		"stored in " + cache,
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("want %q in the progress, found %q", want, log.String())
		}
	}
	log.Reset()
	if _, err := load(t.Context(), src, n); err != nil || log.Len() > 0 || requests() != 4 {
		t.Errorf("want the new cache in silence, found error %v, progress %q, %d requests", err, log.String(), requests())
	}
	if entries, _ := os.ReadDir(src.Cache); len(entries) != 1 {
		t.Errorf("want nothing but the data in the cache, found %v", entries)
	}
}

func TestManyAtOnce(t *testing.T) {
	for name, damaged := range map[string]bool{"no cache": false, "damaged cache": true} {
		t.Run(name, func(t *testing.T) {
			n := offline(t)
			address, _ := publisher(t)
			n.publishers = []string{address}
			src := Source{Cache: t.TempDir()}
			if damaged {
				if err := os.Rename(idxtest.Folder(t, dataset.FileNames, map[string][]byte{"train-images-idx3-ubyte.gz": nil}), filepath.Join(src.Cache, "fashion-mnist")); err != nil {
					t.Fatal(err)
				}
			}
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					if _, err := load(t.Context(), src, n); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if entries, _ := os.ReadDir(src.Cache); len(entries) != 1 {
				t.Errorf("want nothing but the data in the cache, found %v", entries)
			}
			n.publishers = nil
			if _, err := load(t.Context(), src, n); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNextPublisher(t *testing.T) {
	files, _ := idxtest.Files()
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"proxy's page": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>Log in") }, `neither IDX nor gzip`},
		"not found":    {http.NotFound, "404 Not Found"},
		"cut": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			w.Write(idxtest.Zip(files[0]))
		}, "unexpected EOF"},
		"one file for all": {func(w http.ResponseWriter, _ *http.Request) { w.Write(idxtest.Zip(files[2])) }, "the content is that of t10k-images-idx3-ubyte"},
		"endless": {func(w http.ResponseWriter, _ *http.Request) {
			for block := make([]byte, 1<<20); ; {
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		}, "want a file of 67108864 bytes at most"},
	} {
		t.Run(name, func(t *testing.T) {
			n := offline(t)
			bad := serve(t, test.handler)
			good, _ := publisher(t)
			var log bytes.Buffer
			src := Source{Cache: t.TempDir(), Progress: &log}

			n.publishers = []string{bad}
			if _, err := load(t.Context(), src, n); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("want %q in the error, found %v", test.want, err)
			}
			empty(t, src.Cache)

			n.publishers = []string{bad, good}
			if _, err := load(t.Context(), src, n); err != nil {
				t.Error(err)
			}
			if !strings.Contains(log.String(), test.want) {
				t.Errorf("want %q in the progress, found %q", test.want, log.String())
			}
		})
	}
}

func TestCancelledFetch(t *testing.T) {
	n := offline(t)
	ctx, cancel := context.WithCancel(t.Context())
	started := make(chan struct{})
	n.publishers = []string{
		serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Write([]byte{0x1f, 0x8b})
			w.(http.Flusher).Flush()
			close(started)
			<-r.Context().Done()
		})),
		serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the next place was tried") })),
	}
	go func() { <-started; cancel() }()
	src := Source{Cache: t.TempDir()}
	if _, err := load(ctx, src, n); !errors.Is(err, context.Canceled) {
		t.Errorf("want %v, found %v", context.Canceled, err)
	}
	empty(t, src.Cache)
}

func TestNowhere(t *testing.T) {
	n := offline(t)
	closed := httptest.NewServer(nil)
	closed.Close()
	n.publishers = []string{closed.URL + "/one/", closed.URL + "/two/"}
	n.pack = func(context.Context, string) (string, error) { return "", errors.New("apt-get is not on this system") }
	src := Source{Cache: t.TempDir()}
	check := func(src Source, wants ...string) {
		t.Helper()
		_, err := load(t.Context(), src, n)
		if err == nil {
			t.Fatal("want an error, found none")
		}
		t.Log(err)
		for _, want := range append(wants, "Install Debian's package dataset-fashion-mnist", "FASHION_MNIST_DIR") {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("want %q in the error, found %v", want, err)
			}
		}
	}
	check(src, "- the cache, "+src.Cache, "- Debian's folder, "+n.debian, "- "+closed.URL+"/one/: ", "- "+closed.URL+"/two/: ", "- Debian's package dataset-fashion-mnist: apt-get")
	src.Offline = true
	check(src, "- the download: not allowed")
	empty(t, src.Cache)

	file := filepath.Join(t.TempDir(), "file")
	idxtest.Put(t, file, []byte{})
	check(Source{Cache: file}, "- the download: no folder for the files")

	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	check(Source{}, "- the cache, which a download needs: ", "HOME")
}

package record

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// The old content of the file, which a failing write must leave unchanged, and the content that the write wanted to put
// there.
const (
	oldContent = "the old content"
	newContent = "what should have been the new content"
)

var errDisk = errors.New("the disk failed")

// failing is a temporary file on a disk that has room for only a number of bytes, or fails in one of the other steps.
type failing struct {
	temporary
	left int    // bytes for which there is still room
	step string // "chmod", "sync", "close"
}

func (f *failing) Write(p []byte) (int, error) {
	if len(p) <= f.left {
		f.left -= len(p)
		return f.temporary.Write(p)
	}
	n, _ := f.temporary.Write(p[:f.left])
	f.left = 0
	return n, errDisk
}

func (f *failing) at(step string, do func() error) error {
	if f.step == step {
		return errDisk
	}
	return do()
}

func (f *failing) Chmod(m os.FileMode) error {
	return f.at("chmod", func() error { return f.temporary.Chmod(m) })
}
func (f *failing) Sync() error  { return f.at("sync", f.temporary.Sync) }
func (f *failing) Close() error { return f.at("close", f.temporary.Close) }

// on makes temporary files on such a disk.
func on(left int, step string) func(folder, pattern string) (temporary, error) {
	return func(folder, pattern string) (temporary, error) {
		f, err := os.CreateTemp(folder, pattern)
		return &failing{f, left, step}, err
	}
}

func put(content string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, content)
		return err
	}
}

// oldFile makes a file with the old content, alone in its folder.
func oldFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := WriteFile(path, put(oldContent)); err != nil {
		t.Fatal(err)
	}
	return path
}

// wantAlone checks the content of a file and that the folder has no other file.
func wantAlone(t *testing.T, path, content string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != content {
		t.Errorf("the file has %.80q, %v; want %.80q", got, err, content)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder has %v, %v; want the file alone", entries, err)
	}
}

// wantError checks that an error contains all of the texts.
func wantError(t *testing.T, err error, texts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one with %q", texts)
		return
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("the error is\n%v\nwant it to say %q", err, text)
		}
	}
}

func TestWriteFile(t *testing.T) {
	path := oldFile(t)
	if err := WriteFile(path, put(newContent)); err != nil {
		t.Fatal(err)
	}
	wantAlone(t, path, newContent)
	info, err := os.Stat(path)
	if err != nil || info.Mode() != 0o644 {
		t.Errorf("mode %v, %v; want 0644", info.Mode(), err)
	}
}

func TestWriteFileOnAFailingDisk(t *testing.T) {
	inBytes := func(w io.Writer) error {
		for _, b := range []byte(newContent) {
			if _, err := w.Write([]byte{b}); err != nil {
				return err
			}
		}
		return nil
	}
	careless := func(w io.Writer) error {
		io.WriteString(w, newContent)
		return nil
	}
	large := put(strings.Repeat(newContent, 1000)) // larger than any buffer on the way
	type test struct {
		name  string
		left  int
		step  string
		write func(io.Writer) error
	}
	tests := []test{
		{"chmod", 1000, "chmod", inBytes},
		{"sync", 1000, "sync", inBytes},
		{"close", 1000, "close", inBytes},
		{"large", 20000, "", large},
	}
	for left := range len(newContent) {
		tests = append(tests, test{fmt.Sprint("byte ", left), left, "", inBytes})
		tests = append(tests, test{fmt.Sprint("unnoticed, byte ", left), left, "", careless})
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := oldFile(t)
			err := writeFile(path, test.write, on(test.left, test.step))
			if !errors.Is(err, errDisk) {
				t.Errorf("error %v, want that of the disk", err)
			}
			wantError(t, err, path)
			wantAlone(t, path, oldContent)
		})
	}
}

func TestWriteFileWhoseWriterFails(t *testing.T) {
	for written := range len(newContent) + 1 {
		path := oldFile(t)
		err := WriteFile(path, func(w io.Writer) error {
			io.WriteString(w, newContent[:written])
			return errDisk
		})
		if !errors.Is(err, errDisk) {
			t.Errorf("after %d bytes: error %v, want the writer's", written, err)
		}
		wantAlone(t, path, oldContent)
	}
	t.Run("panic", func(t *testing.T) {
		path := oldFile(t)
		defer func() {
			if recover() == nil {
				t.Error("the panic did not come through")
			}
			wantAlone(t, path, oldContent)
		}()
		WriteFile(path, func(w io.Writer) error {
			io.WriteString(w, newContent)
			panic("of the writer")
		})
	})
}

func TestWriteFileWhereItCannot(t *testing.T) {
	t.Run("no folder", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "none", "file")
		err := WriteFile(path, put(newContent))
		if !errors.Is(err, os.ErrNotExist) {
			t.Errorf("error %v, want a file that does not exist", err)
		}
		wantError(t, err, path)
	})
	t.Run("a folder in its place", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "folder")
		if err := os.MkdirAll(filepath.Join(path, "sub"), 0o755); err != nil {
			t.Fatal(err)
		}
		wantError(t, WriteFile(path, put(newContent)), path)
		if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
			t.Errorf("the folder has %v, %v; want what it had", entries, err)
		}
	})
	t.Run("read-only folder", func(t *testing.T) {
		if os.Geteuid() == 0 {
			t.Skip("root may write anywhere")
		}
		path := oldFile(t)
		folder := filepath.Dir(path)
		if err := os.Chmod(folder, 0o555); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(folder, 0o755)
		err := WriteFile(path, put(newContent))
		if !errors.Is(err, os.ErrPermission) {
			t.Errorf("error %v, want one of permission", err)
		}
		wantAlone(t, path, oldContent)
	})
}

func TestWriteFileByManyAtOnce(t *testing.T) {
	path := oldFile(t)
	whole := map[string]bool{oldContent: true}
	var writers sync.WaitGroup
	for i := range 8 {
		content := strings.Repeat(fmt.Sprint(i), 10000)
		whole[content] = true
		writers.Go(func() {
			if err := WriteFile(path, put(content)); err != nil {
				t.Error(err)
			}
		})
	}
	for range 100 {
		got, err := os.ReadFile(path)
		if err != nil || !whole[string(got)] {
			t.Errorf("read %d bytes that nobody wrote whole, %v", len(got), err)
		}
	}
	writers.Wait()
	got, _ := os.ReadFile(path)
	if string(got) == oldContent {
		t.Error("the old content is still there")
	}
	wantAlone(t, path, string(got))
}

func TestWriteJSON(t *testing.T) {
	path := oldFile(t)
	if err := WriteJSON(path, map[string]any{"b": []int{1}, "a": "x < y"}); err != nil {
		t.Fatal(err)
	}
	const want = "{\n  \"a\": \"x < y\",\n  \"b\": [\n    1\n  ]\n}\n"
	wantAlone(t, path, want)
	wantError(t, WriteJSON(path, func() {}), path, "func()")
	wantAlone(t, path, want)
}

func TestDecode(t *testing.T) {
	tests := []struct{ content, err string }{
		{`{"a": 1}`, ""},
		{"\n {\"a\": 1}\n\n", ""},
		{``, "ends before"},
		{`{"a": 1`, "ends before"},
		{`{"a": 1, "b": 2}`, `unknown field "b"`},
		{`{"a": 1} {"a": 2}`, "something follows"},
		{`{"a": 1}]`, "something follows"},
		{"{\"a\": 1}\x00", "something follows"},
		{`{"a": "1"}`, "a is a text in quotes, want a whole number"},
		{`{"a": 1.5}`, "a is 1.5, want a whole number"},
		{`{"a": [1]}`, "a is a list, want a whole number"},
		{`[]`, "its JSON value is a list, want an object in braces"},
		{`a`, "it is not JSON: invalid character 'a' looking for beginning of value, at byte 1"},
		{`{"many": [1, "2"]}`, "many is a text in quotes, want a whole number"},
		{`{"inside": {"mani": 1}}`, `it has an unknown field "mani"; did you mean many?`},
	}
	for _, test := range tests {
		var v struct {
			A      int      `json:"a"`
			Many   []int    `json:"many"`
			Inside struct{} `json:"inside"`
		}
		err := Decode([]byte(test.content), &v)
		if test.err != "" {
			wantError(t, err, test.err)
		} else if err != nil || v.A != 1 {
			t.Errorf("%q gives %v, %v", test.content, v, err)
		}
	}
}

// Package notebook executes the project's notebooks, checks their outputs, and exports them as web pages that need no
// network.
//
// The notebooks in the folder are sources, stored without outputs (see [Normalise]). Execute does not change them; only
// FixAll does.
package notebook

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"fashionlatent/lib/words"
)

// Options say which notebooks to execute and how. Root and Scale are required.
type Options struct {
	Root        string        // the project's folder, prepared by make setup
	Folder      string        // folder of the notebooks; default Root/notebooks
	Names       []string      // notebooks, without .ipynb; default all in the folder
	Results     string        // folder of their runs and tables; default Root/results
	Out         string        // folder of the pages; default Results/html
	Checksum    string        // of the data set; a page made from another data set is made again
	Notice      string        // a sentence at the top of every page; "": none
	Scale       string        // smoke, quick or full; see package experiments
	Jobs        int           // notebooks executed at the same time; default one per core, at most 4
	CellTimeout time.Duration // time limit of a cell; default an hour

	// Progress, if it is not nil, is called when a notebook starts or ends, with the number of notebooks that have
	// ended and the number of all. Calls do not overlap.
	Progress func(done, total int, text string)

	// Ended, if it is not nil, is called when a notebook that was not up to date has ended, with the current results of
	// all notebooks. Calls do not overlap.
	Ended func([]Result)
}

// Result is the result of one notebook.
type Result struct {
	Name      string        // name of its file without .ipynb
	Title     string        // its first heading
	Summary   string        // the first sentence under it
	Page      string        // name of its page in Out; "": there is no page
	Pending   bool          // it has not been executed yet, so there is no page
	Unchanged bool          // it was up to date, so nothing was done
	Earlier   bool          // its page is from an earlier execution, perhaps of another scale
	Fixed     bool          // FixAll has changed it
	Duration  time.Duration // of execution and export
	Problems  []Problem     // none if everything is in order
}

// Number is the number at the start of the name; 0 if there is none.
func (r Result) Number() int { return leading(r.Name) }

// Execute runs every notebook of the folder, several at the same time, and writes the page of each that has no
// problems. An existing page that was made from the same notebook, sources, data, scale and backend is kept. The
// results are in the order of the numbers at the start of the names. A notebook that fails is a Result with Problems.
// The error is for anything that prevents the execution of notebooks. When ctx is cancelled, all started processes are
// ended.
func Execute(ctx context.Context, opts Options) ([]Result, error) {
	opts, books, err := opts.books()
	if err != nil {
		return nil, err
	}
	common, err := fingerprint(opts, books)
	if err != nil {
		return nil, err
	}
	jupyter, err := newJupyter(opts)
	if err != nil {
		return nil, err
	}
	defer jupyter.close()

	var (
		results = found(opts, books, common)
		errs    = make([]error, len(books))
		slots   = make(chan struct{}, opts.Jobs)
		all     sync.WaitGroup
		mu      sync.Mutex
		done    int
	)
	progress := func(text string) {
		if opts.Progress != nil {
			opts.Progress(done, len(books), text)
		}
	}
	for i, b := range slices.Backward(books) { // the last ones take longest
		select {
		case <-ctx.Done():
		case slots <- struct{}{}:
			all.Go(func() {
				defer func() { <-slots }()
				mu.Lock()
				progress(b.name)
				mu.Unlock()
				result, err := jupyter.export(ctx, books, i, common)
				mu.Lock()
				defer mu.Unlock()
				results[i], errs[i] = result, err
				done++
				progress(b.name)
				if opts.Ended != nil && ctx.Err() == nil && !result.Unchanged {
					opts.Ended(slices.Clone(results))
				}
			})
		}
	}
	all.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return results, errors.Join(errs...)
}

// Found returns the state of the notebooks before Execute: those with an up-to-date page are Unchanged, the others are
// Pending. It needs neither Jupyter nor the kernel.
func Found(opts Options) ([]Result, error) {
	opts, books, err := opts.books()
	if err != nil {
		return nil, err
	}
	common, err := fingerprint(opts, books)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return found(opts, books, common), nil
}

func found(opts Options, books []book, common string) []Result {
	var all []Result
	for _, b := range books {
		r := Result{Name: b.name, Title: b.title, Summary: b.summary}
		if PageKey(filepath.Join(opts.Out, b.page())) == key(common, b.content) {
			r.Page, r.Unchanged = b.page(), true
		} else {
			r.Pending = true
		}
		all = append(all, r)
	}
	return all
}

// Earlier returns the notebooks of the folder that the options do not name and that have a page, up to date or not, and the
// names of those that have none.
func Earlier(opts Options) (all []Result, absent []string, err error) {
	opts, named, err := opts.books()
	if err != nil {
		return nil, nil, err
	}
	books, err := read(opts.Folder)
	if err != nil {
		return nil, nil, err
	}
	for _, b := range books {
		switch {
		case slices.ContainsFunc(named, func(other book) bool { return other.name == b.name }):
		case PageKey(filepath.Join(opts.Out, b.page())) != "":
			all = append(all, Result{Name: b.name, Title: b.title, Summary: b.summary, Page: b.page(), Earlier: true})
		default:
			absent = append(absent, b.name)
		}
	}
	return all, absent, nil
}

// books returns the notebooks that the options name, and the options with their defaults.
func (o Options) books() (Options, []book, error) {
	o, err := o.withDefaults()
	if err != nil {
		return o, nil, err
	}
	books, err := read(o.Folder)
	if err != nil {
		return o, nil, err
	}
	if len(books) == 0 {
		return o, nil, fmt.Errorf("no notebooks (*.ipynb) in %s", o.Folder)
	}
	books, err = named(books, o.Names)
	return o, books, err
}

func (o Options) withDefaults() (Options, error) {
	if o.Scale == "" {
		return o, errors.New("notebooks: the scale is missing, want smoke, quick or full")
	}
	var err error
	if o.Root, err = filepath.Abs(o.Root); err != nil {
		return o, err
	}
	for _, f := range []struct {
		path     *string
		fallback func() string
	}{
		{&o.Folder, func() string { return filepath.Join(o.Root, "notebooks") }},
		{&o.Results, func() string { return filepath.Join(o.Root, "results") }},
		{&o.Out, func() string { return filepath.Join(o.Results, "html") }},
	} {
		if *f.path == "" {
			*f.path = f.fallback()
		}
		// Cells run in the folder of the notebooks, where a relative path would mean another place.
		if *f.path, err = filepath.Abs(*f.path); err != nil {
			return o, err
		}
	}
	if o.Jobs <= 0 {
		o.Jobs = min(runtime.NumCPU(), 4)
	}
	if o.CellTimeout <= 0 {
		o.CellTimeout = time.Hour
	}
	return o, nil
}

// book is the source of a notebook.
type book struct {
	name, path     string
	content        []byte
	title, summary string
}

func (b book) page() string { return b.name + ".html" }

// read returns the notebooks of a folder in the order of the numbers at the start of their names.
func read(folder string) ([]book, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no folder of notebooks, %s: the program must be started in the project's folder or below it", folder)
	}
	if err != nil {
		return nil, err
	}
	var books []book
	for _, e := range entries {
		name, isNotebook := strings.CutSuffix(e.Name(), ".ipynb")
		if !isNotebook || e.IsDir() || strings.HasPrefix(name, ".") {
			continue
		}
		b := book{name: name, path: filepath.Join(folder, e.Name())}
		if b.content, err = os.ReadFile(b.path); err != nil {
			return nil, err
		}
		nb, err := decode(b.content)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", b.path, err)
		}
		b.title, b.summary = headline(nb)
		if b.title == "" {
			b.title = name
		}
		books = append(books, b)
	}
	slices.SortStableFunc(books, func(a, b book) int { return cmp.Compare(leading(a.name), leading(b.name)) })
	return books, nil
}

// NameError is the error of a name that no notebook has.
type NameError struct{ error }

// named returns the notebooks with those names, or all if there are no names.
func named(books []book, names []string) ([]book, error) {
	if len(names) == 0 {
		return books, nil
	}
	var all []string
	for _, b := range books {
		all = append(all, b.name)
	}
	for _, name := range names {
		if !slices.Contains(all, name) {
			return nil, NameError{fmt.Errorf("no notebook is called %q; want one of %s%s", name, strings.Join(all, ", "), words.DidYouMean(name, all))}
		}
	}
	return slices.DeleteFunc(books, func(b book) bool { return !slices.Contains(names, b.name) }), nil
}

// leading is the number at the start of a notebook's name; 0 if there is none.
func leading(name string) (n int) {
	fmt.Sscanf(name, "%d", &n)
	return n
}

// Report writes the result of each notebook with its problems, and a last line "N passed, N failed". It returns the
// number of notebooks that failed.
func Report(w io.Writer, results []Result) (failed int, err error) {
	var s strings.Builder
	for _, r := range results {
		switch {
		case len(r.Problems) > 0:
			failed++
			fmt.Fprintf(&s, "FAIL  %s\n", r.Name)
			for _, p := range r.Problems {
				fmt.Fprintf(&s, "      %s\n", strings.ReplaceAll(p.String(), "\n", "\n      "))
			}
		case r.Unchanged:
			fmt.Fprintf(&s, "ok    %s  (unchanged)\n", r.Name)
		case r.Fixed:
			fmt.Fprintf(&s, "ok    %s  (fixed)\n", r.Name)
		default:
			fmt.Fprintf(&s, "ok    %s  %.1f s\n", r.Name, r.Duration.Seconds())
		}
	}
	fmt.Fprintf(&s, "notebooks: %d passed, %d failed\n", len(results)-failed, failed)
	_, err = io.WriteString(w, s.String())
	return failed, err
}

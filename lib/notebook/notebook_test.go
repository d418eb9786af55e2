package notebook

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fashionlatent/lib/figure"
	"fashionlatent/lib/show"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// nbJSON is an executed notebook with the given cells.
func nbJSON(cells ...string) []byte {
	return []byte(`{"cells": [` + strings.Join(cells, ",") + `], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}`)
}

// codeCell is a code cell with the given outputs and tags.
func codeCell(outputs string, tags ...string) string {
	list := ""
	if len(tags) > 0 {
		list = `"` + strings.Join(tags, `","`) + `"`
	}
	return `{"cell_type": "code", "id": "a", "metadata": {"tags": [` + list + `]}, "source": "%%", "execution_count": 1, "outputs": [` + outputs + `]}`
}

func TestCheck(t *testing.T) {
	const (
		markdown = `{"cell_type": "markdown", "id": "m", "metadata": {}, "source": ["exit status 1"]}`
		stdout   = `{"output_type": "stream", "name": "stdout", "text": ["exit status 1\n"]}`
		shell    = `{"output_type": "stream", "name": "stderr", "text": ["a\n", "exit status 3\n"]}`
		warning  = `{"output_type": "stream", "name": "stderr", "text": "a warning\n"}`
		failure  = `{"output_type": "error", "ename": "ERROR", "evalue": "\u001b[31mexit status 2\u001b[0m", "traceback": []}`
		png      = `{"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBORw0="}}`
		html     = `{"output_type": "display_data", "metadata": {}, "data": {"text/html": ["<figure>", "<img alt='x'>"]}}`
		reason   = `{"output_type": "display_data", "metadata": {}, "data": {"text/markdown": ["The figure sweep is not drawn, because there are no scores for it."]}}`
		words    = `{"output_type": "display_data", "metadata": {}, "data": {"text/html": "an img", "application/json": {"a": 1}}}`
	)
	for _, test := range []struct {
		name     string
		notebook []byte
		want     []string
	}{
		{"empty", nbJSON(), nil},
		{"clean", nbJSON(markdown, codeCell(stdout), codeCell(warning)), nil},
		{"error", nbJSON(codeCell(stdout), markdown, codeCell(failure)), []string{"code cell 2: ERROR: exit status 2"}},
		{"silent shell failure", nbJSON(codeCell(shell)), []string{"code cell 1: a command failed: exit status 3"}},
		{"figure as PNG", nbJSON(codeCell(png, "figure")), nil},
		{"figure as HTML", nbJSON(codeCell(html, "other", "figure")), nil},
		{"figure not defined", nbJSON(codeCell(reason, "figure")), nil},
		{"figure missing", nbJSON(codeCell(words, "figure")), []string{`code cell 1: tagged "figure", but shows no picture`}},
		{"no figure wanted", nbJSON(codeCell(words)), nil},
		{"two problems", nbJSON(codeCell(shell, "figure")), []string{
			"code cell 1: a command failed: exit status 3", `code cell 1: tagged "figure", but shows no picture`}},
		{"nothing", nil, []string{"not a notebook: EOF"}},
		{"cut short", nbJSON(markdown)[:40], []string{"not a notebook: unexpected EOF"}},
		{"something behind", append(nbJSON(), '{'), []string{"not a notebook: there is more after the notebook"}},
		{"old format", []byte(`{"nbformat": 3}`), []string{"not a notebook of format 4: nbformat is 3"}},
		{"source of numbers", []byte(`{"nbformat": 4, "cells": [{"source": 1}]}`),
			[]string{"not a notebook: neither a string nor a list of lines"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, p := range Check(test.notebook) {
				got = append(got, p.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNormalise(t *testing.T) {
	const want = `{
 "cells": [
  {
   "cell_type": "markdown",
   "id": "cell-1",
   "metadata": {},
   "source": [
    "# <T>\n",
    "é"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": null,
   "id": "b",
   "metadata": {
    "tags": [
     "figure"
    ]
   },
   "outputs": [],
   "source": [
    "%%\n"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": null,
   "id": "c",
   "metadata": {},
   "outputs": [],
   "source": []
  }
 ],
 "metadata": {
  "kernelspec": {
   "display_name": "Go (gonb)",
   "language": "go",
   "name": "gonb"
  },
  "language_info": {
   "file_extension": ".go",
   "mimetype": "text/x-go",
   "name": "go"
  }
 },
 "nbformat": 4,
 "nbformat_minor": 5
}
`
	got, err := Normalise([]byte(`{"nbformat_minor": 2, "nbformat": 4, "metadata": {"language_info": {"version": "go1.99"}}, "cells": [
		{"cell_type": "markdown", "metadata": {"collapsed": true}, "source": "# <T>\né", "outputs": []},
		{"cell_type": "code", "id": "b", "metadata": {"execution": {"t": 1}, "tags": ["figure"]}, "source": ["%%\n"],
		 "execution_count": 7, "outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}]},
		{"cell_type": "code", "id": "c", "source": ""}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("normal form (-want +got):\n%s", diff)
	}
	again, err := Normalise(got)
	if err != nil || !bytes.Equal(got, again) {
		t.Errorf("normal form of the normal form differs: %v\n%s", err, cmp.Diff(string(got), string(again)))
	}
}

func TestNormaliseRefuses(t *testing.T) {
	for _, test := range []struct{ name, notebook, want string }{
		{"no JSON", "x", "not a notebook: invalid character"},
		{"no cells", `{"nbformat": 4}`, "no cells"},
		{"cell without source", `{"nbformat": 4, "cells": [{"cell_type": "code"}]}`, "cell 1 has no source"},
		{"same id twice", `{"nbformat": 4, "cells": [{"id": "a", "source": ""}, {"id": "a", "source": ""}]}`, `cell 2 has the id "a"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Normalise([]byte(test.notebook)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

func FuzzNormalise(f *testing.F) {
	f.Add(nbJSON(codeCell("")))
	f.Add([]byte(`{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["a\n", "b"]}, null]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		Check(content)
		once, err := Normalise(content)
		if err != nil {
			return
		}
		twice, err := Normalise(once)
		if err != nil || !bytes.Equal(once, twice) {
			t.Errorf("not normal after one pass (%v):\n%s\n%s", err, once, twice)
		}
	})
}

// The notebooks in the project are stored in the form of Fix, and Style finds no problem in them.
func TestNotebooksAreNormal(t *testing.T) {
	books, err := read("../../notebooks")
	if err != nil {
		t.Fatal(err)
	}
	if len(books) == 0 {
		t.Fatal("there are no notebooks")
	}
	for _, b := range books {
		fixed, err := Fix(b.content)
		if err != nil {
			t.Errorf("%s: %v", b.name, err)
		} else if !bytes.Equal(b.content, fixed) {
			t.Errorf("%s is not in the form in which it is stored (Jupyter stored outputs or versions in it, or its Go is not formatted): make notebooks-fix", b.name)
		}
		for _, p := range Style(b.content) {
			t.Errorf("%s: %v", b.name, p)
		}
	}
}

// The first code cell imports every package that the cells use, so that a mistyped name of a package is answered with that
// name.
func TestNotebooksImport(t *testing.T) {
	books, err := read("../../notebooks")
	if err != nil {
		t.Fatal(err)
	}
	paths := map[string]string{} // of the packages that any notebook imports, by name
	imported, used := map[string]map[string]bool{}, map[string][]string{}
	for _, b := range books {
		nb, err := decode(b.content)
		if err != nil {
			t.Fatal(err)
		}
		imported[b.name] = map[string]bool{}
		code := 0
		for _, c := range nb.Cells {
			if c.Type != "code" {
				continue
			}
			code++
			_, source := splitCell(string(c.Source))
			selected, imports := names(source)
			used[b.name] = append(used[b.name], selected...)
			if code > 1 && len(imports) > 0 {
				t.Errorf("%s: code cell %d imports %v, want imports in the first one", b.name, code, imports)
			}
			for _, i := range imports {
				paths[i[1]], imported[b.name][i[1]] = i[0], true
			}
		}
	}
	always := []string{"context", "errors", "fmt", "experiments", "show"}
	for _, b := range books {
		for _, name := range append(always, used[b.name]...) {
			if paths[name] != "" && !imported[b.name][name] {
				t.Errorf("%s: the first code cell does not import %q", b.name, paths[name])
			}
		}
	}
	for _, name := range always {
		if paths[name] == "" {
			t.Errorf("no notebook imports %s", name)
		}
	}
}

// Links between notebooks lead to notebooks that exist.
func TestNotebooksAreLinked(t *testing.T) {
	books, err := read("../../notebooks")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range books {
		links := regexp.MustCompile(`\]\(([^)]*\.ipynb)\)`).FindAllSubmatch(b.content, -1)
		if len(links) == 0 {
			t.Errorf("%s leads to no other notebook", b.name)
		}
		for _, link := range links {
			if _, err := os.Stat(filepath.Join("../../notebooks", string(link[1]))); err != nil {
				t.Errorf("%s: %v", b.name, err)
			}
		}
	}
}

func TestHeadline(t *testing.T) {
	for _, test := range []struct{ source, title, summary string }{
		{`# The *latent* space\n\nA first, of [codes](a.ipynb)\nand 0.5 more. A second.`, "The latent space", "A first, of codes and 0.5 more."},
		{`Before\n\n## Two ##\nOne line`, "Two", "One line"},
		{`# Alone`, "Alone", ""},
		{`# One\n# Two\nText.`, "One", ""},
		{`no heading`, "", ""},
	} {
		nb, err := decode(nbJSON(`{"cell_type": "markdown", "source": "` + test.source + `"}`))
		if err != nil {
			t.Fatal(err)
		}
		if title, summary := headline(nb); title != test.title || summary != test.summary {
			t.Errorf("headline of %q = %q, %q, want %q, %q", test.source, title, summary, test.title, test.summary)
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got), -update accepts it:\n%s", path, diff)
	}
}

func TestIndex(t *testing.T) {
	var page bytes.Buffer
	err := renderIndex(&page, Index{
		Title: "AE & VAE",
		Lead:  "What the notebooks found.", Coming: "One notebook is still to come.",
		Notebooks: []Result{
			{Name: "1-data", Title: "The data", Summary: "Ten classes of clothes.", Page: "1-data.html"},
			{Name: "3-more", Title: "More", Summary: "Much more.", Pending: true},
			{Name: "2-models", Title: "The <models>", Problems: []Problem{{Cell: 2, Text: "ERROR: exit status 2"}, {Text: "late"}}},
		},
		Pages:  []Link{{Title: "Explorer", Summary: "Move about.", Page: "explorer.html"}},
		Tables: []show.Table{{Title: "Clusters", Header: []string{"model", "NMI"}, Rows: [][]string{{"AE", "0.51 ± 0.02"}}, Note: "5 seeds."}},
		Chapters: []Chapter{
			{Name: "epochs", Question: "How do clusters form?", Note: "One run.", Tables: []show.Table{{Header: []string{"epoch"}, Rows: [][]string{{"1"}}}}, Pictures: []Picture{{Name: "codes", Figure: planted()}}},
			{Name: "claim-1", Question: "Claim 1", Quote: "It is more <complete>.", Text: "It is measured.", Open: true, Tables: []show.Table{{Header: []string{"verdict"}, Rows: [][]string{{"holds"}}}},
				Pictures: []Picture{{Name: "codes", Figure: planted(), Chapter: "epochs"}}},
			{Name: "empty", Question: "And what else?"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "index.html", page.Bytes())
}

// planted is a figure of a few pixels.
func planted() *figure.Figure {
	return &figure.Figure{Image: image.NewGray(image.Rect(0, 0, 16, 8)), Alt: `A "black" picture.`, Caption: "What is seen. Run a-1.", Width: 8}
}

func TestWriteIndex(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "html")
	with := func(f *figure.Figure) Index {
		return Index{Title: "T", Coming: "More comes.", Chapters: []Chapter{{Name: "epochs", Pictures: []Picture{{Name: "codes", Figure: f}}}}}
	}
	index := with(planted())
	if err := WriteIndex(folder, index); err != nil {
		t.Fatal(err)
	}
	picture := filepath.Join(folder, "figures", "epochs-codes.png")
	large, err := figure.Read(readFile(picture))
	if err != nil || large.Alt != planted().Alt {
		t.Errorf("the picture that the small one leads to: %+v, %v", large, err)
	}
	first := readFile(filepath.Join(folder, "index.html"))
	if err := os.Remove(picture); err != nil {
		t.Fatal(err)
	}
	index.Coming = ""
	if err := WriteIndex(folder, index); err != nil {
		t.Fatal(err)
	}
	finished := readFile(filepath.Join(folder, "index.html"))
	if said := []byte("<p class=\"coming\">More comes.</p>\n"); !bytes.Contains(first, said) || !bytes.Equal(finished, bytes.Replace(first, said, nil, 1)) {
		t.Errorf("first the page was\n%s, then\n%s", first, finished)
	}
	if _, err := os.Stat(picture); err == nil {
		t.Error("the picture was written again")
	}
	unspoken := planted()
	unspoken.Alt = " "
	index = with(unspoken)
	if err := WriteIndex(folder, index); err == nil || !strings.Contains(err.Error(), "index.html: a picture has no alternative text") {
		t.Errorf("a picture without alternative text: %v", err)
	}
}

func TestFaults(t *testing.T) {
	for _, test := range []struct{ name, page, want string }{
		{"a picture with alternative text", `<img width=3 alt="a > b" src="data:,">`, ""},
		{"in other quotes", `<IMG src='data:,' ALT = 'a'/>`, ""},
		{"no picture", `<p>alt <code>&lt;img&gt;</code></p>`, ""},
		{"without", `<p><img src="data:,"></p>`, `a picture has no alternative text: <img src="data:,">`},
		{"empty", `<img alt="" src="data:,">`, "no alternative text"},
		{"blank", "<img\nalt='  '>", "no alternative text"},
		{"only in its address", `<img src="alt=x">`, "no alternative text"},
		{"in what follows", `<img src="x"> alt="a"`, "no alternative text"},
		{"the network", `<script src="https://example.org/x.js"></script>`, "the page would load https://example.org/x.js from the network"},
		{"the most there may be", strings.Repeat("x", 3_000_000), ""},
		{"too large", strings.Repeat("x", 3_100_000), "the page has 3.1 MB, want at most 3.0 MB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			problems := faults([]byte(test.page))
			if test.want == "" && problems != nil || test.want != "" && (len(problems) != 1 || !strings.Contains(problems[0].Text, test.want)) {
				t.Errorf("got %v, want %q", problems, test.want)
			}
		})
	}
}

func TestPage(t *testing.T) {
	books := []book{{name: "1-a", title: "A"}, {name: "2-b", title: "B", summary: `"Two"`}, {name: "3-c", title: "C"}}
	key := strings.Repeat("ab", 32)
	page, err := renderPage(books, 1, key, "Data: letters.", []byte(`<p><a href="1-a.ipynb#x">a</a> <a href="9-gone.ipynb">gone</a> <a href="https://example.org/x.ipynb">b</a></p>`))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "page.html", page)
	path := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(path, page, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := PageKey(path); got != key {
		t.Errorf("key of the page is %q, want %q", got, key)
	}
	if address := external.Find(page); address != nil {
		t.Errorf("the page loads %s", address)
	}
	for _, loads := range []string{`<script src="https://example.org/x.js">`, `<img alt='a' src=//example.org/x>`, `<link rel="x" href='http://a/b'>`} {
		if !external.MatchString(loads) {
			t.Errorf("%s is not seen as loading from the network", loads)
		}
	}
}

func TestReport(t *testing.T) {
	var s strings.Builder
	failed, err := Report(&s, []Result{
		{Name: "1-a", Duration: 1500 * time.Millisecond},
		{Name: "2-b", Unchanged: true},
		{Name: "3-c", Problems: []Problem{{Cell: 1, Text: "one\ntwo"}}},
	})
	const want = `ok    1-a  1.5 s
ok    2-b  (unchanged)
FAIL  3-c
      code cell 1: one
      two
notebooks: 2 passed, 1 failed
`
	if diff := cmp.Diff(want, s.String()); diff != "" || failed != 1 || err != nil {
		t.Errorf("failed %d, error %v (-want +got):\n%s", failed, err, diff)
	}
}

func TestLastWords(t *testing.T) {
	const stderr = "I1124 04:01:58.610705   15634 a.go:183] log\nTraceback (most recent call last):\n  File x\n" +
		"nbclient.exceptions.CellTimeoutError: A cell timed out\n\x1b[31mred\x1b[0m\nW1124 04:01:58.610705   15634 a.go:1] log\n"
	if got, want := lastWords(stderr, errors.New("exit status 1")), "CellTimeoutError: A cell timed out\nred"; got != want {
		t.Errorf("last words %q, want %q", got, want)
	}
	if got, want := lastWords("", errors.New("exit status 1")), "nbconvert: exit status 1"; got != want {
		t.Errorf("last words %q, want %q", got, want)
	}
}

// fakeProject is a project whose nbconvert is the given shell script.
func fakeProject(t *testing.T, nbconvert string) Options {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("needs a shell")
	}
	root := t.TempDir()
	for path, content := range map[string]string{
		".venv/bin/jupyter-nbconvert":                  "#!/bin/sh\n" + nbconvert,
		".venv/share/jupyter/kernels/gonb/kernel.json": "{}",
		"go.mod":               "module x",
		"main.go":              "package main",
		"notebooks/10-b.ipynb": string(nbJSON(`{"cell_type": "markdown", "source": "# B"}`)),
		"notebooks/2-a.ipynb":  string(nbJSON(`{"cell_type": "markdown", "source": "# A\n\nSentence."}`)),
		"notebooks/.ipynb_checkpoints/2-a-check.ipynb": "x",
	} {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return Options{Root: root, Scale: "smoke"}
}

// echo prints the notebook that it is given, or a page that states the environment in which its cells would run.
const echo = `for file; do :; done
case $* in
*--execute*) [ "${file##*/}" != "$FAILING" ] || { echo "x.CellExecutionError: planted" >&2; exit 1; }; cat "$file" ;;
*) echo "<p>$FASHIONLATENT_SCALE $FASHIONLATENT_RESULTS $JUPYTER_DATA_DIR</p>" ;;
esac
`

func TestExecute(t *testing.T) {
	opts := fakeProject(t, echo)
	var calls []string
	opts.Progress = func(done, total int, text string) { calls = append(calls, text) }
	execute := func() []Result {
		t.Helper()
		results, err := Execute(context.Background(), opts)
		if err != nil {
			t.Fatal(err)
		}
		for i := range results {
			results[i].Duration = 0
		}
		return results
	}
	a := Result{Name: "2-a", Title: "A", Summary: "Sentence.", Page: "2-a.html"}
	b := Result{Name: "10-b", Title: "B", Page: "10-b.html"}
	wantFound := func(want ...Result) {
		t.Helper()
		there, err := Found(opts)
		if diff := cmp.Diff(want, there); err != nil || diff != "" {
			t.Errorf("found, %v (-want +got):\n%s", err, diff)
		}
	}
	pending := func(r Result) Result { return Result{Name: r.Name, Title: r.Title, Summary: r.Summary, Pending: true} }
	wantFound(pending(a), pending(b))
	var ended [][]Result
	opts.Ended = func(results []Result) { ended = append(ended, results) }
	if diff := cmp.Diff([]Result{a, b}, execute()); diff != "" {
		t.Errorf("first time (-want +got):\n%s", diff)
	}
	if slices.Sort(calls); !slices.Equal(calls, []string{"10-b", "10-b", "2-a", "2-a"}) {
		t.Errorf("progress was told of %q", calls)
	}
	page, err := os.ReadFile(filepath.Join(opts.Root, "results/html/2-a.html"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "<p>smoke " + filepath.Join(opts.Root, "results") + " " + filepath.Join(opts.Root, ".venv/share/jupyter") + "</p>"; !bytes.Contains(page, []byte(want)) {
		t.Errorf("page without %q:\n%s", want, page)
	}

	if len(ended) != 2 || ended[0][0].Pending == ended[0][1].Pending || ended[1][0].Pending || ended[1][1].Pending {
		t.Errorf("after each notebook there was %+v", ended)
	}
	a.Unchanged, b.Unchanged = true, true
	wantFound(a, b)
	if diff := cmp.Diff([]Result{a, b}, execute()); diff != "" {
		t.Errorf("again (-want +got):\n%s", diff)
	}
	if len(ended) != 2 {
		t.Errorf("of notebooks that were up to date, %d were said to have ended", len(ended)-2)
	}

	opts.Names = []string{"10-b"}
	earlier, absent, err := Earlier(opts)
	if diff := cmp.Diff([]Result{{Name: "2-a", Title: "A", Summary: "Sentence.", Page: "2-a.html", Earlier: true}}, earlier); err != nil || diff != "" || absent != nil {
		t.Errorf("earlier, %v (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff([]Result{{Name: "10-b", Title: "B", Page: "10-b.html"}}, execute()); diff != "" { // its page now links to no other
		t.Errorf("of one name (-want +got):\n%s", diff)
	}
	opts.Names = []string{"3-c"}
	if _, err := Execute(context.Background(), opts); err == nil || !strings.Contains(err.Error(), `no notebook is called "3-c"; want one of 2-a, 10-b`) {
		t.Errorf("of a name that is none's: %v", err)
	}
	opts.Names = nil
	if earlier, _, err := Earlier(opts); err != nil || earlier != nil {
		t.Errorf("beside all notebooks there are %+v, %v", earlier, err)
	}
	if err := os.WriteFile(filepath.Join(opts.Root, "main.go"), []byte("package main // changed"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("FAILING", "10-b.ipynb")
	a.Unchanged, b.Unchanged = false, false
	b.Page, b.Problems = "", []Problem{{Text: "CellExecutionError: planted"}}
	if diff := cmp.Diff([]Result{a, b}, execute()); diff != "" {
		t.Errorf("after a change (-want +got):\n%s", diff)
	}
}

// A kernel that dies before its first cell is started again once.
func TestExecuteAgain(t *testing.T) {
	opts := fakeProject(t, `for file; do :; done
[ -e "$file.started" ] || case $* in *--execute*)
	touch "$file.started"
	echo "RuntimeError: Kernel died before replying to kernel_info" >&2
	exit 1
esac
`+echo)
	opts.Jobs = 1
	results, err := Execute(context.Background(), opts)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if len(r.Problems) > 0 {
			t.Errorf("%s: %v", r.Name, r.Problems)
		}
	}
}

func TestExecuteRefuses(t *testing.T) {
	for _, test := range []struct {
		name    string
		without string // a file or folder of the project
		want    string
	}{
		{"no environment", ".venv/bin", "run make setup"},
		{"no kernel", ".venv/share", "run make setup"},
		{"no notebooks", "notebooks", "there is no folder of notebooks"},
	} {
		t.Run(test.name, func(t *testing.T) {
			opts := fakeProject(t, echo)
			if err := os.RemoveAll(filepath.Join(opts.Root, test.without)); err != nil {
				t.Fatal(err)
			}
			if _, err := Execute(context.Background(), opts); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

// A cancelled execution ends at once and ends all processes that it started, also a kernel in a session of its own.
func TestExecuteCancelled(t *testing.T) {
	if _, err := exec.LookPath("setsid"); err != nil {
		t.Skip("needs setsid")
	}
	opts := fakeProject(t, `setsid sleep 300 & echo $! >>pids; wait`)
	pids := filepath.Join(opts.Root, "notebooks/pids")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		for bytes.Count(readFile(pids), []byte("\n")) < 2 && ctx.Err() == nil {
			time.Sleep(5 * time.Millisecond)
		}
		cancel()
	}()
	opts.Jobs = 2
	if _, err := Execute(ctx, opts); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	for pid := range strings.FieldsSeq(string(readFile(pids))) {
		for deadline := time.Now().Add(10 * time.Second); alive(pid); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("process %s is still there", pid)
			}
		}
	}
}

func alive(pid string) bool {
	stat := readFile("/proc/" + pid + "/stat")
	return len(stat) > 0 && !bytes.Contains(stat, []byte(") Z "))
}

func readFile(path string) []byte {
	content, _ := os.ReadFile(path)
	return content
}

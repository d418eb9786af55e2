package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fashionlatent/experiments/lab"
	"fashionlatent/lib/notebook"
)

// The page of the document has its figures and claims, and the index has a link to it. Another data set has none.
func TestDocumentPage(t *testing.T) {
	for _, c := range []struct {
		notice string
		there  bool
	}{{"", true}, {"Data: tiny. ", false}} {
		out := t.TempDir()
		p := &pages{Options: notebook.Options{Out: out, Scale: lab.Full.Name, Notice: c.notice}, tables: filepath.Join(lab.Root(), "results")}
		if err := p.finish(); err != nil {
			t.Fatal(err)
		}
		index, err := os.ReadFile(filepath.Join(out, "index.html"))
		if err != nil {
			t.Fatal(err)
		}
		page, err := os.ReadFile(filepath.Join(out, documentPage))
		if there := err == nil; there != c.there || strings.Contains(string(index), `<a href="document.html">`) != c.there {
			t.Errorf("with the notice %q the page is there: %v, %v", c.notice, there, err)
		}
		for _, says := range []string{"TABLE I: Fashion MNIST", "Figures 6 and 7", "Claim 1", `<a href="figures/comparison-manifold.png">`, `<a href="index.html">`} {
			if c.there && !strings.Contains(string(page), says) {
				t.Errorf("the page has no %q", says)
			}
		}
		if _, err := os.Stat(filepath.Join(out, "figures", "comparison-manifold.png")); c.there && err != nil {
			t.Error(err)
		}
	}
}

// Kernels run in another folder, so they get absolute paths, but the name of a known data set is no path.
func TestHandOn(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(filepath.Dir(folder))
	for given, want := range map[string]string{"mnist": "mnist", filepath.Base(folder): folder} {
		t.Setenv(lab.EnvData, "other")
		t.Setenv("MNIST_DIR", filepath.Base(folder))
		if err := handOn(lab.Options{Data: given}); err != nil {
			t.Fatal(err)
		}
		if got := os.Getenv(lab.EnvData); got != want {
			t.Errorf("%s is handed on as %s, want %s", given, got, want)
		}
		if got := os.Getenv("MNIST_DIR"); got != folder {
			t.Errorf("the folder of MNIST is %s, want %s", got, folder)
		}
	}
}

// The index lists the pages of other notebooks that lie in the folder, in order, and counts them not among those to come.
func TestEarlierPages(t *testing.T) {
	out := t.TempDir()
	p := &pages{Options: notebook.Options{Out: out, Scale: lab.Smoke.Name}, tables: t.TempDir(),
		index:   notebook.Index{Notebooks: []notebook.Result{{Name: "8-loss", Title: "Losses", Pending: true}}},
		earlier: []notebook.Result{{Name: "1-dataset", Title: "Data", Page: "1-dataset.html", Earlier: true}, {Name: "14-explore", Title: "Explore", Page: "14-explore.html", Earlier: true}}}
	if err := p.write(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(out, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	index, last := string(content), 0
	for _, says := range []string{"1 of 1 notebooks", `<a href="1-dataset.html">Data</a> (from an earlier run)`, "Losses (still to come)", `<a href="14-explore.html">Explore</a> (from an earlier run)`} {
		at := strings.Index(index, says)
		if at < last {
			t.Errorf("%q is at %d, want it after %d", says, at, last)
		}
		last = at
	}
}

// The index names the command that makes it.
func TestMakes(t *testing.T) {
	for _, c := range []struct {
		from lab.Options
		want string
	}{
		{lab.Options{Scale: "quick"}, "make run"},
		{lab.Options{Scale: "full"}, "bin/fashionlatent run -scale full"},
		{lab.Options{Scale: "quick", Data: "my images", Results: "r"}, "bin/fashionlatent run -scale quick -data 'my images' -results r"},
	} {
		if got := makes(c.from); got != c.want {
			t.Errorf("%+v: %s, want %s", c.from, got, c.want)
		}
	}
}

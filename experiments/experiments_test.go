package experiments_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"fashionlatent/experiments"
	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/report"
	"fashionlatent/lib/fashion/fashiontest"
)

// openLab opens a lab with 60 training and 20 test images, synthetic, at smoke scale.
func openLab(t *testing.T, results string, out *bytes.Buffer) *experiments.Lab {
	t.Helper()
	l, err := lab.Open(context.Background(), lab.Options{
		Scale: "smoke", Results: results, Data: fashiontest.Folder(t), Out: out,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

func TestExperiments(t *testing.T) {
	t.Parallel()
	results := t.TempDir()
	var first, second bytes.Buffer
	l := openLab(t, results, &first)
	var reports []*report.Report
	for _, e := range experiments.All {
		reports = append(reports, planThenRun(t, l, results, &first, e))
	}
	want := map[string]struct {
		rows    int
		figures []string
	}{
		"comparison":  {4, []string{"certain-16", "certain-2", "clusters-16", "clusters-2", "codes-16", "codes-2", "curves", "diagram-ae", "diagram-vae", "embedding-16", "images", "manifold", "reconstructions", "samples", "sources"}},
		"latent-size": {13, []string{"generation", "reconstructions", "sweep"}},
		"epochs":      {16, []string{"classes-communities", "classes-k-means", "classes-mixture", "codes-ae-16", "codes-ae", "codes-vae-16", "codes-vae", "measures"}},

		"architecture": {14, []string{"sweep"}},
		"loss":         {14, []string{"curve", "reconstructions"}},
		"augmentation": {10, []string{"sweep"}},
		"clustering":   {35, []string{"accuracy", "confusion", "number"}},
		"generation":   {30, []string{"interpolations", "samples", "sweep"}},
		"likelihood":   {8, []string{"curves", "longer"}},
		"outliers":     {10, []string{"auroc", "extremes", "histograms"}},
	}
	for i, e := range experiments.All {
		folder := l.Folder(e.Name)
		file, err := os.Open(filepath.Join(folder, "table.csv"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		rows, err := csv.NewReader(file).ReadAll()
		if err != nil || len(rows) != 1+want[e.Name].rows {
			t.Errorf("%s: %d rows, want a head and %d (%v)", e.Name, len(rows), want[e.Name].rows, err)
		}
		text, err := os.ReadFile(filepath.Join(folder, "README.md"))
		if err != nil || !strings.Contains(string(text), "experiment "+e.Name+" -scale smoke -data ") || !strings.Contains(string(text), "Data: tiny, images of 28 x 28 of 10 classes, checksum 55ff423a713a.") {
			t.Errorf("%s: the page does not say how its table was made: %v", e.Name, err)
		}
		for _, name := range want[e.Name].figures {
			if !strings.Contains(string(text), `<img src="`+name+`.png" width="`) {
				t.Errorf("%s: the page does not show %s", e.Name, name)
			}
		}
		pictures, _ := filepath.Glob(filepath.Join(folder, "*.png"))
		for i, p := range pictures {
			pictures[i] = strings.TrimSuffix(filepath.Base(p), ".png")
		}
		if !slices.Equal(pictures, want[e.Name].figures) {
			t.Errorf("%s: figures %q, want %q", e.Name, pictures, want[e.Name].figures)
		}
		for _, f := range reports[i].Figures {
			if f.Figure.Alt == "" || f.Figure.Caption == "" || !slices.Contains([]string{"images", "diagram-ae", "diagram-vae"}, f.Name) && !strings.Contains(f.Figure.Caption, "Run") {
				t.Errorf("%s: figure %s has no alternative text, or no caption that says of which run it is: %q", e.Name, f.Name, f.Figure.Caption)
			}
		}
		// What the first call left is read unchanged.
		read, err := report.Read(folder)
		if err != nil {
			t.Fatal(err)
		}
		was, is := reports[i].Page(), read.Page()
		if is != was || len(read.Figures) != len(reports[i].Figures) {
			t.Errorf("%s: read %d figures and\n%s\nwant %d and\n%s", e.Name, len(read.Figures), is, len(reports[i].Figures), was)
		}
		for j, f := range read.Figures {
			if w := reports[i].Figures[j]; f.Name != w.Name || f.Figure.Alt != w.Figure.Alt || f.Figure.Caption != w.Figure.Caption || f.Figure.Width != w.Figure.Width {
				t.Errorf("%s: figure %s was read as %s, %q, %q", e.Name, w.Name, f.Name, f.Figure.Alt, f.Figure.Caption)
			}
		}
	}

	for _, e := range experiments.All { // so that everything is made again
		if err := os.Remove(filepath.Join(l.Folder(e.Name), "report.json")); err != nil {
			t.Fatal(err)
		}
	}
	var again []*report.Report
	l = openLab(t, results, &second)
	for _, e := range experiments.All {
		r, err := e.Run(context.Background(), l)
		if err != nil {
			t.Fatal(err)
		}
		again = append(again, r)
	}
	if strings.Contains(second.String(), "epoch 1 of") {
		t.Errorf("runs that were there were trained again:\n%s", &second)
	}
	for i := range reports {
		if was, is := reports[i].Tables, again[i].Tables; !reflect.DeepEqual(was, is) {
			t.Errorf("%s: the tables changed from\n%v\nto\n%v", experiments.All[i].Name, was, is)
		}
		for j, f := range reports[i].Figures {
			one, err1 := f.Figure.PNG()
			two, err2 := again[i].Figures[j].Figure.PNG()
			if err1 != nil || err2 != nil || !bytes.Equal(one, two) {
				t.Errorf("%s: figure %s changed", experiments.All[i].Name, f.Name)
			}
		}
	}
	if summary := experiments.Summary(reports[0]).Show(); len(summary.Rows) != 4 || summary.Rows[3][0] != "VAE" || summary.Rows[3][1] != "16" {
		t.Errorf("summary %+v", summary)
	}
}

// A report is read if it would be made from the same inputs, and made again if anything in it has changed.
func TestReportIsMadeOnce(t *testing.T) {
	t.Parallel()
	results := t.TempDir()
	var out bytes.Buffer
	var firsts int
	study := func() (reports []*report.Report) {
		t.Helper()
		firsts = 0
		l := openLab(t, results, &out)
		l.Scale.Seeds = 1
		err := experiments.Study(context.Background(), l, func(r *report.Report) error {
			firsts++
			if len(r.Tables[0].Rows) != 2 || len(r.Figures) != 2 || reports != nil {
				t.Errorf("the first look, after %d reports, has the table %v and %d figures", len(reports), r.Tables[0].Rows, len(r.Figures))
			}
			return nil
		}, func(r *report.Report) error {
			reports = append(reports, r)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return reports
	}
	made := study()
	if firsts != 1 || len(made) != 3 {
		t.Errorf("%d first looks and %d reports, want 1 and 3", firsts, len(made))
	}
	l := openLab(t, results, &out)
	folder := l.Folder(experiments.Comparison)
	page, table, saved := filepath.Join(results, "html", "explorer.html"), filepath.Join(folder, "table.csv"), filepath.Join(folder, "report.json")
	write := func() {
		if err := experiments.WriteExplorer(context.Background(), l, page); err != nil {
			t.Fatal(err)
		}
	}
	write()
	changed := func(path string) func() bool {
		before, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return func() bool {
			after, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			return !os.SameFile(before, after) // a file that was written again is another file
		}
	}
	anew, pageAnew := changed(saved), changed(page)
	found := study()
	write()
	if firsts != 0 || anew() || pageAnew() || found[0].About() != made[0].About() {
		t.Errorf("made again: first look %d times, report %v, explorer %v", firsts, anew(), pageAnew())
	}
	want, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(table, []byte("changed"), 0o644); err != nil {
		t.Fatal(err)
	}
	study()
	if got, err := os.ReadFile(table); err != nil || firsts != 1 || !bytes.Equal(got, want) || !anew() {
		t.Errorf("a changed table: first look %d times, %v, %s", firsts, err, got)
	}
	l.Scale.Samples++ // the distances in the page are those to the nearest of that many images
	write()
	if !pageAnew() {
		t.Error("the explorer was not made again at another scale")
	}
}

// In pure Go, runs that are trained at the same time equal, to the bit, runs that are trained one after another.
func TestRunsAtOnceAreTheSame(t *testing.T) {
	t.Parallel()
	folder := fashiontest.Folder(t)
	weights := func(jobs int) map[string]string {
		var out bytes.Buffer
		l, err := lab.Open(context.Background(), lab.Options{
			Scale: "smoke", Results: t.TempDir(), Data: folder, Jobs: jobs, Out: &out,
		})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if err := lab.Prepare(context.Background(), l, l.ReferenceJobs([]int{lab.Narrow, lab.Wide}, 2)); err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("%d at once", jobs); !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, &out)
		}
		runs, err := l.Runs.List()
		if err != nil {
			t.Fatal(err)
		}
		sums := map[string]string{}
		for _, run := range runs {
			m, err := run.Manifest()
			if err != nil {
				t.Fatal(err)
			}
			sums[run.Name()] = m.WeightsSHA256
		}
		return sums
	}
	if one, three := weights(1), weights(3); len(one) < 4 || !maps.Equal(one, three) {
		t.Errorf("one after another:\n%v\nthree at once:\n%v", one, three)
	}
}

func TestOpenErrors(t *testing.T) {
	for _, c := range []struct {
		options lab.Options
		says    string
	}{
		{lab.Options{Scale: "tremendous"}, `"tremendous"; want one of smoke, quick, full`},
		{lab.Options{Scale: "smoke", Jobs: -1}, "number of runs at the same time is -1"},
	} {
		if _, err := lab.Open(context.Background(), c.options); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: got %v, want it to say %q", c.options, err, c.says)
		}
	}
}

func TestRunOfAnotherDataSetIsRefused(t *testing.T) {
	var out bytes.Buffer
	ctx, results := context.Background(), t.TempDir()
	l := openLab(t, results, &out)
	r, err := l.Reference(ctx, "ae", 2, 0)
	if err != nil {
		t.Fatal(err)
	}
	l.Data = l.Data.Head(30, 10)
	if _, err := l.OpenRun(r.Run.Name()); err == nil || !strings.Contains(err.Error(), `was trained on "tiny" with checksum`) {
		t.Errorf("got %v", err)
	}
}

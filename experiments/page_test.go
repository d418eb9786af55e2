package experiments_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"fashionlatent/experiments"
	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/report"
)

var update = flag.Bool("update", false, "write the pages of results anew")

// TestPublished compares the published pages with the files beside them. The index consists of the experiments' pages.
// These show every figure in their folder and no other. If scores are kept, every number follows from them.
func TestPublished(t *testing.T) {
	results := filepath.Join(lab.Root(), "results")
	if *update {
		if err := experiments.Rewrite(results, lab.Full.Name); err != nil {
			t.Fatal(err)
		}
		if err := experiments.WriteIndex(results, lab.Setting{}); err != nil {
			t.Fatal(err)
		}
	}
	readme := filepath.Join(lab.Root(), "README.md")
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := experiments.Readme(string(text), results)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(readme, []byte(tables), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if string(text) != tables {
		t.Error("README.md has other tables than results; go test ./experiments -run Published -update makes them")
	}
	image := regexp.MustCompile(`<img src="([^"]+)" width="\d+" alt="[^"]+">`)
	for _, e := range experiments.All {
		folder := filepath.Join(results, e.Name)
		text, err := os.ReadFile(filepath.Join(folder, "README.md"))
		if os.IsNotExist(err) {
			continue // the index lists it as missing
		}
		if err != nil {
			t.Fatal(err)
		}
		page := string(text)
		r, err := report.Read(folder)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(page, r.Markdown()) {
			t.Errorf("%s: the page does not have the tables of report.json", e.Name)
		}
		shown := map[string]bool{}
		for _, m := range image.FindAllStringSubmatch(page, -1) {
			shown[m[1]] = true
		}
		files, err := filepath.Glob(filepath.Join(folder, "*.png"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if !shown[filepath.Base(f)] {
				t.Errorf("%s: the page does not show %s", e.Name, filepath.Base(f))
			}
			delete(shown, filepath.Base(f))
		}
		for f := range shown {
			t.Errorf("%s: the page shows %s, which is not there", e.Name, f)
		}
		if !strings.Contains(page, "-scale full. ") {
			t.Errorf("%s: the page does not say that it was made at full scale", e.Name)
		}
	}
	verified, err := experiments.Verify(t.Context(), results, "full")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range verified {
		for _, problem := range v.Problems {
			t.Errorf("%s: %s; go test ./experiments -run Published -update writes what follows from scores.csv again", v.Experiment, problem)
		}
	}
}

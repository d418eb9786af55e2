package experiments_test

import (
	"encoding/csv"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"fashionlatent/experiments"
)

var update = flag.Bool("update", false, "write results/README.md anew")

// TestPublished holds the published pages against the files beside them: the index is made of the experiments' pages, which
// show every figure of their folder and no other, and the numbers of table.csv.
func TestPublished(t *testing.T) {
	results := filepath.Join(experiments.Root(), "results")
	want, err := experiments.Index(results)
	if err != nil {
		t.Fatal(err)
	}
	index := filepath.Join(results, "README.md")
	if *update {
		if err := os.WriteFile(index, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(index); err != nil || string(got) != want {
		t.Errorf("results/README.md is not made of the pages in the experiments' folders (%v); go test ./experiments -run Published -update makes it", err)
	}
	image := regexp.MustCompile(`<img src="([^"]+)" width="\d+" alt="[^"]+">`)
	for _, e := range experiments.All {
		folder := filepath.Join(results, e.Name)
		text, err := os.ReadFile(filepath.Join(folder, "README.md"))
		if os.IsNotExist(err) {
			continue // the index says so
		}
		if err != nil {
			t.Fatal(err)
		}
		page := string(text)
		report, err := experiments.ReadReport(results, "full", e)
		if err != nil {
			t.Fatal(err)
		}
		if tables, err := report.Markdown(); err != nil || !strings.Contains(page, tables) {
			t.Errorf("%s: the page does not have the tables of report.json (%v)", e.Name, err)
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
		file, err := os.Open(filepath.Join(folder, "table.csv"))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(file).ReadAll()
		file.Close()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			for _, cell := range row {
				if !strings.Contains(page, cell) {
					t.Errorf("%s: the page does not have %q of table.csv", e.Name, cell)
				}
			}
		}
		if !strings.Contains(page, "-scale full. ") {
			t.Errorf("%s: the page does not say that it was made at full scale", e.Name)
		}
	}
}

package experiments

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/report"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
)

// Index is the text of the page that joins the experiments' pages in a folder of tables. It holds what each experiment
// left there at full scale, in order.
func Index(tables string, s lab.Setting) (string, error) {
	more := ""
	if s.About == "" {
		more = "; [bench](bench/table.md) has the measurements of speed. [The document and this study](" + DocumentName + ") goes through the document that the study follows: its figures and claims, with what was found for each"
	}
	text := "# Results\n\n" + show.Escape(s.About) + "The experiments at full scale, in the order in which they are read. This page is put together from the pages in the experiments' folders " +
		"whenever one of them is run at full scale" + more + ".\n"
	missing := ""
	for i, e := range All {
		page, err := os.ReadFile(filepath.Join(tables, e.Name, report.PageName))
		if os.IsNotExist(err) {
			missing += fmt.Sprintf("- %s (`fashionlatent experiment %s -scale full`)\n", e.Question, e.Name)
			continue
		}
		if err != nil {
			return "", err
		}
		body := strings.ReplaceAll(string(page), `<img src="`, `<img src="`+e.Name+"/")
		text += fmt.Sprintf("\n## %d. %s", i+1, strings.TrimPrefix(body, "# "))
	}
	if missing != "" {
		where := ""
		if s.About != "" {
			where = "With `-data` and the path of these images:\n\n"
		}
		text += "\n## Not run at full scale\n\n" + where + missing
	}
	return text, nil
}

// pagesOf are the texts of the pages of a folder of tables at full scale by their paths: the index, and for
// Fashion-MNIST the page of the document.
func pagesOf(tables string, s lab.Setting) (map[string]string, error) {
	index, err := Index(tables, s)
	if err != nil {
		return nil, err
	}
	pages := map[string]string{filepath.Join(tables, report.PageName): index}
	if s.About == "" { // the document is about no other data set
		d, err := NewDocument(tables, lab.Full.Name)
		if err != nil {
			return nil, err
		}
		pages[filepath.Join(tables, DocumentName)] = d.Markdown()
	}
	return pages, nil
}

// WriteIndex rewrites the pages of a folder of tables at full scale that join its experiments: the index, and for
// Fashion-MNIST the page of the document.
func WriteIndex(tables string, s lab.Setting) error {
	pages, err := pagesOf(tables, s)
	if err != nil {
		return err
	}
	for _, path := range slices.Sorted(maps.Keys(pages)) {
		if have, err := os.ReadFile(path); err == nil && string(have) == pages[path] {
			continue
		}
		if err := record.WriteBytes(path, []byte(pages[path])); err != nil {
			return err
		}
	}
	return nil
}

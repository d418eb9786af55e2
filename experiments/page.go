package experiments

import (
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"
	"strings"

	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
)

// pageName is the file that hosts of repositories show with a folder.
const pageName = "README.md"

// page is what an experiment found, to be read where its folder is browsed: tables, then figures with their captions.
func (r *Report) page(e Experiment) (string, error) {
	tables, err := r.Markdown()
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("# %s\n\n%s", e.Question, tables)
	for _, f := range r.Figures {
		text += fmt.Sprintf("\n<img src=\"%s.png\" width=\"%d\" alt=\"%s\">\n\n%s\n", f.Name, f.Figure.Width, html.EscapeString(f.Figure.Alt), show.Escape(f.Figure.Caption))
	}
	return text, nil
}

// Index is the text of results/README.md: what each experiment left in its folder of results at full scale, in order.
func Index(results string) (string, error) {
	return index(results, "", "; [bench](bench/table.md) has the measurements of speed", "")
}

// index is the text of the page that leads to the experiments in a folder. It begins with a sentence on the data and says
// something more at the end of its first paragraph; commands end with the flags given.
func index(results, data, more, flags string) (string, error) {
	text := "# Results\n\n" + show.Escape(data) + "The experiments at full scale, in the order in which they are read. This page is put together from the pages in the experiments' folders " +
		"whenever one of them is run at full scale" + more + ".\n"
	missing := ""
	for i, e := range All {
		page, err := os.ReadFile(filepath.Join(results, e.Name, pageName))
		if os.IsNotExist(err) {
			missing += fmt.Sprintf("- %s (`fashionlatent experiment %s -scale full%s`)\n", e.Question, e.Name, flags)
			continue
		}
		if err != nil {
			return "", err
		}
		body := strings.ReplaceAll(string(page), `<img src="`, `<img src="`+e.Name+"/")
		text += fmt.Sprintf("\n## %d. %s", i+1, strings.TrimPrefix(body, "# "))
	}
	if missing != "" {
		text += "\n## Not run at full scale\n\n" + missing
	}
	return text, nil
}

// writeIndex brings the README.md of the lab's tables up to date.
func (l *Lab) writeIndex() error {
	text, err := Index(l.Tables())
	if data := l.named(); data != "" {
		text, err = index(l.Tables(), data, "", l.again())
	}
	if err != nil {
		return err
	}
	return write(filepath.Join(l.Tables(), pageName), text)
}

// write writes a text file, whole or not at all.
func write(path, text string) error {
	return record.WriteFile(path, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

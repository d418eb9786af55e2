package experiments

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"

	"fashionlatent/experiments/report"
)

// readmeTable is a part of the README that is made from a published table. It names the experiment and the table, from 1.
var readmeTable = regexp.MustCompile(`(?s)<!-- table (\d+) of results/([a-z-]+) -->\n.*?<!-- end of table -->`)

// Readme returns the text of the README with its tables made again from the reports in a folder of tables. A table whose report was made
// before scores were kept stays as it is.
func Readme(text, tables string) (string, error) {
	var problem error
	made := readmeTable.ReplaceAllStringFunc(text, func(old string) string {
		m := readmeTable.FindStringSubmatch(old)
		table, err := readmeTableOf(tables, m[2], m[1])
		if err != nil {
			problem = fmt.Errorf("README: table %s of results/%s: %w", m[1], m[2], err)
		}
		if table == "" {
			return old
		}
		return fmt.Sprintf("<!-- table %s of results/%s -->\n\n%s\n<!-- end of table -->", m[1], m[2], table)
	})
	return made, problem
}

// readmeTableOf is a table of a report as Markdown, without its title.
func readmeTableOf(tables, experiment, number string) (string, error) {
	e, err := Named(experiment)
	if err != nil {
		return "", err
	}
	r, err := report.Read(filepath.Join(tables, e.Name))
	if err != nil {
		return "", err
	}
	i, err := strconv.Atoi(number)
	if err != nil || i < 1 || i > len(r.Tables) {
		return "", fmt.Errorf("the report has %d tables", len(r.Tables))
	}
	shown := r.Tables[i-1].Show()
	shown.Title = ""
	return shown.Markdown(), nil
}

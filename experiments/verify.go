package experiments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
)

// Verified is the result of verifying the report of an experiment.
type Verified struct {
	Experiment string
	Rows       int      // number of rows that were checked
	Problems   []string // the differences that were found
}

// Verify derives the reports in a folder of tables at a scale again from their scores.csv, without training, and lists
// the differences in tables, verdicts, pages and figures of scores. Pictures of models do not follow from scores and
// are not checked. Experiments that left no report are skipped.
func Verify(ctx context.Context, tables, scale string) ([]Verified, error) {
	var all []Verified
	var setting lab.Setting // of the last report that could be read
	for _, e := range All {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		v, err := e.verifyReport(lab.FolderOf(tables, scale, e.Name), &setting)
		if err != nil {
			return nil, err
		}
		if v != nil {
			all = append(all, *v)
		}
	}
	if scale != lab.Full.Name || len(all) == 0 {
		return all, nil
	}
	if setting.Scale.Name != "" { // it is empty if the setting of no report was read
		pages, err := verifyPages(tables, setting)
		if err != nil {
			return nil, err
		}
		all = append(all, pages...)
	}
	readme, err := verifyReadme(tables)
	return append(all, readme...), err
}

// verifyReport verifies the report in a folder, and reads its setting into s. It returns nil if there is none.
func (e Experiment) verifyReport(folder string, s *lab.Setting) (*Verified, error) {
	v := &Verified{Experiment: e.Name}
	_, err := os.Stat(filepath.Join(folder, report.PageName))
	if errors.Is(err, fs.ErrNotExist) {
		for _, name := range []string{report.ScoresName, report.JSONName} {
			if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
				v.Problems = append(v.Problems, fmt.Sprintf("%s has %s but no %s", folder, name, report.PageName))
			}
		}
		if v.Problems == nil {
			return nil, nil
		}
		return v, nil
	}
	if err != nil {
		return nil, err
	}
	var setting lab.Setting
	if v.Rows, v.Problems, err = e.verify(folder, &setting); err != nil {
		v.Problems = append(v.Problems, err.Error())
	} else {
		*s = setting
	}
	return v, nil
}

// verifyPages compares the pages that join the experiments of a folder of tables with those that the reports give.
func verifyPages(tables string, s lab.Setting) (all []Verified, err error) {
	differs := func(problem string) { all = append(all, Verified{Experiment: "index", Problems: []string{problem}}) }
	pages, err := pagesOf(tables, s)
	if err != nil {
		differs(err.Error())
	}
	for _, path := range slices.Sorted(maps.Keys(pages)) {
		have, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if line := differentLine(string(have), pages[path]); line != "" {
			differs(path + ": " + line)
		}
	}
	return all, nil
}

// verifyReadme compares the tables of the README beside a folder of tables with those of the reports. Only a folder called
// results has one.
func verifyReadme(tables string) ([]Verified, error) {
	tables, err := filepath.Abs(tables)
	if err != nil || filepath.Base(tables) != "results" {
		return nil, err
	}
	path := filepath.Join(filepath.Dir(tables), report.PageName)
	have, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var want, problem string
	if err == nil {
		want, err = Readme(string(have), tables)
	}
	if err != nil {
		problem = err.Error()
	} else if line := differentLine(string(have), want); line != "" {
		problem = path + ": " + line
	}
	if problem == "" {
		return nil, nil
	}
	return []Verified{{Experiment: "README", Problems: []string{problem}}}, nil
}

// verify derives the report in a folder again and compares it with the files there. It reads the report's setting into
// s.
func (e Experiment) verify(folder string, s *lab.Setting) (count int, problems []string, err error) {
	rows, have, want, err := e.again(folder, s)
	if err != nil {
		return len(rows), nil, err
	}
	for _, f := range want.Figures {
		if !f.Scores {
			continue
		}
		path := filepath.Join(folder, f.Name+".png")
		kept, err := os.ReadFile(path)
		if err != nil {
			return len(rows), problems, err
		}
		same, err := f.Same(kept)
		if err != nil {
			return len(rows), problems, fmt.Errorf("%s: %w", path, err)
		}
		if !same {
			problems = append(problems, path+" is not the figure that scores.csv gives")
		}
	}
	problems = append(problems, differentCells(have.Tables, want.Tables)...)
	texts, err := want.Texts()
	if err != nil {
		return len(rows), problems, err
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		path := filepath.Join(folder, name)
		content, err := os.ReadFile(path)
		if err != nil {
			return len(rows), problems, err
		}
		if line := differentLine(string(content), texts[name]); line != "" {
			problems = append(problems, path+": "+line)
		}
	}
	for _, path := range want.Stale(folder) {
		problems = append(problems, path+" is not of this report: remove it")
	}
	return len(rows), problems, nil
}

// again reads the report in a folder and derives it from its scores again. What does not follow from scores is taken from
// the folder: the setting, which it reads into s, how the report was made, and pictures.
func (e Experiment) again(folder string, s *lab.Setting) (rows score.Rows, have, want *report.Report, err error) {
	if rows, err = report.ReadScores(folder); err != nil {
		return nil, nil, nil, err
	}
	if have, err = report.Read(folder); err != nil {
		return rows, nil, nil, err
	}
	*s = lab.Setting{} // that of another report may have more fields
	if err := json.Unmarshal(have.Setting, s); err != nil {
		return rows, nil, nil, fmt.Errorf("%s: its setting cannot be read: %w", folder, err)
	}
	if len(s.Scale.Hidden) == 0 || len(s.Scale.Numbers) == 0 {
		return rows, nil, nil, fmt.Errorf("%s: its setting is not complete: it has no hidden layers or no numbers of clusters", folder)
	}
	if want, err = e.derive(rows, *s); err != nil {
		return rows, nil, nil, err
	}
	if have.Made != nil {
		want.Figures = slices.DeleteFunc(want.Figures, func(f report.Figure) bool { return !f.Scores && have.Made.Omitted[f.Name] != "" })
	}
	want.Made, want.Setting = have.Made, have.Setting
	for i, f := range want.Figures {
		if f.Scores {
			continue
		}
		if want.Figures[i].Figure, err = report.ReadFigure(folder, f.Name); err != nil {
			return rows, nil, nil, err
		}
	}
	return rows, have, want, nil
}

// Rewrite writes the tables, charts and pages of the reports at a scale again from their scores, for example after their
// words have changed. Pictures stay as they are. tables is the folder of the reports at full scale.
func Rewrite(tables, scale string) error {
	for _, e := range All {
		folder := lab.FolderOf(tables, scale, e.Name)
		if _, err := os.Stat(filepath.Join(folder, report.ScoresName)); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var s lab.Setting
		_, _, r, err := e.again(folder, &s)
		if err != nil {
			return err
		}
		if err := r.Rewrite(folder); err != nil {
			return err
		}
	}
	return nil
}

// differentCells lists the cells of tables that differ from the wanted ones.
func differentCells(have, want []report.Table) (problems []string) {
	for i := range min(len(have), len(want)) {
		for j := range min(len(have[i].Rows), len(want[i].Rows)) {
			for k := range min(len(have[i].Rows[j]), len(want[i].Rows[j])) {
				h, w := have[i].Rows[j][k], want[i].Rows[j][k]
				if !sameBut(text(h), text(w)) {
					problems = append(problems, fmt.Sprintf("table %q, row %s, column %q: it has %s, and scores.csv gives %s",
						want[i].Title, rowName(want[i], j), want[i].Columns[k].Name, text(h), text(w)))
				}
			}
		}
	}
	return problems
}

// text is a cell as JSON, with all digits of its numbers.
func text(c report.Cell) string {
	content, _ := json.Marshal(c)
	return string(content)
}

// rowName is the number of a row and its first labels.
func rowName(t report.Table, row int) string {
	var labels []string
	for i, c := range t.Columns {
		if c.Score || len(labels) == 3 {
			break
		}
		labels = append(labels, t.Rows[row][i].String())
	}
	return fmt.Sprintf("%d (%s)", row+1, strings.Join(labels, ", "))
}

// numbers are the numbers in a text.
var numbers = regexp.MustCompile(`-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?`)

// rounding is how far two numbers with a decimal point may differ, relative to the larger one. Processors of different kinds add
// numbers in another order, or without rounding in between.
const rounding = 1e-9

// sameBut says whether two texts are equal but for the rounding of the numbers in them.
func sameBut(have, want string) bool {
	if have == want {
		return true
	}
	if numbers.ReplaceAllString(have, "0") != numbers.ReplaceAllString(want, "0") {
		return false
	}
	a, b := numbers.FindAllString(have, -1), numbers.FindAllString(want, -1)
	for i := range a {
		x, err1 := strconv.ParseFloat(a[i], 64)
		y, err2 := strconv.ParseFloat(b[i], 64)
		whole := !strings.Contains(a[i]+b[i], ".") // a count, or a part of a name
		if a[i] != b[i] && (whole || x == y || err1 != nil || err2 != nil || math.Abs(x-y) > rounding*max(math.Abs(x), math.Abs(y))) {
			return false
		}
	}
	return true
}

// differentLine describes the first line in which two texts differ by more than the rounding of numbers. It is "" if there is none.
func differentLine(have, want string) string {
	if have == want {
		return ""
	}
	a, b := strings.Split(have, "\n"), strings.Split(want, "\n")
	for i := range max(len(a), len(b)) {
		line := func(of []string) string {
			if i >= len(of) {
				return "nothing"
			}
			return fmt.Sprintf("%.200q", of[i])
		}
		if i < len(a) && i < len(b) && sameBut(a[i], b[i]) {
			continue
		}
		if line(a) != line(b) {
			return fmt.Sprintf("line %d is %s, and scores.csv gives %s", i+1, line(a), line(b))
		}
		return fmt.Sprintf("line %d differs after its first 200 characters from what scores.csv gives", i+1)
	}
	return ""
}

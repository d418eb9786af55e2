package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fashionlatent/experiments/score"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
)

// Files of a report, beside its figures and its further tables.
const (
	PageName   = "README.md" // hosts of repositories show it with the folder
	ScoresName = "scores.csv"
	JSONName   = "report.json"
)

// format is the version of report.json.
const format = 1

// Report holds what an experiment found.
type Report struct {
	Name     string // of the experiment
	Question string
	Setting  json.RawMessage // of the run of the experiment; the experiment can read it
	Made     *Made           // how it was made; nil: unknown
	Tables   []Table         // the first is the main one
	Note     string          // about all tables
	Figures  []Figure
	Undrawn  []string // charts without scores: names of figures
}

// Made records how a report was made. Nothing in it follows from the scores.
type Made struct {
	Command  string            `json:"command"`
	Backend  string            `json:"backend"`
	Cores    int               `json:"cores"`
	Training float64           `json:"training_seconds"`  // summed over the runs
	Seconds  float64           `json:"seconds"`           // time for taking new scores and for drawing
	Runs     int               `json:"runs"`              // runs behind the report
	Places   map[string]int    `json:"places"`            // places where runs were trained, with the number of runs that were finished there
	Trained  map[string]Place  `json:"trained,omitempty"` // by the name of a run; runs of several places are left out
	Missing  int               `json:"missing,omitempty"` // scores that have not been taken yet
	Omitted  map[string]string `json:"omitted,omitempty"` // pictures that are not drawn, with the reasons
	Origin   string            `json:"origin"`            // identifies everything but the scores that the report was made from
}

// Place is where a run was trained.
type Place struct {
	Place   string `json:"place"`             // as in record.Manifest
	Threads int    `json:"threads,omitempty"` // of the backend; 0: it does not matter, or it is not known
}

// Figure is a figure of a report.
type Figure struct {
	Name   string // name of its file, without extension
	Scores bool   // drawn from the scores alone; false: drawn from the models
	*figure.Figure
}

// saved is the content of report.json.
type saved struct {
	Format   int             `json:"format"`
	Name     string          `json:"name"`
	Question string          `json:"question"`
	Setting  json.RawMessage `json:"setting"`
	Made     *Made           `json:"made,omitempty"`
	Note     string          `json:"note"`
	Tables   []Table         `json:"tables"`
	Figures  []savedFigure   `json:"figures"`
	Undrawn  []string        `json:"undrawn,omitempty"`
}

type savedFigure struct {
	Name   string `json:"name"`
	Scores bool   `json:"scores"` // drawn from the scores alone
}

// JSON is the report as JSON, without the images of its figures.
func (r *Report) JSON() ([]byte, error) {
	s := saved{format, r.Name, r.Question, r.Setting, r.Made, r.Note, r.Tables, []savedFigure{}, r.Undrawn}
	for _, f := range r.Figures {
		s.Figures = append(s.Figures, savedFigure{f.Name, f.Scores})
	}
	text, err := json.MarshalIndent(s, "", " ")
	return append(text, '\n'), err
}

// TableName is the name of the CSV file of the i-th table, from 0.
func TableName(i int) string {
	if i == 0 {
		return "table.csv"
	}
	return fmt.Sprintf("table-%d.csv", i+1)
}

// Texts are the report's text files by name: the page, the tables as CSV, and the report as JSON.
func (r *Report) Texts() (map[string]string, error) {
	content, err := r.JSON()
	if err != nil {
		return nil, err
	}
	texts := map[string]string{PageName: r.Page(), JSONName: string(content)}
	for i, t := range r.Tables {
		texts[TableName(i)] = t.CSV()
	}
	return texts, nil
}

// Write writes the scores, figures and text files to a folder. It removes figures and tables of an earlier report
// there. Other files stay.
func (r *Report) Write(folder string, scores score.Rows) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return r.write(folder, r.Figures, func() error { return record.WriteFile(filepath.Join(folder, ScoresName), scores.Write) })
}

// Rewrite writes what follows from scores to a folder, which holds the report: the charts and the text files. It removes figures
// and tables that the report does not have.
func (r *Report) Rewrite(folder string) error {
	return r.write(folder, slices.DeleteFunc(slices.Clone(r.Figures), func(f Figure) bool { return !f.Scores }), func() error { return nil })
}

// write writes figures and the text files, and removes what is stale. report.json says how the scores were made, so they are
// written shortly before it.
func (r *Report) write(folder string, figures []Figure, scores func() error) error {
	texts, err := r.Texts()
	if err != nil {
		return err
	}
	before := earlier(folder)
	for _, f := range figures {
		if err := show.Save(f.Figure, filepath.Join(folder, f.Name+".png")); err != nil {
			return err
		}
	}
	if err := scores(); err != nil {
		return err
	}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(texts)), func(name string) bool { return name == JSONName })
	for _, name := range append([]string{JSONName}, names...) {
		if err := record.WriteBytes(filepath.Join(folder, name), []byte(texts[name])); err != nil {
			return err
		}
	}
	for _, path := range r.Stale(folder) {
		if slices.Contains(before, filepath.Base(path)) {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// earlier are the names of the files of figures and tables of the report that a folder holds, of any format; nil: it holds none.
func earlier(folder string) []string {
	content, err := os.ReadFile(filepath.Join(folder, JSONName))
	var old struct {
		Figures []struct{ Name string }
		Tables  []struct{ Title string }
	}
	if err != nil || json.Unmarshal(content, &old) != nil {
		return nil
	}
	r := Report{Tables: make([]Table, len(old.Tables))}
	for _, f := range old.Figures {
		r.Figures = append(r.Figures, Figure{Name: f.Name})
	}
	return r.pieces()
}

// Stale are the paths of the figures and tables in a folder that the report does not have.
func (r *Report) Stale(folder string) (paths []string) {
	own := r.pieces()
	for _, pattern := range []string{"*.png", "table*.csv"} {
		found, _ := fs.Glob(os.DirFS(folder), pattern) // the pattern is valid; the folder's name may look like one, so it is kept out
		for _, name := range found {
			if !slices.Contains(own, name) {
				paths = append(paths, filepath.Join(folder, name))
			}
		}
	}
	return paths
}

// pieces are the names of the files of the report's figures and tables.
func (r *Report) pieces() (names []string) {
	for _, f := range r.Figures {
		names = append(names, f.Name+".png")
	}
	for i := range r.Tables {
		names = append(names, TableName(i))
	}
	return names
}

// Read reads the report that an experiment left in a folder. If there is none, the error is an fs.ErrNotExist.
func Read(folder string) (*Report, error) {
	path := filepath.Join(folder, JSONName)
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var head struct{ Format int }
	if err := json.Unmarshal(content, &head); err != nil {
		return nil, fmt.Errorf("%s is damaged (%v); remove it to make the report again", path, err)
	}
	var s saved
	if head.Format != format {
		return nil, fmt.Errorf("%s: its format is %d, and this program reads %d; remove it to make the report again", path, head.Format, format)
	}
	if err := record.Decode(content, &s); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	r := &Report{Name: s.Name, Question: s.Question, Setting: s.Setting, Made: s.Made, Note: s.Note, Tables: s.Tables, Undrawn: s.Undrawn}
	for _, f := range s.Figures {
		picture, err := ReadFigure(folder, f.Name)
		if err != nil {
			return nil, err
		}
		r.Figures = append(r.Figures, Figure{f.Name, f.Scores, picture})
	}
	for _, t := range r.Tables {
		for i, row := range t.Rows {
			if len(row) != len(t.Columns) {
				return nil, fmt.Errorf("%s: table %q: row %d has %d cells, want %d", path, t.Title, i+1, len(row), len(t.Columns))
			}
		}
	}
	return r, nil
}

// Whole reads the report that an experiment left in a folder, with its scores. A file that is missing, or a text file
// that differs from what the report gives, is an error.
func Whole(folder string) (*Report, score.Rows, error) {
	r, err := Read(folder)
	if err != nil {
		return nil, nil, err
	}
	texts, err := r.Texts()
	if err != nil {
		return nil, nil, err
	}
	for name, want := range texts {
		path := filepath.Join(folder, name)
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, nil, err
		}
		if string(content) != want {
			return nil, nil, fmt.Errorf("%s is not what %s gives", path, JSONName)
		}
	}
	rows, err := ReadScores(folder)
	return r, rows, err
}

// ReadFigure reads a figure from a folder.
func ReadFigure(folder, name string) (*figure.Figure, error) {
	path := filepath.Join(folder, name+".png")
	picture, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := figure.Read(picture)
	if err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", path, err)
	}
	return f, nil
}

// ReadScores reads the scores that an experiment left in a folder. If there are none, the error is an fs.ErrNotExist.
func ReadScores(folder string) (score.Rows, error) {
	path := filepath.Join(folder, ScoresName)
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := score.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return rows, nil
}

// Parts are the report's tables in the parts in which they are shown.
func (r *Report) Parts() (all []show.Table) {
	for _, t := range r.Tables {
		for _, part := range t.Parts() {
			all = append(all, part.Show())
		}
	}
	return all
}

// Markdown is the report's tables and the text about them, as Markdown.
func (r *Report) Markdown() string {
	text := ""
	for _, t := range r.Parts() {
		text += t.Markdown() + "\n"
	}
	return text + show.Escape(r.About()) + "\n"
}

// About is the text about all tables: the note, and how they were made.
func (r *Report) About() string {
	text := r.Note + " " + r.Made.String()
	absent := r.absent()
	for _, name := range slices.Sorted(maps.Keys(absent)) {
		text += " " + notDrawn(name, absent[name])
	}
	return strings.TrimSpace(text)
}

// absent are the figures that are not drawn, with the reasons.
func (r *Report) absent() map[string]string {
	absent := map[string]string{}
	for _, name := range r.Undrawn {
		absent[name] = "there are no scores for it"
	}
	if r.Made != nil {
		maps.Copy(absent, r.Made.Omitted)
	}
	return absent
}

func notDrawn(name, reason string) string {
	return fmt.Sprintf("The figure %s %s %s.", name, show.NotDrawn, reason)
}

// String describes how a report was made.
func (m *Made) String() string {
	if m == nil {
		return ""
	}
	text := fmt.Sprintf("Command: %s. Time: %s of training, summed over its %d runs, and %s to draw and to measure what had not been measured before, with the backend %s on %d cores.",
		m.Command, duration(m.Training), m.Runs, duration(m.Seconds), m.Backend, m.Cores)
	if m.Missing > 0 {
		text += fmt.Sprintf(" %d scores have not been computed yet: with -add, the command computes them and keeps the others.", m.Missing)
	}
	if len(m.Places) == 1 {
		for place := range m.Places {
			text += fmt.Sprintf(" All runs were trained with %s.", place)
		}
	} else if len(m.Places) > 1 {
		var where []string
		for _, place := range slices.Sorted(maps.Keys(m.Places)) {
			where = append(where, fmt.Sprintf("%s (%s)", place, runs(m.Places[place])))
		}
		text += " Runs were trained with different backends, plugins, processors or numbers of threads. Their results agree up to rounding at first and only statistically later: " + strings.Join(where, "; ") + "."
	}
	return text
}

func runs(n int) string {
	if n == 1 {
		return "1 run"
	}
	return fmt.Sprintf("%d runs", n)
}

// duration formats seconds.
func duration(seconds float64) string {
	return show.Duration(time.Duration(seconds * float64(time.Second)))
}

// Page is the report as a Markdown page: the tables, then the figures with their captions.
func (r *Report) Page() string {
	text := fmt.Sprintf("# %s\n\n%s", r.Question, r.Markdown())
	for _, f := range r.Figures {
		text += fmt.Sprintf("\n<img src=\"%s.png\" width=\"%d\" alt=\"%s\">\n\n%s\n", f.Name, f.Width, html.EscapeString(f.Alt), show.Escape(f.Caption))
	}
	return text
}

// Figure returns the figure of that name. An unknown name is an error.
func (r *Report) Figure(name string) (*figure.Figure, error) {
	var names []string
	for _, f := range r.Figures {
		if f.Name == name {
			return f.Figure, nil
		}
		names = append(names, f.Name)
	}
	return nil, fmt.Errorf("the report has no figure %q; it has %q", name, names)
}

// Show shows figures of the report inline in a notebook, in the order of the names. In place of a figure that is not drawn
// it says why.
func (r *Report) Show(names ...string) error {
	absent := r.absent()
	for _, name := range names {
		if reason := absent[name]; reason != "" {
			show.Markdown("%s", show.Escape(notDrawn(name, reason)))
			continue
		}
		f, err := r.Figure(name)
		if err == nil {
			err = show.Figure(f)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ShowGroup shows the figures whose names begin with prefix inline in a notebook. There may be none, such as figures of
// classes for data without labels.
func (r *Report) ShowGroup(prefix string) error {
	for _, f := range r.Figures {
		if !strings.HasPrefix(f.Name, prefix) {
			continue
		}
		if err := show.Figure(f.Figure); err != nil {
			return err
		}
	}
	return nil
}

// Table is the table with a title; without rows if there is none.
func (r *Report) Table(title string) Table {
	if i := slices.IndexFunc(r.Tables, func(t Table) bool { return t.Title == title }); i >= 0 {
		return r.Tables[i]
	}
	return Table{}
}

// ShowTables shows groups of columns of the main table inline in a notebook. If no group is named, it shows all of
// them. If further is set, the other tables follow. The text about all tables comes last.
func (r *Report) ShowTables(further bool, groups ...string) error {
	var all []Table
	if len(r.Tables) == 0 {
		return errors.New("the report has no table")
	}
	for _, title := range groups {
		t, err := r.Tables[0].Group(title)
		if err != nil {
			return err
		}
		all = append(all, t)
	}
	if groups == nil {
		all = append(all, r.Tables[0].Parts()...)
	}
	if further {
		all = append(all, r.Tables[1:]...)
	}
	for i, t := range all {
		shown := t.Show()
		if i == len(all)-1 {
			shown.Note = strings.TrimSpace(shown.Note + " " + r.About())
		}
		if err := show.Display(shown); err != nil {
			return err
		}
	}
	return nil
}

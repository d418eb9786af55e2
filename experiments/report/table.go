// Package report holds what an experiment found, as tables of typed cells, figures and verdicts. They are turned into
// text when they are written or shown.
package report

import (
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"fashionlatent/experiments/score"
	"fashionlatent/lib/show"
)

// Cell is a cell of a table: a text, a number, a score over seeds, or the reason why there is no number.
type Cell struct {
	Text      string   `json:"text,omitempty"`
	Value     *float64 `json:"value,omitempty"`     // a number; for a score, the mean over its seeds
	Deviation *float64 `json:"deviation,omitempty"` // standard deviation of a score over its seeds, over n-1; nil: unknown
	N         int      `json:"n,omitempty"`         // number of seeds of a score; 0: the cell is not a score
	Digits    int      `json:"digits,omitempty"`    // decimals that are shown; below 0: significant digits
	Undefined string   `json:"undefined,omitempty"` // why there is no number
	Left      int      `json:"left,omitempty"`      // number of seeds for which the score is undefined and which are left out
	Why       string   `json:"why,omitempty"`       // why it is undefined for them
}

// Text is a cell with a text.
func Text(text string) Cell { return Cell{Text: text} }

// Number is a cell with a number. It is shown with that many decimals or, for digits below 0, with -digits significant
// digits.
func Number(value float64, digits int) Cell { return Cell{Value: &value, Digits: digits} }

// Missing is a cell without a number, with the reason.
func Missing(reason string) Cell { return Cell{Undefined: reason} }

// Score is a cell with a score over its seeds.
func Score(s score.Summary, digits int) Cell {
	if s.N() == 0 {
		return Missing(s.Undefined)
	}
	c := Number(s.Mean(), digits)
	c.N, c.Left, c.Why = s.N(), s.Left, s.Why
	if deviation, known := s.Deviation(); known {
		c.Deviation = &deviation
	}
	return c
}

// String is the cell as text: a number with its digits, a score as mean ± standard deviation, or a dash if there is no
// number.
func (c Cell) String() string {
	switch {
	case c.Undefined != "":
		return "–"
	case c.Value == nil:
		return c.Text
	case c.Deviation != nil:
		return decimals(*c.Value, c.Digits) + " ± " + decimals(*c.Deviation, c.Digits)
	}
	return decimals(*c.Value, c.Digits)
}

func decimals(v float64, digits int) string {
	if digits < 0 {
		return strconv.FormatFloat(v, 'g', -digits, 64)
	}
	if v == 0 || math.Abs(v) < math.Pow10(-digits)/2 {
		v = 0 // not -0
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}

// Column is a column of a table.
type Column struct {
	Name  string `json:"name"`
	Score bool   `json:"score,omitempty"` // its cells are scores over seeds
}

// Table is a table of typed cells.
type Table struct {
	Title   string   `json:"title"`
	Columns []Column `json:"columns"`
	Rows    [][]Cell `json:"rows"`
	Groups  []Group  `json:"groups,omitempty"` // columns that are shown together; none: all columns are
	Note    string   `json:"note,omitempty"`   // of this table alone
}

// Group is a set of columns under a title. It is shown after the columns of labels.
type Group struct {
	Title   string   `json:"title"`
	Columns []string `json:"columns"`
	Note    string   `json:"note,omitempty"` // what the columns mean
}

// Labels are columns without scores.
func Labels(names ...string) (columns []Column) {
	for _, name := range names {
		columns = append(columns, Column{Name: name})
	}
	return columns
}

// Add adds a row.
func (t *Table) Add(cells ...Cell) { t.Rows = append(t.Rows, cells) }

// Select is the table with only the columns of these names, in this order. Unknown names are left out. Groups and note
// are dropped.
func (t Table) Select(names ...string) Table {
	short := Table{Title: t.Title, Rows: make([][]Cell, len(t.Rows))}
	for _, name := range names {
		i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
		if i < 0 {
			continue
		}
		short.Columns = append(short.Columns, t.Columns[i])
		for j, row := range t.Rows {
			short.Rows[j] = append(short.Rows[j], row[i])
		}
	}
	return short
}

// Group is the table of one group: the columns before the first score, then the columns of the group. An unknown title
// is an error.
func (t Table) Group(title string) (Table, error) {
	var titles []string
	for _, g := range t.Groups {
		if g.Title == title {
			var names []string
			for _, c := range t.Columns {
				if c.Score {
					break
				}
				names = append(names, c.Name)
			}
			part := t.Select(append(names, g.Columns...)...)
			part.Title, part.Note = title, g.Note
			return part.withoutEmpty(len(names)), nil
		}
		titles = append(titles, g.Title)
	}
	return Table{}, fmt.Errorf("the table %q has no group of columns %q; it has %q", t.Title, title, titles)
}

// withoutEmpty leaves out the rows that have no score after so many labels, and says why they have none. If all rows are such, they stay.
func (t Table) withoutEmpty(labels int) Table {
	empty := func(row []Cell) bool {
		return !slices.ContainsFunc(row[labels:], func(c Cell) bool { return c.Undefined == "" })
	}
	var kept [][]Cell
	var reasons []string
	names := map[string]bool{} // the first labels of those that are kept
	for _, row := range t.Rows {
		if !empty(row) {
			kept = append(kept, row)
			names[row[0].String()] = true
		}
	}
	for _, row := range t.Rows {
		if !empty(row) {
			continue
		}
		name := row[0].String()
		if names[name] { // others of this name are kept
			for _, label := range row[1:labels] {
				name += ", " + label.String()
			}
		}
		if reason := name + ": " + row[labels].Undefined; !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	if kept != nil && reasons != nil {
		t.Rows, t.Note = kept, strings.TrimSpace(t.Note+" Rows without a score are left out. "+strings.Join(reasons, "; ")+".")
	}
	return t
}

// Parts are the tables in which the table is shown: one for each group, or the table itself if it has no groups.
func (t Table) Parts() []Table {
	if t.Groups == nil {
		return []Table{t}
	}
	var all []Table
	for _, g := range t.Groups {
		part, _ := t.Group(g.Title) // the title is one of its groups, so this cannot fail
		all = append(all, part)
	}
	last := &all[len(all)-1]
	last.Note = strings.TrimSpace(last.Note + " " + t.Note)
	return all
}

// Show is the table as text. The reasons for its dashes are in the note.
func (t Table) Show() show.Table {
	s := show.Table{Title: t.Title}
	for _, c := range t.Columns {
		s.Header = append(s.Header, c.Name)
	}
	s.Labels = max(0, slices.IndexFunc(t.Columns, func(c Column) bool { return c.Score }))
	for _, row := range t.Rows {
		var cells []string
		for _, c := range row {
			cells = append(cells, c.String())
		}
		s.Rows = append(s.Rows, cells)
	}
	s.Note = strings.TrimSpace(t.Note + " " + strings.Join(slices.Concat(t.reasons(), t.exclusions()), " "))
	return s
}

// reasons says why cells are dashes: each reason once, with the columns that it applies to.
func (t Table) reasons() []string {
	var reasons []string
	columns := map[string][]string{}
	for i, c := range t.Columns {
		for _, row := range t.Rows {
			reason := row[i].Undefined
			if reason == "" {
				continue
			}
			if columns[reason] == nil {
				reasons = append(reasons, reason)
			}
			if !slices.Contains(columns[reason], c.Name) {
				columns[reason] = append(columns[reason], c.Name)
			}
		}
	}
	var text []string
	for _, reason := range reasons {
		names := columns[reason]
		for i, name := range names {
			if strings.Contains(name, ",") {
				names[i] = "“" + name + "”"
			}
		}
		text = append(text, fmt.Sprintf("%s: %s", strings.Join(names, ", "), reason))
	}
	if text == nil {
		return nil
	}
	return []string{"A dash means undefined. " + strings.Join(text, "; ") + "."}
}

// exclusions says for which scores some of the seeds are left out: each reason once, with the rows and columns that it applies to.
func (t Table) exclusions() (text []string) {
	var reasons []string
	places := map[string][]string{}
	for _, row := range t.Rows {
		var labels []string
		for i, label := range row {
			switch {
			case t.Columns[i].Score || t.Columns[i].Name == "seeds" || label.Undefined != "":
			case label.Value == nil:
				labels = append(labels, label.Text)
			default:
				labels = append(labels, t.Columns[i].Name+" = "+label.String())
			}
		}
		for i, c := range row {
			if c.Left == 0 {
				continue
			}
			if places[c.Why] == nil {
				reasons = append(reasons, c.Why)
			}
			places[c.Why] = append(places[c.Why], fmt.Sprintf("%s, %s (%d of %d)", strings.Join(labels, ", "), t.Columns[i].Name, c.Left, c.N+c.Left))
		}
	}
	for _, reason := range reasons {
		text = append(text, fmt.Sprintf("Seeds are left out, because %s: %s.", reason, strings.Join(places[reason], "; ")))
	}
	return text
}

// CSV is the table as comma-separated values. Numbers have the digits that give the same float64 when they are read. A
// score has three columns: mean, standard deviation and number of seeds. What is undefined or unknown is empty.
func (t Table) CSV() string {
	var lines [][]string
	var head []string
	for _, c := range t.Columns {
		head = append(head, c.Name)
		if c.Score {
			head = append(head, c.Name+", standard deviation", c.Name+", n")
		}
	}
	lines = append(lines, head)
	number := func(v *float64) string {
		if v == nil {
			return ""
		}
		return strconv.FormatFloat(*v, 'g', -1, 64)
	}
	for _, row := range t.Rows {
		var line []string
		for i, c := range row {
			if c.Value == nil {
				line = append(line, c.Text)
			} else {
				line = append(line, number(c.Value))
			}
			if t.Columns[i].Score {
				line = append(line, number(c.Deviation), strconv.Itoa(c.N))
			}
		}
		lines = append(lines, line)
	}
	var s strings.Builder
	csv.NewWriter(&s).WriteAll(lines) // writing to a strings.Builder cannot fail
	return s.String()
}

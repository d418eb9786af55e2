package show

import (
	"fmt"
	"html"
	"strings"

	"github.com/janpfeifer/gonb/gonbui"
)

// Table is a table of results. Columns of numbers are aligned at the right. A missing cell is empty.
type Table struct {
	Title  string
	Header []string
	Rows   [][]string
	Note   string // below the table, such as the meaning of the spread
	Labels int    // number of the first columns that together tell rows apart; 0: the first one does
}

// Display shows the table in the notebook. Outside a notebook it does nothing.
func Display(t Table) error {
	if !gonbui.IsNotebook {
		return nil
	}
	return display(t.html())
}

// columns is the number of cells of the longest row.
func (t Table) columns() int {
	n := len(t.Header)
	for _, r := range t.Rows {
		n = max(n, len(r))
	}
	return n
}

func cell(row []string, i int) string {
	if i < len(row) {
		return row[i]
	}
	return ""
}

// IsLabel says whether column i is one of those that tell rows apart.
func (t Table) IsLabel(i int) bool { return i < max(1, t.Labels) }

// Numeric says whether column i has at least one number and every cell that is not empty begins like a number.
func (t Table) Numeric(i int) bool {
	found := false
	for _, r := range t.Rows {
		c := strings.TrimLeft(cell(r, i), "+-−–—≤≥<>~ .")
		if c == "" {
			continue
		}
		if c[0] < '0' || c[0] > '9' {
			return false
		}
		found = true
	}
	return found
}

var markdownEscapes = strings.NewReplacer(`\`, `\\`, `|`, `\|`, `*`, `\*`, `$`, `\$`, "`", "\\`", "<", "&lt;", "\r\n", "<br>", "\n", "<br>")

// Escape escapes text for Markdown, so that its bars, stars, dollars, backquotes and line breaks, and what looks like HTML, are
// shown. Links and underscores are left to Markdown.
func Escape(text string) string { return markdownEscapes.Replace(text) }

// Markdown returns the table in the format that GitHub and Jupyter render.
func (t Table) Markdown() string {
	var s strings.Builder
	if t.Title != "" {
		fmt.Fprintf(&s, "**%s**\n\n", markdownEscapes.Replace(t.Title))
	}
	n := t.columns()
	row := func(cells []string) {
		for i := range n {
			s.WriteString("| " + markdownEscapes.Replace(cell(cells, i)) + " ")
		}
		s.WriteString("|\n")
	}
	row(t.Header)
	for i := range n {
		if t.Numeric(i) {
			s.WriteString("| ---: ")
		} else {
			s.WriteString("| --- ")
		}
	}
	s.WriteString("|\n")
	for _, r := range t.Rows {
		row(r)
	}
	if t.Note != "" {
		fmt.Fprintf(&s, "\n%s\n", markdownEscapes.Replace(t.Note))
	}
	return s.String()
}

func (t Table) html() string {
	n := t.columns()
	var s strings.Builder
	s.WriteString(`<table class="scores">`)
	if t.Title != "" {
		fmt.Fprintf(&s, `<caption style="text-align:left;font-weight:bold">%s</caption>`, html.EscapeString(t.Title))
	}
	row := func(tag string, cells []string) {
		s.WriteString("<tr>")
		for i := range n {
			align := "left"
			if t.Numeric(i) {
				align = "right;white-space:nowrap"
			}
			c := strings.ReplaceAll(html.EscapeString(cell(cells, i)), "\n", "<br>")
			switch words := len(cell(cells, i)); {
			case t.Numeric(i):
			case words > 25:
				align += ";min-width:9em"
			case words < 9:
				align += ";white-space:nowrap"
			}
			tag, scope := tag, ""
			switch {
			case tag == "th":
				scope = ` scope="col"`
			case t.IsLabel(i):
				tag, scope, align = "th", ` scope="row"`, align+";font-weight:normal"
			}
			fmt.Fprintf(&s, `<%s%s style="text-align:%s">%s</%s>`, tag, scope, align, c, tag)
		}
		s.WriteString("</tr>")
	}
	s.WriteString("<thead>")
	row("th", t.Header)
	s.WriteString("</thead><tbody>")
	for _, r := range t.Rows {
		row("td", r)
	}
	s.WriteString("</tbody></table>")
	if t.Note != "" {
		fmt.Fprintf(&s, "<p><small>%s</small></p>", html.EscapeString(t.Note))
	}
	return s.String()
}

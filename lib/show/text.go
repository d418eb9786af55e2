package show

import (
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"
)

// gap is the space between two columns.
const gap = 2

// leastColumn is the width to which a column of words is narrowed before a table is divided.
const leastColumn = 12

// Text returns the table with aligned columns, for a terminal of the given width in characters; 0: no line is too long. To fit,
// headings and cells of words continue on further lines. A table that is still too wide is divided: its further columns
// follow below, beside the labels again, or, if these take more than half of the width, beside the first column.
func (t Table) Text(width int) string {
	var s strings.Builder
	if t.Title != "" {
		s.WriteString(Wrap(t.Title, width) + "\n\n")
	}
	lines := t.oneLine()
	for i, columns := range lines.blocks(width) {
		if i > 0 {
			s.WriteString("\n")
		}
		lines.write(&s, columns, width)
	}
	if t.Note != "" {
		s.WriteString("\n" + Wrap(t.Note, width) + "\n")
	}
	return s.String()
}

// oneLine is the table with every cell in one line, and rows of the same length.
func (t Table) oneLine() Table {
	n := t.columns()
	clean := strings.NewReplacer("\r\n", " ", "\n", " ", "\t", " ").Replace
	row := func(cells []string) []string {
		full := make([]string, n)
		for i := range full {
			full[i] = clean(cell(cells, i))
		}
		return full
	}
	flat := Table{Header: row(t.Header), Labels: t.Labels}
	for _, r := range t.Rows {
		flat.Rows = append(flat.Rows, row(r))
	}
	return flat
}

// extent says how wide column i is: in one line, with its words whole, and at least. Words that are longer than a third of
// the width may be cut, numbers and headings may not.
func (t Table) extent(i, width int) (natural, whole, least int) {
	natural = across(t.Header[i])
	for _, word := range strings.Fields(t.Header[i]) {
		whole = max(whole, across(word))
	}
	least = whole
	numeric := t.Numeric(i)
	for _, r := range t.Rows {
		n := across(r[i])
		natural = max(natural, n)
		if numeric {
			whole, least = max(whole, n), max(least, n)
			continue
		}
		whole = max(whole, min(n, leastColumn))
		for _, word := range strings.Fields(r[i]) {
			whole = max(whole, across(word))
		}
	}
	if !numeric {
		least = max(least, min(whole, max(leastColumn, width/3)))
	}
	return natural, whole, least
}

// blocks are the columns, by number, that are written beside each other.
func (t Table) blocks(width int) (blocks [][]int) {
	if len(t.Header) == 0 {
		return [][]int{nil}
	}
	var labels, block []int
	repeated, total := 0, 0
	for i := range max(1, min(t.Labels, len(t.Header))) {
		_, _, least := t.extent(i, width)
		if i > 0 && repeated+gap+least > width/2 {
			_, _, repeated = t.extent(0, width)
			labels = labels[:1]
			break
		}
		labels, repeated = append(labels, i), repeated+gap*min(i, 1)+least
	}
	for i := range t.Header {
		_, _, least := t.extent(i, width)
		if width > 0 && len(block) > len(labels) && total+gap+least > width {
			blocks = append(blocks, block)
			block, total = slices.Clone(labels), repeated
		}
		if len(block) > 0 {
			total += gap
		}
		block, total = append(block, i), total+least
	}
	return append(blocks, block)
}

// fit returns the widths of columns that stand beside each other. The widest are narrowed first, and words are cut last.
func (t Table) fit(columns []int, width int) []int {
	widths, whole, least, none := make([]int, len(columns)), make([]int, len(columns)), make([]int, len(columns)), make([]int, len(columns))
	total := gap * (len(columns) - 1)
	for k, i := range columns {
		widths[k], whole[k], least[k] = t.extent(i, width)
		total += widths[k]
		none[k] = 1
	}
	for _, limit := range [][]int{whole, least, none} {
		for width > 0 && total > width {
			widest := -1
			for k, w := range widths {
				if w > limit[k] && (widest < 0 || w > widths[widest]) {
					widest = k
				}
			}
			if widest < 0 {
				break
			}
			widths[widest]--
			total--
		}
	}
	return widths
}

// write writes columns beside each other.
func (t Table) write(s *strings.Builder, columns []int, width int) {
	widths := t.fit(columns, width)
	numeric := make([]bool, len(columns))
	rule := make([]string, len(t.Header))
	for k, i := range columns {
		numeric[k] = t.Numeric(i)
		rule[i] = strings.Repeat("-", widths[k])
	}
	for _, cells := range append([][]string{t.Header, rule}, t.Rows...) {
		high := 1
		wrapped := make([][]string, len(columns))
		for k, i := range columns {
			wrapped[k] = strings.Split(Wrap(cells[i], widths[k]), "\n")
			high = max(high, len(wrapped[k]))
		}
		for at := range high {
			var line strings.Builder
			for k, w := range widths {
				if k > 0 {
					line.WriteString(strings.Repeat(" ", gap))
				}
				text := cell(wrapped[k], at)
				pad := strings.Repeat(" ", max(0, w-across(text)))
				if numeric[k] {
					text = pad + text
				} else {
					text += pad
				}
				line.WriteString(text)
			}
			s.WriteString(strings.TrimRight(line.String(), " ") + "\n")
		}
	}
}

// Wrap breaks text into lines of at most width columns, between words if possible; 0: into none.
func Wrap(text string, width int) string {
	if width <= 0 || across(text) <= width {
		return text
	}
	var lines []string
	line, length := "", 0
	for _, word := range strings.Fields(text) {
		if length > 0 && length+1+across(word) > width {
			lines = append(lines, line)
			line, length = "", 0
		}
		for across(word) > width {
			part, rest := begin(word, width)
			if rest == "" {
				break // one character that is wider than the line
			}
			lines, word = append(lines, part), rest
		}
		if length > 0 {
			line, length = line+" ", length+1
		}
		line, length = line+word, length+across(word)
	}
	return strings.Join(append(lines, line), "\n")
}

// Width is the width of the terminal w in characters. It is 80 if w is no terminal, or if its width is unknown or below
// 20.
func Width(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width >= 20 {
			return width
		}
	}
	return 80
}

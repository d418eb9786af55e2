package show

import (
	"unicode"

	"golang.org/x/text/width"
)

// across is the number of columns that a text takes in a terminal.
func across(text string) (n int) {
	for _, r := range text {
		n += columnsOf(r)
	}
	return n
}

// columnsOf is the number of columns of a character: 2 for a wide one, such as a Chinese one, and 0 for a mark that is set
// over the one before it.
func columnsOf(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// begin divides a text after as many characters as n columns hold, but after at least one.
func begin(text string, n int) (beginning, rest string) {
	for i, r := range text {
		if n -= columnsOf(r); n < 0 && i > 0 {
			return text[:i], text[i:]
		}
	}
	return text, ""
}

package figure

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// number formats a value with a true minus sign and commas between thousands.
func number(v float64, decimals int) string {
	s := english.Sprintf("%.*f", decimals, math.Abs(v))
	if v < 0 && strings.ContainsAny(s, "123456789") {
		return "−" + s
	}
	return s
}

var english = message.NewPrinter(language.English)

// short formats a value with three significant digits, or, from 100 to 1e7, as a whole number.
func short(v float64) string {
	if a := math.Abs(v); a >= 100 && a < 1e7 || a == 0 {
		return number(v, 0)
	}
	return strings.ReplaceAll(strconv.FormatFloat(v, 'g', 3, 64), "-", "−")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return number(float64(n), 0) + " " + noun + "s"
}

func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

package show

import (
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

var english = message.NewPrinter(language.English)

// Count formats a number of things, such as images: "10,000".
func Count(n int) string { return english.Sprint(n) }

package main

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/report"
)

// A report is printed with all groups of columns and, at the end, with its claims, in lines of 80 characters.
func TestTell(t *testing.T) {
	r, err := report.Read(filepath.Join(lab.Root(), "results", "comparison"))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	(&call{out: &output{to: &out}}).tell(r, "the folder")
	text := out.String()
	for _, line := range strings.Split(text, "\n") {
		if utf8.RuneCountInString(line) > 80 {
			t.Errorf("a line has more than 80 characters: %s", line)
		}
	}
	at := 0
	for _, title := range []string{"Reconstruction", "Clusters", "Images decoded from drawn codes", report.ClaimsTitle, "the folder"} {
		next := strings.Index(text[at:], title)
		if next < 0 {
			t.Fatalf("no %q after character %d of:\n%s", title, at, text)
		}
		at += next
	}
	if strings.Contains(text, report.TestsTitle) {
		t.Error("the tests behind the verdicts are printed")
	}
}

package notebook

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fashionlatent/lib/show"
)

// FigureTag is the tag of cells that must show a picture, or say why there is none.
const FigureTag = "figure"

// Problem is a problem in a notebook.
type Problem struct {
	Cell int // number of the code cell, from 1; 0: the notebook as a whole
	Text string
}

func (p Problem) String() string {
	if p.Cell == 0 {
		return p.Text
	}
	return fmt.Sprintf("code cell %d: %s", p.Cell, p.Text)
}

var (
	// GoNB does not report a cell whose shell command failed, except by this line.
	shellFailure = regexp.MustCompile(`(?m)^.*\bexit status \d+.*$`)
	imageTag     = regexp.MustCompile(`(?i)<(img|svg)[\s>]`)
)

// Check returns the problems in an executed notebook: an unreadable notebook, a cell with an error, a shell command
// that failed, and a cell with the tag [FigureTag] that neither shows a picture nor says why there is none.
func Check(executed []byte) []Problem {
	nb, err := decode(executed)
	if err != nil {
		return []Problem{{Text: err.Error()}}
	}
	var problems []Problem
	code := 0
	for _, c := range nb.Cells {
		if c.Type != "code" {
			continue
		}
		code++
		report := func(format string, args ...any) {
			problems = append(problems, Problem{code, fmt.Sprintf(format, args...)})
		}
		for _, o := range c.Outputs {
			switch {
			case o.Type == "error":
				report("%s: %s", o.Error, strings.TrimSpace(ansi.ReplaceAllString(o.Value, "")))
			case o.Type == "stream" && o.Name == "stderr":
				if line := shellFailure.FindString(string(o.Text)); line != "" {
					report("a command failed: %s", strings.TrimSpace(ansi.ReplaceAllString(line, "")))
				}
			}
		}
		if slices.Contains(c.Metadata.Tags, FigureTag) && !slices.ContainsFunc(c.Outputs, func(o output) bool { return o.hasImage() || o.saysWhy() }) {
			report("tagged %q, but shows no picture", FigureTag)
		}
	}
	return problems
}

// saysWhy says whether an output is, or holds, the reason why a figure is not drawn.
func (o output) saysWhy() bool {
	for _, data := range o.Data {
		if bytes.Contains(data, []byte(show.NotDrawn)) {
			return true
		}
	}
	return false
}

func (o output) hasImage() bool {
	for kind, data := range o.Data {
		if strings.HasPrefix(kind, "image/") {
			return true
		}
		var html text
		if kind == "text/html" && html.UnmarshalJSON(data) == nil && imageTag.MatchString(string(html)) {
			return true
		}
	}
	return false
}

package main

import (
	"fmt"

	"fashionlatent/experiments/report"
	"fashionlatent/lib/show"
)

// width is the width of the terminal to which results are printed, in characters; 80 if they are not printed to one.
func (c *call) width() int { return show.Width(c.out.to) }

// tell prints the tables of a report, in their groups of columns, then its claims, how it was made, and its folder. The
// tests behind the verdicts are left to the folder.
func (c *call) tell(r *report.Report, folder string) {
	var claims []report.Table
	for _, t := range r.Tables {
		switch t.Title {
		case report.ClaimsTitle:
			claims = append(claims, t)
		case report.TestsTitle:
		default:
			for _, part := range t.Parts() {
				fmt.Fprintln(c.out, part.Show().Text(c.width()))
			}
		}
	}
	for _, t := range claims {
		fmt.Fprintln(c.out, t.Show().Text(c.width()))
	}
	fmt.Fprintf(c.out, "%s\n\n%s\n", show.Wrap(r.About(), c.width()), folder)
}

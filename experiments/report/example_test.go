package report_test

import (
	"fmt"

	"fashionlatent/experiments/report"
)

// In place of a figure that the data do not define, a notebook shows the reason.
func ExampleReport_Show() {
	r := report.Report{Undrawn: []string{"sweep"}, Made: &report.Made{Omitted: map[string]string{"interpolations": "it needs two test images"}}}
	if err := r.Show("sweep", "interpolations"); err != nil {
		fmt.Println(err)
	}
	fmt.Println(r.Show("swep"))
	// Output:
	// The figure sweep is not drawn, because there are no scores for it.
	// The figure interpolations is not drawn, because it needs two test images.
	// the report has no figure "swep"; it has []
}

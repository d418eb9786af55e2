package experiments

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/lib/show"
)

// strengths are what a model is better at if it is better by all the metrics, in words that follow the model's name.
var strengths = []struct {
	words   string
	metrics []string
}{
	{"reconstructs images better", []string{metric.MSE}},
	{"has smoother paths between images", []string{metric.StepRatio, metric.Jumps}},
	{"draws images with the smaller Fréchet classifier distance from a small mixture of Gaussians fitted to its codes", []string{metric.Generated(metric.Mixtures, metric.FCD), metric.Generated(metric.Mixtures, metric.FCDConvolutional)}},
	{"draws images with the larger precision and coverage from a small mixture of Gaussians fitted to its codes", []string{metric.Generated(metric.Mixtures, metric.Precision), metric.Generated(metric.Mixtures, metric.Coverage)}},
	{"has clusters that agree better with the classes", []string{metric.Agreement(metric.Mixture, metric.ACC), metric.Agreement(metric.Mixture, metric.NMI)}},
}

// found is a claim and what a comparison found of it.
type found struct {
	claim report.Claim
	report.Verdict
}

// claimsFound are the claims of which a comparison found something, by their metrics.
func claimsFound(comparison *report.Report) map[string]found {
	all := map[string]found{}
	for _, c := range claims {
		if v, there := comparison.Verdict(c); there {
			all[c.Metric] = found{c, v}
		}
	}
	return all
}

// better says which model is better at a size, given by its place among the compared ones: -1 for the AE, 1 for the VAE, 0 if that is not
// known or if a test over several seeds does not decide it.
func (f found) better(size int) int {
	if size >= len(f.Scores) {
		return 0
	}
	ae, vae := f.Scores[size][0], f.Scores[size][1]
	if ae.Value == nil || vae.Value == nil || *ae.Value == *vae.Value {
		return 0
	}
	if p, tested := f.P[sizeName(comparedSizes[size])]; max(ae.N, vae.N) > 1 && !(tested && p < 1-score.Level) {
		return 0
	}
	if (*vae.Value < *ae.Value) == f.claim.Less {
		return 1
	}
	return -1
}

func sizeName(size int) string { return fmt.Sprintf("d = %d", size) }

// Answer says in a few sentences what a comparison found. They follow from its scores. It is nil if the comparison does not have them.
func Answer(comparison *report.Report) []string {
	of := claimsFound(comparison)
	narrow, wide := slices.Index(comparedSizes, lab.Narrow), slices.Index(comparedSizes, lab.Wide)
	holes, mse := of[metric.Holes], of[metric.MSE]
	if len(holes.Scores) < 2 || len(mse.Scores) < 2 {
		return nil
	}
	value := func(f found, size, model int) float64 {
		if c := f.Scores[size][model]; c.Value != nil {
			return *c.Value
		}
		return math.NaN()
	}
	percent := func(size, model int) string {
		v := 100 * value(holes, size, model)
		if v > 0 && v <= .5 { // %.0f rounds .5 to 0
			return "less than 1\u00a0%"
		}
		return fmt.Sprintf("%.0f\u00a0%%", v)
	}
	if math.IsNaN(value(holes, wide, 0)) || math.IsNaN(value(holes, wide, 1)) || math.IsNaN(value(holes, narrow, 0)) || math.IsNaN(value(holes, narrow, 1)) {
		return nil
	}
	sentences := []string{fmt.Sprintf("Draw codes of %d numbers from N(0, I), the standard normal distribution, and decode them: %s of the AE's images lie far from the data, and %s of the VAE's.",
		lab.Wide, percent(wide, 0), percent(wide, 1))}

	var lists [2][]string
	for _, s := range strengths {
		who := 0
		for i, name := range s.metrics {
			if b := of[name].better(wide); i == 0 {
				who = b
			} else if b != who {
				who = 0
			}
		}
		if who != 0 {
			lists[(who+1)/2] = append(lists[(who+1)/2], s.words)
		}
	}
	var parts []string
	for i, list := range lists {
		if len(list) > 0 {
			parts = append(parts, "the "+name(lab.Models[i])+" "+joined(list))
		}
	}
	if len(parts) > 0 {
		sentences = append(sentences, fmt.Sprintf("With %d numbers, %s.", lab.Wide, strings.Join(parts, "; ")))
	}

	apart := func(size int) (float64, float64) {
		a, b := value(mse, size, 0), value(mse, size, 1)
		return math.Abs(value(holes, size, 0) - value(holes, size, 1)), math.Abs(a-b) / math.Max(a, b)
	}
	n1, n2 := apart(narrow)
	w1, w2 := apart(wide)
	start := fmt.Sprintf("With %d numbers:", lab.Narrow)
	if n1 < w1/2 && n2 < w2/2 {
		start = fmt.Sprintf("With %d numbers the two differ much less:", lab.Narrow)
	}
	sentences = append(sentences, fmt.Sprintf("%s %s and %s of such images lie far from the data, and the mean squared error of their reconstructions is %s and %s per pixel.",
		start, percent(narrow, 0), percent(narrow, 1), plain(mse.Scores[narrow][0]), plain(mse.Scores[narrow][1])))
	return sentences
}

// plain is a cell without its deviation.
func plain(c report.Cell) string {
	c.Deviation = nil
	return c.String()
}

// joined joins parts as a sentence does.
func joined(parts []string) string {
	if len(parts) == 1 {
		return parts[0]
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}

// Beside is the published claims with their verdicts, and what another comparison of the same data says of each, such as that of one
// machine: the same direction or the opposite, at each size.
func Beside(published, here *report.Report) show.Table {
	theirs, own := claimsFound(published), claimsFound(here)
	t := show.Table{Header: []string{"claim about the VAE's latent space, compared with the AE's", "metric", "verdict"}, Note: published.Table(report.ClaimsTitle).Note}
	for _, size := range comparedSizes {
		t.Header = append(t.Header, sizeName(size)+": AE and VAE", "this run")
	}
	seeds := map[*report.Report]int{}
	for _, c := range claims {
		f, ok := theirs[c.Metric]
		if !ok {
			continue
		}
		row := []string{c.Words, c.What, f.Words}
		for i, scores := range f.Scores {
			seeds[published] = max(seeds[published], scores[0].N)
			mine := [2]report.Cell{report.Missing("it is not in this run"), report.Missing("it is not in this run")}
			if of := own[c.Metric].Scores; i < len(of) {
				mine = of[i]
				seeds[here] = max(seeds[here], mine[0].N)
			}
			both := func(of [2]report.Cell) string { return plain(of[0]) + " and " + plain(of[1]) }
			row = append(row, both(scores), both(mine)+direction(scores, mine, f.better(i) != 0))
		}
		t.Rows = append(t.Rows, row)
	}
	t.Title = fmt.Sprintf("The claims: verdicts of %d seeds, and this run with %d", seeds[published], seeds[here])
	return t
}

// direction says whether the difference of two scores has the same sign as that of the published ones, which several seeds may have decided.
func direction(published, here [2]report.Cell, decided bool) string {
	for _, c := range append(published[:], here[:]...) {
		if c.Value == nil {
			return ""
		}
	}
	was, is := *published[1].Value-*published[0].Value, *here[1].Value-*here[0].Value
	switch {
	case plain(here[0]) == plain(here[1]):
		return ": no difference"
	case was == 0:
		return ": the published ones do not differ"
	case was*is > 0:
		return ": same direction"
	case decided:
		return ": opposite"
	}
	return ": opposite of what is not decided"
}

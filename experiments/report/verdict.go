package report

import (
	"fmt"
	"slices"
	"strings"

	"fashionlatent/experiments/score"
)

// Titles of the table of claims with their verdicts, and of the table of the tests.
const (
	ClaimsTitle = "The claims"
	TestsTitle  = "The tests behind the verdicts"
)

// testsCorrected is the heading of the tests' column with the p-values that decide.
const testsCorrected = "p, corrected"

// Claim is a claim about a second model in comparison with a first, and the metric that tests it. Claims with the same
// words are one claim that is measured in several ways.
type Claim struct {
	Words  string // what is claimed of the second model
	Metric string
	What   string // the metric in words
	Digits int
	Less   bool // the claim is that the metric is lower for the second model; false: that it is higher
}

// Pair is two models whose scores are compared.
type Pair struct {
	Name          string // such as "d = 2"
	First, Second func(metric string) score.Summary
}

// test is the test of one claim on one pair.
type test struct {
	claim         Claim
	pair          Pair
	first, second score.Summary
	comparison    score.Comparison
	undefined     error
	corrected     float64 // p-value after Holm's correction
	paired        Cell    // the same for the paired test
}

// outcome of a test.
type outcome int

const (
	supported outcome = iota
	contradicted
	undecided
	untested // Welch's test is not defined
)

func (t test) outcome() outcome {
	switch {
	case t.undefined != nil:
		return untested
	case t.corrected >= 1-score.Level:
		return undecided
	case (t.comparison.Difference < 0) == t.claim.Less:
		return supported
	}
	return contradicted
}

// alone says whether the test has decided its claim and another test of the same claim on the same pair has not, or has
// decided otherwise.
func (t test) alone(other test) bool {
	decided := t.outcome() == supported || t.outcome() == contradicted
	return decided && other.claim.Words == t.claim.Words && other.first.N() > 0 && other.second.N() > 0 && other.outcome() != t.outcome()
}

// Verdicts tests each claim on each pair with Welch's t-test. The p-values of all tests that are defined are corrected
// together by Holm's method. Those of paired t-tests, corrected in the same way, stand beside them. The first table has a row for each claim, and the second a row for each claim and pair. A
// claim is left out of both tables if there is no pair in which both models have a score for its metric. Where a claim is
// measured in several ways and they do not agree, its verdicts say so.
func Verdicts(claims []Claim, pairs []Pair, first, second string) []Table {
	var tests []test
	var p, paired []float64
	for _, c := range claims {
		for _, at := range pairs {
			t := test{claim: c, pair: at, first: at.First(c.Metric), second: at.Second(c.Metric)}
			if t.comparison, t.undefined = score.Compare(t.first, t.second); t.undefined == nil {
				p = append(p, t.comparison.P)
			}
			one, err := score.Paired(t.first, t.second)
			if err == nil {
				paired = append(paired, one)
			} else {
				t.paired = Missing(err.Error())
			}
			tests = append(tests, t)
		}
	}
	p, paired = score.Holm(p), score.Holm(paired)
	for i, corrected, beside := 0, p, paired; i < len(tests); i++ {
		if tests[i].undefined == nil {
			tests[i].corrected, corrected = corrected[0], corrected[1:]
		}
		if tests[i].paired.Undefined == "" {
			tests[i].paired, beside = Number(beside[0], -2), beside[1:]
		}
	}
	verdicts := Table{Title: ClaimsTitle, Columns: Labels(fmt.Sprintf("claim about the %s's latent space, compared with the %s's", second, first), "verdict", "metric")}
	for _, at := range pairs {
		verdicts.Columns = append(verdicts.Columns, Column{at.Name + ": " + first, true}, Column{at.Name + ": " + second, true})
	}
	details := Table{Title: TestsTitle, Columns: Labels("metric", "codes", "n, "+first, "n, "+second, "difference", "95 % from", "to", "t", "degrees of freedom", "p", testsCorrected, "paired p, corrected")}
	for i, c := range claims {
		of := tests[i*len(pairs) : (i+1)*len(pairs)]
		found := map[outcome][]string{}
		var alone []string
		row := []Cell{Text(c.Words), {}, Text(c.What)}
		taken := false
		for k, t := range of {
			row = append(row, Score(t.first, c.Digits), Score(t.second, c.Digits))
			found[t.outcome()] = append(found[t.outcome()], t.pair.Name)
			if t.first.N() > 0 && t.second.N() > 0 {
				taken = true
				for j := k; j < len(tests); j += len(pairs) {
					if t.alone(tests[j]) {
						alone = append(alone, t.pair.Name)
						break
					}
				}
			}
			details.Add(t.details()...)
		}
		if !taken {
			details.Rows = details.Rows[:len(details.Rows)-len(of)]
			continue
		}
		row[1] = Text(conclusion(found))
		if alone != nil {
			row[1].Text += "; another metric of this claim has another verdict at " + strings.Join(alone, ", ")
		}
		verdicts.Add(row...)
	}
	count := fmt.Sprintf("%d tests", len(p))
	if len(p) == 1 {
		count = "one test"
	}
	details.Note = fmt.Sprintf("Two-sided Welch's t-test of the difference of the means over seeds, %s minus %s, with its degrees of freedom (Welch and Satterthwaite). The intervals are those of each test alone. "+
		"Corrected: by Holm's method for the %s of the table. A claim holds if the corrected p is below %.2[4]g and the difference supports it. It does not hold if the corrected p is below %.2[4]g and the difference supports the opposite. Otherwise it is not decided. "+
		"Runs with the same seed share random numbers, such as those of the drawn codes. The last column has the p of paired t-tests over the seeds, corrected in the same way; no verdict depends on it.", second, first, count, 1-score.Level)
	if len(p) == 0 {
		verdicts.Note = "No claim is tested: Welch's test needs two seeds or more of each model, and scores that differ between them."
		return []Table{verdicts}
	}
	return []Table{verdicts, details}
}

// Verdict is what Verdicts found of a claim.
type Verdict struct {
	Row    []Cell // in the table of claims
	Words  string
	Scores [][2]Cell          // of the first and the second model, for each pair
	P      map[string]float64 // corrected p-value by the pair's name, where there is a test
}

// Verdict reads what Verdicts found of a claim. found: the report has a row for it.
func (r *Report) Verdict(c Claim) (v Verdict, found bool) {
	verdicts, tests := r.Table(ClaimsTitle), r.Table(TestsTitle)
	at := slices.IndexFunc(verdicts.Rows, func(row []Cell) bool { return row[0].Text == c.Words && row[2].Text == c.What })
	if at < 0 {
		return v, false
	}
	row := verdicts.Rows[at]
	v = Verdict{Row: row, Words: row[1].Text, P: map[string]float64{}}
	for i := 3; i+1 < len(row); i += 2 {
		v.Scores = append(v.Scores, [2]Cell{row[i], row[i+1]})
	}
	corrected := slices.IndexFunc(tests.Columns, func(of Column) bool { return of.Name == testsCorrected })
	for _, test := range tests.Rows {
		if test[0].Text == c.What && corrected >= 0 && test[corrected].Value != nil {
			v.P[test[1].Text] = *test[corrected].Value
		}
	}
	return v, true
}

// details are the cells of a test in the second table.
func (t test) details() []Cell {
	cells := []Cell{Text(t.claim.What), Text(t.pair.Name), Number(float64(t.first.N()), 0), Number(float64(t.second.N()), 0)}
	if t.undefined != nil {
		reason := t.undefined.Error()
		for _, s := range []score.Summary{t.first, t.second} {
			if s.Undefined != "" {
				reason = s.Undefined
			}
		}
		for range 7 {
			cells = append(cells, Missing(reason))
		}
		return append(cells, t.paired)
	}
	c := t.comparison
	return append(cells, Number(c.Difference, t.claim.Digits), Number(c.Low, t.claim.Digits), Number(c.High, t.claim.Digits),
		Number(c.T, 2), Number(c.DF, 1), Number(c.P, -2), Number(t.corrected, -2), t.paired)
}

// conclusion says in words at which pairs a claim is supported, contradicted, not decided or not tested.
func conclusion(found map[outcome][]string) string {
	words := []string{"holds", "does not hold", "not decided with these seeds", "not tested"}
	if len(found) == 1 {
		for o := range found {
			return words[o]
		}
	}
	var parts []string
	for o, at := range []string{"holds at ", "does not hold at ", "not decided at ", "not tested at "} {
		if d := found[outcome(o)]; d != nil {
			parts = append(parts, at+strings.Join(d, ", "))
		}
	}
	all := strings.Join(parts, "; ")
	if found[supported] != nil && found[contradicted] != nil {
		return "depends on the size of the code: " + all
	}
	return all
}

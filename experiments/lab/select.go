package lab

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"fashionlatent/experiments/metric"
	"fashionlatent/lib/training"
	"fashionlatent/lib/words"
)

// properties of a listed run besides its settings, by the names that filters and orders use.
var properties = []struct {
	name string
	of   func(l *Listed) string
}{
	{"run", func(l *Listed) string { return l.Run }},
	{"state", func(l *Listed) string { return l.State }},
	{"data", func(l *Listed) string { return l.Data }},
	{"kept", func(l *Listed) string { return strconv.Itoa(l.Kept) }},
	{"date", func(l *Listed) string {
		if l.Started.IsZero() {
			return ""
		}
		return l.Started.Format(time.DateOnly)
	}},
	{"seconds", func(l *Listed) string { return fmt.Sprint(l.Seconds) }},
	{"size", func(l *Listed) string { return fmt.Sprintf("%.3f", float64(l.Bytes)/1e6) }},
	{"CE", func(l *Listed) string { return l.value(metric.CrossEntropy) }},
	{"KL", func(l *Listed) string { return l.value(metric.KL) }},
	{"MSE", func(l *Listed) string { return l.value(metric.MSE) }},
	{"ACC", func(l *Listed) string { return l.value(metric.Agreement(metric.Mixture, metric.ACC)) }},
}

// value is a score as text with all its digits; "" if there is none.
func (l *Listed) value(metric string) string {
	if s, there := l.Score(metric); there {
		return strconv.FormatFloat(s.Value, 'g', -1, 64)
	}
	return ""
}

// Properties are the names by which runs can be filtered and sorted: what their folders say, and their settings.
func Properties() (names []string) {
	for _, p := range properties {
		names = append(names, p.name)
	}
	for _, s := range new(training.Config).Settings() {
		names = append(names, s.Name)
	}
	return append(names, "kernels", "decay")
}

// property returns the function that reads a property of a run. Capitals count as small letters.
func property(name string) (func(l *Listed) string, error) {
	for _, p := range properties {
		if strings.EqualFold(p.name, name) {
			return p.of, nil
		}
	}
	names := Properties()
	if !slices.Contains(names, strings.ToLower(name)) {
		return nil, fmt.Errorf("runs have no property %q; want one of %s%s", name, strings.Join(names, ", "), words.DidYouMean(name, names))
	}
	return func(l *Listed) string { return l.Setting(strings.ToLower(name)) }, nil
}

// comparison compares a property of a run with a value.
type comparison struct {
	name  string
	sign  string
	of    func(l *Listed) string
	value string
	holds func(order int) bool
}

// signs are the characters that operators begin with.
const signs = "!<>="

// operators of filters. Longer ones come first.
var operators = []struct {
	sign  string
	holds func(order int) bool
}{
	{"!=", func(o int) bool { return o != 0 }},
	{"<=", func(o int) bool { return o <= 0 }},
	{">=", func(o int) bool { return o >= 0 }},
	{"=", func(o int) bool { return o == 0 }},
	{"<", func(o int) bool { return o < 0 }},
	{">", func(o int) bool { return o > 0 }},
}

// splitWords splits a text at spaces that are not between quotation marks, which are removed.
func splitWords(text string) (words []string) {
	begun, quoted := false, false
	for _, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case unicode.IsSpace(r) && !quoted:
			begun = false
		case begun:
			words[len(words)-1] += string(r)
		default:
			words, begun = append(words, string(r)), true
		}
	}
	return words
}

// Filter keeps the runs for which each word of a filter holds. A word compares a property with a value, as in
// "model=vae", "latent>2", "date>=2026-01-31" or, with spaces, "data=\"my images\"". A word without an operator is a part of the run's name. A run that has
// no value of a property is not kept. An unknown property is an error.
func Filter(runs []Listed, filter string) ([]Listed, error) {
	parts, all, err := parseFilter(filter)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(runs), func(l Listed) bool {
		lacks := func(part string) bool { return !strings.Contains(l.Run, part) }
		fails := func(c comparison) bool {
			have := c.of(&l)
			return have == "" && c.value != "" || !c.holds(order(have, c.value))
		}
		return slices.ContainsFunc(parts, lacks) || slices.ContainsFunc(all, fails)
	}), nil
}

// Unmatched says which values runs have of the first property that a filter compares, with =, with a value that no run
// has. It is "" if there is no such property, or if the filter is wrong.
func Unmatched(runs []Listed, filter string) string {
	_, all, _ := parseFilter(filter)
	for _, c := range all {
		var have []string
		for i := range runs {
			if value := c.of(&runs[i]); value != "" && !slices.Contains(have, value) {
				have = append(have, value)
			}
		}
		if c.sign != "=" || slices.ContainsFunc(have, func(value string) bool { return c.holds(order(value, c.value)) }) {
			continue
		}
		const most = 10 // values in a sentence
		slices.SortFunc(have, order)
		switch {
		case len(have) == 0:
			return fmt.Sprintf("no run has a value of %s", c.name)
		case len(have) > most:
			have = append(have[:most:most], "…")
		}
		return fmt.Sprintf("no run has %s=%s; the values of the runs are %s%s", c.name, c.value, strings.Join(have, "; "), words.DidYouMean(c.value, have))
	}
	return ""
}

// parseFilter returns the parts of a name and the comparisons in a filter.
func parseFilter(filter string) (parts []string, all []comparison, err error) {
	for _, word := range splitWords(filter) {
		at := strings.IndexAny(word, signs)
		if at < 0 {
			parts = append(parts, word)
			continue
		}
		name, rest := word[:at], word[at:]
		found := false
		for _, o := range operators {
			value, begins := strings.CutPrefix(rest, o.sign)
			if !begins {
				continue
			}
			if name == "" || strings.IndexAny(value, signs) == 0 {
				break
			}
			of, err := property(name)
			if err != nil {
				return nil, nil, err
			}
			if err := ordered(name, o.sign, value); err != nil {
				return nil, nil, fmt.Errorf("the filter has the word %q, %w", word, err)
			}
			all, found = append(all, comparison{name, o.sign, of, value, o.holds}), true
			break
		}
		if !found {
			return nil, nil, fmt.Errorf("the filter has the word %q, want a comparison such as model=vae, latent>2 or state!=finished", word)
		}
	}
	return parts, all, nil
}

// ordered returns an error if values of a property have no order, or if the value has none among them.
func ordered(name, sign, value string) error {
	name = strings.ToLower(name)
	if sign == "=" || sign == "!=" || slices.Contains([]string{"run", "date", "data"}, name) {
		return nil
	}
	if slices.Contains([]string{"state", "model", "hidden", "kernels", "activation", "loss"}, name) {
		return fmt.Errorf("but %s has no order; want %[1]s= or %[1]s!= with a value", name)
	}
	if _, err := strconv.ParseFloat(value, 64); err != nil {
		return fmt.Errorf("want a number after %s", sign)
	}
	return nil
}

// order compares two values: as numbers if both are, otherwise as texts. Values that are missing come last.
func order(a, b string) int {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	switch {
	case errX == nil && errY == nil:
		return cmp.Compare(x, y)
	case (a == "") != (b == ""):
		return cmp.Compare(b, a)
	}
	return cmp.Compare(a, b)
}

// Sort sorts runs by a property, in decreasing order if the name begins with a hyphen. Runs that have no value come
// last. Runs with equal values stay in their order. An unknown property is an error.
func Sort(runs []Listed, by string) error {
	name, decreasing := strings.CutPrefix(by, "-")
	of, err := property(name)
	if err != nil {
		return err
	}
	slices.SortStableFunc(runs, func(a, b Listed) int {
		x, y := of(&a), of(&b)
		if decreasing && x != "" && y != "" {
			return order(y, x)
		}
		return order(x, y)
	})
	return nil
}

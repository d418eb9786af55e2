// Package words finds the words that a mistyped word may stand for.
package words

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// most is the largest number of words that Near returns.
const most = 3

// Near returns the words that are nearest to a word, at most three. A word of n letters is near if at
// most (n+1)/3 letters have to be inserted, removed or replaced in it; a word of one letter is never near another. If beginnings is set, a
// word may also stand for the beginning of a longer one. Capitals count as small letters.
func Near(word string, among []string, beginnings bool) []string {
	type candidate struct {
		word     string
		distance int
	}
	typed := strings.ToLower(word)
	n := len([]rune(typed))
	best := (n + 1) / 3
	var near []candidate
	for _, w := range among {
		whole := []rune(strings.ToLower(w))
		distance := levenshtein.ComputeDistance(typed, string(whole))
		if beginnings && len(whole) > n {
			distance = min(distance, levenshtein.ComputeDistance(typed, string(whole[:n])))
		}
		if distance <= best && n > 0 {
			best = distance
			near = append(near, candidate{w, distance})
		}
	}
	var found []string
	for _, c := range near {
		if c.distance == best && len(found) < most {
			found = append(found, c.word)
		}
	}
	return found
}

// DidYouMean is the end of an error about an unknown word: "; did you mean a or b?". It is "" if no word is near.
func DidYouMean(word string, among []string) string { return Question(Near(word, among, false)) }

// DidYouMeanBeginning is DidYouMean for a word that may also be the beginning of a longer one.
func DidYouMeanBeginning(word string, among []string) string {
	return Question(Near(word, among, true))
}

// Question asks which of some words is meant: "; did you mean a or b?". It is "" if there are none.
func Question(near []string) string {
	if len(near) == 0 {
		return ""
	}
	last := len(near) - 1
	if last == 0 {
		return "; did you mean " + near[0] + "?"
	}
	return "; did you mean " + strings.Join(near[:last], ", ") + " or " + near[last] + "?"
}

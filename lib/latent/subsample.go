package latent

import (
	"math/rand/v2"
	"slices"
)

// Subsample draws size of n rows without repetition, in rising order; all of them where there are no more than size.
// Measures that compare every pair are taken of such a part.
func Subsample(n, size int, seed uint64) []int {
	rows := rand.New(rand.NewPCG(seed, 0)).Perm(max(0, n))
	rows = rows[:min(max(0, size), len(rows))]
	slices.Sort(rows)
	return rows
}

package latent

import (
	"math/rand/v2"
	"slices"
)

// Subsample draws size of n rows without repetition, in rising order. If there are no more than size, it returns all
// rows. It keeps the time of metrics that compare all pairs within bounds.
func Subsample(n, size int, seed uint64) []int {
	rows := rand.New(rand.NewPCG(seed, 0)).Perm(max(0, n))
	rows = rows[:min(max(0, size), len(rows))]
	slices.Sort(rows)
	return rows
}

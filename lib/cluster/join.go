package cluster

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"

	"fashionlatent/lib/points"
)

// table holds the gain in modularity, at resolution 1, from joining each pair of communities, [n][n].
type table [][]float64

func (w *weighted) table() table {
	t := make(table, w.nodes())
	for a := range t {
		t[a] = make([]float64, w.nodes())
		for b := range t[a] {
			t[a][b] = -2 * w.degree[a] / w.total * w.degree[b] / w.total
		}
		targets, weights := w.edges(a)
		for e, b := range targets {
			t[a][b] += 2 * weights[e] / w.total
		}
	}
	return t
}

// divide returns the group of each community in the best division into k groups. It makes several attempts of simulated
// annealing, all from the result of greedy merges.
func (t table) divide(ctx context.Context, k int, rng *rand.Rand) ([]int, error) {
	const attempts = 10
	start, err := t.join(ctx, k)
	if err != nil {
		return nil, err
	}
	groups, gains, seeds := make([][]int, attempts), make([]float64, attempts), make([]uint64, attempts)
	for i := range seeds {
		seeds[i] = rng.Uint64()
	}
	err = points.Split(ctx, attempts, attempts, func(i, _, _ int) {
		groups[i] = append([]int(nil), start...)
		gains[i] = t.anneal(ctx, groups[i], k, rand.New(rand.NewPCG(seeds[i], 0)))
	})
	best := 0
	for i, gain := range gains {
		if gain > gains[best] {
			best = i
		}
	}
	return groups[best], cmp.Or(err, ctx.Err())
}

// join repeatedly joins the two groups with the largest gain until k groups are left, and returns the group of each
// community.
func (t table) join(ctx context.Context, k int) ([]int, error) {
	group, gain := make([]int, len(t)), make(table, len(t))
	alive := make([]int, len(t))
	for a := range t {
		group[a], alive[a], gain[a] = a, a, append([]float64(nil), t[a]...)
	}
	for len(alive) > k {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		into, from := 0, 1 // places in alive
		for i, a := range alive {
			for j := i + 1; j < len(alive); j++ {
				if gain[a][alive[j]] > gain[alive[into]][alive[from]] {
					into, from = i, j
				}
			}
		}
		a, b := alive[into], alive[from]
		alive = append(alive[:from], alive[from+1:]...)
		for _, c := range alive {
			gain[a][c] += gain[b][c]
			gain[c][a] = gain[a][c]
		}
		for i, g := range group {
			if g == b {
				group[i] = a
			}
		}
	}
	renumber(group)
	return group, nil
}

// anneal improves the division of the communities into k groups by simulated annealing (Kirkpatrick et al. 1983). In
// each step a random community moves to a random group. Steps that raise modularity are always taken, and others with a
// probability that falls during the process. The result is the best division seen. It returns the gain in modularity. After ctx is
// cancelled it soon ends.
func (t table) anneal(ctx context.Context, group []int, k int, rng *rand.Rand) float64 {
	const (
		sweeps  = 10000
		hottest = 2e-3 // modularity
		coldest = 2e-5
	)
	n := len(t)
	if n <= k || k == 1 {
		return 0
	}
	affinity, size := make(table, n), make([]int, k) // affinity of each community to each group, [n][k]
	for a := range t {
		affinity[a] = make([]float64, k)
		size[group[a]]++
		for b, g := range group {
			if b != a {
				affinity[a][g] += t[a][b]
			}
		}
	}
	best := append([]int(nil), group...)
	cooling := math.Log(coldest/hottest) / float64(sweeps*n)
	temperature := func(step int) float64 { return hottest * math.Exp(cooling*float64(step)) }
	var gained, most, hopeless float64
	for step := range sweeps * n {
		if step%1024 == 0 {
			if ctx.Err() != nil {
				break
			}
			points.ClearUpper()
			hopeless = -40 * temperature(step) // e^-40 is less than the smallest random number above 0
		}
		a, to := rng.IntN(n), rng.IntN(k)
		from := group[a]
		if to == from || size[from] == 1 {
			continue
		}
		gain := affinity[a][to] - affinity[a][from]
		if gain < 0 {
			if u := rng.Float64(); u > 0 && gain < hopeless || u >= math.Exp(gain/temperature(step)) {
				continue
			}
		}
		group[a] = to
		size[from]--
		size[to]++
		for b := range t {
			if b != a {
				affinity[b][from] -= t[b][a]
				affinity[b][to] += t[b][a]
			}
		}
		if gained += gain; gained > most {
			most = gained
			copy(best, group)
		}
	}
	copy(group, best)
	return most
}

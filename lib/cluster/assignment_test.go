package cluster

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func ExampleAssignment() {
	classes := []uint8{0, 0, 1, 1, 1, 0}
	clusters := []int{2, 2, 0, 0, 0, 1}
	match, err := Assignment(classes, clusters)
	if err != nil {
		panic(err)
	}
	fmt.Println(match) // cluster 1 has no class
	// Output: [1 -1 0]
}

// bestMatch tries every one-to-one match of rows to columns.
func bestMatch(weights [][]int, row int, taken []bool) int {
	if row == len(weights) {
		return 0
	}
	best := bestMatch(weights, row+1, taken) // without a column for this row
	for j, w := range weights[row] {
		if !taken[j] {
			taken[j] = true
			best = max(best, w+bestMatch(weights, row+1, taken))
			taken[j] = false
		}
	}
	return best
}

func TestAssignIsBest(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for rows := 1; rows <= 6; rows++ {
		for columns := 1; columns <= 6; columns++ {
			for range 40 {
				limit := 1 + rng.IntN(30) // small limits cause ties
				weights := make([][]int, rows)
				for i := range weights {
					weights[i] = make([]int, columns)
					for j := range weights[i] {
						weights[i][j] = rng.IntN(limit)
					}
				}
				total, matched, taken := 0, 0, map[int]bool{}
				for i, j := range assign(weights) {
					if j < 0 {
						continue
					}
					if taken[j] {
						t.Fatalf("%v: column %d twice", weights, j)
					}
					taken[j] = true
					matched++
					total += weights[i][j]
				}
				if want := bestMatch(weights, 0, make([]bool, columns)); total != want || matched != min(rows, columns) {
					t.Fatalf("%v: %d pairs of weight %d, want %d of %d", weights, matched, total, min(rows, columns), want)
				}
			}
		}
	}
}

func TestAssignment(t *testing.T) {
	for _, c := range []struct {
		name     string
		classes  []uint8
		clusters []int
		want     []int
	}{
		{"same", []uint8{0, 1, 2}, []int{0, 1, 2}, []int{0, 1, 2}},
		{"renamed", []uint8{0, 1, 2}, []int{1, 2, 0}, []int{2, 0, 1}},
		{"fewer clusters", []uint8{0, 0, 1, 2}, []int{0, 0, 1, 1}, []int{0, 1}},
		{"more clusters", []uint8{0, 0, 0, 1}, []int{3, 3, 1, 2}, []int{-1, -1, 1, 0}},
		{"not the greedy one", []uint8{0, 0, 0, 0, 0, 1, 1, 1, 1}, []int{0, 0, 0, 1, 1, 0, 0, 0, 0}, []int{1, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Assignment(c.classes, c.clusters)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

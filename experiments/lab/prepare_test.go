package lab

import (
	"slices"
	"testing"
)

func TestThreads(t *testing.T) {
	for _, c := range []struct {
		runs, atOnce, cores int
		want                []int // of each run
	}{
		{runs: 4, atOnce: 2, cores: 2, want: []int{1, 1, 1, 1}},
		{runs: 3, atOnce: 2, cores: 2, want: []int{1, 1, 2}}, // no other run is trained beside the last one
		{runs: 1, atOnce: 1, cores: 4, want: []int{4}},
		{runs: 6, atOnce: 4, cores: 4, want: []int{1, 1, 1, 1, 2, 2}},
		{runs: 3, atOnce: 3, cores: 2, want: []int{1, 1, 1}},
	} {
		var got []int
		for i := range c.runs {
			got = append(got, threads(i, c.runs, c.atOnce, c.cores))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%d runs, %d at once on %d cores: %v threads, want %v", c.runs, c.atOnce, c.cores, got, c.want)
		}
	}
}

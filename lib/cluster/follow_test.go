package cluster

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Planted clusters turn about the origin by a sixth of a circle at a time, as far as the distance between neighbours, and the
// seeds of k-means number them anew each time. The numbers must stay with the points and not with the places.
func TestFollowKeepsNumbers(t *testing.T) {
	const k, each, steps = 6, 50, 7
	rng := rand.New(rand.NewPCG(1, 1))
	noise := make([]float64, 2*k*each)
	for i := range noise {
		noise[i] = 0.3 * rng.NormFloat64()
	}
	var before *KMeans
	moved := false
	for step := range steps {
		x := make([]float32, 2*k*each)
		for i := range k * each {
			angle := 2 * math.Pi * (float64(i%k) + float64(step)) / k
			x[2*i], x[2*i+1] = float32(5*math.Cos(angle)+noise[2*i]), float32(5*math.Sin(angle)+noise[2*i+1])
		}
		now, err := FitKMeans(t.Context(), x, 2, KMeansConfig{K: k, Seed: uint64(step)})
		if err != nil {
			t.Fatal(err)
		}
		if before != nil {
			moved = moved || !slices.Equal(now.Labels, before.Labels)
			if now, err = now.Follow(before.Labels); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(before.Labels, now.Labels); d != "" {
				t.Fatalf("step %d: the clusters have other numbers (-before +now):\n%s", step, d)
			}
		}
		nearest, err := now.Predict(x)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(now.Labels, nearest); d != "" {
			t.Fatalf("step %d: the centres have other numbers than the points (-points +centres):\n%s", step, d)
		}
		before = now
	}
	if !moved {
		t.Error("k-means numbered the clusters alike at every step: the test shows nothing")
	}
}

func TestFollowNumbers(t *testing.T) {
	for _, c := range []struct {
		name        string
		before, now []int
		want        []int // numbers of the points
		centres     []float64
	}{
		{"same", []int{0, 1, 2}, []int{0, 1, 2}, []int{0, 1, 2}, []float64{10, 11, 12}},
		{"renamed", []int{0, 1, 2}, []int{1, 2, 0}, []int{0, 1, 2}, []float64{11, 12, 10}},
		{"not the greedy one", []int{0, 0, 0, 0, 0, 1, 1, 1, 1}, []int{0, 0, 0, 1, 1, 0, 0, 0, 0}, []int{1, 1, 1, 0, 0, 1, 1, 1, 1}, []float64{11, 10, 12}},
		{"a cluster without points keeps a centre", []int{2, 2, 1}, []int{0, 0, 1}, []int{2, 2, 1}, []float64{12, 11, 10}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &KMeans{K: 3, Dim: 1, Centres: []float64{10, 11, 12}, Labels: c.now}
			got, err := m.Follow(c.before)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got.Labels) + cmp.Diff(c.centres, got.Centres); d != "" {
				t.Error(d)
			}
			if m.Centres[0] != 10 || !slices.Equal(m.Labels, c.now) {
				t.Error("it changed the clusters that it was called on")
			}
		})
	}
	m := &KMeans{K: 2, Dim: 1, Centres: []float64{0, 1}, Labels: []int{0, 1}}
	for want, before := range map[string][]int{"1 points to follow for 2": {0}, "was in cluster 2": {0, 2}, "was in cluster -1": {-1, 0}} {
		if _, err := m.Follow(before); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want an error that says %q", before, err, want)
		}
	}
}

package cluster

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func ExampleAccuracy() {
	classes := []uint8{0, 0, 0, 1, 1, 1}
	clusters := []int{1, 1, 1, 0, 0, 1}
	acc, err := Accuracy(classes, clusters)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f\n", acc) // cluster 1 is matched to class 0, cluster 0 to class 1
	// Output: 0.833
}

func ExampleNMI() {
	nmi, err := NMI([]uint8{0, 0, 1, 2}, []int{0, 0, 1, 1})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f\n", nmi)
	// Output: 0.800
}

func ExampleARI() {
	ari, err := ARI([]uint8{0, 0, 1, 2}, []int{0, 0, 1, 1})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f\n", ari)
	// Output: 0.571
}

func ExampleConfusion() {
	counts, err := Confusion([]uint8{0, 0, 0, 1}, []int{2, 2, 0, 1})
	if err != nil {
		panic(err)
	}
	for _, row := range counts {
		fmt.Println(row)
	}
	// Output:
	// [1 0 2]
	// [0 1 0]
}

func ExampleMatched() {
	counts, order, err := Matched([]uint8{0, 0, 0, 1}, []int{2, 2, 0, 1})
	if err != nil {
		panic(err)
	}
	for _, row := range counts {
		fmt.Println(row)
	}
	fmt.Println("clusters", order)
	// Output:
	// [2 0 1]
	// [0 1 0]
	// clusters [2 1 0]
}

// scores are ACC, NMI and ARI.
func scores(t *testing.T, classes []uint8, clusters []int) []float64 {
	t.Helper()
	var got []float64
	for _, f := range []func([]uint8, []int) (float64, error){Accuracy, NMI, ARI} {
		v, err := f(classes, clusters)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, v)
	}
	return got
}

func TestAgreementReference(t *testing.T) {
	for i, c := range readReference(t).Agreements {
		classes := make([]uint8, len(c.Classes))
		for j, v := range c.Classes {
			classes[j] = uint8(v)
		}
		checkClose(t, fmt.Sprintf("case %d: NMI and ARI", i), scores(t, classes, c.Clusters)[1:], []float64{c.NMI, c.ARI}, 1e-12)
		counts, err := Confusion(classes, c.Clusters)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c.Present, present(counts)); d != "" {
			t.Errorf("case %d: counts (-want +got) %s", i, d)
		}
	}
}

// present removes the rows and columns without points.
func present(counts [][]int) (out [][]int) {
	rows, columns := margins(counts)
	for i, row := range counts {
		var kept []int
		for j, c := range row {
			if columns[j] > 0 {
				kept = append(kept, c)
			}
		}
		if rows[i] > 0 {
			out = append(out, kept)
		}
	}
	return out
}

func TestMatched(t *testing.T) {
	for _, c := range []struct {
		name     string
		classes  []uint8
		clusters []int
		counts   [][]int
		order    []int
	}{
		{"same", []uint8{0, 1}, []int{0, 1}, [][]int{{1, 0}, {0, 1}}, []int{0, 1}},
		{"renamed", []uint8{0, 1, 1}, []int{1, 0, 0}, [][]int{{1, 0}, {0, 2}}, []int{1, 0}},
		{"fewer clusters", []uint8{0, 1, 2, 2}, []int{0, 1, 1, 1}, [][]int{{1, 0, 0}, {0, 0, 1}, {0, 0, 2}}, []int{0, -1, 1}},
		{"more clusters", []uint8{0, 0, 0, 1}, []int{3, 3, 0, 1}, [][]int{{2, 0, 1, 0}, {0, 1, 0, 0}}, []int{3, 1, 0, 2}},
	} {
		counts, order, err := Matched(c.classes, c.clusters)
		if d := cmp.Diff(c.counts, counts) + cmp.Diff(c.order, order); err != nil || d != "" {
			t.Error(c.name, err, d)
		}
	}
}

func TestAccuracy(t *testing.T) {
	for _, c := range []struct {
		name     string
		classes  []uint8
		clusters []int
		want     float64
	}{
		{"perfect", []uint8{3, 3, 5, 5}, []int{1, 1, 0, 0}, 1},
		{"one cluster", []uint8{0, 0, 0, 1}, []int{4, 4, 4, 4}, 0.75},
		{"a cluster per point", []uint8{0, 0, 1, 1}, []int{0, 1, 2, 3}, 0.5},
		{"one point", []uint8{9}, []int{0}, 1},
	} {
		if got := scores(t, c.classes, c.clusters)[0]; got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestAgreementInvariances(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	n := 500
	classes, clusters := make([]uint8, n), make([]int, n)
	for i := range classes {
		classes[i] = uint8(rng.IntN(6))
		clusters[i] = (int(classes[i]) + rng.IntN(3)) % 5
	}
	want := scores(t, classes, clusters)
	for range 5 {
		rename, order := rng.Perm(9), rng.Perm(n)
		newClasses, newClusters := make([]uint8, n), make([]int, n)
		swappedClasses, swappedClusters := make([]uint8, n), make([]int, n)
		for i, from := range order {
			newClasses[i], newClusters[i] = uint8(rename[classes[from]]), rename[clusters[from]]
			swappedClasses[i], swappedClusters[i] = uint8(newClusters[i]), int(newClasses[i])
		}
		checkClose(t, "renamed and reordered", scores(t, newClasses, newClusters), want, 1e-13)
		checkClose(t, "classes and clusters exchanged", scores(t, swappedClasses, swappedClusters), want, 1e-13)
	}
}

// Products of counts of pairs of 300,000 points overflow int64.
func TestARIOfManyPoints(t *testing.T) {
	classes, clusters := make([]uint8, 300000), make([]int, 300000)
	for i := range classes {
		classes[i], clusters[i] = uint8(i%2), i%2
	}
	clusters[0] = 1
	got := scores(t, classes, clusters)
	if !(got[2] > 0.9999 && got[2] < 1) {
		t.Errorf("ARI %v", got[2])
	}
}

func TestAgreementErrors(t *testing.T) {
	for _, c := range []struct {
		classes  []uint8
		clusters []int
		want     string
	}{
		{nil, nil, "no points"},
		{[]uint8{1, 2}, []int{1}, "2 classes for 1 clusters"},
		{[]uint8{1, 2}, []int{1, -1}, "point 1 is in cluster -1"},
		{[]uint8{1}, []int{1 << 20}, "point 0 is in cluster 1048576"},
	} {
		_, err := Confusion(c.classes, c.clusters)
		checkError(t, err, c.want)
		_, err = Accuracy(c.classes, c.clusters)
		checkError(t, err, c.want)
		_, err = NMI(c.classes, c.clusters)
		checkError(t, err, c.want)
		_, err = ARI(c.classes, c.clusters)
		checkError(t, err, c.want)
		_, err = Assignment(c.classes, c.clusters)
		checkError(t, err, c.want)
		_, _, err = Matched(c.classes, c.clusters)
		checkError(t, err, c.want)
	}
	got, err := Confusion([]uint8{2, 0}, []int{1, 1})
	if d := cmp.Diff([][]int{{0, 1}, {0, 0}, {0, 1}}, got); err != nil || d != "" {
		t.Error(err, d)
	}
}

package cluster

import (
	"fmt"
	"math"
)

// maxCluster is the largest number of a cluster. It limits the size of a table of counts.
const maxCluster = 1<<16 - 1

// Confusion counts the points of each class (rows) in each cluster (columns). Classes and clusters are numbered from 0.
// There are as many rows and columns as the largest numbers require.
func Confusion(classes []uint8, clusters []int) ([][]int, error) {
	if len(classes) != len(clusters) {
		return nil, fmt.Errorf("cluster: %d classes for %d clusters; want one of each per point", len(classes), len(clusters))
	}
	if len(classes) == 0 {
		return nil, fmt.Errorf("cluster: no points")
	}
	rows, columns := 0, 0
	for i, c := range clusters {
		if c < 0 || c > maxCluster {
			return nil, fmt.Errorf("cluster: point %d is in cluster %d; want a number in 0..%d", i, c, maxCluster)
		}
		rows, columns = max(rows, int(classes[i])+1), max(columns, c+1)
	}
	counts := make([][]int, rows)
	for i := range counts {
		counts[i] = make([]int, columns)
	}
	for i, c := range clusters {
		counts[classes[i]][c]++
	}
	return counts, nil
}

// Matched counts as Confusion does, with one column for each class and more for further clusters. The column of a class
// is the cluster that Assignment matches to it. Clusters without a class take the columns that are left. order says
// which cluster each column is, -1 for none.
func Matched(classes []uint8, clusters []int) (counts [][]int, order []int, err error) {
	counts, err = Confusion(classes, clusters)
	if err != nil {
		return nil, nil, err
	}
	rows, columns := len(counts), len(counts[0])
	order = make([]int, max(rows, columns))
	taken := make([]bool, columns)
	for class := range order {
		order[class] = -1
	}
	for class, cluster := range assign(counts) {
		if order[class] = cluster; cluster >= 0 {
			taken[cluster] = true
		}
	}
	next := 0
	for column, cluster := range order {
		for next < columns && taken[next] {
			next++
		}
		if cluster < 0 && next < columns {
			order[column], taken[next] = next, true
		}
	}
	for i, row := range counts {
		counts[i] = make([]int, len(order))
		for column, cluster := range order {
			if cluster >= 0 {
				counts[i][column] = row[cluster]
			}
		}
	}
	return counts, order, nil
}

// Accuracy is the share of points whose cluster is matched to their class, in the one-to-one match of clusters to
// classes that makes this share largest: 0 to 1 (ACC of Yang et al. 2010). Points of a cluster or class without a
// partner count as wrong.
func Accuracy(classes []uint8, clusters []int) (float64, error) {
	counts, err := Confusion(classes, clusters)
	if err != nil {
		return 0, err
	}
	right := 0
	for class, cluster := range assign(counts) {
		if cluster >= 0 {
			right += counts[class][cluster]
		}
	}
	return float64(right) / float64(len(classes)), nil
}

// NMI is the mutual information of classes and clusters divided by the arithmetic mean of their entropies: 0 to 1. It
// is 1 if all points are of one class and in one cluster.
func NMI(classes []uint8, clusters []int) (float64, error) {
	counts, err := Confusion(classes, clusters)
	if err != nil {
		return 0, err
	}
	rows, columns := margins(counts)
	n := float64(len(classes))
	var information float64
	for i, row := range counts {
		for j, c := range row {
			if c > 0 {
				c := float64(c)
				information += c / n * math.Log(c*n/(float64(rows[i])*float64(columns[j])))
			}
		}
	}
	h := (entropy(rows, n) + entropy(columns, n)) / 2
	if h == 0 {
		return 1, nil
	}
	return min(1, max(0, information/h)), nil
}

// ARI is the adjusted Rand index (Hubert and Arabie 1985): the share of pairs of points that classes and clusters treat
// alike, scaled so that 1 is a perfect agreement and 0 the expectation for random clusters. It can be negative.
func ARI(classes []uint8, clusters []int) (float64, error) {
	counts, err := Confusion(classes, clusters)
	if err != nil {
		return 0, err
	}
	rows, columns := margins(counts)
	var both float64
	for _, row := range counts {
		both += pairs(row)
	}
	inRows, inColumns := pairs(rows), pairs(columns)
	all := pairs([]int{len(classes)})
	if inRows == both && inColumns == both {
		return 1, nil // the partitions are the same; for trivial ones the formula below is 0/0
	}
	expected := inRows * inColumns / all
	return (both - expected) / ((inRows+inColumns)/2 - expected), nil
}

// margins returns the sums of the rows and of the columns.
func margins(counts [][]int) (rows, columns []int) {
	rows, columns = make([]int, len(counts)), make([]int, len(counts[0]))
	for i, row := range counts {
		for j, c := range row {
			rows[i] += c
			columns[j] += c
		}
	}
	return rows, columns
}

// entropy is the entropy of the shares counts/n, in nats.
func entropy(counts []int, n float64) float64 {
	var h float64
	for _, c := range counts {
		if c > 0 {
			p := float64(c) / n
			h -= p * math.Log(p)
		}
	}
	return h
}

// pairs counts the pairs of points within groups of these sizes. It is a float64 because products of two such counts
// can overflow int64.
func pairs(counts []int) float64 {
	var total float64
	for _, c := range counts {
		total += float64(c) * float64(c-1) / 2
	}
	return total
}

package cluster

import "math"

// Assignment returns the class of each cluster in the one-to-one match of clusters to classes with the most correct
// points. It is -1 for a cluster without a class, if there are more clusters than classes.
func Assignment(classes []uint8, clusters []int) ([]int, error) {
	counts, err := Confusion(classes, clusters)
	if err != nil {
		return nil, err
	}
	match := make([]int, len(counts[0]))
	for cluster := range match {
		match[cluster] = -1
	}
	for class, cluster := range assign(counts) {
		if cluster >= 0 {
			match[cluster] = class
		}
	}
	return match, nil
}

// assign matches rows to columns one to one so that the sum of the matched weights is largest. It returns each row's
// column, or -1 for a row without one, if there are more rows than columns.
//
// It is the Hungarian method (Kuhn 1955) with shortest augmenting paths. The time is O(m^2 n), where m is the smaller
// and n the larger of the numbers of rows and columns.
func assign(weights [][]int) []int {
	rows, columns := len(weights), len(weights[0])
	if rows > columns {
		transposed := make([][]int, columns)
		for j := range transposed {
			transposed[j] = make([]int, rows)
			for i := range transposed[j] {
				transposed[j][i] = weights[i][j]
			}
		}
		match := make([]int, rows)
		for i := range match {
			match[i] = -1
		}
		for j, i := range assign(transposed) {
			match[i] = j
		}
		return match
	}

	// The dual variables keep every reduced cost -weight - rowPrice - columnPrice at zero or more, and those of matched
	// pairs at zero. Column `columns` is a dummy column from which each new row starts.
	rowPrice, columnPrice := make([]int, rows), make([]int, columns+1)
	owner := make([]int, columns+1) // the row that is matched to a column; -1: none
	for j := range owner {
		owner[j] = -1
	}
	previous := make([]int, columns+1) // on the shortest path to a column
	distance := make([]int, columns+1)
	reached := make([]bool, columns+1)
	for row := range rows {
		for j := range distance {
			distance[j], reached[j] = math.MaxInt, false
		}
		at := columns
		owner[at] = row
		for owner[at] >= 0 {
			reached[at] = true
			i, step, next := owner[at], math.MaxInt, -1
			for j := range columns {
				if reached[j] {
					continue
				}
				if cost := -weights[i][j] - rowPrice[i] - columnPrice[j]; cost < distance[j] {
					distance[j], previous[j] = cost, at
				}
				if distance[j] < step {
					step, next = distance[j], j
				}
			}
			for j := range distance {
				if reached[j] {
					rowPrice[owner[j]] += step
					columnPrice[j] -= step
				} else {
					distance[j] -= step
				}
			}
			at = next
		}
		for at != columns {
			owner[at] = owner[previous[at]]
			at = previous[at]
		}
	}
	match := make([]int, rows)
	for j, i := range owner[:columns] {
		if i >= 0 {
			match[i] = j
		}
	}
	return match
}

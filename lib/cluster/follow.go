package cluster

import "fmt"

// Follow returns the same clusters with the numbers of others of the same points, before, [n], such as those after an
// earlier epoch. Clusters are matched one to one so that the number of points that they share is largest. Each takes the
// number of the cluster that it is matched to.
func (m *KMeans) Follow(before []int) (*KMeans, error) {
	if len(before) != len(m.Labels) {
		return nil, fmt.Errorf("cluster: %d points to follow for %d points; want as many", len(before), len(m.Labels))
	}
	shared := make([][]int, m.K) // points of a cluster before (rows) in each cluster
	for number := range shared {
		shared[number] = make([]int, m.K)
	}
	for i, number := range before {
		if number < 0 || number >= m.K {
			return nil, fmt.Errorf("cluster: point %d was in cluster %d; want a number in 0..%d", i, number, m.K-1)
		}
		shared[number][m.Labels[i]]++
	}
	f := *m
	f.Centres, f.Labels = make([]float64, len(m.Centres)), make([]int, len(m.Labels))
	numbers := make([]int, m.K) // of each cluster
	for number, c := range assign(shared) {
		numbers[c] = number
		copy(f.Centres[number*m.Dim:(number+1)*m.Dim], m.Centres[c*m.Dim:(c+1)*m.Dim])
	}
	for i, c := range m.Labels {
		f.Labels[i] = numbers[c]
	}
	return &f, nil
}

package metric

import (
	"context"
	"fmt"

	"fashionlatent/lib/cluster"
)

// Methods that find clusters.
const (
	KMeans      = "k-means"
	Mixture     = "mixture"
	Search      = "mixture, search"
	Communities = "communities"
	Refined     = "communities, refined"
)

// Methods lists the methods that find clusters.
var Methods = []string{KMeans, Mixture, Search, Communities, Refined}

// Agreements of clusters with classes. They have no unit.
const (
	ACC = "ACC"
	NMI = "NMI"
	ARI = "ARI"
)

// Agreements lists the agreements in the order of tables.
var Agreements = []string{ACC, NMI, ARI}

// Agreement is the name of the metric of a method's clusters, such as "k-means ACC".
func Agreement(method, score string) string { return method + " " + score }

// Clustering says how clusters are found.
type Clustering struct {
	Method string
	K      int    // clusters
	Fit    string // the split whose codes they are fitted to
	Starts int    // random starts of a mixture or of the search for communities; 0: the default
}

// Clustered is a subject among whose codes clusters can be found.
type Clustered interface {
	// Clusters returns the cluster of each code of a split, [n]. The fit uses the subject's seed.
	Clusters(ctx context.Context, how Clustering, split string) ([]int, error)
	Labels(split string) []uint8 // [n]; nil: none
}

// Agreement returns the metrics of agreement between clusters and the classes of a split: ACC, NMI and ARI.
func (s Setting) Agreement(how Clustering, split string) []Metric {
	how, n, parameters := s.clustering(how, split)
	var all []Metric
	for _, a := range []struct {
		name string
		of   func([]uint8, []int) (float64, error)
	}{{ACC, cluster.Accuracy}, {NMI, cluster.NMI}, {ARI, cluster.ARI}} {
		m := metric(s, Agreement(how.Method, a.name), "", Higher, n, func(ctx context.Context, c Clustered) (float64, error) {
			clusters, err := c.Clusters(ctx, how, split)
			if err != nil {
				return 0, err
			}
			return value(a.of(c.Labels(split), clusters))
		}, parameters...)
		m.Split = split
		all = append(all, m)
	}
	return unmet(all, s.labelled(2))
}

// clustering fills in the number of clusters. It also returns the number of images of a split, and the parameters that
// identify the scores of the clusters.
func (s Setting) clustering(how Clustering, split string) (whole Clustering, n int, parameters []any) {
	if how.K == 0 {
		how.K = s.K
	}
	switch n = s.Test; split {
	case Train:
		n = s.Train
	case All:
		n += s.Train
	}
	parameters = []any{"k", how.K, "fitted", how.Fit}
	if how.Starts > 0 {
		parameters = append(parameters, "starts", how.Starts)
	}
	return how, n, append(parameters, "seed", "run")
}

// ClassShare is the name of the metric of one class among a method's clusters, such as "k-means share of class 3".
func ClassShare(method string, class int) string {
	return fmt.Sprintf("%s share of class %d", method, class)
}

// ClassShares returns for each class the share of its images in a split that lie in the cluster matched to the class.
// Clusters are matched to classes one to one so that the accuracy is highest. The mean of these shares, weighted with
// the sizes of the classes, is the accuracy.
func (s Setting) ClassShares(how Clustering, split string) []Metric {
	how, n, parameters := s.clustering(how, split)
	var all []Metric
	for class := range s.Classes {
		m := metric(s, ClassShare(how.Method, class), "", Higher, n, func(ctx context.Context, c Clustered) (float64, error) {
			clusters, err := c.Clusters(ctx, how, split)
			if err != nil {
				return 0, err
			}
			counts, _, err := cluster.Matched(c.Labels(split), clusters)
			if err != nil {
				return value(0, err)
			}
			images := 0
			if class < len(counts) {
				for _, count := range counts[class] {
					images += count
				}
			}
			if images == 0 {
				return 0, Undefined{"no image is of this class"}
			}
			return float64(counts[class][class]) / float64(images), nil
		}, parameters...)
		m.Split = split
		all = append(all, m)
	}
	return unmet(all, s.labelled(2))
}

// GraphNeighbours is the number of neighbours of each of n points in the graph of communities: 50, or fewer for few points.
func GraphNeighbours(n int) int { return max(1, min(50, n/20)) }

// Confusion is the name of the metric that counts the images of a class in the cluster matched to another class.
func Confusion(class, cluster int) string {
	return fmt.Sprintf("images of class %d in the cluster of class %d", class, cluster)
}

// Confusion returns metrics that count the images of each class in the cluster matched to each class. Clusters are
// matched to classes one to one so that the accuracy is highest.
func (s Setting) Confusion(how Clustering) []Metric {
	how, _, parameters := s.clustering(how, All)
	parameters = append(parameters, "method", how.Method)
	var all []Metric
	for class := range s.Classes {
		for stands := range s.Classes {
			m := metric(s, Confusion(class, stands), "images", Neither, s.Train+s.Test, func(ctx context.Context, c Clustered) (float64, error) {
				clusters, err := c.Clusters(ctx, how, All)
				if err != nil {
					return 0, err
				}
				counts, _, err := cluster.Matched(c.Labels(All), clusters)
				if err != nil {
					return value(0, err)
				}
				if class >= len(counts) || stands >= len(counts[class]) {
					return 0, nil
				}
				return float64(counts[class][stands]), nil
			}, parameters...)
			m.Split = All
			all = append(all, m)
		}
	}
	return all
}

package cluster

import (
	"context"
	"errors"
	"fmt"

	"fashionlatent/lib/points"
)

// RefineConfig says how to refine communities. Zero fields stand for the defaults.
type RefineConfig struct {
	Linked        float64 // two communities are linked if the weight of the edges between them is above this times its expectation for random edges; default 0.1; below 0: 0
	MaxIterations int     // of EM; default 100
	Tolerance     float64 // of EM, in nats per point; default 1e-3; below 0: 0
	Ridge         float64 // of EM, as in MixtureConfig; default 1e-6; below 0: 0
}

// Refine moves the borders between linked communities. Modularity puts a border where the fewest edges cross it. Where
// many edges cross every border, the shape of the groups says more.
//
// Two communities are linked if the weight of the edges between them is above Linked times its expectation for random
// edges with the same degrees. Communities that are linked, directly or through others, form a family. In each view,
// [n, Dim], EM fits a mixture of Gaussians with equal weights to the points of a family, with one Gaussian for each
// community, starting from its points. The mean of a point's posteriors over the views is its membership in each
// community. Finally each point joins the community with the largest sum of its graph neighbours' memberships, weighted
// by the edges. A community that is not linked to any other changes only in this last step.
//
// The returned Partition has the Modularity of its labels in the whole graph. Only a partition made by Communities,
// CommunitiesOfViews or Refine can be refined.
func (p *Partition) Refine(ctx context.Context, views []View, cfg RefineConfig) (*Partition, error) {
	if err := checkOptions(option{"MaxIterations", float64(cfg.MaxIterations)}); err != nil {
		return nil, err
	}
	if err := checkFinite(option{"Linked", cfg.Linked}, option{"Tolerance", cfg.Tolerance}, option{"Ridge", cfg.Ridge}); err != nil {
		return nil, err
	}
	if p.graph == nil {
		return nil, errors.New("cluster: a partition without its graph; want one that CommunitiesOfViews made")
	}
	if len(views) == 0 {
		return nil, errors.New("cluster: no views of the points; want one or more")
	}
	for i, v := range views {
		n, err := points.Count(v.X, v.Dim)
		if err != nil {
			return nil, err
		}
		if n != len(p.Labels) {
			return nil, fmt.Errorf("cluster: view %d has %d points and the partition %d; want as many", i+1, n, len(p.Labels))
		}
	}
	belongs := make([]float64, len(p.Labels)*p.K) // membership of each point in each community, [n, k]
	for i, l := range p.Labels {
		belongs[i*p.K+l] = 1
	}
	for _, family := range p.families(or(cfg.Linked, 0.1)) {
		if len(family) == 1 {
			continue
		}
		if err := p.redivide(ctx, belongs, family, views, cfg); err != nil {
			return nil, err
		}
	}
	refined := *p
	refined.Labels = p.graph.follow(belongs, p.K)
	refined.Modularity = p.graph.modularity(refined.Labels, 1)
	return &refined, nil
}

// families are the groups of communities that are linked, directly or through others, in order.
func (p *Partition) families(linked float64) [][]int {
	between := newWeighted(p.graph).merge(p.Labels, p.K)
	of := make([]int, p.K)
	for c := range of {
		of[c] = c
	}
	for c := range p.K {
		targets, weights := between.edges(c)
		for e, to := range targets {
			if weights[e]*between.total > linked*between.degree[c]*between.degree[to] {
				from, into := of[c], of[to]
				for i, f := range of {
					if f == from {
						of[i] = into
					}
				}
			}
		}
	}
	families := make([][]int, renumber(of))
	for c, f := range of {
		families[f] = append(families[f], c)
	}
	return families
}

// redivide sets the memberships of a family's points in its communities.
func (p *Partition) redivide(ctx context.Context, belongs []float64, family []int, views []View, cfg RefineConfig) error {
	number := make([]int, p.K) // number of each community within the family, from 1; 0: not in it
	for i, c := range family {
		number[c] = i + 1
	}
	var members, labels []int
	for i, l := range p.Labels {
		if number[l] > 0 {
			members, labels = append(members, i), append(labels, number[l]-1)
			belongs[i*p.K+l] = 0
		}
	}
	for _, v := range views {
		x := points.Rows(v.X, v.Dim, members)
		e, err := newEM(x, v.Dim, MixtureConfig{K: len(family), EqualWeights: true, MaxIterations: cfg.MaxIterations, Tolerance: cfg.Tolerance, Ridge: cfg.Ridge})
		if err != nil {
			return err
		}
		m, err := e.fromPartition(ctx, &KMeans{Centres: make([]float64, len(family)*v.Dim), Labels: labels})
		if err != nil {
			return err
		}
		err = m.each(x, func(at int, joint []float64) {
			posterior(joint)
			for i, c := range family {
				belongs[members[at]*p.K+c] += joint[i] / float64(len(views))
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// follow returns, for each node, the label with the largest sum of its neighbours' memberships, weighted by the edges
// to them. belongs is [nodes, k]. A node without neighbours takes the label of its own largest membership.
func (g *graph) follow(belongs []float64, k int) []int {
	labels := make([]int, g.nodes())
	votes := make([]float64, k)
	for i := range labels {
		targets, weights := g.edges(i)
		clear(votes)
		if len(targets) == 0 {
			copy(votes, belongs[i*k:])
		}
		for e, j := range targets {
			for c := range votes {
				votes[c] += weights[e] * belongs[int(j)*k+c]
			}
		}
		for c, v := range votes {
			if v > votes[labels[i]] {
				labels[i] = c
			}
		}
	}
	return labels
}

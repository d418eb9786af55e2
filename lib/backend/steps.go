package backend

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// Steps is the graph of a training call: many steps if the backend loops, otherwise one step. Its first two inputs are
// the index of the next step and the index at which to stop, both int32. step takes one step. It returns all inputs
// with their changes, the index raised by one. The graph returns the first changed of them. If the backend does not
// loop, the caller repeats the call until the index reaches the end.
func (b *Backend) Steps(changed int, step func([]*Node) []*Node) func([]*Node) []*Node {
	if !b.Loops() {
		return func(nodes []*Node) []*Node { return step(nodes)[:changed] }
	}
	return func(nodes []*Node) []*Node {
		g := nodes[0].Graph()
		parameters := func(g *Graph) []*Node {
			inside := make([]*Node, len(nodes))
			for i, n := range nodes {
				inside[i] = Parameter(g, fmt.Sprintf("state_%d", i), n.Shape())
			}
			return inside
		}
		more := NewClosure(g, func(g *Graph) []*Node {
			inside := parameters(g)
			return []*Node{LessThan(inside[0], inside[1])}
		})
		body := NewClosure(g, func(g *Graph) []*Node { return step(parameters(g)) })
		return While(more, body, nodes...)[:changed]
	}
}

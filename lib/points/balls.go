package points

import "context"

// Balls are balls around points. Each is just large enough to contain the point's k-th nearest other point. Their union
// estimates where the distribution of the points has its mass (Kynkäänniemi et al. 2019, arXiv 1904.06991).
type Balls struct {
	Matrix
	squared []float64 // [n], squared radii
}

// NewBalls computes the balls around the points of m, [n, Dim], which must not be changed afterwards. Time grows with
// n^2.
func NewBalls(ctx context.Context, m Matrix, k int) (*Balls, error) {
	h, err := NearestOthers(ctx, m, k)
	if err != nil {
		return nil, err
	}
	b := &Balls{m, make([]float64, m.N())}
	for i := range b.squared {
		b.squared[i] = SquaredDistance(m.Row(i), m.Row(int(h.Of(i)[k-1])))
	}
	return b, nil
}

// Hold calls visit for each pair of a ball and a row of x, [m, Dim], in the ball or on its surface. The calls come from
// several goroutines.
func (b *Balls) Hold(ctx context.Context, x Matrix, visit func(ball, row int)) error {
	return Near(ctx, b.Matrix, x, b.squared, func(i, j int, low, high float64) {
		if high <= b.squared[i] || low <= b.squared[i] && SquaredDistance(b.Row(i), x.Row(j)) <= b.squared[i] {
			visit(i, j)
		}
	})
}

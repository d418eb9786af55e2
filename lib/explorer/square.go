package explorer

import "math"

// Square is a square in the plane with sides along the axes.
type Square struct {
	X    float32 `json:"x"` // of the left side
	Y    float32 `json:"y"` // of the lower side
	Side float32 `json:"side"`
}

// Around is the smallest square, with a margin, that contains all codes, each [n, 2], and the disc of the given radius
// around the origin. Its side is 1 if there is nothing to contain but one place.
func Around(radius float32, codes ...[]float32) Square {
	low, high := [2]float32{-radius, -radius}, [2]float32{radius, radius}
	for _, c := range codes {
		for i, v := range c {
			low[i%2], high[i%2] = min(low[i%2], v), max(high[i%2], v)
		}
	}
	s := Square{Side: 1.06 * max(high[0]-low[0], high[1]-low[1])}
	if s.Side == 0 {
		s.Side = 1
	}
	s.X, s.Y = (low[0]+high[0]-s.Side)/2, (low[1]+high[1]-s.Side)/2
	return s
}

// Grid are the codes of k x k places, [k*k, 2], row by row from the lower side and from the left, including the
// corners. k must be at least 2.
func (s Square) Grid(k int) []float32 {
	codes := make([]float32, 0, 2*k*k)
	step := s.Side / float32(k-1)
	for row := range k {
		for column := range k {
			codes = append(codes, s.X+float32(column)*step, s.Y+float32(row)*step)
		}
	}
	return codes
}

// quantise maps codes, [n, 2], in the square to 0 to 65535 along each axis. Codes outside the square are moved to its
// edge.
func (s Square) quantise(codes []float32) []uint16 {
	low := [2]float32{s.X, s.Y}
	q := make([]uint16, len(codes))
	for i, v := range codes {
		share := float64(v-low[i%2]) / float64(s.Side)
		q[i] = uint16(math.Round(min(max(share, 0), 1) * math.MaxUint16))
	}
	return q
}

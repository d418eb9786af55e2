package latent

import (
	"context"
	"errors"
	"fmt"
	"math"

	"fashionlatent/lib/points"
)

// A Decoder turns codes, [n, dim], into images, [n, pixels], or into features of images if distances are to be taken
// between features.
type Decoder func(ctx context.Context, codes []float32) (images []float32, err error)

// Linear sets code to the point at fraction t of the straight line from one code to another, all [dim].
func Linear(code, from, to []float32, t float64) {
	for j := range code {
		code[j] = float32((1-t)*float64(from[j]) + t*float64(to[j]))
	}
}

// Paths are the codes, [n, steps+1, dim], along the straight lines from n codes to n others, each [n, dim], in steps of equal t,
// both ends included.
func Paths(from, to []float32, dim, steps int) ([]float32, error) {
	n, err := countPairs(from, to, dim)
	if err != nil {
		return nil, err
	}
	if steps < 1 {
		return nil, fmt.Errorf("latent: a path of %d steps; want at least 1", steps)
	}
	codes := make([]float32, n*(steps+1)*dim)
	for i := range n {
		for s := range steps + 1 {
			Linear(codes[(i*(steps+1)+s)*dim:][:dim], from[i*dim:][:dim], to[i*dim:][:dim], float64(s)/float64(steps))
		}
	}
	return codes, nil
}

// Steps says how far decoded images move along paths.
type Steps struct {
	N, PerPath int       // paths, and steps of each
	Image      []float64 // [N, PerPath], Euclidean distance between an image and the next one
	Code       []float64 // [N, PerPath], Euclidean distance between the codes of the two
}

// DecodePaths decodes paths, [n, steps+1, dim], and measures their steps.
func DecodePaths(ctx context.Context, decode Decoder, paths []float32, dim, steps int) (*Steps, error) {
	if steps < 1 {
		return nil, fmt.Errorf("latent: paths of %d steps; want at least 1", steps)
	}
	length := (steps + 1) * dim
	n, err := points.Count(paths, length)
	if err != nil {
		return nil, err
	}
	s := &Steps{N: n, PerPath: steps}
	atOnce := max(1, 1024/(steps+1)) // paths decoded together; it limits memory
	for from := 0; from < n; from += atOnce {
		codes := paths[from*length : min(n, from+atOnce)*length]
		images, pixels, err := decoded(ctx, decode, codes, dim)
		if err != nil {
			return nil, err
		}
		for i := range len(codes) / dim {
			if i%(steps+1) < steps {
				s.Image = append(s.Image, math.Sqrt(points.SquaredDistance(images[i*pixels:][:pixels], images[(i+1)*pixels:])))
				s.Code = append(s.Code, math.Sqrt(points.SquaredDistance(codes[i*dim:][:dim], codes[(i+1)*dim:])))
			}
		}
	}
	return s, nil
}

// Lengths are the lengths of the paths in image space, [n]: the sums of their steps.
func (s *Steps) Lengths() []float64 {
	lengths := make([]float64, s.N)
	for i := range lengths {
		lengths[i] = points.Sum(s.Image[i*s.PerPath : (i+1)*s.PerPath])
	}
	return lengths
}

// Ratios are each path's largest step divided by its mean step, [n]. The ratio is 1 if the image changes evenly or not
// at all, and PerPath if it changes in one jump. (On smooth interpolations: Berthelot et al. 2018, arXiv 1807.07543.)
func (s *Steps) Ratios() []float64 {
	ratios := s.Lengths()
	for i, length := range ratios {
		var largest float64
		for _, d := range s.Image[i*s.PerPath : (i+1)*s.PerPath] {
			largest = max(largest, d)
		}
		ratios[i] = 1
		if length > 0 {
			ratios[i] = largest * float64(s.PerPath) / length
		}
	}
	return ratios
}

// Jumps is the share of steps that are jumps. The rate of a step is the distance that the image moves divided by the
// distance that the code moves. A step is a jump if its rate is above the third quartile of all rates by more than 1.5
// interquartile ranges (Tukey's fence; on holes of a latent space as such outliers: Li et al. 2021, arXiv 2110.03318).
// Steps in which the code does not move are left out; if it moves in none, that is an error. Of normally distributed values 0.35 % lie above this fence.
func (s *Steps) Jumps() (float64, error) {
	var rates []float64
	for i, d := range s.Image {
		if s.Code[i] > 0 {
			rates = append(rates, d/s.Code[i])
		}
	}
	if rates == nil {
		return 0, errors.New("latent: the code moves in none of the steps, want pairs of different codes")
	}
	q1, err := quantile(rates, 0.25)
	if err != nil {
		return 0, err
	}
	q3, err := quantile(rates, 0.75)
	if err != nil {
		return 0, err
	}
	jumps := 0
	for _, r := range rates {
		if r > q3+1.5*(q3-q1) {
			jumps++
		}
	}
	return float64(jumps) / float64(len(rates)), nil
}

// countPairs checks that from and to are finite and have the same shape, [n, dim], and returns n.
func countPairs(from, to []float32, dim int) (int, error) {
	n, err := points.Count(from, dim)
	if err != nil {
		return 0, err
	}
	if len(to) != len(from) {
		return 0, fmt.Errorf("latent: paths from %d values to %d; want as many", len(from), len(to))
	}
	_, err = points.Count(to, dim)
	return n, err
}

// decoded returns the images of codes, [n, dim], and the number of pixels of each.
func decoded(ctx context.Context, decode Decoder, codes []float32, dim int) (images []float32, pixels int, err error) {
	if images, err = decode(ctx, codes); err != nil {
		return nil, 0, err
	}
	n := len(codes) / dim
	if len(images) == 0 || len(images)%n != 0 {
		return nil, 0, fmt.Errorf("latent: %d values decoded from %d codes; want as many for each", len(images), n)
	}
	pixels = len(images) / n
	if _, err = points.Count(images, pixels); err != nil {
		return nil, 0, fmt.Errorf("decoded images: %w", err)
	}
	return images, pixels, ctx.Err()
}

package metric

import (
	"context"
	"math"
	"testing"
)

// begin: metric

// Radius is the mean distance of the test images' codes from the origin.
const radiusName = "radius"

// Radius returns the metric.
func (s Setting) Radius() Metric {
	return metric(s, radiusName, "", Neither, s.Test, func(ctx context.Context, c Coded) (float64, error) {
		codes, err := c.Codes(ctx, Test)
		if err != nil {
			return 0, err
		}
		var sum float64
		for i := 0; i < len(codes.Values); i += codes.Dim {
			var square float64
			for _, v := range codes.Values[i : i+codes.Dim] {
				square += float64(v) * float64(v)
			}
			sum += math.Sqrt(square)
		}
		return sum / float64(len(codes.Values)/codes.Dim), nil
	})
}

// end: metric

// coded is a subject with two codes, at the distances 5 and 13 from the origin.
type coded struct{ Coded }

func (coded) Codes(context.Context, string) (Codes, error) {
	return Codes{Dim: 2, Values: []float32{3, 4, -5, 12}}, nil
}

func TestRadius(t *testing.T) {
	score, err := Setting{Test: 2}.Radius().Take(context.Background(), coded{})
	if err != nil || score.Value != 9 || score.Metric != radiusName {
		t.Errorf("got %+v (%v), want 9", score, err)
	}
}

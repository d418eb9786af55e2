package explore

import (
	"math"
	"slices"
	"testing"

	"fashionlatent/experiments/subject"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/explorer"
	"fashionlatent/lib/fashion/fashiontest"
	"fashionlatent/lib/points"
)

// The limit of what lies far from the page's images is the 99 % quantile of the distances of the test images that are not on the page.
func TestFar(t *testing.T) {
	data := fashiontest.Tiny(t)
	p := &Page{Images: subject.NewImages(data, 3, nil)}
	pixels := data.Pixels()
	shown := []int{1, 4, 5, 11, 12, 19}
	images := points.Rows(data.Test.Images, pixels, shown)
	var distances []float64
	for i := range data.Test.Len() {
		if slices.Contains(shown, i) {
			continue
		}
		least, one := math.Inf(1), dataset.Floats(data.Test.Image(i))
		for other := range slices.Chunk(dataset.Floats(images), pixels) {
			sum := 0.
			for k, v := range one {
				sum += float64(v-other[k]) * float64(v-other[k])
			}
			least = min(least, math.Sqrt(sum))
		}
		distances = append(distances, least)
	}
	slices.Sort(distances)
	n := len(distances)
	got, err := p.far(t.Context(), &explorer.Data{Side: data.Side(), Places: shown, Images: images})
	if err != nil || float64(got) < distances[n-2] || float64(got) > distances[n-1]+1e-5 {
		t.Errorf("%g, %v; want it between the two largest distances, %g and %g", got, err, distances[n-2], distances[n-1])
	}
}

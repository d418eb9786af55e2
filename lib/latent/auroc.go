package latent

import (
	"fmt"
	"math"
	"slices"
)

// AUROC is the area under the receiver operating characteristic of a score that should be larger outside than inside:
// the share of pairs of a value of inside, [n], and a value of outside, [m], in which the outside value is the larger
// one. Pairs of equal values count half. It is the statistic of Mann and Whitney over n m (Hanley and McNeil, Radiology
// 143, 1982). 1: the score tells all pairs; 0.5: no better than chance; 0: it tells all pairs the wrong way round. No
// values and NaN are errors.
func AUROC(inside, outside []float64) (float64, error) {
	if len(inside) == 0 || len(outside) == 0 {
		return 0, fmt.Errorf("latent: an AUROC of %d values inside and %d outside; want at least one of each", len(inside), len(outside))
	}
	in, out := slices.Sorted(slices.Values(inside)), slices.Sorted(slices.Values(outside))
	if math.IsNaN(in[0]) || math.IsNaN(out[0]) { // NaN comes first
		return 0, fmt.Errorf("latent: an AUROC of values of which some are NaN; want numbers")
	}
	var below, upTo int // numbers of inside values below the outside value, and not above it
	var twice float64   // twice the number of pairs told
	for _, v := range out {
		for below < len(in) && in[below] < v {
			below++
		}
		for upTo < len(in) && in[upTo] <= v {
			upTo++
		}
		twice += float64(below + upTo)
	}
	return twice / 2 / float64(len(in)) / float64(len(out)), nil
}

package experiments

import (
	"fmt"
	"math"
	"strings"

	"fashionlatent/lib/show"

	"gonum.org/v1/gonum/stat"
)

// claim is something that is said of AE and VAE, and the measure that tells.
type claim struct {
	words   string // what is claimed of the VAE's space; %d stands for the number of clusters
	measure string
	what    string // the measure, in words
	digits  int
	less    bool // the claim says that the VAE has less of it than the AE, else more
}

// claims are those of the study, the document's first.
var claims = []claim{
	{"it is more complete: fewer codes drawn from N(0, I) decode to something far from the data", "holes", "share of holes", 3, true},
	{"it is more complete: codes drawn from N(0, I) decode to images that cover the data better", "prior coverage", "coverage", 3, false},
	{"a code drawn from N(0, I) decodes to an image with a meaning", "prior precision", "precision", 3, false},
	{"it is more continuous: the steps along a decoded path are more even", "path step ratio", "largest step over mean step", 2, true},
	{"it is more continuous: decoded paths jump less often", "path jumps", "share of steps", 4, true},
	{"it is more continuous: midway between two codes lies an image like those of the data", "midpoints in the data", "share of midpoints", 3, false},
	{"codes drawn from a mixture fitted to it decode to images closer to the data", "mixture Fréchet", "Fréchet distance", 2, true},
	{"images come back from it as well or better", "mse", "MSE per pixel", 4, true},
	{"clusters in it agree better with the classes (mixture of %d)", "mixture ACC", "ACC", 3, false},
}

// compared are the scores of AE and VAE with codes of one size.
type compared struct {
	latent  int
	ae, vae map[string]spread
}

// outcome says, of one size, whether a claim is supported (1), contradicted (-1) or not decided (0): the means must be two
// standard errors of their difference apart (Welch 1947). With one seed nothing is decided.
func (c claim) outcome(at compared) int {
	ae, vae := at.ae[c.measure], at.vae[c.measure]
	if len(ae) < 2 || len(vae) < 2 {
		return 0
	}
	difference := vae.mean() - ae.mean()
	if c.less {
		difference = -difference
	}
	apart := 2 * math.Sqrt(stat.Variance(ae, nil)/float64(len(ae))+stat.Variance(vae, nil)/float64(len(vae)))
	switch {
	case difference > apart:
		return 1
	case difference < -apart:
		return -1
	}
	return 0
}

// verdicts is a table of the claims and what was found of each, worded from the numbers; k is the number of clusters.
func verdicts(k int, sizes []compared) show.Table {
	t := show.Table{Title: "The claims", Header: []string{"of the VAE's latent space, against the AE's", "verdict", "measure"}}
	for _, at := range sizes {
		t.Header = append(t.Header, fmt.Sprintf("d = %d: AE", at.latent), "VAE")
	}
	for _, c := range claims {
		found := map[int][]string{}
		words := c.words
		if strings.Contains(words, "%d") {
			words = fmt.Sprintf(words, k)
		}
		row := []string{words, "", c.what}
		for _, at := range sizes {
			ae, vae := at.ae[c.measure], at.vae[c.measure]
			row = append(row, ae.text(c.digits), vae.text(c.digits))
			if len(ae) > 0 && len(vae) > 0 {
				o := c.outcome(at)
				found[o] = append(found[o], fmt.Sprintf("d = %d", at.latent))
			}
		}
		if len(found) == 0 {
			continue
		}
		row[1] = conclusion(found)
		t.Rows = append(t.Rows, row)
	}
	return t
}

// conclusion words at which sizes a claim is supported, contradicted and not decided.
func conclusion(found map[int][]string) string {
	switch {
	case len(found) == 1 && found[1] != nil:
		return "holds"
	case len(found) == 1 && found[-1] != nil:
		return "does not hold"
	case len(found) == 1:
		return "not decided by these seeds"
	}
	var parts []string
	for _, o := range []struct {
		outcome int
		words   string
	}{{1, "holds at "}, {-1, "does not hold at "}, {0, "not decided at "}} {
		if d := found[o.outcome]; d != nil {
			parts = append(parts, o.words+strings.Join(d, ", "))
		}
	}
	return "depends on the size of the code: " + strings.Join(parts, "; ")
}

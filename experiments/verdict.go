package experiments

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/stat"
)

// claim is something that is said of AE and VAE, and the measure that tells.
type claim struct {
	words   string // what is claimed of the VAE's space, without a full stop
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
	{"clusters in it agree better with the classes (mixture of 10)", "mixture ACC", "ACC", 3, false},
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

// verdicts words what was found of each claim, from the numbers.
func verdicts(sizes []compared) []string {
	var all []string
	for _, c := range claims {
		var evidence []string
		found := map[int][]string{}
		for _, at := range sizes {
			if len(at.ae[c.measure]) == 0 || len(at.vae[c.measure]) == 0 {
				continue
			}
			d := fmt.Sprintf("d = %d", at.latent)
			evidence = append(evidence, fmt.Sprintf("%s: AE %s, VAE %s", d, at.ae[c.measure].text(c.digits), at.vae[c.measure].text(c.digits)))
			o := c.outcome(at)
			found[o] = append(found[o], d)
		}
		if len(evidence) == 0 {
			continue
		}
		all = append(all, fmt.Sprintf("Of the VAE's space: %s. **%s** (%s, %s).", c.words, conclusion(found), c.what, strings.Join(evidence, "; ")))
	}
	return all
}

// conclusion words at which sizes a claim is supported, contradicted and not decided.
func conclusion(found map[int][]string) string {
	switch {
	case len(found) == 1 && found[1] != nil:
		return "Holds"
	case len(found) == 1 && found[-1] != nil:
		return "Does not hold"
	case len(found) == 1:
		return "Not decided by these seeds"
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
	return "Depends on the size of the code: " + strings.Join(parts, "; ")
}

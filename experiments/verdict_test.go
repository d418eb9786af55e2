package experiments

import (
	"strings"
	"testing"
)

// Planted scores: clearly better, clearly worse, and within the spread.
func TestVerdicts(t *testing.T) {
	low, high, wide := spread{.10, .11, .09}, spread{.90, .91, .89}, spread{.0, .95, .1}
	at := func(d int, ae, vae spread) compared {
		return compared{d, map[string]spread{"holes": ae, "prior coverage": ae}, map[string]spread{"holes": vae, "prior coverage": vae}}
	}
	for _, c := range []struct {
		sizes           []compared
		holes, coverage string
	}{
		{[]compared{at(2, high, low), at(16, high, low)}, "**Holds** (share of holes, d = 2: AE 0.900 ± 0.010, VAE 0.100 ± 0.010; d = 16", "**Does not hold**"},
		{[]compared{at(2, high, low), at(16, low, high)}, "**Depends on the size of the code: holds at d = 2; does not hold at d = 16**", "holds at d = 16; does not hold at d = 2"},
		{[]compared{at(2, low, wide)}, "**Not decided by these seeds**", "**Not decided by these seeds**"},
		{[]compared{at(2, spread{.9}, spread{.1})}, "**Not decided by these seeds** (share of holes, d = 2: AE 0.900, VAE 0.100)", "**Not decided"},
	} {
		got := verdicts(c.sizes)
		if len(got) != 2 || !strings.Contains(got[0], c.holes) || !strings.Contains(got[1], c.coverage) {
			t.Errorf("got\n%s\nwant them to say %q and %q", strings.Join(got, "\n"), c.holes, c.coverage)
		}
	}
}

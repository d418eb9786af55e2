package experiments

import "testing"

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
		{[]compared{at(2, high, low), at(16, high, low)}, "holds", "does not hold"},
		{[]compared{at(2, high, low), at(16, low, high)}, "depends on the size of the code: holds at d = 2; does not hold at d = 16", "depends on the size of the code: holds at d = 16; does not hold at d = 2"},
		{[]compared{at(2, high, low), at(16, low, wide)}, "depends on the size of the code: holds at d = 2; not decided at d = 16", "depends on the size of the code: does not hold at d = 2; not decided at d = 16"},
		{[]compared{at(2, low, wide)}, "not decided by these seeds", "not decided by these seeds"},
		{[]compared{at(2, spread{.9}, spread{.1})}, "not decided by these seeds", "not decided by these seeds"},
	} {
		got := verdicts(10, c.sizes)
		if len(got.Rows) != 2 || got.Rows[0][1] != c.holes || got.Rows[1][1] != c.coverage {
			t.Errorf("got\n%s\nwant %q and %q", got.Text(), c.holes, c.coverage)
		}
	}
	if got := verdicts(10, []compared{at(2, high, low)}).Rows[0]; got[3] != "0.900 ± 0.010" || got[4] != "0.100 ± 0.010" {
		t.Errorf("the numbers beside a verdict are %q", got[3:])
	}
}

package experiments_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"fashionlatent/experiments"
	"fashionlatent/experiments/explore"
	"fashionlatent/lib/show"
)

// Every control of every exploration changes the figure, also at each end. The caption of the first figure describes
// it.
func TestExplorations(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	l := openLab(t, t.TempDir(), &bytes.Buffer{})
	ae, vae, err := l.Pair(ctx, 2, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		make  func() (*explore.Exploration, error)
		first string // part of the caption of the first figure
	}{
		{"point", func() (*explore.Exploration, error) { return experiments.ExplorePoint(ctx, l, ae, vae) }, "Image decoded at the ring: AE, d = 2 at ("},
		{"way", func() (*explore.Exploration, error) { return experiments.ExploreWay(ctx, l, ae, vae) }, "The straight line between the codes of test image 0 ("},
		{"dimension", func() (*explore.Exploration, error) { return experiments.ExploreDimension(ctx, l, ae, vae) }, "number 1 of 2 changed. Above each image is the distance of this number from its mean, in standard deviations; here: +2.00."},
	} {
		t.Run(test.name, func(t *testing.T) {
			e, err := test.make()
			if err != nil {
				t.Fatal(err)
			}
			if err := e.Live(ctx); err != nil {
				t.Errorf("without a notebook: %v", err)
			}
			draw := func(values []int) (png []byte, caption string) {
				t.Helper()
				f, err := e.Draw(values)
				if err != nil {
					t.Fatalf("%v: %v", values, err)
				}
				if png, err = f.PNG(); err != nil {
					t.Fatal(err)
				}
				if f.Alt == "" {
					t.Error("no alternative text")
				}
				return png, f.Caption
			}
			values := make([]int, len(e.Controls))
			for i, c := range e.Controls {
				values[i] = c.Value
			}
			first, caption := draw(values)
			if !strings.Contains(caption, test.first) {
				t.Errorf("caption %q, want one with %q", caption, test.first)
			}
			for i, c := range e.Controls {
				before := values[i]
				for _, v := range ends(c) {
					values[i] = v
					if png, _ := draw(values); v != before && bytes.Equal(png, first) {
						t.Errorf("%s at %d shows the same figure as at %d", c.Label, v, before)
					}
				}
				values[i] = before
			}
			if again, _ := draw(values); !bytes.Equal(again, first) {
				t.Error("the same values show another figure the second time")
			}
		})
	}
}

func ends(c show.Control) []int {
	if c.Options != nil {
		return []int{0, len(c.Options) - 1}
	}
	return []int{0, c.Max}
}

func TestExplorationErrors(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	l := openLab(t, t.TempDir(), &bytes.Buffer{})
	two, err := l.Reference(ctx, "ae", 2, 0)
	if err != nil {
		t.Fatal(err)
	}
	three, err := l.Train(ctx, l.Config("ae", 3, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		make func() (*explore.Exploration, error)
		want string
	}{
		{func() (*explore.Exploration, error) { return experiments.ExploreWay(ctx, l) }, "no model"},
		{func() (*explore.Exploration, error) { return experiments.ExplorePoint(ctx, l, three) }, "3 dimensions"},
		{func() (*explore.Exploration, error) { return experiments.ExploreDimension(ctx, l, two, three) }, "codes of 2 and of 3"},
	} {
		if _, err := test.make(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want one with %q", err, test.want)
		}
	}
	e, err := experiments.ExploreWay(ctx, l, three)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Draw([]int{0, 0, 1, 3}); err != nil {
		t.Errorf("codes of 3 dimensions have no map, but a way: %v", err)
	}
}

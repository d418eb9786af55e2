package lab

import (
	"strings"
	"testing"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend/backendtest"
	"fashionlatent/lib/fashion/fashiontest"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

// A model whose reconstructions are worse than grey images, or, after many steps, no better than the mean image, is
// reported.
func TestEmpty(t *testing.T) {
	b, images := backendtest.Go(t), fashiontest.Tiny(t).Test
	c := training.Default(autoencoder.Default(autoencoder.AE, 2), 0)
	c.Model.Hidden = []int{8}
	for _, test := range []struct {
		scale float32 // of the initial weights
		steps int
		says  string
	}{
		{1, 10, ""},
		{1, 1000, "Try more epochs, or a learning rate below 0.003."},
		{30, 10, "Training diverged"},
	} {
		w := c.Model.Initial(1)
		for _, v := range w {
			for i := range v.Values {
				v.Values[i] *= test.scale
			}
		}
		m, err := autoencoder.NewModel(b, c.Model, w)
		if err != nil {
			t.Fatal(err)
		}
		said, err := empty(t.Context(), &training.Result{Config: c, Model: m, History: []record.Epoch{{Step: test.steps}}}, images)
		if err != nil || !strings.Contains(said, test.says) || (said == "") != (test.says == "") {
			t.Errorf("weights times %v, %d steps: %q, %v; want %q", test.scale, test.steps, said, err, test.says)
		}
	}
}

package training

import (
	"context"
	"testing"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/backend/backendtest"
	"fashionlatent/lib/fashion/fashiontest"
	"fashionlatent/lib/record"
)

// BenchmarkEpoch is one epoch of the reference VAE with a code of 2 dimensions on the 60,000 training images: 468 steps.
func BenchmarkEpoch(b *testing.B) {
	data := fashiontest.Real(b)
	for name, open := range map[string]func(testing.TB) *backend.Backend{"go": backendtest.Go, "xla": backendtest.XLA} {
		b.Run(name, func(b *testing.B) {
			c := Default(autoencoder.Default(autoencoder.VAE, 2), 0)
			e, err := newEngine(open(b), c, data, c.Model.Initial(0), nil)
			if err != nil {
				b.Fatal(err)
			}
			defer e.close()
			epoch := 0
			train := func() {
				if _, err := e.epoch(context.Background(), epoch, func(int, record.Loss) {}); err != nil {
					b.Fatal(err)
				}
				epoch++
			}
			if name == "xla" {
				train() // compiles
			}
			for b.Loop() {
				train()
			}
		})
	}
}

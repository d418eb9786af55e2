package training

import (
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/record"
)

// Names of the scores that training leaves. Each is computed on the training and on the test images.
const (
	CrossEntropy   = "cross-entropy"
	MSE            = "mse"
	KL             = "kl"
	CrossEntropyKL = "cross-entropy + KL"
)

// Scores are the losses of n images of a split, as scores. A VAE reconstructs from the posterior mean, so the sum of
// cross-entropy and KL is not a bound of the likelihood. The KL to a learned prior has no closed form and is left out.
func Scores(c autoencoder.Config, s autoencoder.Score, split string, n int, data string) []record.Score {
	score := func(metric string, value float64, unit string) record.Score {
		return record.Score{Identity: record.Identity{Metric: metric, Version: 1, Split: split, N: n, Data: data}, Value: value, Unit: unit}
	}
	all := []record.Score{score(CrossEntropy, s.CrossEntropy, "nats per image"), score(MSE, s.MSE, "per pixel")}
	if c.Model == autoencoder.VAE && !c.Learned() {
		all = append(all, score(KL, s.KL, "nats per image"))
		if c.Loss == autoencoder.BCE {
			all = append(all, score(CrossEntropyKL, s.CrossEntropy+s.KL, "nats per image"))
		}
	}
	return all
}

package training

import (
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/record"
)

// Scores are the losses of n images of a split, as scores. A VAE reconstructs from the posterior mean, so the sum of
// cross-entropy and KL is not a bound of the likelihood. The KL to a learned prior has no closed form and is left out.
func Scores(c autoencoder.Config, s autoencoder.Score, split string, n int, data string) []record.Score {
	score := func(metric string, value float64, unit string) record.Score {
		return record.Score{Identity: record.Identity{Metric: metric, Version: 1, Split: split, N: n, Data: data}, Value: value, Unit: unit}
	}
	all := []record.Score{score(record.CrossEntropy, s.CrossEntropy, "nats per image"), score(record.MSE, s.MSE, "per pixel")}
	if c.Model == autoencoder.VAE && !c.Learned() {
		all = append(all, score(record.KL, s.KL, "nats per image"))
		if c.Loss == autoencoder.BCE {
			all = append(all, score(record.CrossEntropyKL, s.CrossEntropy+s.KL, "nats per image"))
		}
	}
	return all
}

package experiments

import (
	"context"
	"fmt"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"
)

// betas are the weights of the KL term that are tried with the cross-entropy.
var betas = []float64{.1, .25, .5, 1, 2, 4, 8}

// lossVariants are VAEs along beta, and both models with each loss as far as they are not among those.
func lossVariants(l *Lab) (curve, rest []variant) {
	of := func(model, loss string, change func(c *training.Config)) variant {
		c := l.Config(model, wide, 0)
		c.Model.Loss = loss
		change(&c)
		beta := "–"
		if model == autoencoder.VAE {
			beta = fmt.Sprint(c.Model.Beta)
		}
		return variant{[]string{name(model), loss, beta}, c}
	}
	plain := func(*training.Config) {}
	for _, beta := range betas {
		curve = append(curve, of(autoencoder.VAE, autoencoder.BCE, func(c *training.Config) { c.Model.Beta = beta }))
	}
	for _, loss := range autoencoder.Losses {
		rest = append(rest, of(autoencoder.AE, loss, plain))
		if loss != autoencoder.BCE {
			rest = append(rest, of(autoencoder.VAE, loss, plain))
		}
	}
	return curve, rest
}

func lossJobs(l *Lab) []job {
	curve, rest := lossVariants(l)
	return l.sweepJobs(append(curve, rest...))
}

// loss sweeps the likelihood of pixels and beta. Against each other, the KL (rate) and the reconstruction (distortion) of the
// betas make a curve (Alemi et al., arXiv 1711.00464), which ends at the AE, whose rate is not bounded.
func loss(ctx context.Context, l *Lab) (*Report, error) {
	columns := append(append([]column{}, lossColumns...), column{"active units", "active units", 1}, clusterColumns[3], clusterColumns[4], column{"prior Fréchet", "prior Fréchet", 2}, column{"prior coverage", "prior coverage", 3})
	report := &Report{Table: show.Table{
		Title:  "Likelihoods and beta",
		Header: append([]string{"model", "loss", "beta", "seeds"}, heads(columns)...),
	}}
	curve, rest := lossVariants(l)
	swept, err := l.sweep(ctx, report, curve, columns, l.Clusters, l.Structure, l.Generation)
	if err != nil {
		return nil, err
	}
	others, err := l.sweep(ctx, report, rest, columns, l.Clusters, l.Structure, l.Generation)
	if err != nil {
		return nil, err
	}
	rate := func(_ int, t tried) float64 { return t.scores["kl"].mean() }
	byBeta := func(_ int, t tried) float64 { return t.config.Model.Beta }
	end := figure.Reference{Name: "AE", Y: others[0].scores["cross-entropy"].mean()}
	charts := []figure.Chart{
		{Title: "Rate and distortion", X: "KL, nats per image", Y: "cross-entropy, nats per image",
			Series: []figure.Series{series("VAE, beta .1 to 8", 2, "cross-entropy", rate, swept)}, References: []figure.Reference{end}},
		{Title: "Dimensions in use", X: "beta", Y: "active units", LogX: true, Series: []figure.Series{series("VAE, beta .1 to 8", 2, "active units", byBeta, swept)}},
		{Title: "Images from the prior", X: "beta", Y: "coverage", LogX: true, Series: []figure.Series{series("VAE, beta .1 to 8", 2, "prior coverage", byBeta, swept)}},
		{Title: "Clusters, mixture", X: "beta", Y: "accuracy (ACC)", LogX: true, Series: []figure.Series{series("VAE, beta .1 to 8", 2, "mixture ACC", byBeta, swept)}},
	}
	judge, err := l.judge(ctx)
	if err != nil {
		return nil, err
	}
	report.Table.Note = fmt.Sprintf("Codes of %d dimensions. −ELBO is given at beta 1 whatever was trained, and only for the cross-entropy: likelihoods of different kinds do not compare. ", wide) + l.note() + judge.note()
	return report, report.draw([]drawing{
		{"curve", func() (*figure.Figure, error) {
			f, err := panels(charts, 2)
			if err == nil {
				f.Caption = fmt.Sprintf("What beta buys, on the test images: codes of %d dimensions, cross-entropy, beta from 0.1 (right end of the first curve) to 8 (left end).", wide) + l.sweepOf("loss", l.Scale.SweepSeeds)
			}
			return f, err
		}},
		{"reconstructions", func() (*figure.Figure, error) {
			var shown []*training.Result
			for _, t := range append([]tried{others[0]}, swept...) {
				shown = append(shown, t.results[0])
			}
			return l.Reconstructions(ctx, shown...)
		}},
	})
}

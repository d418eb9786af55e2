package experiments

import (
	"context"
	"fmt"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"
)

func generationJobs(l *Lab) []job { return l.references(l.Scale.LatentSizes, l.Scale.SweepSeeds) }

// generation measures images decoded from every source of codes, for both models and every size of the code.
func generation(ctx context.Context, l *Lab) (*Report, error) {
	report := &Report{Table: show.Table{
		Title:  "Images decoded from drawn codes",
		Header: []string{"model", "d", "source", "seeds", "Fréchet", "precision", "recall", "density", "coverage"},
	}}
	distance := figure.Chart{Title: "Fréchet distance", X: "dimensions of the code", Y: "distance to the test images", LogX: true, LogY: true}
	coverage := figure.Chart{Title: "Coverage", X: "dimensions of the code", Y: "share of the test images", LogX: true}
	shown := map[string]*training.Result{}
	for place, model := range comparedModels {
		curves := map[string][2]*figure.Series{}
		for i, source := range Samplers {
			of := figure.Series{Name: name(model) + ", " + sourceName(source), Colour: 1 + place + 2*i, Dashed: source == "prior"}
			again := of
			curves[source] = [2]*figure.Series{&of, &again}
		}
		for _, size := range l.Scale.LatentSizes {
			scores, results, err := l.scores(ctx, model, size, l.Scale.SweepSeeds, l.Generation)
			if err != nil {
				return nil, err
			}
			shown[fmt.Sprint(model, size)] = results[0]
			for _, source := range Samplers {
				row := []string{name(model), fmt.Sprint(size), sourceName(source), fmt.Sprint(l.Scale.SweepSeeds)}
				for _, c := range qualityFigures {
					row = append(row, scores[qualityName(source, c.head)].text(c.digits))
				}
				report.Table.Rows = append(report.Table.Rows, row)
				for i, figure := range []string{"Fréchet", "coverage"} {
					s, of := curves[source][i], scores[qualityName(source, figure)]
					s.X, s.Y, s.Spread = append(s.X, float64(size)), append(s.Y, of.mean()), append(s.Spread, of.deviation())
				}
			}
		}
		for _, source := range Samplers {
			distance.Series = append(distance.Series, *curves[source][0])
			coverage.Series = append(coverage.Series, *curves[source][1])
		}
	}
	judge, err := l.judge(ctx)
	if err != nil {
		return nil, err
	}
	judge.floor(&distance, &coverage)
	report.Table.Note = fmt.Sprintf("Sources: the prior N(0, I); a Gaussian and a mixture of %d fitted to the codes of the training images, of a VAE to a sample of each posterior. ", l.K()) +
		l.note() + judge.note()
	ae, vae := shown[fmt.Sprint(autoencoder.AE, wide)], shown[fmt.Sprint(autoencoder.VAE, wide)]
	return report, report.draw([]drawing{
		{"sweep", func() (*figure.Figure, error) {
			f, err := panels([]figure.Chart{distance, coverage}, 2)
			if err == nil {
				f.Caption = "Images decoded from codes of each source, beside the test images, against the size of the code. The dotted line is what as many training images score." +
					l.sweepOf("generation", l.Scale.SweepSeeds)
			}
			return f, err
		}},
		{"samples", func() (*figure.Figure, error) { return l.SourceSamples(ctx, ae, vae) }},
		{"interpolations", func() (*figure.Figure, error) { return l.Interpolations(ctx, ae, vae) }},
	})
}

// SourceSamples shows images decoded from codes of every source, for models beside each other.
func (l *Lab) SourceSamples(ctx context.Context, results ...*training.Result) (*figure.Figure, error) {
	var figures []*figure.Figure
	var titles []string
	names := Names(results...)
	for _, source := range Samplers {
		for i, r := range results {
			f, err := l.Samples(ctx, r, source, priorSamples, r.Config.Seed)
			if err != nil {
				return nil, err
			}
			figures, titles = append(figures, f), append(titles, names[i]+", "+sourceName(source))
		}
	}
	f, err := figure.Beside(figures, figure.BesideOptions{Titles: titles, Columns: len(results)})
	if err == nil {
		f.Caption = fmt.Sprintf("What the decoders make of %d codes of each source: N(0, I), a Gaussian and a mixture of %d fitted to the codes of the training images.%s", priorSamples, l.K(), runsOf(results...))
		f.Alt = f.Caption
	}
	return f, err
}

// Interpolations shows what decoders make of the straight way between the codes of two test images of different classes.
func (l *Lab) Interpolations(ctx context.Context, results ...*training.Result) (*figure.Figure, error) {
	const steps = 11
	images, _ := l.oneOfEach(l.Data.Test)
	n := len(images) / l.Data.Pixels() / 2
	from, to := images[:n*l.Data.Pixels()], images[n*l.Data.Pixels():2*n*l.Data.Pixels()]
	names := Names(results...)
	var rows []figure.Row
	for pair := range n {
		at := func(s []uint8) []uint8 { return s[pair*l.Data.Pixels() : (pair+1)*l.Data.Pixels()] }
		for i, r := range results {
			ends, _, err := r.Model.Encode(ctx, append(append([]uint8{}, at(from)...), at(to)...))
			if err != nil {
				return nil, err
			}
			dim := r.Config.Model.Latent
			codes, err := latent.Paths(ends[:dim], ends[dim:], dim, steps-1, latent.Linear)
			if err != nil {
				return nil, err
			}
			way, err := r.Model.Decode(ctx, codes)
			if err != nil {
				return nil, err
			}
			rows = append(rows, figure.Row{Name: names[i], Images: autoencoder.Levels(way)})
		}
	}
	var heads []string
	for s := range steps {
		heads = append(heads, fmt.Sprintf("%.1f", float64(s)/(steps-1)))
	}
	f, err := figure.Reconstructions(rows, figure.ReconstructionsOptions{Heads: heads, PerRow: steps, Side: l.Data.Side()})
	if err == nil {
		f.Caption = "Images decoded along straight lines between the codes of two test images, the first of each class in pairs; the heads say how far along." + runsOf(results...)
		f.Alt = f.Caption
	}
	return f, err
}

package experiments

import (
	"context"
	"fmt"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"
)

// The models and the code sizes that are compared.
var (
	comparedModels = []string{autoencoder.AE, autoencoder.VAE}
	comparedSizes  = []int{2, 16}
)

// column is a score in a table.
type column struct {
	head    string
	measure string
	digits  int
}

// lossColumns and clusterColumns are the scores on the test images.
var (
	lossColumns = []column{
		{"MSE", "mse", 4},
		{"cross-entropy", "cross-entropy", 1},
		{"KL", "kl", 1},
		{"−ELBO", "sampled negative ELBO", 1},
	}
	clusterColumns = []column{
		{"k-means ACC", "k-means ACC", 3},
		{"k-means NMI", "k-means NMI", 3},
		{"k-means ARI", "k-means ARI", 3},
		{"mixture ACC", "mixture ACC", 3},
		{"mixture NMI", "mixture NMI", 3},
		{"mixture ARI", "mixture ARI", 3},
	}
)

// The scores of the instruments on the test images.
var (
	structureColumns = []column{
		{"active units", "active units", 1},
		{"trustworthiness", "trustworthiness", 3},
		{"continuity", "continuity", 3},
		{"silhouette", "silhouette of classes", 3},
		{"5 neighbours ACC", "5 neighbours ACC", 3},
		{"probe ACC", "probe ACC", 3},
		{"MMD to N(0, I)", "MMD to N(0, I)", 4},
		{"IWAE NLL", "IWAE NLL", 1},
	}
	pathColumns = []column{
		{"holes", "holes", 3},
		{"step ratio", "path step ratio", 2},
		{"jumps", "path jumps", 4},
		{"path length", "path length", 1},
		{"midpoints in the data", "midpoints in the data", 3},
	}
	qualityColumns = func() (columns []column) {
		for _, source := range Samplers {
			for _, f := range qualityFigures {
				name := qualityName(source, f.head)
				columns = append(columns, column{name, name, f.digits})
			}
		}
		return columns
	}()
)

func comparisonJobs(l *Lab) []job { return l.references(comparedSizes, l.Scale.Seeds) }

// comparison trains AE and VAE with narrow and wide codes and several seeds.
func comparison(ctx context.Context, l *Lab) (*Report, error) {
	groups := []group{
		{"Reconstruction", lossColumns}, {"Clusters", clusterColumns}, {"Structure", structureColumns},
		{"Completeness and continuity", pathColumns}, {"Images decoded from drawn codes", qualityColumns},
	}
	var columns []column
	for _, g := range groups {
		columns = append(columns, g.columns...)
	}
	report := &Report{Table: newTable("AE beside VAE", columns), groups: groups}
	shown := map[string]*training.Result{} // seed 0
	var sizes []compared
	for _, latent := range comparedSizes {
		at := compared{latent: latent}
		for _, model := range comparedModels {
			scores, results, err := l.scores(ctx, model, latent, l.Scale.Seeds, l.Clusters, l.Structure, l.Continuity, l.Holes, l.Likelihood, l.Generation)
			if err != nil {
				return nil, err
			}
			shown[fmt.Sprint(model, latent)] = results[0]
			addRow(&report.Table, results[0].Config.Model, l.Scale.Seeds, columns, scores)
			if model == autoencoder.AE {
				at.ae = scores
			} else {
				at.vae = scores
			}
		}
		sizes = append(sizes, at)
	}
	report.More = append(report.More, verdicts(l.K(), sizes))
	judge, err := l.judge(ctx)
	if err != nil {
		return nil, err
	}
	report.Table.Note = l.note() + judge.note()
	ae, vae, wideAE, wideVAE := shown["ae2"], shown["vae2"], shown["ae16"], shown["vae16"]
	return report, report.draw([]drawing{
		{"diagram-ae", func() (*figure.Figure, error) { return Diagram(ae.Config.Model) }},
		{"diagram-vae", func() (*figure.Figure, error) { return Diagram(vae.Config.Model) }},
		{"codes-2", func() (*figure.Figure, error) { return l.CodeScatter(ctx, ae, vae) }},
		{"codes-16", func() (*figure.Figure, error) { return l.CodeScatter(ctx, wideAE, wideVAE) }},
		{"embedding-16", func() (*figure.Figure, error) { return l.Embeddings(ctx, wideAE, wideVAE) }},
		{"manifold", func() (*figure.Figure, error) { return l.Manifolds(ctx, ae, vae) }},
		{"reconstructions", func() (*figure.Figure, error) { return l.Reconstructions(ctx, ae, vae, wideAE, wideVAE) }},
		{"samples", func() (*figure.Figure, error) { return l.PriorSamples(ctx, ae, vae, wideAE, wideVAE) }},
		{"curves", func() (*figure.Figure, error) { return Curves(ae, vae, wideAE, wideVAE) }},
	})
}

// instrument takes measures of a run, or finds them, and returns all that the run has.
type instrument func(ctx context.Context, r *training.Result) ([]record.Measure, error)

// scores trains or finds a model with each seed, and gathers its measures on test images by name.
func (l *Lab) scores(ctx context.Context, model string, latent, seeds int, instruments ...instrument) (map[string]spread, []*training.Result, error) {
	return l.overSeeds(ctx, seeds, func(seed int) (*training.Result, error) {
		return l.Reference(ctx, model, latent, uint64(seed))
	}, instruments...)
}

func newTable(title string, columns []column) show.Table {
	t := show.Table{Title: title, Header: []string{"model", "d", "seeds"}}
	for _, c := range columns {
		t.Header = append(t.Header, c.head)
	}
	return t
}

func addRow(t *show.Table, c autoencoder.Config, seeds int, columns []column, scores map[string]spread) {
	row := []string{name(c.Model), fmt.Sprint(c.Latent), fmt.Sprint(seeds)}
	for _, c := range columns {
		row = append(row, scores[c.measure].text(c.digits))
	}
	t.Rows = append(t.Rows, row)
}

// note says on what the scores of a table were taken.
func (l *Lab) note() string {
	spread := ""
	if l.Scale.Seeds > 1 {
		spread = " Mean ± standard deviation over the seeds."
	}
	return fmt.Sprintf("Scores on the %d test images after %d epochs on %d training images. MSE: mean squared error per pixel; cross-entropy, KL and −ELBO: nats per image. A VAE's reconstructions are from the posterior mean, but the −ELBO, a bound of the likelihood, takes codes drawn from the posterior. "+
		"Clusters: %d, fitted without labels to the codes of the training images.%s", l.Data.Test.Len(), l.Scale.Epochs, l.Data.Train.Len(), l.K(), spread)
}

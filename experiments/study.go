package experiments

import (
	"context"
	"fmt"
	"io"
	"slices"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/cluster"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/generate"
	"fashionlatent/lib/npz"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"

	"golang.org/x/sync/errgroup"
)

// Study runs the main experiments, telling which one it is at, and calls after with the report of each. Where the first of them has to be
// made, it calls first before that with what there is to see soonest.
func Study(ctx context.Context, lab *Lab, first func(*Report) error, after func(Experiment, *Report) error) error {
	study := slices.DeleteFunc(slices.Clone(All), func(e Experiment) bool { return !e.main })
	if lab.unchanged(study[0]) == nil {
		look, err := lab.FirstLook(ctx)
		if err == nil {
			err = first(look)
		}
		if err != nil {
			return err
		}
	}
	for i, e := range study {
		fmt.Fprintf(lab.out, "experiment %d of %d, %s: %s\n", i+1, len(study), e.Name, e.Question)
		r, err := e.Run(ctx, lab)
		if err == nil {
			err = after(e, r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// FirstLook trains or finds the reference AE and VAE of two dimensions, seed 0, and reports what can be seen of them soonest: their planes,
// their losses and their clusters.
func (l *Lab) FirstLook(ctx context.Context) (*Report, error) {
	size := comparedSizes[0]
	if err := l.prepare(ctx, l.references([]int{size}, 1)); err != nil {
		return nil, err
	}
	columns := slices.Concat(lossColumns, clusterColumns)
	r := &Report{Table: newTable("AE beside VAE", columns)}
	var both []*training.Result
	for _, model := range comparedModels {
		scores, results, err := l.scores(ctx, model, size, 1, l.Clusters)
		if err != nil {
			return nil, err
		}
		addRow(&r.Table, results[0].Config.Model, 1, columns, scores)
		both = append(both, results[0])
	}
	r.Table = Summary(r.Table)
	return r, r.draw([]drawing{
		{"codes-2", func() (*figure.Figure, error) { return l.CodeScatter(ctx, both...) }},
		{"manifold", func() (*figure.Figure, error) { return l.Manifolds(ctx, both...) }},
	})
}

// Summary is the comparison's table with the columns that matter most.
func Summary(comparison show.Table) show.Table {
	t := comparison.Columns("model", "d", "MSE", "cross-entropy", "−ELBO", "k-means ACC", "mixture ACC", "mixture NMI")
	t.Note = ""
	return t
}

// Runs lists the runs of a store. What cannot be read is in the error, the rest in the table all the same.
func Runs(runs *record.Store) (show.Table, error) {
	t := show.Table{Header: []string{"run", "state", "epochs", "backend", "cross-entropy, with a VAE's KL", "MSE", "k-means ACC", "mixture ACC"}}
	all, problems := runs.List()
	t.Rows = make([][]string, len(all))
	concurrently(len(all), func(i int) {
		run := all[i]
		manifest, err := run.Manifest()
		if err != nil {
			manifest.State = "unknown"
		}
		measures, err := run.Measures()
		if err != nil {
			manifest.State = "damaged"
		}
		text := func(digits int, names ...string) string {
			for _, name := range names {
				if m, found := record.Find(measures, name, scored); found {
					return fmt.Sprintf("%.*f", digits, m.Value)
				}
			}
			return "–"
		}
		t.Rows[i] = []string{run.Name(), manifest.State, fmt.Sprint(manifest.Epochs), manifest.Backend,
			text(1, "cross-entropy + KL", "cross-entropy"), text(4, "mse"), text(3, "k-means ACC"), text(3, "mixture ACC")}
	})
	return t, problems
}

// concurrently calls f with 0 to n-1, several at once: of many small files most of the time goes by waiting, on a network most of all.
func concurrently(n int, f func(i int)) {
	var group errgroup.Group
	group.SetLimit(16)
	for i := range n {
		group.Go(func() error { f(i); return nil })
	}
	group.Wait()
}

// OpenRun reads a finished run by the name of its folder or by its path, and checks that the lab's data set is the one
// that it was trained on.
func (l *Lab) OpenRun(folder string) (*training.Result, error) {
	run, err := l.Runs.Load(folder)
	if err != nil {
		return nil, err
	}
	r, checksum, err := training.Open(l.Backend, run)
	if err != nil {
		return nil, err
	}
	if checksum != l.Data.Checksum {
		return nil, fmt.Errorf("run %s was trained on another data set (checksum %.12s) than this one (%.12s): "+
			"name it with -data, and its scale with -scale", run.Name(), checksum, l.Data.Checksum)
	}
	return r, nil
}

// Embed writes the codes of all images to an .npz file that NumPy reads: train_codes [n, d] (of a VAE the posterior
// means), train_log_variances of a VAE, train_labels [n] if there are labels, and the same for test.
func (l *Lab) Embed(ctx context.Context, r *training.Result, path string) error {
	var arrays []npz.Array
	for _, part := range []struct {
		name  string
		split dataset.Split
	}{{"train", l.Data.Train}, {"test", l.Data.Test}} {
		codes, logVariances, err := r.Model.Encode(ctx, part.split.Images)
		if err != nil {
			return err
		}
		shape := []int{part.split.Len(), r.Config.Model.Latent}
		arrays = append(arrays, npz.Array{Name: part.name + "_codes", Shape: shape, Values: codes})
		if logVariances != nil {
			arrays = append(arrays, npz.Array{Name: part.name + "_log_variances", Shape: shape, Values: logVariances})
		}
		if part.split.Labels != nil {
			arrays = append(arrays, npz.Array{Name: part.name + "_labels", Shape: shape[:1], Values: l.Data.FileLabels(part.split)})
		}
	}
	return record.WriteFile(path, func(w io.Writer) error { return npz.Write(w, arrays...) })
}

// Samplers are the names of the sources of codes.
var Samplers = []string{"prior", "gaussian", "mixture"}

// Sampler returns a source of codes for a model: its prior N(0, I), or a Gaussian or a mixture of as many as there are clusters (Lab.K) fitted to the codes of
// the training images, of a VAE to a sample of each posterior.
func (l *Lab) Sampler(ctx context.Context, r *training.Result, name string) (generate.Sampler, error) {
	dim := r.Config.Model.Latent
	if name == "prior" {
		return generate.Prior(dim), nil
	}
	if !slices.Contains(Samplers, name) {
		return nil, fmt.Errorf("no source of codes is called %q; it can be one of %q", name, Samplers)
	}
	means, logVariances, err := r.Model.Encode(ctx, l.Data.Train.Images)
	if err != nil {
		return nil, err
	}
	codes, err := generate.PosteriorSamples(means, logVariances, r.Config.Seed)
	if err != nil {
		return nil, err
	}
	if name == "gaussian" {
		return generate.FitGaussian(codes, dim)
	}
	return generate.FitMixture(ctx, codes, dim, cluster.MixtureConfig{K: l.K(), Seed: r.Config.Seed})
}

// Samples shows what the decoder makes of n codes drawn from a source.
func (l *Lab) Samples(ctx context.Context, r *training.Result, sampler string, n int, seed uint64) (*figure.Figure, error) {
	if n < 1 {
		return nil, fmt.Errorf("%d samples asked for, want 1 or more", n)
	}
	from, err := l.Sampler(ctx, r, sampler)
	if err != nil {
		return nil, err
	}
	images, err := r.Model.Decode(ctx, from.Sample(n, seed))
	if err != nil {
		return nil, err
	}
	f, err := figure.Grid(autoencoder.Levels(images), figure.GridOptions{Columns: min(n, 10), Side: l.Data.Side()})
	if err == nil {
		f.Caption = fmt.Sprintf("%v: %d images decoded from codes drawn from the %s, seed %d.%s", r.Config.Model, n, l.describe(sampler), seed, runsOf(r))
	}
	return f, err
}

// sourceName is how a source of codes is called in tables and figures.
func sourceName(sampler string) string {
	if sampler == "gaussian" {
		return "Gaussian" // named after a person
	}
	return sampler
}

func (l *Lab) describe(sampler string) string {
	switch sampler {
	case "gaussian":
		return "Gaussian fitted to the codes of the training images"
	case "mixture":
		return fmt.Sprint("mixture of ", l.K(), " Gaussians fitted to the codes of the training images")
	}
	return "prior N(0, I)"
}

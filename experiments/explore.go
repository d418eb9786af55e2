package experiments

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"fashionlatent/experiments/explore"
	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/subject"
	"fashionlatent/lib/explorer"
	"fashionlatent/lib/notebook"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"
)

// ExplorePoint lets the reader move a point in the planes of models with codes of 2 dimensions.
func ExplorePoint(ctx context.Context, l *Lab, results ...*training.Result) (*explore.Exploration, error) {
	return exploration(ctx, l, explore.Point, results)
}

// ExploreWay lets the reader walk along the straight line between the codes of two test images.
func ExploreWay(ctx context.Context, l *Lab, results ...*training.Result) (*explore.Exploration, error) {
	return exploration(ctx, l, explore.Way, results)
}

// ExploreDimension lets the reader change one number of the code of a test image.
func ExploreDimension(ctx context.Context, l *Lab, results ...*training.Result) (*explore.Exploration, error) {
	return exploration(ctx, l, explore.Dimension, results)
}

func exploration(ctx context.Context, l *Lab, of func(context.Context, explore.Models) (*explore.Exploration, error), results []*training.Result) (*explore.Exploration, error) {
	models := explore.Models{Names: Names(results...), Classes: l.Drawn()}
	for _, r := range results {
		s, err := lab.Subject(l, r)
		if err != nil {
			return nil, err
		}
		models.Subjects = append(models.Subjects, s)
	}
	return of(ctx, models)
}

// explorerJobs are the runs that the latent explorer shows: the reference runs of 2 and 16 dimensions, seed 0.
func explorerJobs(l *Lab) []lab.Job { return l.ReferenceJobs([]int{lab.Narrow, lab.Wide}, 1) }

// ExplorerTrained says whether the runs that the latent explorer shows are finished.
func ExplorerTrained(l *Lab) bool { return lab.Weights(l, explorerJobs(l)) != "" }

// WriteExplorer writes the latent explorer of the reference runs of 2 and 16 dimensions, seed 0, to a file. The file is one
// page that needs no other file. If the study's index.html is in the same folder, the page links to it. A page that was made from the
// same code, data and runs is kept as it is.
func WriteExplorer(ctx context.Context, l *Lab, path string) error {
	back := "index.html"
	if _, err := os.Stat(filepath.Join(filepath.Dir(path), back)); err != nil {
		back = ""
	}
	if key := notebook.PageKey(path); key != "" && key == lab.Origin(l, "explorer "+back, explorerJobs(l)) {
		return nil
	}
	data, err := Explorer(ctx, l)
	if err != nil {
		return err
	}
	// The runs that are there now may have been missing before.
	data.Key, data.Back = lab.Origin(l, "explorer "+back, explorerJobs(l)), back
	return writePage(path, data)
}

// WritePublishedExplorer writes the latent explorer of the published models to a file. No model is trained. The page does not have
// the epochs before the last one.
func WritePublishedExplorer(ctx context.Context, l *Lab, path string) error {
	data, err := explorerData(ctx, l, fmt.Sprintf("the published models, trained on %s images", show.Count(l.Data.Train.Len())), func(j lab.Job) (*training.Result, []int, error) {
		r, err := l.Published(j)
		return r, nil, err
	})
	if err != nil {
		return err
	}
	return writePage(path, data)
}

func writePage(path string, data *explorer.Data) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return record.WriteFile(path, func(w io.Writer) error { return explorer.Write(w, *data) })
}

// Explorer gathers the data that the latent explorer shows of the reference AE and VAE of 2 and of 16 dimensions, seed 0.
func Explorer(ctx context.Context, l *Lab) (*explorer.Data, error) {
	return explorerData(ctx, l, fmt.Sprintf("models trained on %s images at scale %s", show.Count(l.Data.Train.Len()), l.Scale.Name), func(j lab.Job) (*training.Result, []int, error) {
		r, err := l.Train(ctx, j.Config, j.Snapshots...)
		return r, j.Snapshots, err
	})
}

// explorerData gathers the data of the explorer page. source says in words where the models are from. find returns the run of a
// reference model and the epochs that are shown besides the last one.
func explorerData(ctx context.Context, l *Lab, source string, find func(j lab.Job) (*training.Result, []int, error)) (*explorer.Data, error) {
	images, err := lab.Images(l, "")
	if err != nil {
		return nil, err
	}
	p := explore.Page{Images: images, Classes: l.Classes, About: l.About, Source: source}
	for _, dim := range []int{lab.Narrow, lab.Wide} {
		space := explore.PageSpace{Dim: dim}
		for _, model := range lab.Models {
			r, epochs, err := find(l.ReferenceJob(model, dim, 0))
			if err != nil {
				return nil, err
			}
			last := r.Config.Epochs
			of := explore.PageModel{Name: name(r.Config.Model.Model), Result: r, At: func(epoch int) (*subject.Model, error) {
				if epoch == last {
					return lab.Subject(l, r)
				}
				return lab.Snapshot(l, r, epoch)
			}}
			for _, epoch := range epochs {
				if epoch < last {
					of.Epochs = append(of.Epochs, epoch)
				}
			}
			of.Epochs = append(of.Epochs, last)
			space.Models = append(space.Models, of)
		}
		p.Spaces = append(p.Spaces, space)
	}
	if len(l.Classes) > 1 {
		if p.Classifier, err = lab.Extractor(ctx, l, metric.Convolutional); err != nil {
			return nil, err
		}
	}
	progress, end := show.NewProgress(l.Out, "explorer", len(p.Spaces)*len(lab.Models), "models"), "stopped"
	defer func() { progress.Done(end) }()
	p.Progress = func(done int) { progress.Update(done, "") }
	data, err := p.Data(ctx)
	if err == nil {
		end = "gathered"
	}
	return data, err
}

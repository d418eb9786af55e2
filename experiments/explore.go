package experiments

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"fashionlatent/experiments/explore"
	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/subject"
	"fashionlatent/lib/explorer"
	"fashionlatent/lib/notebook"
	"fashionlatent/lib/record"
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
	models := explore.Models{Names: Names(results...), Classes: l.Classes}
	for _, r := range results {
		s, err := lab.Subject(l, r)
		if err != nil {
			return nil, err
		}
		models.Subjects = append(models.Subjects, s)
	}
	return of(ctx, models)
}

// WriteExplorer writes the latent explorer of the reference runs of two dimensions, seed 0, to a file. The file is one
// page that needs no other file. A page that was made from the same code, data and runs is kept as it is.
func WriteExplorer(ctx context.Context, l *Lab, path string) error {
	jobs := l.ReferenceJobs([]int{lab.Narrow}, 1)
	if key := notebook.PageKey(path); key != "" && key == lab.Origin(l, "explorer", jobs) {
		return nil
	}
	data, err := Explorer(ctx, l)
	if err != nil {
		return err
	}
	data.Key = lab.Origin(l, "explorer", jobs)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return record.WriteFile(path, func(w io.Writer) error { return explorer.Write(w, *data) })
}

// Explorer gathers the data that the latent explorer shows of the reference AE and VAE of two dimensions, seed 0.
func Explorer(ctx context.Context, l *Lab) (*explorer.Data, error) {
	ae, vae, err := l.Pair(ctx, lab.Narrow, 0)
	if err != nil {
		return nil, err
	}
	images, err := lab.Images(l, "")
	if err != nil {
		return nil, err
	}
	p := explore.Page{Backend: l.Backend, Images: images, Classes: l.Classes, Samples: l.Scale.Samples,
		About: l.About, Source: fmt.Sprintf("models trained on %d images at scale %s", l.Data.Train.Len(), l.Scale.Name)}
	last := ae.Config.Epochs
	for _, epoch := range l.Snapshots() {
		if epoch < last {
			p.Epochs = append(p.Epochs, epoch)
		}
	}
	p.Epochs = append(p.Epochs, last)
	for _, r := range []*training.Result{ae, vae} {
		p.Models = append(p.Models, explore.PageModel{Name: name(r.Config.Model.Model), Run: r.Run.Name(), At: func(epoch int) (*subject.Model, error) {
			if epoch == last {
				return lab.Subject(l, r)
			}
			return lab.Snapshot(l, r, epoch)
		}})
	}
	return p.Data(ctx)
}

package experiments

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/subject"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/export/codes"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/npz"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"
)

// Embed writes the codes of the images of a split to an .npz file for NumPy: train_codes [n, d] (of a VAE the posterior means),
// train_log_variances [n, d] of a VAE, train_labels [n] if there are labels, with tsne train_tsne_x and train_tsne_y [n], and the same
// for test. The split metric.All has both.
func Embed(ctx context.Context, l *Lab, r *training.Result, split string, tsne bool, path string) error {
	s, err := lab.Subject(l, r)
	if err != nil {
		return err
	}
	chosen, err := parts(l, split)
	if err != nil {
		return err
	}
	var layout []float32 // of the parts one after the other
	if tsne {
		all, err := s.Codes(ctx, split)
		if err == nil {
			layout, err = layoutOf(ctx, l.Out, r, all.Values, all.Dim)
		}
		if err != nil {
			return err
		}
	}
	var arrays []npz.Array
	for _, part := range chosen {
		codes, err := s.Codes(ctx, part.name)
		if err != nil {
			return err
		}
		shape := []int{part.split.Len(), codes.Dim}
		arrays = append(arrays, npz.Array{Name: part.name + "_codes", Shape: shape, Values: codes.Values})
		if codes.LogVariances != nil {
			arrays = append(arrays, npz.Array{Name: part.name + "_log_variances", Shape: shape, Values: codes.LogVariances})
		}
		if part.split.Labels != nil {
			arrays = append(arrays, npz.Array{Name: part.name + "_labels", Shape: shape[:1], Values: l.Data.FileLabels(part.split)})
		}
		if tsne {
			arrays = append(arrays, layoutArrays(part.name+"_", layout[:2*part.split.Len()])...)
			layout = layout[2*part.split.Len():]
		}
	}
	return record.WriteFile(path, func(w io.Writer) error { return npz.Write(w, arrays...) })
}

// layoutOf is the layout of codes of a run by t-SNE, [n, 2], with a line of progress.
func layoutOf(ctx context.Context, out io.Writer, r *training.Result, codes []float32, dim int) ([]float32, error) {
	if n := len(codes) / dim; n > latent.MaxTSNE {
		return nil, fmt.Errorf("-tsne lays out at most %s codes, and these are %s; with -split test there are fewer", show.Count(latent.MaxTSNE), show.Count(n))
	}
	progress, end := show.NewProgress(out, "t-SNE", 0, ""), "stopped"
	progress.Update(0, fmt.Sprintf("a layout of %d codes", len(codes)/dim))
	defer func() { progress.Done(end) }()
	layout, err := lab.Layout(ctx, r.Run, codes, dim)
	if err == nil {
		end = fmt.Sprintf("%d codes", len(codes)/dim)
	}
	return layout, err
}

// layoutArrays are the coordinates of a layout, [n, 2], as two arrays, [n] each.
func layoutArrays(prefix string, layout []float32) []npz.Array {
	n := len(layout) / 2
	x, y := make([]float32, n), make([]float32, n)
	for i := range n {
		x[i], y[i] = layout[2*i], layout[2*i+1]
	}
	return []npz.Array{{Name: prefix + "tsne_x", Shape: []int{n}, Values: x}, {Name: prefix + "tsne_y", Shape: []int{n}, Values: y}}
}

// part is a named split.
type part struct {
	name  string
	split dataset.Split
}

// Splits are the names of the splits whose images can be embedded.
var Splits = []string{metric.All, metric.Train, metric.Test}

// parts are the splits of the lab's data set that a name in Splits means.
func parts(l *Lab, split string) ([]part, error) {
	both := []part{{metric.Train, l.Data.Train}, {metric.Test, l.Data.Test}}
	switch split {
	case metric.All:
		return both, nil
	case metric.Train:
		return both[:1], nil
	case metric.Test:
		return both[1:], nil
	}
	return nil, fmt.Errorf("split is %q, want one of %s", split, strings.Join(Splits, ", "))
}

// CodeTable is the codes of the images of a split, one of Splits, with their classes, if there are labels, and their
// clusters. A cluster is one of a mixture of Gaussians fitted to the codes of the training images, without labels. With tsne it has a
// layout of the codes, too.
func CodeTable(ctx context.Context, l *Lab, r *training.Result, split string, tsne bool) (*codes.Table, error) {
	chosen, err := parts(l, split)
	if err != nil {
		return nil, err
	}
	s, err := lab.Subject(l, r)
	if err != nil {
		return nil, err
	}
	all, err := s.Codes(ctx, split)
	if err != nil {
		return nil, err
	}
	t := &codes.Table{Dim: all.Dim, Values: all.Values, LogVariances: all.LogVariances, Side: l.Data.Side()}
	for _, p := range chosen {
		t.Images = append(t.Images, p.split.Images...)
		for i := range p.split.Len() {
			t.Index, t.Split = append(t.Index, i), append(t.Split, p.name)
		}
		for _, class := range p.split.Labels {
			t.Class = append(t.Class, l.Data.Classes[class])
		}
	}
	return t, complete(ctx, l, r, s, t, tsne)
}

// CodeTableOf is the codes of images that need not belong to a data set, with their clusters as in CodeTable. files are the names of
// their files, [n]; nil: they have none.
func CodeTableOf(ctx context.Context, l *Lab, r *training.Result, images dataset.Split, files []string, tsne bool) (*codes.Table, error) {
	s, err := lab.Subject(l, r)
	if err != nil {
		return nil, err
	}
	t, err := encoded(ctx, r, images)
	if err != nil {
		return nil, err
	}
	t.File = files
	return t, complete(ctx, l, r, s, t, tsne)
}

// encoded is the codes of images that need not belong to a data set. Images of another size than the model's are an error.
func encoded(ctx context.Context, r *training.Result, images dataset.Split) (*codes.Table, error) {
	if want := r.Config.Model.ImageSide(); images.Side != want {
		return nil, fmt.Errorf("the images are of %d x %d, want %d x %[3]d, as the model takes them", images.Side, images.Side, want)
	}
	t := &codes.Table{Dim: r.Config.Model.Latent, Side: images.Side, Images: images.Images}
	var err error
	if t.Values, t.LogVariances, err = r.Model.Encode(ctx, images.Images); err != nil {
		return nil, err
	}
	for i := range images.Len() {
		t.Index = append(t.Index, i)
	}
	return t, nil
}

// complete adds the cluster of each code, and with tsne a layout.
func complete(ctx context.Context, l *Lab, r *training.Result, s *subject.Model, t *codes.Table, tsne bool) (err error) {
	if tsne {
		if t.Layout, err = layoutOf(ctx, l.Out, r, t.Values, t.Dim); err != nil {
			return err
		}
	}
	return addClusters(ctx, l, s, t)
}

// addClusters adds the cluster of each code. If none can be found, it says so and the table has none.
func addClusters(ctx context.Context, l *Lab, s *subject.Model, t *codes.Table) error {
	m, err := s.Mixture(ctx, metric.Clustering{Method: metric.Mixture, K: l.K, Fit: metric.Train})
	if err == nil {
		t.Cluster, err = m.Predict(t.Values)
		err = metric.Because(err)
	}
	var undefined metric.Undefined
	if errors.As(err, &undefined) {
		fmt.Fprintln(l.Out, "without clusters:", undefined.Reason)
		return nil
	}
	return err
}

// EmbedImages writes the codes of images that need not belong to a data set to an .npz file for NumPy: codes [n, d] (of a VAE
// the posterior means), log_variances [n, d] of a VAE, and with tsne tsne_x and tsne_y [n]. Progress is written to out.
func EmbedImages(ctx context.Context, out io.Writer, r *training.Result, images dataset.Split, tsne bool, path string) error {
	t, err := encoded(ctx, r, images)
	if err != nil {
		return err
	}
	shape := []int{t.Len(), t.Dim}
	arrays := []npz.Array{{Name: "codes", Shape: shape, Values: t.Values}}
	if t.LogVariances != nil {
		arrays = append(arrays, npz.Array{Name: "log_variances", Shape: shape, Values: t.LogVariances})
	}
	if tsne {
		layout, err := layoutOf(ctx, out, r, t.Values, t.Dim)
		if err != nil {
			return err
		}
		arrays = append(arrays, layoutArrays("", layout)...)
	}
	return record.WriteFile(path, func(w io.Writer) error { return npz.Write(w, arrays...) })
}

// ReadCodes reads codes of d dimensions, [n, d], from a file: an array of float32 or float64, [n, d], of an .npz or .npy file; or,
// if the name ends in .tsv, a row of d numbers between tabs for each code. array is the name of the array among several in an .npz
// file. Numbers that are not finite are an error.
func ReadCodes(path, array string, d int) ([]float32, error) {
	read := readArray
	if strings.EqualFold(filepath.Ext(path), ".tsv") {
		read = readRows
	}
	values, err := read(path, array, d)
	if err == nil && len(values) == 0 {
		err = errors.New("no codes, want one or more")
	}
	for i, v := range values {
		if err == nil && (math.IsNaN(float64(v)) || math.IsInf(float64(v), 0)) {
			err = fmt.Errorf("code %d holds %v, want finite numbers", i/d, v)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("codes %s: %w", path, err)
	}
	return values, nil
}

func readArray(path, array string, d int) ([]float32, error) {
	a, err := npz.ReadFile(path, array)
	if err != nil {
		if errors.As(err, new(npz.NoArrayError)) {
			err = fmt.Errorf("%w (-array names another array)", err)
		} else if !errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w; want an .npz, .npy or .tsv file of codes", err)
		}
		return nil, err
	}
	if len(a.Shape) != 2 || a.Shape[1] != d {
		return nil, fmt.Errorf("the array has the shape %v, want [n, %d], as the model's code has %[2]d dimensions", a.Shape, d)
	}
	switch values := a.Values.(type) {
	case []float32:
		return values, nil
	case []float64:
		narrow := make([]float32, len(values))
		for i, v := range values {
			narrow[i] = float32(v)
		}
		return narrow, nil
	}
	return nil, fmt.Errorf("the array is of %s, want float32 or float64", strings.TrimPrefix(fmt.Sprintf("%T", a.Values), "[]"))
}

func readRows(path, _ string, d int) (values []float32, err error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	line := 0
	for text := range strings.Lines(string(content)) {
		line++
		cells := strings.Split(strings.TrimRight(text, "\r\n"), "\t")
		if len(cells) != d {
			return nil, fmt.Errorf("line %d has %d cells between tabs, want %d, as the model's code has %[3]d dimensions", line, len(cells), d)
		}
		for _, cell := range cells {
			v, err := strconv.ParseFloat(strings.TrimSpace(cell), 32)
			if err != nil {
				return nil, fmt.Errorf("line %d holds %.20q, want a number", line, cell)
			}
			values = append(values, float32(v))
		}
	}
	return values, nil
}

// Decode decodes codes, [n, d], and writes the images to a picture, or, if path ends in .npz, to a file for NumPy: images [n, side,
// side] uint8, and codes [n, d] float32.
func Decode(ctx context.Context, r *training.Result, codes []float32, path string) error {
	n, arrays := len(codes)/r.Config.Model.Latent, strings.EqualFold(filepath.Ext(path), ".npz")
	if n > MaxSamples {
		return fmt.Errorf("number of codes is %d, want at most %d", n, MaxSamples)
	}
	if !arrays {
		if err := checkPictured(n, r.Config.Model.ImageSide()); err != nil {
			return err
		}
	}
	pixels, err := r.Model.Decode(ctx, codes)
	if err != nil {
		return err
	}
	images := autoencoder.Levels(pixels)
	if arrays {
		return writeImages(path, images, codes, n)
	}
	f, err := figure.Grid(images, figure.GridOptions{Columns: min(n, 10), Side: r.Config.Model.ImageSide()})
	if err != nil {
		return err
	}
	f.Caption = fmt.Sprintf("%v: images decoded from %d codes.%s", r.Config.Model, n, runsOf(r))
	return show.Save(f, path)
}

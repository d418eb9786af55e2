package experiments_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fashionlatent/experiments"
	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/fashion/fashiontest"
)

// shapes is a folder with a data set of drawn images: each class has a bar at its own height, with noise. first is
// the smallest label and classes the number of classes; 0: there are no labels. If change is not nil, it changes the
// splits before they are written.
func shapes(t *testing.T, name string, side, first, classes, train, test int, change func(train, test *dataset.Split)) string {
	t.Helper()
	random := rand.New(rand.NewPCG(uint64(side), uint64(classes)))
	draw := func(n int) dataset.Split {
		s := dataset.Split{Side: side, Images: make([]uint8, n*side*side)}
		for i := range n {
			class := i % max(classes, 1)
			image := s.Image(i)
			for j := range image {
				row := j / side
				image[j] = uint8(random.IntN(40))
				if row*max(classes, 3)/side == class || (j+i)%side == 0 {
					image[j] += uint8(120 + random.IntN(90))
				}
			}
			if classes > 0 {
				s.Labels = append(s.Labels, uint8(first+class))
			}
		}
		return s
	}
	trainPart, testPart := draw(train), draw(test)
	if change != nil {
		change(&trainPart, &testPart)
	}
	d, err := dataset.New(name, trainPart, testPart, nil)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), name)
	if err := d.Write(context.Background(), folder); err != nil {
		t.Fatal(err)
	}
	return folder
}

// fill sets all pixels to a value.
func fill(s *dataset.Split, value uint8) {
	for i := range s.Images {
		s.Images[i] = value
	}
}

// columns are names of columns with one reason for their dashes.
func columns(reason string, names ...string) map[string]string {
	all := map[string]string{}
	for _, name := range names {
		all[name] = reason
	}
	return all
}

// Columns of the comparison.
var (
	ofClusters = []string{"k-means ACC", "k-means NMI", "k-means ARI", "mixture ACC", "mixture NMI", "mixture ARI"}
	ofClasses  = []string{"silhouette", metric.Neighbours, metric.Probe}
	ofPaths    = []string{"step ratio", "jumps", "path length", "midpoints in the data"}
	ofFeatures = func() (all []string) {
		for _, source := range []string{"prior", "Gaussian", "mixture"} {
			for _, figure := range metric.ImageScores {
				all = append(all, source+" "+figure)
			}
		}
		return all
	}()
)

// The scores that some data sets do not define, and why.
var (
	needsLabels     = columns("the data set has no labels", slices.Concat(ofClusters, ofClasses, ofFeatures)...)
	needsTwoClasses = columns("it needs 2 classes among the test images, and there are 1", slices.Concat(ofClusters, ofClasses, ofFeatures)...)
	noVariation     = columns("all test images have the same code", "jumps", metric.Trustworthiness, metric.Continuity, "silhouette")
	oneImage        = func() map[string]string {
		all := columns("it needs 2 test images", append(ofPaths, "MMD to N(0, I)")...)
		maps.Copy(all, columns("it needs 3 test images", metric.Trustworthiness, metric.Continuity))
		maps.Copy(all, needsTwoClasses)
		return all
	}()
)

// TestAnyImages runs the comparison, writes codes to an .npz file and makes the explorer for images of several sizes,
// with and without classes. The tables must be in a folder of their own that names the data set.
func TestAnyImages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name                 string
		side, first, classes int
		says                 string // in the text about the data set
		change               func(train, test *dataset.Split)
		undefined            map[string]string // the AE's columns with dashes, and words of the reasons
	}{
		{"letters", 8, 1, 26, "letters, images of 8 x 8 of 26 classes", nil, nil},
		{"one-label", 28, 5, 1, "one-label, images of 28 x 28 of one class", nil, needsTwoClasses},
		{"unlabelled-64", 64, 0, 0, "unlabelled-64, images of 64 x 64 without labels", nil, needsLabels},
		{"three-40", 40, 0, 3, "three-40, images of 40 x 40 of 3 classes", nil, nil},
		{"constant", 8, 0, 3, "constant, images of 8 x 8 of 3 classes", func(train, test *dataset.Split) { fill(train, 40); fill(test, 40) }, noVariation},
		{"black", 8, 0, 3, "black, images of 8 x 8 of 3 classes", func(train, test *dataset.Split) { fill(train, 0); fill(test, 0) }, noVariation},
		{"one-test-image", 8, 0, 3, "one-test-image, images of 8 x 8 of 3 classes", func(_, test *dataset.Split) { *test = test.Head(1) }, oneImage},
		{"new-test-class", 8, 0, 3, "new-test-class, images of 8 x 8 of 3 classes", func(train, _ *dataset.Split) {
			for i := range train.Labels {
				train.Labels[i] %= 2
			}
		}, map[string]string{metric.Probe: "no training images"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ctx, results := context.Background(), t.TempDir()
			comparison, err := experiments.Named(experiments.Comparison)
			if err != nil {
				t.Fatal(err)
			}
			images := 26 // for the test split
			if test.side > 28 {
				images = 12
			}
			var out bytes.Buffer
			l, err := lab.Open(ctx, lab.Options{
				Scale: "smoke,seeds=1,epochs=1", Results: results, Out: &out, K: 4,
				Data: shapes(t, test.name, test.side, test.first, test.classes, 52, images, test.change),
			})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			if k := l.K; test.classes > 0 && k != test.classes || test.classes == 0 && k != 4 {
				t.Errorf("%d clusters are sought", k)
			}
			if said := strings.Contains(out.String(), "4 clusters were asked for"); said != (test.classes > 0) {
				t.Errorf("that the number of clusters is that of the classes was said: %v", said)
			}
			r, err := comparison.Run(ctx, l)
			if err != nil {
				t.Fatalf("%v\n%s", err, out.String())
			}
			if !strings.Contains(r.About(), "Data: "+test.says) || !strings.Contains(r.About(), " -data ") {
				t.Errorf("the note does not name the data set: %s", r.About())
			}
			for _, f := range r.Figures {
				if !strings.HasPrefix(f.Figure.Caption, "Data: "+test.says) {
					t.Errorf("figure %s does not name the data set: %s", f.Name, f.Figure.Caption)
				}
			}
			for i, column := range r.Tables[0].Columns {
				cell, reason := r.Tables[0].Rows[0][i], test.undefined[column.Name]
				if slices.Contains([]string{"KL", "−ELBO", "IWAE NLL"}, column.Name) {
					reason = "an AE has no"
				}
				if column.Score && ((cell.Value == nil) != (reason != "") || !strings.Contains(cell.Undefined, reason)) {
					t.Errorf("%s is %v, %q, want %q", column.Name, cell, cell.Undefined, reason)
				}
				if reason != "" && test.undefined != nil && !strings.HasPrefix(reason, "an AE") && (test.classes != 3 || column.Name == metric.Probe) && !strings.Contains(out.String(), reason) {
					t.Errorf("that %s is undefined was not said: %s", column.Name, out.String())
				}
			}
			if _, err := os.Stat(filepath.Join(results, "comparison")); !os.IsNotExist(err) {
				t.Errorf("the folder of the published tables: %v", err)
			}
			if !strings.HasPrefix(l.Folder("comparison"), filepath.Join(results, "other", test.name+"-")) {
				t.Errorf("the tables went to %s", l.Folder("comparison"))
			}
			ae, _, err := l.Pair(ctx, 2, 0)
			if err != nil {
				t.Fatal(err)
			}
			if err := experiments.Embed(ctx, l, ae, metric.All, false, filepath.Join(results, "codes.npz")); err != nil {
				t.Error(err)
			}
			if err := experiments.WriteExplorer(ctx, l, filepath.Join(results, "explorer.html")); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAnyExperiment runs the experiments whose pictures and curves need more than the comparison does for images that do
// not define all of it. What is not defined is left out with its reason, and the pages can be verified.
func TestAnyExperiment(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		classes int
		change  func(train, test *dataset.Split)
		omitted map[string]string // pictures that are not drawn, and words of the reasons
	}{
		{"unlabelled", 0, nil, nil},
		{"one-label", 1, nil, map[string]string{"interpolations": "two test images"}},
		{"constant", 3, func(train, test *dataset.Split) { fill(train, 40); fill(test, 40) }, nil},
		{"one-test-image", 3, func(_, test *dataset.Split) { *test = test.Head(1) }, map[string]string{
			"interpolations": "two test images",
			"codes-ae":       "1 points for 3 clusters", "codes-vae": "1 points for 3 clusters",
			"codes-ae-16": "one row has no variance", "codes-vae-16": "one row has no variance",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ctx, results := context.Background(), t.TempDir()
			l, err := lab.Open(ctx, lab.Options{
				Scale: "smoke,seeds=1,epochs=1", Results: results, Out: io.Discard, K: 4,
				Data: shapes(t, test.name, 8, 0, test.classes, 52, 26, test.change),
			})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			omitted := map[string]string{}
			for _, name := range []string{"latent-size", "generation", "epochs", "outliers"} {
				e, err := experiments.Named(name)
				if err != nil {
					t.Fatal(err)
				}
				r, err := e.Run(ctx, l)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				maps.Copy(omitted, r.Made.Omitted)
				if name == "outliers" {
					checkOutliers(t, r, test.name)
				}
				for picture, reason := range r.Made.Omitted {
					if words, known := test.omitted[picture]; !known || !strings.Contains(reason, words) {
						t.Errorf("%s: the picture %s is not drawn, because %s", name, picture, reason)
					}
					if !strings.Contains(r.About(), reason) {
						t.Errorf("%s: the page does not say why the picture %s is not drawn", name, picture)
					}
				}
			}
			if len(omitted) != len(test.omitted) {
				t.Errorf("not drawn are %v, want %v", omitted, test.omitted)
			}
			checked, err := experiments.Verify(t.Context(), l.Tables, l.Scale.Name)
			if err != nil || len(checked) != 4 {
				t.Errorf("%d pages were verified, want 4: %v", len(checked), err)
			}
			for _, v := range checked {
				if len(v.Problems) > 0 {
					t.Errorf("%s: %v", v.Experiment, v.Problems)
				}
			}
		})
	}
}

// checkOutliers checks which lines of the table of outliers are dashes, and why. No images of 8 x 8 are told from
// printed digits.
func checkOutliers(t *testing.T, r *report.Report, data string) {
	t.Helper()
	reasons := map[string]string{"printed digits": "images of 8 x 8 and of 28 x 28 do not compare", data: "images of 28 x 28 and of 8 x 8 do not compare"}
	switch data {
	case "unlabelled", "one-label":
		reasons["class left out"] = "it needs labels of two classes"
	case "one-test-image":
		reasons["class left out"] = "there are no test images, or no others"
	}
	for _, row := range r.Tables[0].Rows {
		for i, c := range row {
			likelihood := row[2].Text == "AE" && slices.Contains([]string{"−ELBO", "IWAE NLL"}, r.Tables[0].Columns[i].Name)
			if reason := reasons[row[1].Text]; r.Tables[0].Columns[i].Score && (!strings.Contains(c.Undefined, reason) || (c.Value == nil) != (likelihood || reason != "")) {
				t.Errorf("%s, %s: %s is %v, %q, want %q", row[0].Text, row[1].Text, r.Tables[0].Columns[i].Name, c, c.Undefined, reason)
			}
		}
	}
}

// A table of one model has every score that it defines, for any other images of the same size.
func TestOutliersOf(t *testing.T) {
	t.Parallel()
	l := openLab(t, t.TempDir(), &bytes.Buffer{})
	r, err := l.Reference(t.Context(), "ae", 2, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, others := range []string{"noisy", "only 3"} {
		table, err := experiments.OutliersOf(t.Context(), l, r, others)
		if err != nil || !slices.Equal(table.Header, metric.OutlierScores) {
			t.Fatalf("%s: %v, %v", others, table.Header, err)
		}
		for i, cell := range table.Rows[0] {
			if likelihood := i == 2 || i == 3; likelihood != (cell == "–") {
				t.Errorf("%s: %s is %s", others, table.Header[i], cell)
			}
		}
	}
	if _, err := experiments.OutliersOf(t.Context(), l, r, "sonnets"); err == nil {
		t.Error("sonnets are told")
	}
}

// Of data without labels, the experiment of clusters proposes the number of clusters, and trains only what that needs.
func TestClusteringWithoutLabels(t *testing.T) {
	t.Parallel()
	ctx, results := context.Background(), t.TempDir()
	var out bytes.Buffer
	l, err := lab.Open(ctx, lab.Options{Scale: "smoke,seeds=1,epochs=1", Results: results, Out: &out, K: 4, Data: shapes(t, "unlabelled", 8, 0, 0, 52, 26, nil)})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	clustering, err := experiments.Named("clustering")
	if err != nil {
		t.Fatal(err)
	}
	r, err := clustering.Run(ctx, l)
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	proposals := r.Tables[0]
	if row := proposals.Rows[0]; row[0].Text != "unlabelled" || row[1].Value != nil || row[3].Value == nil || row[4].Value == nil || row[5].Value == nil {
		t.Errorf("the proposals are %v", row)
	}
	if runs, err := fs.Glob(os.DirFS(results), "runs/*ae-*"); err != nil || len(runs) != 1 {
		t.Errorf("there are the runs %q, %v", runs, err)
	}
	for _, figure := range []string{"accuracy", "confusion"} {
		if !strings.Contains(r.About(), "The figure "+figure+" is not drawn, because there are no scores for it.") {
			t.Errorf("the page does not say why %s is missing: %s", figure, r.About())
		}
	}
}

// At full scale, too, another data set does not change the published tables.
func TestTablesFolder(t *testing.T) {
	ctx := context.Background()
	for _, name := range []string{"fashion-mnist", "a b: c"} {
		folder := filepath.Join(t.TempDir(), name)
		if err := os.Rename(fashiontest.Folder(t), folder); err != nil {
			t.Fatal(err)
		}
		data, tables, err := lab.Source(ctx, lab.Options{Results: "results", Data: folder})
		if err != nil {
			t.Fatal(err)
		}
		want := filepath.Join("results", "other", map[string]string{"fashion-mnist": "not-fashion-mnist", "a b: c": "a-b--c"}[name]+"-55ff423a713a")
		if tables != want || strings.Contains(lab.Sentence(data), "Fashion-MNIST") {
			t.Errorf("%s: want the folder %s, found %s, of %q", name, want, tables, lab.Sentence(data))
		}
	}
	real := fashiontest.Real(t)
	if tables := lab.TablesFolder("results", real); tables != "results" || lab.Sentence(real) != "" {
		t.Errorf("those of Fashion-MNIST go to %s", tables)
	}
}

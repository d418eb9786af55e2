package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"fashionlatent/experiments/lab"
	"fashionlatent/lib/fashion/fashiontest"
)

// tinyRun trains a VAE on a data set. It returns the flags -results and -run.
func tinyRun(t *testing.T, data string) (flags []string) {
	t.Helper()
	results := t.TempDir()
	folder := must(t, "train", "-results", results, "-data", data, "-hidden", "16", "-batch", "20", "-epochs", "2")
	return []string{"-results", results, "-run", filepath.Base(strings.TrimSpace(folder))}
}

// must runs a command line that must succeed.
func must(t *testing.T, args ...string) (out string) {
	t.Helper()
	status, out, errOut := program(t, context.Background(), args...)
	if status != success {
		t.Fatalf("%q: status %d\n%s%s", args, status, out, errOut)
	}
	return out
}

// A run is exported in every format without its data set. By default the folder has the name of the run.
func TestExport(t *testing.T) {
	of := tinyRun(t, fashiontest.Folder(t))
	t.Chdir(t.TempDir())
	for _, c := range []struct{ format, want string }{
		{"onnx", "onnx/encoder.onnx onnx/decoder.onnx onnx/README.md"},
		{"safetensors", "safetensors/model.safetensors safetensors/README.md"},
		{"tensorboard", "tensorboard/train/events.out.tfevents."},
		{"gomlx", "gomlx/training_plot_points.json"},
	} {
		out := must(t, append([]string{"export", "-format", c.format, "-out", c.format}, of...)...)
		paths := strings.Fields(out)
		if !strings.HasPrefix(strings.Join(paths, " "), c.want) {
			t.Errorf("%s printed %q, want %q", c.format, paths, c.want)
		}
		for _, path := range paths {
			if _, err := os.Stat(path); err != nil {
				t.Error(err)
			}
		}
	}
	if out := must(t, append([]string{"export"}, of...)...); !strings.HasPrefix(out, filepath.Join(of[3], "encoder.onnx")+"\n") {
		t.Errorf("without -out it printed %s", out)
	}
	for _, c := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"export"}, wrongUse, "-run is missing"},
		{append([]string{"export", "-format", "keras"}, of...), wrongUse, `format is "keras", want one of onnx, safetensors`},
		{[]string{"export", "-results", of[1], "-run", "vae-0123456789ab"}, failure, "vae-0123456789ab"},
	} {
		if status, _, errOut := program(t, context.Background(), c.args...); status != c.status || !strings.Contains(errOut, c.says) {
			t.Errorf("%q: status %d, want %d and %q in %s", c.args, status, c.status, c.says, errOut)
		}
	}
}

// A published run is found by name where nothing was trained. It cannot be removed.
func TestPublishedRuns(t *testing.T) {
	data, results := fashiontest.Folder(t), t.TempDir()
	of := tinyRun(t, data)
	published := filepath.Join(results, "models", of[3])
	must(t, append([]string{"export", "-format", "published", "-out", published}, of...)...)
	if out := must(t, "runs", "-results", results); !strings.Contains(out, "Published models, which can be named like runs: "+of[3]) {
		t.Errorf("runs printed %s", out)
	}
	images := filepath.Join(results, "samples.png")
	must(t, "sample", "-results", results, "-data", data, "-run", "vae-d2", "-n", "4", "-out", images)
	if out := must(t, "show", "-results", results, "vae-d2"); !strings.Contains(out, published) {
		t.Errorf("show printed %s", out)
	}
	// The project's are found wherever the results are, if no other run has the name.
	if out := must(t, "show", "-results", results, "vae-d32"); !strings.Contains(out, filepath.Join(lab.Root(), "results", "models", "vae-d32")) {
		t.Errorf("show printed %s", out)
	}
	for _, c := range []struct {
		args string
		says string
	}{
		{"remove vae-d2", "there are no runs in " + filepath.Join(results, "runs")},
		{"explorer -published -data " + data + " -out " + filepath.Join(results, "page.html"), "only reference models of Fashion-MNIST at scale full with seed 0 are published"},
	} {
		if status, _, errOut := program(t, context.Background(), append(strings.Fields(c.args), "-results", results)...); status != failure || !strings.Contains(errOut, c.says) {
			t.Errorf("%s: status %d, want %d and %q in %s", c.args, status, failure, c.says, errOut)
		}
	}
}

// The programs of the documents read what the commands write. make test-exports runs this test, with a Python that has what
// they need in FASHIONLATENT_EXPORTS.
func TestExportsInPython(t *testing.T) {
	python := os.Getenv("FASHIONLATENT_EXPORTS")
	if python == "" {
		t.Skip("needs onnxruntime and others: make test-exports")
	}
	data, folder := fashiontest.Folder(t), t.TempDir()
	of := tinyRun(t, data)
	for _, c := range []struct{ command, words, before, after, prints string }{
		{"export -format onnx -out DIR", "encoder.onnx", "import numpy as np\nimages = np.zeros((3, 784), np.float32)\n", "print(codes.shape)", "(3, 2)\n"},
		{"export -format safetensors -out DIR", "model.safetensors", "", "print(weights['encoder/mean/weights'].shape)", "(16, 2)\n"},
		{"export -format tensorboard -out DIR", "EventAccumulator", "", "print([step for step, value in losses if value > 0])", "[3, 6]\n"},
		{"embed -data " + data + " -out codes.parquet", "read_parquet", "", "print(codes.shape, table['class'][0] == str(table['class'][0]), sorted(set(table['split'])))", "(80, 2) True ['test', 'train']\n"},
		{"sample -data " + data + " -n 5 -out samples.npz", "samples.npz", "", "print(images.shape, images.dtype)", "(5, 28, 28) uint8\n"},
	} {
		command := strings.ReplaceAll(c.command, "-out ", "-out "+folder+"/")
		must(t, append(strings.Fields(command), of...)...)
		code := strings.Replace(fromDocuments(t, "python", c.words), "safetensors.torch", "safetensors.numpy", 1) // this Python has no PyTorch
		cmd := exec.Command(python, "-c", c.before+code+c.after)
		cmd.Dir = folder
		if out, err := cmd.Output(); err != nil || string(out) != c.prints {
			t.Errorf("%s: %v\n%swant %s", c.command, err, out, c.prints)
		}
	}
}

// Codes are embedded and decoded, of a data set with and without labels, and of other images.
func TestEmbedAndDecode(t *testing.T) {
	labelled := fashiontest.Folder(t)
	unlabelled := filepath.Join(t.TempDir(), "unlabelled")
	if err := os.CopyFS(unlabelled, os.DirFS(labelled)); err != nil {
		t.Fatal(err)
	}
	labels, err := filepath.Glob(filepath.Join(unlabelled, "*labels*"))
	if err != nil || len(labels) != 2 {
		t.Fatal(labels, err)
	}
	for _, path := range labels {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ data, head string }{{labelled, "class\tcluster\tsplit\tindex"}, {unlabelled, "cluster\tsplit\tindex"}} {
		of, folder := tinyRun(t, c.data), t.TempDir()
		at := func(name string) string { return filepath.Join(folder, name) }
		embedded := func(out string, more ...string) {
			t.Helper()
			must(t, append(append([]string{"embed", "-data", c.data, "-out", at(out)}, of...), more...)...)
		}
		lines := func(file, first string, want int) {
			t.Helper()
			content, err := os.ReadFile(at(file))
			if got := strings.Split(string(content), "\n"); err != nil || len(got) != want+1 || first != "" && got[0] != first {
				t.Errorf("%s: %d lines that begin with %q, %v; want %d and %q", file, len(got)-1, got[0], err, want, first)
			}
		}
		embedded("codes.tsv", "-split", "test")
		lines("codes.tsv", "", 20)
		lines("codes.metadata.tsv", c.head, 21)
		embedded("codes.parquet")
		embedded("codes.npz", "-split", "test", "-tsne")
		arrays := readNPZ(t, at("codes.npz"), "test_codes", "test_log_variances", "test_tsne_x", "test_tsne_y")
		if x, y := arrays[2], arrays[3]; !slices.Equal(x.Shape, []int{20}) || !slices.Equal(y.Shape, []int{20}) {
			t.Errorf("the coordinates of the layout have the shapes %v and %v", x.Shape, y.Shape)
		}
		embedded("laid.tsv", "-split", "test", "-tsne")
		lines("laid.metadata.tsv", c.head+"\ttsne_x\ttsne_y", 21)
		codes := arrays[0].Values.([]float32)

		// The decoded images are the same for both files, and are read again as other images.
		decoded := func(from, out string, more ...string) {
			t.Helper()
			must(t, append(append([]string{"decode", "-codes", at(from), "-out", at(out)}, of...), more...)...)
		}
		decoded("codes.npz", "images.npz", "-array", "test_codes")
		decoded("codes.tsv", "again.npz")
		decoded("codes.tsv", "images.png")
		images := readNPZ(t, at("images.npz"), "images", "codes")
		if again := readNPZ(t, at("again.npz"), "images", "codes"); !reflect.DeepEqual(again, images) || !slices.Equal(images[0].Shape, []int{20, 28, 28}) || !slices.Equal(images[1].Values.([]float32), codes) {
			t.Errorf("the images of %v, of the shape %v, differ from those of %v", images[1], images[0].Shape, again[1])
		}
		must(t, append([]string{"embed", "-data", at("not-needed"), "-out", at("other.npz"), "-images", at("images.npz"), "-tsne"}, of...)...)
		if other := readNPZ(t, at("other.npz"), "codes", "log_variances", "tsne_x", "tsne_y"); !slices.Equal(other[0].Shape, []int{20, 2}) || !slices.Equal(other[1].Shape, []int{20, 2}) {
			t.Errorf("codes of other images have the shape %v", other[0].Shape)
		}
		embedded("other.tsv", "-images", at("images.npz"))
		lines("other.metadata.tsv", "cluster\tindex", 21)

		for _, c := range []struct {
			args   []string
			status int
			says   string
		}{
			{[]string{"embed", "-data", c.data, "-out", at("x.npz"), "-images", at("images.png")}, failure, "images.png: "},
			{[]string{"embed", "-data", c.data, "-out", at("x.npz"), "-images", at("images.npz"), "-split", "test"}, wrongUse, "want only one of them"},
			{[]string{"embed", "-data", c.data, "-out", at("x.npz"), "-split", "validation"}, wrongUse, `split is "validation", want one of all, train, test`},
			{[]string{"embed", "-data", c.data, "-out", at("x.npz"), "-scale", "smoke,epochs=3"}, wrongUse, "want a scale alone"},
			{[]string{"sample", "-data", c.data, "-out", at("x.npz"), "-n", "2000000"}, wrongUse, "-n is 2000000, want at most 1000000"},
			{[]string{"export", "-out", "-"}, wrongUse, "want the name of a folder"},
			{[]string{"decode", "-out", at("x.npz")}, wrongUse, "-codes is missing"},
			{[]string{"decode", "-codes", at("codes.npz"), "-out", at("x.npz")}, failure, `no array "codes"; there are ["test_codes"`},
			{[]string{"decode", "-codes", at("codes.npz"), "-out", at("x.npz")}, failure, "-array names another array"},
			{[]string{"decode", "-codes", at("codes.tsv"), "-out", at("x.jpg")}, wrongUse, "want a name that ends in .npz or .png"},
		} {
			if status, _, errOut := program(t, context.Background(), append(c.args, of...)...); status != c.status || !strings.Contains(errOut, c.says) {
				t.Errorf("%q: status %d, want %d and %q in %s", c.args, status, c.status, c.says, errOut)
			}
		}
		if _, err := os.Stat(at("x.npz")); err == nil {
			t.Error("a command that failed has written a file")
		}
	}
}

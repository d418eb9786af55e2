package export

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend/backendtest"
	"fashionlatent/lib/fashion/fashiontest"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"

	"github.com/gomlx/gomlx/ui/plot"
)

// trained is a run of two epochs on the tiny data set.
func trained(t *testing.T, c autoencoder.Config) *training.Result {
	t.Helper()
	c.Hidden = []int{16}
	config := training.Default(c, 7)
	config.Epochs, config.Batch = 2, 20
	data := fashiontest.Tiny(t)
	r, err := training.Fit(t.Context(), backendtest.Go(t), data, config, training.Options{Runs: record.Open(t.TempDir())})
	if err != nil {
		t.Fatal(err)
	}
	id := record.Identity{Metric: "mse", Version: 2, Split: "test", N: 20, Data: data.Checksum}
	r.Scores = []record.Score{{Identity: id, Value: .125, Unit: "per pixel"}, {Identity: record.Identity{Metric: "kl", Version: 1}, Undefined: "an AE has no KL term"}}
	return r
}

func write(t *testing.T, r *training.Result, format, folder string) {
	t.Helper()
	f, err := Named(format)
	if err != nil {
		t.Fatal(err)
	}
	paths, err := f.Write(r, folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestNamed(t *testing.T) {
	if _, err := Named("keras"); err == nil || !strings.Contains(err.Error(), `"keras", want one of onnx, safetensors, published, tensorboard, gomlx`) {
		t.Error(err)
	}
}

// The card says what the run's folder says.
func TestCard(t *testing.T) {
	for model, want := range map[string][]string{
		autoencoder.AE:  {"# AE, d = 2, trained on tiny\n", "Codes drawn from N(0, I) may decode to anything"},
		autoencoder.VAE: {"# VAE, d = 2, trained on tiny\n", "A high likelihood does not show", "| model.beta | 1 |"},
	} {
		r, folder := trained(t, autoencoder.Default(model, 2)), t.TempDir()
		m, err := r.Run.Manifest()
		if err != nil {
			t.Fatal(err)
		}
		last := r.History[1]
		want = append(want, r.Run.Name(), m.DataChecksum, m.WeightsSHA256, m.Place(), "An epoch has 3 steps of 20 training images", "2 epochs with seed 7",
			"| model.hidden | [16] |", "| seed | 7 |", "| mse | 0.125 | per pixel | test | 20 |  | 2 | "+m.DataChecksum[:12]+" |", "undefined: an AE has no KL term",
			fmt.Sprintf("test images %.6g + %.6g", last.Test.Reconstruction, last.Test.KL))
		for _, format := range []string{"onnx", "safetensors"} {
			write(t, r, format, folder)
			card, err := os.ReadFile(filepath.Join(folder, CardName))
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(card, []byte("Zalando")) {
				t.Errorf("the card takes the data for Fashion-MNIST:\n%s", card)
			}
			for _, words := range want {
				if !bytes.Contains(card, []byte(words)) {
					t.Errorf("%s, %s: the card lacks %q:\n%s", model, format, words, card)
				}
			}
		}
	}
}

// A run that is not kept cannot be exported, which is said.
func TestNotKept(t *testing.T) {
	r := *trained(t, autoencoder.Default(autoencoder.AE, 2))
	r.Run = nil
	for _, f := range Formats {
		if _, err := f.Write(&r, t.TempDir()); err == nil || !strings.Contains(err.Error(), "the run is not kept") {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	if _, err := r.Published(); err == nil || !strings.Contains(err.Error(), "the run is not kept") {
		t.Errorf("published: %v", err)
	}
}

// A published run is opened like the run, but for rounding. Training does not take it for the finished run.
func TestPublished(t *testing.T) {
	r, models := trained(t, autoencoder.Default(autoencoder.VAE, 2)), t.TempDir()
	if f, err := Named(Published); err != nil {
		t.Fatal(err)
	} else if _, err := f.Write(r, models); err == nil || !strings.Contains(err.Error(), "want a folder of the same name as the run") {
		t.Error(err)
	}
	write(t, r, Published, filepath.Join(models, r.Run.Name()))
	store := record.Open(models)
	run, err := store.Load("vae")
	if err != nil {
		t.Fatal(err)
	}
	published, checksum, err := training.Open(backendtest.Go(t), run)
	data := fashiontest.Tiny(t)
	if err != nil || checksum != data.Checksum || !slices.Equal(published.History, r.History) {
		t.Fatalf("%v: data %s, history %v", err, checksum, published.History)
	}
	for i, v := range published.Model.Weights {
		for j, got := range v.Values {
			if want := r.Model.Weights[i].Values[j]; math.Abs(float64(got-want)) > math.Abs(float64(want))/2048+0x1p-25 {
				t.Fatalf("%s: weight %d is %g, want %g", v.Name, j, got, want)
			}
		}
	}
	card, err := os.ReadFile(filepath.Join(run.Folder(), CardName))
	if err != nil || !bytes.Contains(card, []byte("weights in half precision")) || !bytes.Contains(card, []byte(r.Model.Weights.SHA256())) {
		t.Errorf("%v: the card is\n%s", err, card)
	}
	again := t.TempDir()
	write(t, published, "onnx", again)
	if card, err = os.ReadFile(filepath.Join(again, CardName)); err != nil || !bytes.Contains(card, []byte(published.Model.Weights.SHA256()+"`.\nThey were rounded to half precision from weights with the checksum `"+r.Model.Weights.SHA256())) {
		t.Errorf("%v: the card of the rounded model is\n%s", err, card)
	}
	path := filepath.Join(run.Folder(), training.PublishedWeights)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 1
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err = training.Open(backendtest.Go(t), run); err == nil || !strings.Contains(err.Error(), path+" is damaged") {
		t.Error(err)
	}
	if there, err := training.Fit(t.Context(), backendtest.Go(t), data, r.Config, training.Options{Runs: store}); err != nil || there.Found || there.Model.Weights.SHA256() != r.Model.Weights.SHA256() {
		t.Errorf("%v: training took the published run for the run", err)
	}
}

// GoMLX reads its file of points.
func TestGoMLXReadsPoints(t *testing.T) {
	r, folder := trained(t, autoencoder.Default(autoencoder.VAE, 2)), t.TempDir()
	r.History[0].Test.KL = math.NaN() // not in the file, as JSON has no such number
	write(t, r, "gomlx", folder)
	points, err := plot.LoadPointsFromCheckpoint(folder)
	if err != nil || len(points) != 2*len(curves)-2 {
		t.Fatalf("%d points, %v; want %d", len(points), err, 2*len(curves)-2)
	}
	for _, want := range []plot.Point{
		{MetricName: "Train: total", Short: "Train: total", MetricType: "loss", Step: 3, Value: r.History[0].Train.Total()},
		{MetricName: "reconstruction on test", Short: "reconstruction on test", MetricType: "loss", Step: 6, Value: r.History[1].Test.Reconstruction},
		{MetricName: "beta", Short: "beta", MetricType: "beta", Step: 6, Value: 1},
	} {
		if !slices.Contains(points, want) {
			t.Errorf("%v is not in %v", want, points)
		}
	}
}

// An event has the time at which its epoch ended, also if the run was stopped before and then went on.
func TestTimesOfEvents(t *testing.T) {
	r, folder := trained(t, autoencoder.Default(autoencoder.AE, 2)), t.TempDir()
	m, err := r.Run.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	m.Finished = time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	m.Started = m.Finished.Add(-time.Second) // of the last part
	r.History[0].Seconds, r.History[1].Seconds = 60, 40
	if err := r.Run.WriteManifest(m); err != nil {
		t.Fatal(err)
	}
	write(t, r, "tensorboard", folder)
	files, err := filepath.Glob(filepath.Join(folder, "train", "events.out.tfevents.*"))
	if err != nil || len(files) != 1 || !strings.Contains(files[0], fmt.Sprint(m.Finished.Add(-100*time.Second).Unix())) {
		t.Fatalf("files %v, %v", files, err)
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Time{m.Finished.Add(-40 * time.Second), m.Finished} { // wall times are the float64 of field 1
		if wall := binary.LittleEndian.AppendUint64([]byte{9}, math.Float64bits(float64(at.Unix()))); !bytes.Contains(content, wall) {
			t.Errorf("no event at %v", at)
		}
	}
}

// The real readers open what is written, and the programs of the cards run. make test-exports runs this test, with a Python
// that has them in FASHIONLATENT_EXPORTS.
func TestExportsInPython(t *testing.T) {
	python := os.Getenv("FASHIONLATENT_EXPORTS")
	if python == "" {
		t.Skip("needs tensorboard, onnxruntime and safetensors: make test-exports")
	}
	r := trained(t, autoencoder.Default(autoencoder.VAE, 2))
	for _, c := range []struct{ format, more, prints string }{
		{"onnx", "print(codes.shape, images.shape)", "(1, 2) (1, 784)\n"},
		{"safetensors", "", "(16, 2)\n"},
		{Published, "", "(16, 2)\n"},
	} {
		folder := filepath.Join(t.TempDir(), r.Run.Name())
		write(t, r, c.format, folder)
		card, err := os.ReadFile(filepath.Join(folder, CardName))
		if err != nil {
			t.Fatal(err)
		}
		_, program, _ := strings.Cut(string(card), "```python\n")
		program, _, _ = strings.Cut(program, "```")
		program = strings.Replace(program, "safetensors.torch", "safetensors.numpy", 1) // this Python has no PyTorch
		cmd := exec.Command(python, "-c", program+c.more)
		cmd.Dir = folder
		if out, err := cmd.CombinedOutput(); err != nil || string(out) != c.prints {
			t.Errorf("%s: %v\n%swant %s", c.format, err, out, c.prints)
		}
	}
	folder := t.TempDir()
	write(t, r, "tensorboard", folder)
	out, err := exec.Command(python, "-c", `
import sys
from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer
runs = EventMultiplexer().AddRunsFromDirectory(sys.argv[1]).Reload()
for run, kinds in sorted(runs.Runs().items()):
    for tag in sorted(kinds["scalars"]):
        print(run, tag, *(f"{e.step}: {e.value:.5g}" for e in runs.Scalars(run, tag)))
`, folder).Output()
	var want []string
	for _, c := range curves {
		line := c.split + " " + c.name
		for _, e := range r.History {
			line += fmt.Sprintf(" %d: %.5g", e.Step, float32(c.value(e)))
		}
		want = append(want, line)
	}
	slices.Sort(want)
	if got := strings.TrimSpace(string(out)); err != nil || got != strings.Join(want, "\n") {
		t.Errorf("%v\n%s\nwant\n%s", err, got, strings.Join(want, "\n"))
	}
}

func TestLayersWords(t *testing.T) {
	clipped := autoencoder.Default(autoencoder.VAE, 2)
	clipped.Clipped = true
	for _, c := range []struct {
		config  autoencoder.Config
		formula string // "": none
	}{
		{autoencoder.Default(autoencoder.AE, 2), ""},
		{autoencoder.Default(autoencoder.VAE, 2), "2 - log(1 + exp(2 - y))"},
		{clipped, "clipped to [-6, 2]"},
	} {
		if got := layersWords(c.config); !strings.HasSuffix(got, "bias") != (c.formula != "") || !strings.Contains(got, c.formula) {
			t.Errorf("%v: %s", c.config, got)
		}
	}
}

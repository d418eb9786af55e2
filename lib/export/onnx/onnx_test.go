package onnx_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend/backendtest"
	"fashionlatent/lib/export/onnx"
	"fashionlatent/lib/npz"
	"fashionlatent/lib/record"

	"google.golang.org/protobuf/encoding/protowire"
)

// models are configurations with everything that changes the encoder or the decoder, for images of 8 x 8, by name.
func models() map[string]autoencoder.Config {
	all := map[string]autoencoder.Config{}
	add := func(name, model string, change func(c *autoencoder.Config)) {
		c := autoencoder.Default(model, 4)
		c.Side, c.Hidden = 8, []int{12, 10}
		change(&c)
		all[name] = c
	}
	for _, activation := range autoencoder.Activations {
		for _, model := range []string{autoencoder.AE, autoencoder.VAE} {
			add(model+"-"+activation, model, func(c *autoencoder.Config) { c.Activation = activation })
		}
	}
	for _, loss := range autoencoder.Losses {
		for _, normalised := range autoencoder.Normalisations {
			linear := normalised == autoencoder.UnitLength
			if linear && loss != autoencoder.MSE && loss != autoencoder.Gaussian {
				continue
			}
			add("vae-"+loss+"-"+normalised, autoencoder.VAE, func(c *autoencoder.Config) { c.Loss, c.Normalised = loss, normalised })
		}
	}
	add("clipped", autoencoder.VAE, func(c *autoencoder.Config) { c.Clipped = true })
	add("no-hidden-layer", autoencoder.VAE, func(c *autoencoder.Config) { c.Hidden = nil })
	add("mixture", autoencoder.VAE, func(c *autoencoder.Config) { c.Prior = 3 })
	add("two-levels", autoencoder.VAE, func(c *autoencoder.Config) { c.Levels = 2 })
	add("published", autoencoder.VAE, func(c *autoencoder.Config) {
		c.Activation, c.Levels, c.Prior, c.Vamp, c.Clipped = autoencoder.Gated, 2, 3, true, true
	})
	add("28x28", autoencoder.VAE, func(c *autoencoder.Config) { c.Side = 0 })
	return all
}

// weights are random, and large enough that log-variances reach their bounds and pixels become black and white.
func weights(c autoencoder.Config) autoencoder.Weights {
	w := c.Initial(5)
	random := rand.New(rand.NewPCG(1, 2))
	for i, v := range w {
		for j := range v.Values {
			w[i].Values[j] = 2*w[i].Values[j] + float32(random.NormFloat64())/4
		}
	}
	return w
}

// written makes a folder for each model, with its graphs, and images with what the library makes of them.
func written(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for name, c := range models() {
		at := func(file string) string { return filepath.Join(folder, name, file) }
		if err := os.Mkdir(at(""), 0o755); err != nil {
			t.Fatal(err)
		}
		w := weights(c)
		m, err := autoencoder.NewModel(backendtest.Go(t), c, w)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		const n = 7
		random := rand.New(rand.NewPCG(3, 4))
		images := make([]uint8, n*c.Pixels())
		for i := range images[c.Pixels():] { // the first image is black
			images[c.Pixels()+i] = uint8(max(0, random.IntN(400)-144))
		}
		codes, logVariances, err := m.Encode(t.Context(), images)
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := m.Decode(t.Context(), codes)
		if err != nil {
			t.Fatal(err)
		}
		expected := []npz.Array{
			{Name: "images", Shape: []int{n, c.Pixels()}, Values: images},
			{Name: "codes", Shape: []int{n, c.Latent}, Values: codes},
			{Name: "decoded", Shape: []int{n, c.Pixels()}, Values: decoded},
		}
		if logVariances != nil {
			expected = append(expected, npz.Array{Name: "log_variances", Shape: []int{n, c.Latent}, Values: logVariances})
		}
		encoder, err := onnx.Encoder(c, w, map[string]string{"run": name})
		if err != nil {
			t.Fatal(err)
		}
		decoder, err := onnx.Decoder(c, w, map[string]string{"run": name})
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range []error{
			os.WriteFile(at("encoder.onnx"), encoder, 0o644),
			os.WriteFile(at("decoder.onnx"), decoder, 0o644),
			record.WriteFile(at("expected.npz"), func(f io.Writer) error { return npz.Write(f, expected...) }),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return folder
}

// read runs a program on the models, which must read all of them.
func read(t *testing.T, name string, arguments ...string) {
	t.Helper()
	out, err := exec.Command(name, append(arguments, written(t))...).CombinedOutput()
	if want := fmt.Sprintln(len(models()), "models"); err != nil || string(out) != want {
		t.Errorf("%v\n%s", err, out)
	}
}

// onnxruntime gives the same codes, log-variances and images. make test-exports runs this test, with a Python that has
// onnxruntime in FASHIONLATENT_EXPORTS.
func TestExportsInPython(t *testing.T) {
	python := os.Getenv("FASHIONLATENT_EXPORTS")
	if python == "" {
		t.Skip("needs onnxruntime: make test-exports")
	}
	read(t, python, "testdata/read.py")
}

// onnxruntime-web gives them in Chromium. make e2e runs this test. FASHIONLATENT_E2E names a Python that has Playwright and
// NumPy, CHROMIUM the browser, and FASHIONLATENT_ORT_WEB the folder with the files of onnxruntime-web.
func TestModelsInChromium(t *testing.T) {
	python, web := os.Getenv("FASHIONLATENT_E2E"), os.Getenv("FASHIONLATENT_ORT_WEB")
	if python == "" || web == "" {
		t.Skip("needs a browser and onnxruntime-web: make e2e")
	}
	read(t, python, "testdata/browser.py", web)
}

// fields returns the fields of a message that hold messages or texts.
func fields(t *testing.T, message []byte, number protowire.Number) (found [][]byte) {
	t.Helper()
	for len(message) > 0 {
		field, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		size := protowire.ConsumeFieldValue(field, kind, message[n:])
		if size < 0 {
			t.Fatal(protowire.ParseError(size))
		}
		if field == number && kind == protowire.BytesType {
			content, _ := protowire.ConsumeBytes(message[n:])
			found = append(found, content)
		}
		message = message[n+size:]
	}
	return found
}

// Each operator takes only the input, constants, and what operators before it made. Every constant is used. The outputs are
// made, and all weights except those of the prior and of the pixels' scale are in one of the graphs.
func TestGraphsAreWhole(t *testing.T) {
	for name, c := range models() {
		w, used := weights(c), map[string]bool{}
		encoder, err := onnx.Encoder(c, w, nil)
		if err != nil {
			t.Fatal(err)
		}
		decoder, err := onnx.Decoder(c, w, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range [][]byte{encoder, decoder} {
			graph := fields(t, file, 7)[0]
			made := map[string]bool{}
			for _, field := range []protowire.Number{5, 11} {
				for _, v := range fields(t, graph, field) {
					made[string(fields(t, v, map[protowire.Number]protowire.Number{5: 8, 11: 1}[field])[0])] = true
				}
			}
			here := map[string]bool{}
			for _, n := range fields(t, graph, 1) {
				for _, in := range fields(t, n, 1) {
					if !made[string(in)] {
						t.Errorf("%s: an operator takes %q, which is not made before it", name, in)
					}
					used[string(in)], here[string(in)] = true, true
				}
				for _, out := range fields(t, n, 2) {
					made[string(out)] = true
				}
			}
			for _, v := range fields(t, graph, 5) {
				if constant := string(fields(t, v, 8)[0]); !here[constant] {
					t.Errorf("%s: the constant %q is not used", name, constant)
				}
			}
			for _, v := range fields(t, graph, 12) {
				if out := string(fields(t, v, 1)[0]); !made[out] {
					t.Errorf("%s: the output %q is not made", name, out)
				}
			}
		}
		for _, v := range w {
			if inside := !strings.Contains(v.Name, "prior/") && v.Name != "decoder/log_scale"; used[v.Name] != inside {
				t.Errorf("%s: %s is in the graphs: %v, want %v", name, v.Name, used[v.Name], inside)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	c := autoencoder.Default(autoencoder.AE, 2)
	if _, err := onnx.Encoder(c, autoencoder.Default(autoencoder.AE, 3).Initial(0), nil); err == nil || !strings.Contains(err.Error(), "encoder/mean/weights") {
		t.Errorf("weights of another model: %v", err)
	}
	w := c.Initial(0)
	c.Activation = "sine"
	if _, err := onnx.Decoder(c, w, nil); err == nil || !strings.Contains(err.Error(), `"sine"`) {
		t.Errorf("an unknown activation: %v", err)
	}
}

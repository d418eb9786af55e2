package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend/backendtest"
	"fashionlatent/lib/export/safetensors"
	"fashionlatent/lib/fashion/fashiontest"
	"fashionlatent/lib/npz"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

const root = "../.."

var update = flag.Bool("update", false, "write testdata/pytorch.json anew; needs FASHIONLATENT_PYTORCH")

// documents are the pages that people read first.
var documents = []string{"README.md", "lib/README.md", "cmd/fashionlatent/README.md", "bench/README.md", "setup/README.md", "results/findings.md", "CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md"}

func read(t *testing.T, document string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, document))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fromDocuments is the first program in a language that contains certain words.
func fromDocuments(t *testing.T, language, words string) string {
	t.Helper()
	for _, document := range documents {
		for _, part := range strings.Split(read(t, document), "```"+language+"\n")[1:] {
			if code, _, _ := strings.Cut(part, "```"); strings.Contains(code, words) {
				return code
			}
		}
	}
	t.Fatalf("no document has a program in %s with %q", language, words)
	return ""
}

// The program for Go compiles, and the pictures, pages, folders and headings that the documents point to exist.
func TestDocuments(t *testing.T) {
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(fromDocuments(t, "go", "package main")), 0o644); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "vet", file)
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Errorf("the program does not compile: %v\n%s", err, out)
	}
	for _, document := range documents {
		for _, part := range strings.Split(read(t, document), "](")[1:] {
			target, _, _ := strings.Cut(part, ")")
			if strings.Contains(target, "://") {
				continue
			}
			target, heading, inPage := strings.Cut(target, "#")
			page := filepath.Join(filepath.Dir(document), target)
			if target == "" {
				page = document
			}
			if _, err := os.Stat(filepath.Join(root, page)); err != nil {
				t.Errorf("%s points to %s: %v", document, target, err)
			} else if inPage && !strings.Contains(strings.ToLower(read(t, page)), "\n## "+strings.ReplaceAll(heading, "-", " ")+"\n") {
				t.Errorf("%s points to the heading %q of %s, which has none", document, heading, page)
			}
		}
	}
}

// The program for scikit-learn reads the output of embed. make e2e runs this test, with the Python that has
// scikit-learn in FASHIONLATENT_SKLEARN.
func TestWithScikitLearn(t *testing.T) {
	python := os.Getenv("FASHIONLATENT_SKLEARN")
	if python == "" {
		t.Skip("needs scikit-learn: make e2e")
	}
	folder, data, ctx := t.TempDir(), fashiontest.Folder(t), context.Background()
	status, run, errOut := program(t, ctx, "train", "-results", folder, "-data", data, "-hidden", "16", "-batch", "20", "-epochs", "3")
	if status == success {
		status, _, errOut = program(t, ctx, "embed", "-results", folder, "-data", data, "-run", strings.TrimSpace(run), "-out", filepath.Join(folder, "codes.npz"))
	}
	if status != success {
		t.Fatal(errOut)
	}
	cmd := exec.Command(python, "-c", fromDocuments(t, "python", "sklearn"))
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var nmi float64
	if _, err := fmt.Sscanf(string(out), "NMI %f\n", &nmi); err != nil || !(nmi > .3 && nmi <= 1) {
		t.Errorf("it printed %q, want the NMI of clusters that have to do with classes", out)
	}
}

// The PyTorch module makes the same codes and images from a model's weights as the library. The results of
// PyTorch are in testdata/pytorch.json, with the checksum of the module. FASHIONLATENT_PYTORCH names a Python that has
// PyTorch and safetensors, to run the module again, which is needed after every change of it. -update saves the results.
func TestWithPyTorch(t *testing.T) {
	type made struct {
		Codes, Images [][]float64
	}
	type reference struct {
		Module string // SHA-256
		Models map[string]made
	}
	ctx, tiny := context.Background(), fashiontest.Tiny(t).Test.Head(2)
	module := fromDocuments(t, "python", "torch.nn")
	sum := sha256.Sum256([]byte(module))
	want := reference{hex.EncodeToString(sum[:]), map[string]made{}}
	python := os.Getenv("FASHIONLATENT_PYTORCH")
	if python == "" {
		content, err := os.ReadFile("testdata/pytorch.json")
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(content, &want); err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(sum[:]); got != want.Module {
			t.Errorf("the README's module is %.12s, the reference was made with %.12s: name a Python with PyTorch in FASHIONLATENT_PYTORCH and give -update", got, want.Module)
		}
	}
	for _, kind := range []string{autoencoder.AE, autoencoder.VAE} {
		c := autoencoder.Default(kind, 3)
		c.Hidden = []int{24, 12}
		w := c.Variables()
		count := 0
		for i, v := range w {
			size := 1
			for _, n := range v.Shape {
				size *= n
			}
			w[i].Values = make([]float32, size)
			for j := range w[i].Values {
				count++
				w[i].Values[j] = float32(math.Sin(float64(count)) / math.Sqrt(float64(v.Shape[0])))
			}
		}
		if python != "" {
			want.Models[kind] = pytorch[made](t, python, module, "weights.npz", w, tiny.Images)
			if other := pytorch[made](t, python, module, "model.safetensors", w, tiny.Images); !reflect.DeepEqual(other, want.Models[kind]) {
				t.Errorf("%s: from safetensors, PyTorch makes %v, from the .npz file %v", kind, other, want.Models[kind])
			}
		}
		m, err := autoencoder.NewModel(backendtest.Go(t), c, w)
		if err != nil {
			t.Fatal(err)
		}
		codes, _, err := m.Encode(ctx, tiny.Images)
		if err != nil {
			t.Fatal(err)
		}
		images, err := m.Decode(ctx, codes)
		if err != nil {
			t.Fatal(err)
		}
		near(t, kind+" codes", codes, want.Models[kind].Codes)
		near(t, kind+" images", images, want.Models[kind].Images)
	}
	if *update && python != "" && !t.Failed() {
		content, err := json.Marshal(want)
		if err == nil {
			err = os.WriteFile("testdata/pytorch.json", append(content, '\n'), 0o644)
		}
		if err != nil {
			t.Error(err)
		}
	}
}

// pytorch runs a module, which it reads from a file, for codes and images. The weights come from a file of the given name,
// weights.npz or model.safetensors.
func pytorch[T any](t *testing.T, python, module, file string, w autoencoder.Weights, images []uint8) (made T) {
	t.Helper()
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	var arrays []npz.Array
	for _, v := range w {
		arrays = append(arrays, npz.Array{Name: v.Name, Shape: v.Shape, Values: v.Values})
	}
	for _, err := range []error{
		os.WriteFile(at("module.py"), []byte(module), 0o644),
		training.WriteWeights(at("weights.npz"), w),
		record.WriteFile(at("model.safetensors"), func(f io.Writer) error { return safetensors.Write(f, nil, arrays...) }),
		record.WriteFile(at("images.npz"), func(f io.Writer) error {
			return npz.Write(f, npz.Array{Name: "images", Shape: []int{len(images) / 784, 784}, Values: images})
		}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var problems bytes.Buffer
	cmd := exec.Command(python, "testdata/pytorch.py", at("module.py"), at(file), at("images.npz"))
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(out, &made)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, &problems)
	}
	return made
}

// near checks that values, row-major, equal those of rows to within 1e-4.
func near(t *testing.T, name string, got []float32, rows [][]float64) {
	t.Helper()
	var want []float64
	for _, row := range rows {
		want = append(want, row...)
	}
	if len(got) != len(want) || len(want) == 0 {
		t.Fatalf("%s: %d values, PyTorch gives %d", name, len(got), len(want))
	}
	for i, x := range got {
		if math.Abs(float64(x)-want[i]) > 1e-4 {
			t.Fatalf("%s: value %d is %g, PyTorch says %g", name, i, x, want[i])
		}
	}
}

// Package export writes finished runs for other programs: models as ONNX graphs and safetensors, histories for TensorBoard
// and GoMLX.
package export

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/export/onnx"
	"fashionlatent/lib/export/safetensors"
	"fashionlatent/lib/npz"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
	"fashionlatent/lib/words"
)

// Format is a format that runs are written in.
type Format struct {
	Name  string
	Holds string // what its files hold, for readers

	files func(s source) ([]file, error)
	use   string // a program in Python for the card of a model; "": the format holds no model, and has no card
}

// Formats lists the formats.
var Formats = []Format{
	{"onnx", "the encoder and the decoder as ONNX graphs", onnxFiles, onnxUse},
	{"safetensors", "the weights in one file for PyTorch and other frameworks", safetensorsFiles, safetensorsUse},
	{Published, "the run's record, with the weights in half precision, as a folder that -run opens", publishedFiles, publishedUse},
	{"tensorboard", "the history as event files of TensorBoard", eventFiles, ""},
	{"gomlx", "the history as GoMLX's " + pointsName, pointFiles, ""},
}

// Published is the name of the format of published runs. Its folder has the name of the run.
const Published = "published"

// Names are the names of the formats.
func Names() (names []string) {
	for _, f := range Formats {
		names = append(names, f.Name)
	}
	return names
}

// Named is the format of a name. An unknown name is an error.
func Named(name string) (Format, error) {
	for _, f := range Formats {
		if f.Name == name {
			return f, nil
		}
	}
	return Format{}, fmt.Errorf("format is %q, want one of %s%s", name, strings.Join(Names(), ", "), words.DidYouMean(name, Names()))
}

// CardName is the name of the file with the card of a model.
const CardName = "README.md"

// source is what a format's files are made from.
type source struct {
	*training.Result
	manifest record.Manifest
}

// file is a file that is to be written, with its path below the folder of the export.
type file struct {
	path    string
	holds   string // for the card of a model
	content []byte
}

// Write writes a run that is kept, r, to a folder that it creates if needed, and returns the paths of the files. Beside a
// model it writes its card, a Markdown page. Files that are there already are replaced, each completely or not at all.
// A run that is not kept is an error.
func (f Format) Write(r *training.Result, folder string) (paths []string, err error) {
	if r.Run == nil {
		return nil, training.ErrNotKept
	}
	if name := r.Run.Name(); f.Name == Published && filepath.Base(folder) != name {
		return nil, fmt.Errorf("the folder of run %s is %s, want a folder of the same name as the run", name, folder)
	}
	manifest, err := r.Run.Manifest()
	if err != nil {
		return nil, err
	}
	s := source{r, manifest}
	files, err := f.files(s)
	if err != nil {
		return nil, fmt.Errorf("exporting run %s as %s: %w", r.Run.Name(), f.Name, err)
	}
	if f.use != "" {
		files = append(files, file{path: CardName, content: f.card(s, files)})
	}
	for _, to := range files {
		path := filepath.Join(folder, filepath.FromSlash(to.path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		if err := record.WriteBytes(path, to.content); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// about is the metadata of a model's files.
func (s source) about() map[string]string {
	return map[string]string{
		"run": s.Run.Name(), "seed": strconv.FormatUint(s.Config.Seed, 10), "epochs": strconv.Itoa(s.manifest.Epochs),
		"data": s.manifest.Data, "data_sha256": s.manifest.DataChecksum, "weights_sha256": s.Model.Weights.SHA256(),
	}
}

func onnxFiles(s source) ([]file, error) {
	c := s.Config.Model
	encoder, err := onnx.Encoder(c, s.Model.Weights, s.about())
	if err != nil {
		return nil, err
	}
	decoder, err := onnx.Decoder(c, s.Model.Weights, s.about())
	if err != nil {
		return nil, err
	}
	codes := fmt.Sprintf("codes [batch, %d]", c.Latent)
	if logVariances := fmt.Sprintf(" and log_variances [batch, %d]", c.Latent); c.Model == "vae" {
		codes += logVariances
	}
	return []file{
		{"encoder.onnx", fmt.Sprintf("ONNX graph (operator set %d) from images [batch, %d], grey levels divided by 255, to %s; all float32", onnx.Opset, c.Pixels(), codes), encoder},
		{"decoder.onnx", fmt.Sprintf("ONNX graph (operator set %d) from codes [batch, %d] to images [batch, %d]; all float32", onnx.Opset, c.Latent, c.Pixels()), decoder},
	}, nil
}

const onnxUse = `import numpy as np
import onnxruntime

encoder = onnxruntime.InferenceSession("encoder.onnx")
decoder = onnxruntime.InferenceSession("decoder.onnx")
images = np.zeros((1, %d), np.float32)  # grey levels divided by 255
codes = encoder.run(["codes"], {"images": images})[0]
images = decoder.run(["images"], {"codes": codes})[0]
`

func (s source) arrays() (arrays []npz.Array) {
	for _, v := range s.Model.Weights {
		arrays = append(arrays, npz.Array{Name: v.Name, Shape: v.Shape, Values: v.Values})
	}
	return arrays
}

func safetensorsFiles(s source) ([]file, error) {
	var content bytes.Buffer
	err := safetensors.Write(&content, s.about(), s.arrays()...)
	return []file{{"model.safetensors", "two arrays of float32 for each layer, " + layersWords(s.Config.Model), content.Bytes()}}, err
}

// layersWords says what the arrays of the layers are, and how they are used.
func layersWords(c autoencoder.Config) string {
	words := "such as encoder/mean/weights [in, out] and encoder/mean/bias [out]; a layer is x @ weights + bias"
	switch {
	case c.Model != autoencoder.VAE:
	case c.Clipped:
		words += "; the log-variance is the output of encoder/log_variance, clipped to [-6, 2]"
	default:
		words += "; the log-variance is 2 - log(1 + exp(2 - y)) of the output y of encoder/log_variance"
	}
	return words
}

const safetensorsUse = `from safetensors.torch import load_file  # or safetensors.numpy

weights = load_file("model.safetensors")
print(weights["encoder/mean/weights"].shape)
`

func publishedFiles(s source) (files []file, err error) {
	weights, err := s.Published()
	if err != nil {
		return nil, err
	}
	files = []file{{training.PublishedWeights, "the weights in half precision, two arrays of float16 for each layer, " + layersWords(s.Config.Model) + ". They were rounded from the weights whose checksum stands below", weights}}
	holds := map[string]string{"config.json": "all that determines the outcome", "manifest.json": "versions, machine and times", "history.csv": "a row per epoch", "scores.json": "the scores, each with what it depends on"}
	for _, name := range s.Run.Records() {
		content, err := os.ReadFile(filepath.Join(s.Run.Folder(), name))
		if err != nil {
			return nil, err
		}
		files = append(files, file{name, holds[name], content})
	}
	return files, nil
}

const publishedUse = `import numpy as np

weights = np.load("weights.npz")
print(weights["encoder/mean/weights"].astype(np.float32).shape)
`

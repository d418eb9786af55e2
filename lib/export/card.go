package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/fashion"
	"fashionlatent/lib/show"
)

// card is the card of a model: a Markdown page that says what the files hold, what the model was made from, how it scores and
// what it is not for. Everything in it comes from the run's folder.
func (f Format) card(s source, files []file) []byte {
	var page bytes.Buffer
	say := func(format string, args ...any) { fmt.Fprintf(&page, format+"\n", args...) }
	c, m := s.Config.Model, s.manifest
	kind := "autoencoder (AE)"
	if c.Model == autoencoder.VAE {
		kind = "variational autoencoder (VAE)"
	}
	say("# %v, trained on %s\n", c, show.Escape(m.Data))
	say("A fully connected %s for grey images of %d x %d pixels, with a code of %d dimensions. fashionlatent wrote these files from the run `%s`.", kind, c.ImageSide(), c.ImageSide(), c.Latent, s.Run.Name())

	say("\n## Files\n")
	contents := show.Table{Header: []string{"file", "holds"}}
	for _, file := range files {
		contents.Rows = append(contents.Rows, []string{file.path, file.holds})
	}
	say("%s", contents.Markdown())
	use := f.use
	if strings.Contains(use, "%d") {
		use = fmt.Sprintf(use, c.Pixels())
	}
	say("```python\n%s```", use)

	say("\n## Data\n")
	source := ""
	if m.Data == fashion.Name { // recognised by its content
		source = " (Xiao, Rasul and Vollgraf, arXiv 1708.07747; © Zalando SE, MIT licence)"
	}
	say("%s%s, with the SHA-256 checksum `%s`. An epoch has %d steps of %d training images. %s", show.Escape(m.Data), source, m.DataChecksum, s.epochSteps(), s.Config.Batch, normalisation(c))

	say("\n## Configuration\n")
	page.WriteString(s.settings().Markdown())

	say("\n## Training\n")
	weights := s.Model.Weights.SHA256()
	say("%d epochs with seed %d on %s in %.0f s, finished on %s. The weights have the SHA-256 checksum `%s`.", m.Epochs, s.Config.Seed, m.Place(), m.WallSeconds, m.Finished.UTC().Format(time.DateTime), weights)
	if weights != m.WeightsSHA256 {
		say("They were rounded to half precision from weights with the checksum `%s`.", m.WeightsSHA256)
	}
	versions := []string{"Go " + strings.TrimPrefix(m.Go, "go"), "fashionlatent " + m.Module}
	if m.Commit != "" {
		versions[1] += " at commit " + m.Commit
	}
	for _, path := range slices.Sorted(maps.Keys(m.Dependencies)) {
		versions = append(versions, path+" "+m.Dependencies[path])
	}
	say("Versions: %s.", strings.Join(versions, ", "))
	if n := len(s.History); n > 0 {
		last := s.History[s.Config.BestEpoch(s.History)-1]
		say("Losses of epoch %d, reconstruction + KL, in %s: training images %.6g + %.6g, test images %.6g + %.6g.", last.Epoch, s.Config.LossUnit(), last.Train.Reconstruction, last.Train.KL, last.Test.Reconstruction, last.Test.KL)
		if c.Learned() && s.Config.Patience == 0 {
			say("On test images, log q(z|x) - log p(z) at the posterior mean stands for the KL. Its sum with the reconstruction is no bound.")
		}
	}

	say("\n## Scores\n")
	if len(s.Scores) == 0 {
		say("The run has no scores.")
	} else {
		say("From `scores.json` of the run. n is the number of images, codes or samples. seed=run means the seed of the run.\n")
		page.WriteString(s.scores().Markdown())
	}

	say("\n## What it is not for\n")
	for _, line := range limits(c) {
		say("- %s", line)
	}
	return page.Bytes()
}

// epochSteps is the number of optimiser steps of an epoch.
func (s source) epochSteps() int {
	if len(s.History) == 0 {
		return 0
	}
	return s.History[0].Step / s.History[0].Epoch
}

func normalisation(c autoencoder.Config) string {
	const divided = "Pixel values are grey levels divided by 255"
	switch c.Normalised {
	case autoencoder.Brightness:
		return divided + ", then divided by twice the root mean square of the image's pixels that are not black, and limited to 1."
	case autoencoder.UnitLength:
		return divided + ", then divided by the Euclidean length of the image."
	}
	return divided + "."
}

// settings is a table of all that is set in the configuration.
func (s source) settings() show.Table {
	t := show.Table{Header: []string{"setting", "value"}}
	content, err := json.Marshal(s.Config)
	var fields map[string]any
	if err == nil {
		decoder := json.NewDecoder(bytes.NewReader(content))
		decoder.UseNumber() // a seed may not fit a float64
		err = decoder.Decode(&fields)
	}
	if err != nil { // a configuration that was read from JSON can be written
		return t
	}
	var add func(prefix string, fields map[string]any)
	add = func(prefix string, fields map[string]any) {
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			if inner, ok := fields[name].(map[string]any); ok {
				add(prefix+name+".", inner)
				continue
			}
			t.Rows = append(t.Rows, []string{prefix + name, fmt.Sprint(fields[name])})
		}
	}
	add("", fields)
	return t
}

func (s source) scores() show.Table {
	t := show.Table{Header: []string{"metric", "value", "unit", "split", "n", "parameters", "version", "data"}}
	for _, score := range s.Scores {
		value := fmt.Sprintf("%.6g", score.Value)
		if score.Undefined != "" {
			value = "undefined: " + score.Undefined
		}
		t.Rows = append(t.Rows, []string{score.Metric, value, score.Unit, score.Split, fmt.Sprint(score.N), score.Parameters, fmt.Sprint(score.Version), fmt.Sprintf("%.12s", score.Data)})
	}
	return t
}

// limits says what a model is not for.
func limits(c autoencoder.Config) []string {
	all := []string{
		"It has seen only the images of its data. The codes of other images, and what they decode to, need not mean anything.",
		"It is no classifier. It was trained without labels, and clusters of its codes are not the classes.",
		"Decoded images are not images of the data, even if they look like them.",
	}
	if c.Model == autoencoder.AE {
		return append(all, "It has no distribution of codes. Codes drawn from N(0, I) may decode to anything.")
	}
	all = append(all, "A high likelihood does not show that an image is like the data: simple images of other kinds can have a higher one (Nalisnick et al., arXiv 1810.09136).")
	if c.Loss == autoencoder.BCE {
		all = append(all, "The cross-entropy of grey pixels is a likelihood in form only, because the pixels are not binary. Do not compare it with models of other likelihoods.")
	}
	if c.Prior > 0 || c.Levels == 2 {
		all = append(all, "The learned prior is in the file of weights (prior/…, lower_prior/…) and not in the ONNX graphs. Codes for the decoder come from `fashionlatent sample -from prior`; codes drawn from N(0, I) are not samples of this model.")
	}
	return all
}

package training

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/record"
)

// Setting is one setting of a configuration, under the name of the flag of the command train.
type Setting struct{ Name, Value string }

// String is the setting in words, such as "rate 0.003", or "flip" for a setting that is switched on.
func (s Setting) String() string {
	switch s.Value {
	case "":
		return "no " + s.Name
	case "true":
		return s.Name
	case "false":
		return "not " + s.Name
	}
	return s.Name + " " + s.Value
}

// Settings are settings in the order in which they are shown. As JSON they are an object with a text for each name.
type Settings []Setting

// MarshalJSON makes an object of the settings.
func (s Settings) MarshalJSON() ([]byte, error) {
	values := map[string]string{}
	for _, one := range s {
		values[one.Name] = one.Value
	}
	return json.Marshal(values)
}

// Value is the value of the setting of that name; "" if there is none.
func (s Settings) Value(name string) string {
	for _, one := range s {
		if one.Name == name {
			return one.Value
		}
	}
	return ""
}

// Has says whether there is a setting of that name. Its value may be "".
func (s Settings) Has(name string) bool {
	return slices.ContainsFunc(s, func(one Setting) bool { return one.Name == name })
}

// Settings are all settings of the configuration, except the size of the images and the run to start from.
func (c Config) Settings() Settings {
	m := c.Model
	text := func(v any) string { return fmt.Sprint(v) }
	return Settings{
		{"model", m.Model},
		{"latent", text(m.Latent)},
		{"hidden", Nodes(m.Hidden)},
		{"activation", m.Activation},
		{"loss", m.Loss},
		{"beta", text(m.Beta)},
		{"warmup", text(m.Warmup)},
		{"free-bits", text(m.FreeBits)},
		{"prior", text(m.Prior)},
		{"vamp", text(m.Vamp)},
		{"levels", text(m.Levels)},
		{"clipped", text(m.Clipped)},
		{"samples", text(m.Samples)},
		{"dropout", text(m.Dropout)},
		{"noise", text(m.Noise)},
		{"normalised", m.Normalised},
		{"binarise", text(c.Augment.Binarise)},
		{"flip", text(c.Augment.Flip)},
		{"shift", text(c.Augment.Shift)},
		{"epochs", text(c.Epochs)},
		{"patience", text(c.Patience)},
		{"batch", text(c.Batch)},
		{"rate", text(c.LearningRate)},
		{"final-rate", text(c.FinalRate)},
		{"rate-warmup", text(c.RateWarmup)},
		{"rate-hold", text(c.RateHold)},
		{"seed", text(c.Seed)},
	}
}

// Nodes are numbers of nodes as text, such as "512,256".
func Nodes(layers []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(layers), " ", ","), "[]")
}

// Differences are the settings in which the configuration differs from the reference training of its model. What the
// name of a run holds is left out: the model, the dimensions of the code, the epochs and the seed.
func (c Config) Differences() Settings {
	reference := Default(autoencoder.Default(c.Model.Model, c.Model.Latent), c.Seed)
	reference.Epochs = c.Epochs
	usual := reference.Settings()
	return slices.DeleteFunc(c.Settings(), func(s Setting) bool { return slices.Contains(usual, s) })
}

// LossUnit is the unit of the training loss, which is a mean over images.
func (c Config) LossUnit() string {
	switch {
	case c.Model.Loss != autoencoder.MSE:
		return "nats per image"
	case c.Model.Model == autoencoder.VAE:
		return "squared error + nats per image"
	}
	return "squared error per image"
}

// Spec is what determines the outcome of a run.
type Spec struct {
	Config Config
	Data   string   // checksum of the data set
	From   []string // names of the runs that it starts from, the nearest first
}

// SpecOf reads the specification of a run. It is an error if the run is not one of an autoencoder.
func SpecOf(run *record.Run) (Spec, error) {
	var s spec
	if err := run.Spec(&s); err != nil {
		return Spec{}, err
	}
	of := Spec{Config: s.Config, Data: s.Data}
	for start := s.Start; start != nil; start = start.Start {
		from, err := record.Open("").Run(start.slug(), spec{*start, s.Data, s.Method})
		if err != nil {
			return Spec{}, err
		}
		of.From = append(of.From, from.Name())
	}
	return of, nil
}

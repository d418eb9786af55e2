package record

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
)

// Loss is the mean loss per image in its two parts. Reconstruction is in nats, or, for the squared error, a sum over
// the pixels. KL is in nats. On test images without early stopping, the KL of a learned prior or of two levels is
// log q(z|x) - log p(z) at the posterior mean, which is not the KL and mostly above it.
type Loss struct{ Reconstruction, KL float64 }

// Total is the sum of both parts. The KL has weight 1, whatever beta was in training. For a VAE whose reconstruction
// loss is a likelihood, Total is close to the negative ELBO but not equal to it. In training the weights change during
// the epoch. On test images the posterior mean is decoded instead of a sample, except with early stopping.
func (l Loss) Total() float64 { return l.Reconstruction + l.KL }

// Epoch is a row of a run's history. Train is the mean over the steps of the epoch, and Test the loss after it. Beta and
// LearningRate are those at its end.
type Epoch struct {
	Epoch, Step        int // epochs and optimiser steps done by the end of the epoch
	Train, Test        Loss
	Beta, LearningRate float64
	Seconds            float64 // time of training in this epoch
}

const historyName = "history.csv"

var historyColumns = []string{"epoch", "step", "train_reconstruction", "train_kl", "test_reconstruction", "test_kl",
	"beta", "learning_rate", "seconds"}

func (e *Epoch) ints() [2]*int { return [...]*int{&e.Epoch, &e.Step} }

func (e *Epoch) floats() [7]*float64 {
	return [...]*float64{&e.Train.Reconstruction, &e.Train.KL, &e.Test.Reconstruction, &e.Test.KL,
		&e.Beta, &e.LearningRate, &e.Seconds}
}

// WriteHistory replaces history.csv. Epochs must increase. Numbers are written with the digits that give the same
// float64 when they are read. NaN and infinite values are allowed, because a history shows where a training went wrong.
func (r *Run) WriteHistory(epochs []Epoch) error {
	path := r.path(historyName)
	for i := range epochs {
		if err := checkEpoch(epochs[:i], epochs[i]); err != nil {
			return fmt.Errorf("writing %s: %w", path, err)
		}
	}
	return WriteFile(path, func(w io.Writer) error { return formatHistory(w, epochs) })
}

// History reads history.csv. If there is none, the error is an fs.ErrNotExist.
func (r *Run) History() ([]Epoch, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	epochs, err := r.readHistory()
	if err != nil {
		return nil, err
	}
	manifest, err := r.Manifest()
	if errors.Is(err, fs.ErrNotExist) || err == nil && manifest.HistorySHA256 == "" {
		return epochs, nil
	}
	if err != nil {
		return nil, err
	}
	if err := verify(historySum(epochs), manifest.HistorySHA256); err != nil {
		return nil, damaged(r.path(historyName), err)
	}
	return epochs, nil
}

// historySum is the checksum of a history in the format of WriteHistory.
func historySum(epochs []Epoch) string {
	var content bytes.Buffer
	formatHistory(&content, epochs) // writing to a buffer cannot fail
	return hexSum(content.Bytes())
}

// readHistory reads history.csv without comparing it with the manifest.
func (r *Run) readHistory() ([]Epoch, error) {
	path := r.path(historyName)
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	epochs, err := parseHistory(content)
	if err != nil {
		return nil, damaged(path, err)
	}
	return epochs, nil
}

func formatHistory(w io.Writer, epochs []Epoch) error {
	table := csv.NewWriter(w)
	table.Write(historyColumns) // Error returns the first error
	for _, epoch := range epochs {
		var row []string
		for _, v := range epoch.ints() {
			row = append(row, strconv.Itoa(*v))
		}
		for _, v := range epoch.floats() {
			row = append(row, strconv.FormatFloat(*v, 'g', -1, 64))
		}
		table.Write(row)
	}
	table.Flush()
	return table.Error()
}

func parseHistory(content []byte) ([]Epoch, error) {
	if !bytes.HasSuffix(content, []byte("\n")) {
		return nil, errors.New("its last line has no end")
	}
	table := csv.NewReader(bytes.NewReader(content))
	table.FieldsPerRecord = -1 // checked below, for a clearer error
	header, err := table.Read()
	if err == io.EOF {
		return nil, errors.New("it is empty")
	}
	if err != nil {
		return nil, err
	}
	if !slices.Equal(header, historyColumns) {
		return nil, fmt.Errorf("line 1: the columns are %q, want %q", header, historyColumns)
	}
	var epochs []Epoch
	for {
		row, err := table.Read()
		if err == io.EOF {
			return epochs, nil
		}
		if err != nil {
			return nil, err
		}
		epoch, err := parseEpoch(row)
		if err == nil {
			err = checkEpoch(epochs, epoch)
		}
		if err != nil {
			line, _ := table.FieldPos(0)
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		epochs = append(epochs, epoch)
	}
}

func parseEpoch(row []string) (Epoch, error) {
	var epoch Epoch
	if len(row) != len(historyColumns) {
		return epoch, fmt.Errorf("%d values, want %d", len(row), len(historyColumns))
	}
	ints, floats := epoch.ints(), epoch.floats()
	for i, text := range row {
		var err error
		if i < len(ints) {
			*ints[i], err = strconv.Atoi(text)
		} else {
			*floats[i-len(ints)], err = strconv.ParseFloat(text, 64)
		}
		if err != nil { // without the value, which strconv's error repeats
			return epoch, fmt.Errorf("%s is %q: %w", historyColumns[i], text, errors.Unwrap(err))
		}
	}
	return epoch, nil
}

// checkEpoch returns an error if epoch cannot follow those before it.
func checkEpoch(before []Epoch, epoch Epoch) error {
	if epoch.Epoch < 0 || epoch.Step < 0 {
		return fmt.Errorf("epoch %d, step %d: neither can be negative", epoch.Epoch, epoch.Step)
	}
	if n := len(before); n > 0 && epoch.Epoch <= before[n-1].Epoch {
		return fmt.Errorf("epoch %d after epoch %d: epochs must increase", epoch.Epoch, before[n-1].Epoch)
	}
	return nil
}

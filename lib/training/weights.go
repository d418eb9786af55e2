package training

import (
	"fmt"
	"io"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/record"
)

// WriteWeights writes weights to an .npz file with their checksum, whole or not at all.
func WriteWeights(path string, w autoencoder.Weights) error {
	return record.WriteFile(path, func(f io.Writer) error { return writeArchive(f, arraysOf("", w), nil) })
}

// ReadWeights reads what WriteWeights wrote, and checks that it is whole and has the names and shapes of those wanted.
func ReadWeights(path string, want autoencoder.Weights) (autoencoder.Weights, error) {
	w, _, err := readArchive(path)
	if err != nil {
		return nil, err
	}
	if err := w.CheckShapes(want); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return w, nil
}

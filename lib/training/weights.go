package training

import (
	"fmt"
	"io"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/record"
)

// WriteWeights writes weights with their checksum to an .npz file. The file is written completely or not at all.
func WriteWeights(path string, w autoencoder.Weights) error {
	return record.WriteFile(path, func(f io.Writer) error { return writeArchive(f, arraysOf("", w), nil) })
}

// ReadWeights reads what WriteWeights wrote. A wrong checksum, and names or shapes that differ from those of want, are
// errors.
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

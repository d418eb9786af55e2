package experiments

import (
	"context"
	"fmt"
	"io"
	"math"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/subject"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/npz"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

// MaxSamples is the largest number of images that are decoded at once.
const MaxSamples = 1_000_000

// samples draws n codes, [n, d], from a source, one of [subject.Sources], and decodes them to grey levels, [n, pixels].
func samples(ctx context.Context, l *Lab, r *training.Result, source string, n int, seed uint64) (codes []float32, images []uint8, err error) {
	if n < 1 || n > MaxSamples {
		return nil, nil, fmt.Errorf("number of samples is %d, want 1 to %d", n, MaxSamples)
	}
	s, err := lab.Subject(l, r)
	if err != nil {
		return nil, nil, err
	}
	if codes, err = s.Draw(ctx, source, n, seed); err != nil {
		return nil, nil, err
	}
	pixels, err := s.Decode(ctx, codes)
	return codes, autoencoder.Levels(pixels), err
}

// mostPictured is the largest number of images of 28 x 28 pixels, or smaller ones, in a picture.
const mostPictured = 4000

// checkPictured returns an error if n images do not fit into a picture.
func checkPictured(n, side int) error {
	if most := mostPictured * 28 * 28 / max(28*28, side*side); n > most {
		return fmt.Errorf("%d images of %d x %d do not fit into a picture, want at most %d, or a file whose name ends in .npz", n, side, side, most)
	}
	return nil
}

// Samples shows n images decoded from codes that are drawn from a source, one of [subject.Sources].
func Samples(ctx context.Context, l *Lab, r *training.Result, source string, n int, seed uint64) (*figure.Figure, error) {
	if err := checkPictured(n, l.Data.Side()); err != nil {
		return nil, err
	}
	_, images, err := samples(ctx, l, r, source, n, seed)
	if err != nil {
		return nil, err
	}
	f, err := figure.Grid(images, figure.GridOptions{Columns: min(n, 10), Side: l.Data.Side()})
	if err == nil {
		f.Caption = fmt.Sprintf("%v: %d images decoded from codes drawn from the %s, seed %d.%s", r.Config.Model, n, describe(l, r, source), seed, runsOf(r))
	}
	return f, err
}

// WriteSamples writes the images that Samples shows to an .npz file for NumPy: images [n, side, side] uint8, and the
// codes that they are decoded from, codes [n, d] float32.
func WriteSamples(ctx context.Context, l *Lab, r *training.Result, source string, n int, seed uint64, path string) error {
	codes, images, err := samples(ctx, l, r, source, n, seed)
	if err != nil {
		return err
	}
	return writeImages(path, images, codes, n)
}

// writeImages writes n images, [n, side*side] grey levels, and the codes that they are decoded from, [n, d], to an .npz file.
func writeImages(path string, images []uint8, codes []float32, n int) error {
	side := int(math.Sqrt(float64(len(images) / n)))
	return record.WriteFile(path, func(w io.Writer) error {
		return npz.Write(w, npz.Array{Name: "images", Shape: []int{n, side, side}, Values: images},
			npz.Array{Name: "codes", Shape: []int{n, len(codes) / n}, Values: codes})
	})
}

// describe describes a model's source of codes in words.
func describe(l *Lab, r *training.Result, source string) string {
	switch prior := r.Config.Model.Prior; {
	case source == metric.Gaussians:
		return "Gaussian fitted to the codes of the training images"
	case source == metric.Mixtures:
		return fmt.Sprintf("mixture of %d Gaussians fitted to the codes of the training images", l.K)
	case source == metric.Selected:
		return "mixture fitted to the codes of the training images, with the number of Gaussians selected by the likelihood of held-out codes"
	case source == metric.Encoded:
		return "codes of the training images"
	case source == subject.Normal:
		return "normal distribution N(0, I)"
	case r.Config.Model.Levels == 2:
		return "learned prior of two levels"
	case r.Config.Model.Vamp:
		return fmt.Sprintf("learned prior, a VampPrior of %d images", prior)
	case prior > 0:
		return fmt.Sprintf("learned prior, a mixture of %d Gaussians", prior)
	}
	if r.Config.Model.Model == autoencoder.AE {
		return "normal distribution N(0, I), which an AE does not know as a prior"
	}
	return "prior N(0, I)"
}

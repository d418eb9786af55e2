package lab

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"fashionlatent/experiments/metric"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/npz"
	"fashionlatent/lib/record"
)

// Layout lays codes of a run, [n, dim], out in the plane by t-SNE: [n, 2]. The layout is kept in the run's folder as an .npz file of
// the array tsne, float32 [n, 2], if the folder can be written to. It is found again by the codes and by all that it depends on, so that it is computed once. A file that cannot be read, or that has other content than a layout, is replaced. Too few or too many codes are an error of
// the kind metric.Undefined.
func Layout(ctx context.Context, run *record.Run, codes []float32, dim int) ([]float32, error) {
	n := len(codes) / max(1, dim)
	path, config := layoutOf(run, codes, dim)
	if kept := readLayout(path, n); kept != nil {
		return kept, nil
	}
	layout, err := latent.TSNE(ctx, codes, dim, config)
	if err != nil {
		return nil, metric.Because(err)
	}
	err = os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = record.WriteFile(path, func(w io.Writer) error {
			return npz.Write(w, npz.Array{Name: "tsne", Shape: []int{n, 2}, Values: layout})
		})
	}
	if err != nil && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, syscall.EROFS) { // somebody else's models may be read only
		return nil, fmt.Errorf("keeping a layout of run %s: %w", run.Name(), err)
	}
	return layout, nil
}

// layoutOf is the file of a layout, and how it is computed. The file's name has the number of codes, the perplexity, and the beginning of
// a SHA-256 of everything that determines the layout.
func layoutOf(run *record.Run, codes []float32, dim int) (path string, c latent.TSNEConfig) {
	n := len(codes) / max(1, dim)
	c.Perplexity = latent.DefaultPerplexity(n)
	sum := sha256.New()
	fmt.Fprintf(sum, "t-SNE, version %d, %+v, dim %d\n", latent.TSNEVersion, c, dim)
	binary.Write(sum, binary.LittleEndian, codes) // a hash takes everything
	return filepath.Join(run.Folder(), "layouts", fmt.Sprintf("tsne-n%d-p%.4g-%.6x.npz", n, c.Perplexity, sum.Sum(nil))), c
}

// readLayout reads a layout of n codes; nil if there is none that is whole.
func readLayout(path string, n int) []float32 {
	a, err := npz.ReadFile(path, "tsne")
	layout, _ := a.Values.([]float32)
	if err != nil || !slices.Equal(a.Shape, []int{n, 2}) {
		return nil
	}
	for _, v := range layout {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return nil
		}
	}
	return layout
}

package lab

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"fashionlatent/experiments/metric"
	"fashionlatent/lib/latent"
	"fashionlatent/lib/npz"
	"fashionlatent/lib/record"
)

// drawnCodes are n codes of dim dimensions.
func drawnCodes(n, dim int, seed uint64) []float32 {
	rng, codes := rand.New(rand.NewPCG(seed, 0)), make([]float32, n*dim)
	for i := range codes {
		codes[i] = float32(rng.NormFloat64())
	}
	return codes
}

// A layout is computed once. Other codes, and codes read with another number of dimensions, have layouts of their own.
func TestLayoutIsKept(t *testing.T) {
	run, err := record.Open(t.TempDir()).Run("ae", map[string]int{"seed": 0})
	if err == nil {
		err = run.Create()
	}
	if err != nil {
		t.Fatal(err)
	}
	codes := drawnCodes(40, 6, 1)
	files := func() []string {
		t.Helper()
		found, err := filepath.Glob(filepath.Join(run.Folder(), "layouts", "*"))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	layout := func(codes []float32, dim, want int) []float32 {
		t.Helper()
		got, err := Layout(t.Context(), run, codes, dim)
		if err != nil {
			t.Fatal(err)
		}
		if all := files(); len(all) != want {
			t.Fatalf("the run keeps %q, want %d layouts", all, want)
		}
		return got
	}
	first := layout(codes, 6, 1)
	if computed, err := latent.TSNE(t.Context(), codes, 6, latent.TSNEConfig{Perplexity: 13}); err != nil || !slices.Equal(computed, first) {
		t.Errorf("the layout is not that of t-SNE: %v", err)
	}

	// What is found again is the file: a planted one is returned.
	path, planted := files()[0], make([]float32, 80)
	planted[14], planted[15] = 7, 7
	write := func(arrays ...npz.Array) {
		t.Helper()
		f, err := os.Create(path)
		if err == nil {
			err = errors.Join(npz.Write(f, arrays...), f.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	of := func(values any, shape ...int) npz.Array { return npz.Array{Name: "tsne", Shape: shape, Values: values} }
	write(of(planted, 40, 2))
	if again := layout(codes, 6, 1); !slices.Equal(again, planted) {
		t.Errorf("the layout was computed again: %v", again)
	}

	// Other codes, fewer of them, and another number of dimensions.
	other := slices.Clone(codes)
	other[0] += 1e-3
	layout(other, 6, 2)
	layout(codes[:39*6], 6, 3)
	layout(codes, 3, 4)

	// A file that is cut off, or is no layout, is replaced.
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(){
		"cut off": func() { os.WriteFile(path, whole[:len(whole)/2], 0o644) },
		"one bit": func() {
			bad := slices.Clone(whole)
			bad[150] ^= 1
			os.WriteFile(path, bad, 0o644)
		},
		"empty":       func() { os.WriteFile(path, nil, 0o644) },
		"no array":    func() { write() },
		"one axis":    func() { write(of(planted[:40], 40)) },
		"too few":     func() { write(of(planted[:78], 39, 2)) },
		"other kind":  func() { write(of(make([]uint8, 80), 40, 2)) },
		"not numbers": func() { write(of(append(planted[:79:79], float32(math.NaN())), 40, 2)) },
	} {
		spoil()
		if got := layout(codes, 6, 4); !slices.Equal(got, first) {
			t.Errorf("%s: the file was read", name)
		}
		if kept := readLayout(path, 40); !slices.Equal(kept, first) {
			t.Errorf("%s: the file was not replaced", name)
		}
	}
}

// Without a layout, nothing is kept.
func TestLayoutEnds(t *testing.T) {
	run, err := record.Open(t.TempDir()).Run("ae", 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Layout(t.Context(), run, drawnCodes(3, 2, 1), 2); !errors.As(err, new(metric.Undefined)) {
		t.Errorf("three codes: %v, want an undefined layout", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Layout(ctx, run, drawnCodes(40, 2, 1), 2); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := os.Stat(filepath.Join(run.Folder(), "layouts")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was kept: %v", err)
	}
}

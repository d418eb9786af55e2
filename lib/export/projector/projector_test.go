package projector

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fashionlatent/lib/export/codes"
	"fashionlatent/lib/export/codes/codestest"
)

func TestProjector(t *testing.T) {
	path := filepath.Join(t.TempDir(), "my codes.tsv")
	paths, err := Write(path, codestest.Table())
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"1\t-2\n0.5\t1e-08\n3\t4\n",
		"class\tcluster\tsplit\tindex\ttsne_x\ttsne_y\nBag\t1\ttrain\t0\t0.5\t-1\nT-shirt/top\t0\ttrain\t1\t0\t20\na b \"ü\"\t2\ttest\t0\t-3\t7\n",
		"",
		"embeddings {\n  tensor_name: \"my codes\"\n  tensor_path: \"my codes.tsv\"\n  metadata_path: \"my codes.metadata.tsv\"\n  sprite {\n" +
			"    image_path: \"my codes.sprite.png\"\n    single_image_dim: 8\n    single_image_dim: 8\n  }\n}\n",
	} {
		got, err := os.ReadFile(paths[i])
		if err != nil || want != "" && string(got) != want {
			t.Errorf("%s: %v\n%q, want\n%q", paths[i], err, got, want)
		}
	}
	content, err := os.ReadFile(paths[2])
	if err != nil {
		t.Fatal(err)
	}
	sprite, err := png.Decode(bytes.NewReader(content))
	if err != nil || sprite.Bounds() != image.Rect(0, 0, 16, 16) {
		t.Fatalf("the sprite is %v, %v", sprite.Bounds(), err)
	}
	for at, want := range map[image.Point]uint8{{0, 0}: 255, {7, 7}: 255, {8, 0}: 100, {15, 7}: 100, {0, 8}: 0, {15, 15}: 0} {
		if got := color.GrayModel.Convert(sprite.At(at.X, at.Y)).(color.Gray).Y; got != want {
			t.Errorf("the sprite is %d at %v, want %d", got, at, want)
		}
	}
}

// A column that stands alone has no head.
func TestMetadataOfOneColumn(t *testing.T) {
	one := &codes.Table{Dim: 1, Values: []float32{1, 2}, Side: 8, Images: make([]uint8, 128), Index: []int{0, 1}}
	var got bytes.Buffer
	if err := writeMetadata(&got, one); err != nil || got.String() != "0\n1\n" {
		t.Errorf("%q, %v", &got, err)
	}
}

// Images that do not fit into the largest sprite are made smaller.
func TestSmallerThumbnails(t *testing.T) {
	for _, c := range []struct{ n, side, want int }{{1, 28, 28}, {70_000, 28, 28}, {90_000, 28, 27}, {10_000, 128, 81}, {100_000_000, 8, 1}} {
		if got := thumbnailSide(&codes.Table{Dim: 1, Values: make([]float32, c.n), Side: c.side}); got != c.want {
			t.Errorf("%d images of %d pixels: %d, want %d", c.n, c.side, got, c.want)
		}
	}
	small := spriteOf(codestest.Table(), 4)
	for at, want := range map[image.Point]uint8{{0, 0}: 255, {3, 3}: 255, {4, 0}: 100, {7, 3}: 100, {0, 4}: 0} {
		if got := small.GrayAt(at.X, at.Y).Y; got != want || small.Bounds() != image.Rect(0, 0, 8, 8) {
			t.Errorf("the sprite of %v is %d at %v, want %d", small.Bounds(), got, at, want)
		}
	}
}

func TestRefused(t *testing.T) {
	wrong := codestest.Table()
	wrong.Index = nil
	if _, err := Write(filepath.Join(t.TempDir(), "a.tsv"), wrong); err == nil || !strings.Contains(err.Error(), "0 indices for 3 codes") {
		t.Error(err)
	}
}

// TensorBoard's own projector reads the files. make test-exports runs this test, with a Python that has tensorboard in
// FASHIONLATENT_EXPORTS.
func TestExportsInPython(t *testing.T) {
	python := os.Getenv("FASHIONLATENT_EXPORTS")
	if python == "" {
		t.Skip("needs tensorboard: make test-exports")
	}
	folder := t.TempDir()
	if _, err := Write(filepath.Join(folder, "codes.tsv"), codestest.Table()); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, "testdata/read.py", folder).CombinedOutput()
	if err != nil || string(out) != "read\n" {
		t.Errorf("%v\n%s", err, out)
	}
}

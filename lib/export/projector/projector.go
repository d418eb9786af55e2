// Package projector writes codes as the Embedding Projector of TensorBoard reads them.
package projector

import (
	"bufio"
	"fmt"
	"image"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"fashionlatent/lib/export/codes"
	"fashionlatent/lib/record"

	"golang.org/x/image/draw"
)

// configName is the file in which TensorBoard looks for what the Embedding Projector shows.
const configName = "projector_config.pbtxt"

// mostSprite is the largest height and width of a sprite image, in pixels. The projector's textures are not larger.
const mostSprite = 8192

// Write writes a table: to path, such as codes.tsv, the codes, a row of numbers for each;
// beside it what is known of them (codes.metadata.tsv), their images in one square picture (codes.sprite.png), and
// projector_config.pbtxt, with which TensorBoard finds the three if their folder is its --logdir. If the images do not fit into
// 8192 x 8192 pixels, they are made smaller. It returns the paths of the files.
func Write(path string, t *codes.Table) (paths []string, err error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	folder, name := filepath.Split(path)
	base := strings.TrimSuffix(name, filepath.Ext(name))
	metadata, sprite := base+".metadata.tsv", base+".sprite.png"
	side := thumbnailSide(t)
	config := fmt.Sprintf("embeddings {\n  tensor_name: %q\n  tensor_path: %q\n  metadata_path: %q\n  sprite {\n    image_path: %q\n    single_image_dim: %d\n    single_image_dim: %[5]d\n  }\n}\n",
		base, name, metadata, sprite, side)
	for _, file := range []struct {
		name  string
		write func(w io.Writer) error
	}{
		{name, func(w io.Writer) error { return writeValues(w, t) }},
		{metadata, func(w io.Writer) error { return writeMetadata(w, t) }},
		{sprite, func(w io.Writer) error { return codes.EncodePNG(w, spriteOf(t, side)) }},
		{configName, func(w io.Writer) error {
			_, err := io.WriteString(w, config)
			return err
		}},
	} {
		to := filepath.Join(folder, file.name)
		if err := record.WriteFile(to, file.write); err != nil {
			return nil, err
		}
		paths = append(paths, to)
	}
	return paths, nil
}

func writeValues(w io.Writer, t *codes.Table) error {
	out := bufio.NewWriter(w)
	for i := range t.Len() {
		for j, v := range t.Code(i) {
			if j > 0 {
				out.WriteByte('\t') // Flush returns the first error
			}
			out.WriteString(number(v))
		}
		out.WriteByte('\n')
	}
	return out.Flush()
}

func number(v float32) string { return strconv.FormatFloat(float64(v), 'g', -1, 32) }

// cell makes a text one cell of a table.
var cell = strings.NewReplacer("\t", " ", "\n", " ", "\r", " ")

func writeMetadata(w io.Writer, t *codes.Table) error {
	columns := []struct {
		name  string
		known bool
		value func(i int) string
	}{
		{"class", t.Class != nil, func(i int) string { return t.Class[i] }},
		{"cluster", t.Cluster != nil, func(i int) string { return strconv.Itoa(t.Cluster[i]) }},
		{"split", t.Split != nil, func(i int) string { return t.Split[i] }},
		{"index", true, func(i int) string { return strconv.Itoa(t.Index[i]) }},
		{"tsne_x", t.Layout != nil, func(i int) string { return number(t.Layout[2*i]) }},
		{"tsne_y", t.Layout != nil, func(i int) string { return number(t.Layout[2*i+1]) }},
		{"file", t.File != nil, func(i int) string { return t.File[i] }},
	}
	var head []string
	for _, c := range columns {
		if c.known {
			head = append(head, c.name)
		}
	}
	out := bufio.NewWriter(w)
	if len(head) > 1 { // the projector takes a single column to have no head
		fmt.Fprintln(out, strings.Join(head, "\t"))
	}
	for i := range t.Len() {
		var row []string
		for _, c := range columns {
			if c.known {
				row = append(row, cell.Replace(c.value(i)))
			}
		}
		fmt.Fprintln(out, strings.Join(row, "\t"))
	}
	return out.Flush()
}

// spriteColumns is the number of images in a row, and of rows, of the sprite image.
func spriteColumns(t *codes.Table) int { return int(math.Ceil(math.Sqrt(float64(t.Len())))) }

// thumbnailSide is the height and width of an image in the sprite image.
func thumbnailSide(t *codes.Table) int { return max(1, min(t.Side, mostSprite/spriteColumns(t))) }

// spriteOf is the images row by row, with as many rows as columns. The rest is black.
func spriteOf(t *codes.Table, side int) *image.Gray {
	columns := spriteColumns(t)
	all := image.NewGray(image.Rect(0, 0, columns*side, columns*side))
	for i := range t.Len() {
		at := image.Pt(i%columns*side, i/columns*side)
		place, from := image.Rectangle{at, at.Add(image.Pt(side, side))}, t.Picture(i)
		if side == t.Side {
			draw.Draw(all, place, from, image.Point{}, draw.Src)
			continue
		}
		draw.ApproxBiLinear.Scale(all, place, from, from.Bounds(), draw.Src, nil)
	}
	return all
}

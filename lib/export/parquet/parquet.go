// Package parquet writes codes as a table in the format Parquet (https://parquet.apache.org).
package parquet

import (
	"bytes"
	"fmt"
	"io"

	"fashionlatent/lib/export/codes"

	"github.com/parquet-go/parquet-go"
)

// thumbnail is an image as Hugging Face's datasets and Embedding Atlas read it.
type thumbnail struct {
	Bytes []byte `parquet:"bytes"` // a PNG file
	Path  string `parquet:"path"`
}

// Write writes a file with a row for each code. Its columns are index (int64), split, file and class (strings), cluster
// (int64), code and log_variance (lists of float32), for codes of two dimensions x and y (float32) too, tsne_x and tsne_y
// (float32), and thumbnail, a struct of the bytes of a PNG file and a path. What is unknown has no column.
func Write(w io.Writer, t *codes.Table) error {
	if err := t.Check(); err != nil {
		return err
	}
	floats := parquet.List(parquet.Leaf(parquet.FloatType))
	columns := parquet.Group{"index": parquet.Int(64), "code": floats, "thumbnail": parquet.SchemaOf(thumbnail{})}
	for name, known := range map[string]bool{"split": t.Split != nil, "file": t.File != nil, "class": t.Class != nil} {
		if known {
			columns[name] = parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
		}
	}
	if t.Cluster != nil {
		columns["cluster"] = parquet.Int(64)
	}
	if t.LogVariances != nil {
		columns["log_variance"] = floats
	}
	if t.Dim == 2 {
		columns["x"], columns["y"] = parquet.Leaf(parquet.FloatType), parquet.Leaf(parquet.FloatType)
	}
	if t.Layout != nil {
		columns["tsne_x"], columns["tsne_y"] = parquet.Leaf(parquet.FloatType), parquet.Leaf(parquet.FloatType)
	}
	table := parquet.NewGenericWriter[map[string]any](w, parquet.NewSchema("codes", columns), parquet.Compression(&parquet.Zstd))
	const together = 1024 // rows
	var rows []map[string]any
	for i := range t.Len() {
		row, err := rowOf(t, i)
		if err != nil {
			return err
		}
		if rows = append(rows, row); len(rows) == together || i == t.Len()-1 {
			if _, err := table.Write(rows); err != nil {
				return err
			}
			rows = rows[:0]
		}
	}
	return table.Close()
}

func rowOf(t *codes.Table, i int) (map[string]any, error) {
	var content bytes.Buffer
	if err := codes.EncodePNG(&content, t.Picture(i)); err != nil {
		return nil, err
	}
	path := fmt.Sprintf("%d.png", t.Index[i])
	row := map[string]any{"index": int64(t.Index[i]), "code": t.Code(i)}
	if t.LogVariances != nil {
		row["log_variance"] = t.LogVariances[i*t.Dim : (i+1)*t.Dim]
	}
	if t.Split != nil {
		row["split"], path = t.Split[i], t.Split[i]+"/"+path
	}
	if t.File != nil {
		row["file"], path = t.File[i], t.File[i]
	}
	if t.Class != nil {
		row["class"] = t.Class[i]
	}
	if t.Cluster != nil {
		row["cluster"] = int64(t.Cluster[i])
	}
	if t.Dim == 2 {
		row["x"], row["y"] = t.Code(i)[0], t.Code(i)[1]
	}
	if t.Layout != nil {
		row["tsne_x"], row["tsne_y"] = t.Layout[2*i], t.Layout[2*i+1]
	}
	row["thumbnail"] = thumbnail{content.Bytes(), path}
	return row, nil
}

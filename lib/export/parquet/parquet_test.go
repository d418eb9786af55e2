package parquet

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fashionlatent/lib/export/codes"
	"fashionlatent/lib/export/codes/codestest"

	"github.com/parquet-go/parquet-go"
)

func TestParquet(t *testing.T) {
	var content bytes.Buffer
	if err := Write(&content, codestest.Table()); err != nil {
		t.Fatal(err)
	}
	type row struct {
		Index     int64     `parquet:"index"`
		Cluster   int64     `parquet:"cluster"`
		Split     string    `parquet:"split"`
		Class     string    `parquet:"class"`
		Code      []float32 `parquet:"code,list"`
		Y         float32   `parquet:"y"`
		TSNEX     float32   `parquet:"tsne_x"`
		TSNEY     float32   `parquet:"tsne_y"`
		Thumbnail thumbnail `parquet:"thumbnail"`
	}
	rows, err := parquet.Read[row](bytes.NewReader(content.Bytes()), int64(content.Len()))
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	last := rows[2]
	if last.Index != 0 || last.Cluster != 2 || last.Split != "test" || last.Class != codestest.Table().Class[2] || last.Y != 4 || last.TSNEX != -3 || last.TSNEY != 7 || last.Code[0] != 3 || last.Thumbnail.Path != "test/0.png" {
		t.Errorf("the last row is %+v", last)
	}
	unknown := &codes.Table{Dim: 1, Values: []float32{1}, Side: 8, Images: make([]uint8, 64), Index: []int{0}, File: []string{"a.png"}}
	content.Reset()
	if err := Write(&content, unknown); err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(bytes.NewReader(content.Bytes()), int64(content.Len()))
	if err != nil {
		t.Fatal(err)
	}
	var columns []string
	for _, field := range file.Schema().Fields() {
		columns = append(columns, field.Name())
	}
	if got := strings.Join(columns, " "); got != "code file index thumbnail" {
		t.Errorf("the columns are %s", got)
	}
}

func TestRefused(t *testing.T) {
	wrong := codestest.Table()
	wrong.Index = nil
	if err := Write(new(bytes.Buffer), wrong); err == nil || !strings.Contains(err.Error(), "0 indices for 3 codes") {
		t.Error(err)
	}
}

// pandas and pyarrow read the file. make test-exports runs this test, with a Python that has them in
// FASHIONLATENT_EXPORTS.
func TestExportsInPython(t *testing.T) {
	python := os.Getenv("FASHIONLATENT_EXPORTS")
	if python == "" {
		t.Skip("needs pandas and pyarrow: make test-exports")
	}
	var content bytes.Buffer
	if err := Write(&content, codestest.Table()); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "codes.parquet")
	if err := os.WriteFile(file, content.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, "testdata/read.py", file).CombinedOutput()
	if err != nil || string(out) != "read\n" {
		t.Errorf("%v\n%s", err, out)
	}
}

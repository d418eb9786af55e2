package experiments

import (
	"context"
	"math"
	"testing"

	"fashionlatent/experiments/report"
	"fashionlatent/lib/digits"
)

// The square roots of an image have unit length, and a black image stays black.
func TestSquareRoots(t *testing.T) {
	m, err := squareRoots(context.Background(), []uint8{0, 9, 16, 0, 0, 0, 0, 0}, 2)
	if err != nil || m.Dim != 4 || m.N() != 2 {
		t.Fatalf("%+v, %v", m, err)
	}
	for i, want := range []float64{0, .6, .8, 0, 0, 0, 0, 0} {
		if math.Abs(float64(m.X[i])-want) > 1e-6 {
			t.Errorf("value %d is %v, want %v", i, m.X[i], want)
		}
	}
}

// Each description gives a view of all images. A description with fewer numbers than components gives them all.
func TestComponentsOf(t *testing.T) {
	d, err := digits.Draw(100, 10, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ components, want int }{{5, 5}, {10_000, 392}} {
		views, err := componentsOf(context.Background(), described.parts[:1], c.components, d.Train.Images, d.Side())
		if err != nil || len(views) != 1 || views[0].Dim != c.want || views[0].N() != 100 {
			t.Errorf("%d components: %d views, %v", c.components, len(views), err)
		}
	}
	views, err := componentsOf(context.Background(), described.parts, 3, d.Train.Images, d.Side())
	if err != nil || len(views) != len(described.parts) {
		t.Errorf("%d views, %v", len(views), err)
	}
	if _, err := componentsOf(context.Background(), described.parts, 3, nil, d.Side()); err == nil {
		t.Error("no images: no error")
	}
}

// An excerpt of the epochs has the last one, however long the training was.
func TestExcerptOfLargest(t *testing.T) {
	table := report.Table{Columns: report.Labels("model", "epoch")}
	for _, epoch := range []float64{0, 5, 30} {
		table.Add(report.Text("AE"), report.Number(epoch, 0))
	}
	of := excerpt{columns: []string{"epoch"}, column: "epoch", keep: []string{"0", largest}}.of(&report.Report{Tables: []report.Table{table}})
	if len(of.Rows) != 2 || of.Rows[0][0].String() != "0" || of.Rows[1][0].String() != "30" {
		t.Errorf("rows %v, want the epochs 0 and 30", of.Rows)
	}
}

package record

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

func TestMeasures(t *testing.T) {
	store, run := created(t)
	if got, err := run.Measures(); err != nil || len(got) != 0 {
		t.Errorf("none yet: %v, %v", got, err)
	}
	steps := [][]Measure{
		{{"nmi", 0.5, "", "test"}, {"acc", 0.25, "", "train"}},
		{{"acc", 0.75, "share", "train"}, {"acc", 0.5, "share", "test"}},
		{},
		{{"elbo", -240, "nats", "test"}, {"elbo", math.SmallestNonzeroFloat64, "nats", "test"}}, // the later stays
	}
	for _, step := range steps {
		if err := run.AddMeasures(step...); err != nil {
			t.Fatal(err)
		}
	}
	want := []Measure{
		{"acc", 0.5, "share", "test"},
		{"acc", 0.75, "share", "train"},
		{"elbo", math.SmallestNonzeroFloat64, "nats", "test"},
		{"nmi", 0.5, "", "test"},
	}
	for _, run := range []*Run{run, listed(t, store)} {
		if got, err := run.Measures(); err != nil || !slices.Equal(got, want) {
			t.Errorf("measures\n%v, %v\nwant\n%v", got, err, want)
		}
	}
	if m, ok := Find(want, "acc", "train"); !ok || m != want[1] {
		t.Errorf("found %v, %v", m, ok)
	}
	if m, ok := Find(want, "nmi", "train"); ok {
		t.Errorf("found %v", m)
	}
}

func TestAddMeasuresRefuses(t *testing.T) {
	_, run := created(t)
	good := Measure{"acc", 0.5, "", "test"}
	for _, bad := range []Measure{
		{"nmi", math.NaN(), "", "test"}, {"nmi", math.Inf(1), "", "test"}, {"nmi", math.Inf(-1), "", "test"},
	} {
		wantError(t, run.AddMeasures(good, bad), run.Name(), `"nmi"`, `"test"`, "finite")
	}
	wantError(t, run.AddMeasures(good, Measure{Value: 3}), run.Name(), "3", "no name")
	if got, err := run.Measures(); err != nil || len(got) != 0 {
		t.Errorf("added %v, %v", got, err)
	}
}

func TestMeasuresAreChecked(t *testing.T) {
	tests := []struct{ content, err string }{
		{``, "ends before"},
		{`null`, "null"},
		{`{}`, "object"},
		{`[{"name": "acc", "value": 1`, "ends before"},
		{`[{"name": "acc", "value": 1}]]`, "something follows"},
		{`[{"name": "acc", "value": "1"}]`, "string"},
		{`[{"name": "acc", "value": NaN}]`, "invalid character"},
		{`[{"name": "acc", "value": 1e999}]`, "1e999"},
		{`[{"name": "acc"}]`, `"acc", has no value`},
		{`[{"name": "acc", "value": null}]`, `"acc", has no value`},
		{`[{"value": 1}]`, "no name"},
		{`[null]`, "no value"},
		{`[{"name": "acc", "value": 1, "spread": 2}]`, `unknown field "spread"`},
		{`[{"name": "acc", "value": 1}, {"name": "b", "value": 1}, {"name": "acc", "value": 2}]`, `measure "acc" of split "" is there twice`},
	}
	for _, test := range tests {
		_, err := parseMeasures([]byte(test.content))
		wantError(t, err, test.err)
	}
	_, run := created(t)
	for _, test := range []struct{ content, err string }{
		{``, "unexpected end"},
		{`[]`, "array"},
		{`{"format": 1, "measures": []}`, "has format 1"},
		{`{"format": 2, "measures": [{"name": "acc"}]}`, "has no value"},
		{`{"format": 2}`, "ends before"},
		{`{"format": 2, "measures": []}`, "checksum"},
		{`{"format": 2, "measures": [{"name": "acc", "value": 1}], "sha256": "0a"}`, "checksum"},
	} {
		overwrite(t, run, measuresName, test.content)
		_, err := run.Measures()
		wantError(t, err, run.path(measuresName), test.err, "remove the run's folder")
		wantError(t, run.AddMeasures(Measure{Name: "a"}), test.err)
		if content, err := os.ReadFile(run.path(measuresName)); err != nil || string(content) != test.content {
			t.Errorf("%q was replaced by %q, %v", test.content, content, err)
		}
	}
}

func FuzzMeasures(f *testing.F) {
	f.Add([]byte(`[{"name": "acc", "value": 0.5, "unit": "", "split": "test"}, {"name": "acc", "value": -1e-300}]`))
	f.Add([]byte(`[null]`))
	f.Fuzz(func(t *testing.T, content []byte) {
		measures, err := parseMeasures(content)
		if err != nil {
			return
		}
		written, err := json.Marshal(measures)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseMeasures(written)
		if err != nil || !slices.Equal(measures, again) {
			t.Errorf("%v is written as %s and read as %v, %v", measures, written, again, err)
		}
	})
}

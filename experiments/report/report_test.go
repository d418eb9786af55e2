package report

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"fashionlatent/experiments/score"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/record"
)

// Metrics of the made-up models.
const coverage, holes = "coverage", "holes"

// planted is a pair with given scores.
func planted(name string, first, second map[string][]float64) Pair {
	of := func(values map[string][]float64) func(string) score.Summary {
		return func(metric string) score.Summary {
			if values[metric] == nil {
				return score.Summary{Undefined: "it was not planted"}
			}
			return score.Summary{Values: values[metric]}
		}
	}
	return Pair{name, of(first), of(second)}
}

// Given scores: clearly better, clearly worse, and within the spread.
func TestVerdicts(t *testing.T) {
	claims := []Claim{
		{Words: "fewer holes", Metric: holes, What: "share of holes", Digits: 3, Less: true},
		{Words: "more coverage", Metric: coverage, What: "coverage", Digits: 3},
		{Words: "nothing", Metric: "absent", What: "nothing"},
	}
	low, high, wide := []float64{.10, .11, .09}, []float64{.90, .91, .89}, []float64{.0, .95, .1}
	at := func(name string, ae, vae []float64) Pair {
		return planted(name, map[string][]float64{holes: ae, coverage: ae}, map[string][]float64{holes: vae, coverage: vae})
	}
	for _, c := range []struct {
		pairs           []Pair
		holes, coverage string
	}{
		{[]Pair{at("d = 2", high, low), at("d = 16", high, low)}, "holds", "does not hold"},
		{[]Pair{at("d = 2", high, low), at("d = 16", low, high)}, "depends on the size of the code: holds at d = 2; does not hold at d = 16",
			"depends on the size of the code: holds at d = 16; does not hold at d = 2"},
		{[]Pair{at("d = 2", high, low), at("d = 16", low, wide)}, "holds at d = 2; not decided at d = 16",
			"does not hold at d = 2; not decided at d = 16"},
		{[]Pair{at("d = 2", low, wide)}, "not decided with these seeds", "not decided with these seeds"},
		{[]Pair{at("d = 2", []float64{.9}, []float64{.1})}, "not tested", "not tested"},
		{[]Pair{at("d = 2", []float64{.9, .9}, []float64{.1, .1})}, "not tested", "not tested"},
		{[]Pair{at("d = 2", high, low), at("d = 16", nil, nil)}, "holds at d = 2; not tested at d = 16", "does not hold at d = 2; not tested at d = 16"},
		{[]Pair{at("d = 2", high, low), at("d = 16", []float64{.9}, []float64{.1})}, "holds at d = 2; not tested at d = 16",
			"does not hold at d = 2; not tested at d = 16"},
	} {
		got := Verdicts(claims, c.pairs, "AE", "VAE")
		verdicts := got[0].Show()
		if len(verdicts.Rows) != 2 || verdicts.Rows[0][1] != c.holes || verdicts.Rows[1][1] != c.coverage {
			t.Errorf("got\n%s\nwant %q and %q", verdicts.Text(0), c.holes, c.coverage)
		}
		if c.holes == "not tested" {
			if len(got) != 1 || verdicts.Note == "" {
				t.Errorf("without a test there are %d tables, and the note is %q", len(got), verdicts.Note)
			}
			continue
		}
		if details := got[1].Show(); len(details.Rows) != 2*len(c.pairs) {
			t.Errorf("%d tests, want %d:\n%s", len(details.Rows), 2*len(c.pairs), details.Text(0))
		}
	}
	got := Verdicts(claims, []Pair{at("d = 2", high, low)}, "AE", "VAE")
	if row := got[0].Show().Rows[0]; row[3] != "0.900 ± 0.010" || row[4] != "0.100 ± 0.010" {
		t.Errorf("the numbers beside a verdict are %q", row[3:])
	}
	// By hand: a difference of .8 with variances of 1e-4 over 3 seeds each has t = -.8/sqrt(2e-4/3) and 4 degrees of
	// freedom. For two tests with the same p, Holm's correction doubles both.
	row := got[1].Rows[0]
	if text := got[1].Show().Rows[0]; text[4] != "-0.800" || text[7] != "-97.98" || text[8] != "4.0" || *row[10].Value != 2**row[9].Value {
		t.Errorf("the test behind a verdict is %q", text)
	}
}

// A difference that is significant as a single test may not be among many.
func TestVerdictsAreCorrected(t *testing.T) {
	a, b := []float64{1, 2, 3, 4, 5}, []float64{3.6, 4.6, 5.6, 6.6, 7.6}
	same := []float64{1, 2, 3, 4, 5}
	claim := func(metric string) Claim { return Claim{Words: metric, Metric: metric, What: metric} }
	alone := Verdicts([]Claim{claim("x")}, []Pair{planted("d", map[string][]float64{"x": a}, map[string][]float64{"x": b})}, "AE", "VAE")
	among := Verdicts([]Claim{claim("x"), claim("y"), claim("z")}, []Pair{planted("d", map[string][]float64{"x": a, "y": a, "z": a}, map[string][]float64{"x": b, "y": same, "z": same})}, "AE", "VAE")
	if one, three := alone[0].Rows[0][1].Text, among[0].Rows[0][1].Text; one != "holds" || three != "not decided with these seeds" {
		t.Errorf("alone it %s, among three it is %s", one, three)
	}
}

// A claim that is measured in two ways is marked at each pair where only one of them supports its verdict.
func TestVerdictsOfTwoMeasures(t *testing.T) {
	low, high, wide := []float64{.10, .11, .09}, []float64{.90, .91, .89}, []float64{.0, .95, .1}
	claims := []Claim{{Words: "closer", Metric: "one", What: "one", Less: true}, {Words: "closer", Metric: "other", What: "other", Less: true}, {Words: "further", Metric: "one", What: "one"}}
	at := func(name string, one, other []float64) Pair {
		return planted(name, map[string][]float64{"one": high, "other": high}, map[string][]float64{"one": one, "other": other})
	}
	for _, c := range []struct {
		pairs      []Pair
		one, other string
	}{
		{[]Pair{at("d = 2", low, low), at("d = 16", low, low)}, "holds", "holds"},
		{[]Pair{at("d = 2", low, low), at("d = 16", low, wide)}, "holds; another metric of this claim has another verdict at d = 16", "holds at d = 2; not decided at d = 16"},
		{[]Pair{at("d = 2", low, []float64{1.9, 1.8, 1.7})}, "holds; another metric of this claim has another verdict at d = 2", "does not hold; another metric of this claim has another verdict at d = 2"},
		{[]Pair{at("d = 2", low, nil)}, "holds", ""},
	} {
		rows := Verdicts(claims, c.pairs, "AE", "VAE")[0].Show().Rows
		other := ""
		if len(rows) == 3 {
			other = rows[1][1]
		}
		if rows[0][1] != c.one || other != c.other {
			t.Errorf("%q and %q, want %q and %q", rows[0][1], other, c.one, c.other)
		}
		if last := rows[len(rows)-1]; strings.Contains(last[1], "only") {
			t.Errorf("another claim is marked: %q", last)
		}
	}
}

func example() *Report {
	t := Table{Title: "AE beside VAE", Columns: append(Labels("model", "d"), Column{"MSE", true}, Column{"KL", true}),
		Groups: []Group{{Title: "Reconstruction", Columns: []string{"MSE"}}, {Title: "Divergence", Columns: []string{"KL"}}}}
	t.Add(Text("AE"), Number(2, 0), Score(score.Summary{Values: []float64{.01, .02, .03}}, 4), Missing("an AE has no KL term"))
	t.Add(Text("VAE"), Number(2, 0), Score(score.Summary{Values: []float64{1.0 / 3}}, 4), Score(score.Summary{Values: []float64{7, 8}}, 1))
	return &Report{Name: "planted", Question: "What is planted?", Setting: json.RawMessage(`{"scale":"none"}`), Tables: []Table{t, {Title: "more", Columns: Labels("a"), Rows: [][]Cell{{Text("b | c")}}}},
		Note: "Planted.", Made: &Made{Command: "none", Backend: "go", Cores: 2, Runs: 3, Places: map[string]int{"here": 2, "there": 1}}}
}

func TestTable(t *testing.T) {
	r := example()
	want := "model,d,MSE,\"MSE, standard deviation\",\"MSE, n\",KL,\"KL, standard deviation\",\"KL, n\"\n" +
		"AE,2,0.02,0.01,3,,,0\nVAE,2,0.3333333333333333,,1,7.5,0.7071067811865476,2\n"
	if got := r.Tables[0].CSV(); got != want {
		t.Errorf("CSV\n%s\nwant\n%s", got, want)
	}
	rows, err := csv.NewReader(strings.NewReader(want)).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Error(err)
	}
	shown := r.Tables[0].Show()
	if !slices.Equal(shown.Rows[0], []string{"AE", "2", "0.0200 ± 0.0100", "–"}) || !slices.Equal(shown.Rows[1], []string{"VAE", "2", "0.3333", "7.5 ± 0.7"}) {
		t.Errorf("rows %q", shown.Rows)
	}
	if want := "A dash means undefined. KL: an AE has no KL term."; shown.Note != want {
		t.Errorf("note %q, want %q", shown.Note, want)
	}
	some := score.Rows{{Seed: 0, Score: record.Score{Value: 1}}, {Seed: 1, Score: record.Score{Undefined: "a cluster is empty"}}, {Seed: 2, Score: record.Score{Value: 3}}}
	partial := Table{Columns: append(Labels("model", "d"), Column{Name: "ACC", Score: true})}
	partial.Add(Text("AE"), Number(2, 0), Score(some.Summary(), 1))
	if shown := partial.Show(); shown.Rows[0][2] != "2.0 ± 1.4" || shown.Note != "Seeds are left out, because a cluster is empty: AE, d = 2, ACC (1 of 3)." {
		t.Errorf("row %q, note %q", shown.Rows[0], shown.Note)
	}
	parts := r.Parts()
	if len(parts) != 3 || parts[0].Title != "Reconstruction" || parts[0].Note != "" || !slices.Equal(parts[1].Header, []string{"model", "d", "KL"}) || parts[1].Note == "" {
		t.Errorf("parts %+v", parts)
	}
	if got := parts[1]; len(got.Rows) != 1 || got.Rows[0][0] != "VAE" || got.Note != "Rows without a score are left out. AE: an AE has no KL term." {
		t.Errorf("the part with a row without a score: %q, %q", got.Rows, got.Note)
	}
	unfinished := Table{Columns: append(Labels("model", "d"), Column{Name: "ACC", Score: true}), Groups: []Group{{Title: "g", Columns: []string{"ACC"}}}}
	unfinished.Add(Text("AE"), Number(2, 0), Score(some.Summary(), 1))
	unfinished.Add(Text("AE"), Number(64, 0), Missing("it is not there yet"))
	if got, err := unfinished.Group("g"); err != nil || got.Note != "Rows without a score are left out. AE, 64: it is not there yet." {
		t.Errorf("%q, %v", got.Note, err)
	}
	if _, err := r.Tables[0].Group("Clusters"); err == nil || !strings.Contains(err.Error(), `it has ["Reconstruction" "Divergence"]`) {
		t.Error(err)
	}
	for v, want := range map[float64]string{-.00001: "0.00", 1.005: "1.00", 12: "12.00"} {
		if got := Number(v, 2).String(); got != want {
			t.Errorf("%v is shown as %s, want %s", v, got, want)
		}
	}
	if got := Number(.000123, -2).String(); got != "0.00012" {
		t.Errorf("two significant digits: %s", got)
	}
}

func TestWriteAndRead(t *testing.T) {
	parent := t.TempDir()
	folder, like := filepath.Join(parent, "[1]"), filepath.Join(parent, "1") // the first is a pattern of the second
	f, err := figure.Panels([]figure.Chart{{Title: "t", X: "x", Y: "y", Series: []figure.Series{{Name: "a", X: []float64{1, 2}, Y: []float64{1, 2}}}}}, figure.PanelsOptions{})
	if err != nil {
		t.Fatal(err)
	}
	f.Caption = "A caption."
	r := example()
	r.Figures = []Figure{{"sweep", true, f}}
	old := example()
	old.Figures, old.Tables = []Figure{{"old", true, f}}, append(old.Tables, old.Tables[0])
	if err := errors.Join(old.Write(folder, nil), old.Write(like, nil), os.WriteFile(filepath.Join(folder, "mine.png"), nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	if err := r.Write(folder, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(like, "old.png")); err != nil {
		t.Errorf("the file of another folder: %v", err)
	}
	var names []string
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if want := []string{PageName, "mine.png", JSONName, ScoresName, "sweep.png", "table-2.csv", "table.csv"}; !slices.Equal(names, want) {
		t.Errorf("files %q, want %q", names, want)
	}
	read, err := Read(folder)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(read.Tables, r.Tables) || !reflect.DeepEqual(read.Made, r.Made) || read.Page() != r.Page() {
		t.Errorf("read\n%s\nwant\n%s", read.Page(), r.Page())
	}
	for _, want := range []string{"# What is planted?", "b \\| c", "here (2 runs); there (1 run)", `<img src="sweep.png"`, "A caption."} {
		if !strings.Contains(r.Page(), want) {
			t.Errorf("the page does not have %q:\n%s", want, r.Page())
		}
	}
}

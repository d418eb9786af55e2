package experiments

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/lib/digits"
	"fashionlatent/lib/fashion"
	"fashionlatent/lib/fashion/fashiontest"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/show"
)

// plan is a lab without a backend. It cannot train.
func planLab(t *testing.T, results string) *Lab {
	t.Helper()
	l, err := lab.OpenData(context.Background(), lab.Options{Scale: lab.Smoke.Name, Results: results, Data: fashiontest.Folder(t), Out: &bytes.Buffer{}})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// plant makes up scores of an experiment, from the index of the row and the seed. Counts of images and epochs are whole
// numbers.
func plant(t *testing.T, l *Lab, e Experiment) score.Rows {
	t.Helper()
	units, err := e.units(l)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := identities(l, units)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		rows[i].Value = 1 + float64(i%7)/8 + float64(r.Seed)/64
		if r.Unit == "images" || r.Unit == "epochs" {
			rows[i].Value = float64(i % 7)
		}
	}
	return rows
}

// leave writes the report of made-up scores, with empty pictures.
func leave(t *testing.T, l *Lab, e Experiment, rows score.Rows) *report.Report {
	t.Helper()
	r, err := e.derive(rows, l.Setting)
	if err != nil {
		t.Fatalf("%s: %v", e.Name, err)
	}
	for i, f := range r.Figures {
		if !f.Scores {
			if r.Figures[i].Figure, err = figure.Grid(make([]uint8, 784), figure.GridOptions{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.Made = &report.Made{Command: "none", Backend: "go", Places: map[string]int{"go on abacus": 1}}
	if err := r.Write(l.Folder(e.Name), rows); err != nil {
		t.Fatal(err)
	}
	return r
}

// current says whether the scores in an experiment's report have the identities that it would take now.
func current(t *testing.T, l *Lab, e Experiment) bool {
	t.Helper()
	units, err := e.units(l)
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.current(l, units)
	if err != nil {
		t.Fatal(err)
	}
	return r != nil
}

// hasNumbers checks that each score in the tables of a report has a number.
func hasNumbers(t *testing.T, r *report.Report) {
	t.Helper()
	for _, table := range r.Tables {
		for i, row := range table.Rows {
			for k, c := range row {
				if table.Columns[k].Score && c.Value == nil && !strings.Contains(c.Undefined, "principal components") {
					t.Errorf("%s, %s, row %d: %s has no number: %s", r.Name, table.Title, i, table.Columns[k].Name, c.Undefined)
				}
			}
		}
	}
}

// Made-up scores appear in the tables, verdicts and charts of each experiment, without training. The report passes
// verification. A number that is changed by hand anywhere is reported.
func TestPlantedScores(t *testing.T) {
	t.Parallel()
	results := t.TempDir()
	l := planLab(t, results)
	for _, e := range All {
		rows := plant(t, l, e)
		r := leave(t, l, e, rows)
		if !current(t, l, e) {
			t.Errorf("%s: what was left is not taken for what would be", e.Name)
		}
		hasNumbers(t, r)
	}
	verified, err := Verify(t.Context(), l.Tables, lab.Smoke.Name)
	if err != nil || len(verified) != len(All) {
		t.Fatalf("verified %d experiments, want %d, %v", len(verified), len(All), err)
	}
	for _, v := range verified {
		if len(v.Problems) > 0 || v.Rows == 0 {
			t.Errorf("%s: %d rows, %q", v.Experiment, v.Rows, v.Problems)
		}
	}
	single := planLab(t, t.TempDir())
	comparison, err := Named(Comparison)
	if err != nil {
		t.Fatal(err)
	}
	leave(t, single, comparison, plant(t, single, comparison))
	folder := single.Folder(Comparison)
	for _, c := range []struct{ file, from, to, says string }{
		{report.ScoresName, "mse,1,,20,test,per pixel,1,", "mse,1,,20,test,per pixel,9,", `table "AE beside VAE", row 1 (AE, 2, 2), column "MSE"`},
		{"table.csv", "AE,2,2,", "AE,2,3,", "table.csv: line 2 is"},
		{"report.json", `"value": 2`, `"value": 3`, `report.json`},
		{report.PageName, "| AE | 2 |", "| AE | 4 |", "README.md: line"},
		{report.ScoresName, "mse,1,,20", "mse,2,,20", ""},
	} {
		path := filepath.Join(folder, c.file)
		was, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.Replace(string(was), c.from, c.to, 1)
		if changed == string(was) {
			t.Errorf("%s has no %q", c.file, c.from)
		}
		if err := os.WriteFile(path, []byte(changed), 0o644); err != nil {
			t.Fatal(err)
		}
		verified, err := Verify(t.Context(), single.Tables, lab.Smoke.Name)
		if err != nil {
			t.Fatal(err)
		}
		if said := strings.Join(verified[0].Problems, "\n"); !strings.Contains(said, c.says) || (c.says == "") != (said == "") {
			t.Errorf("%s changed: it says %q, want %q", c.file, said, c.says)
		}
		// Another version of a metric is another score, so the report does not match the experiment any more.
		if current(t, single, comparison) && (c.file != report.ScoresName || c.says == "") {
			t.Errorf("%s changed: the report is taken for what would be made", c.file)
		}
		if err := os.WriteFile(path, was, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	png := filepath.Join(l.Folder(Loss), "curve.png")
	other, err := os.ReadFile(filepath.Join(l.Folder(Epochs), "measures.png"))
	if err == nil {
		err = os.WriteFile(png, other, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	verified, err = Verify(t.Context(), l.Tables, lab.Smoke.Name)
	if err != nil || !slices.ContainsFunc(verified, func(v Verified) bool {
		return v.Experiment == Loss && len(v.Problems) > 0 && strings.Contains(v.Problems[0], "curve.png is not the figure that scores.csv gives")
	}) {
		t.Errorf("another figure: %+v, %v", verified, err)
	}
	if err := Rewrite(l.Tables, lab.Smoke.Name); err != nil {
		t.Fatal(err)
	}
	if verified, err = Verify(t.Context(), l.Tables, lab.Smoke.Name); err != nil || slices.ContainsFunc(verified, func(v Verified) bool { return len(v.Problems) > 0 }) {
		t.Errorf("written again from the scores: %+v, %v", verified, err)
	}
}

// Beside Fashion-MNIST, and beside no other data set, MNIST is clustered with every representation and method.
func TestPlantedMNIST(t *testing.T) {
	t.Parallel()
	l := planLab(t, t.TempDir())
	e, err := Named(Clustering)
	if err != nil {
		t.Fatal(err)
	}
	alone := plant(t, l, e)
	l.Setting.Dataset = fashion.Name
	other, err := digits.Draw(60, 20, 9) // not the printed digits of the seeds 0 to 2
	if err != nil {
		t.Fatal(err)
	}
	l.Put(lab.MNIST, other)
	rows := plant(t, l, e)
	r := leave(t, l, e, rows)
	if !current(t, l, e) {
		t.Error("what was left is not taken for what would be")
	}
	hasNumbers(t, r)
	own, mnist := r.Tables[0], r.Tables[1]
	if len(mnist.Rows) != len(own.Rows)-len(onGraph) || !slices.Equal(mnist.Columns, own.Columns) || !strings.Contains(mnist.Title, "MNIST") {
		t.Errorf("the table %q has %d rows, want %d, without the seeds from 100", mnist.Title, len(mnist.Rows), len(own.Rows)-len(onGraph))
	}
	added := 0
	for _, row := range rows {
		if row.Data == other.Checksum {
			added++
		}
	}
	if added == 0 || len(rows) != len(alone)+added {
		t.Errorf("%d scores, of which %d of MNIST, want %d more than %d", len(rows), added, added, len(alone))
	}
	verified, err := Verify(t.Context(), l.Tables, lab.Smoke.Name)
	if err != nil || len(verified) != 1 || len(verified[0].Problems) > 0 {
		t.Errorf("%+v, %v", verified, err)
	}
}

// Each criterion proposes the number of clusters with its best value, for each seed on its own.
func TestProposedNumber(t *testing.T) {
	l := planLab(t, t.TempDir())
	e, err := Named(Clustering)
	if err != nil {
		t.Fatal(err)
	}
	rows := plant(t, l, e)
	set := func(criterion string, k int, seed uint64, value float64) {
		for i, r := range rows {
			if r.Variant == numbered && r.Metric == metric.Criterion(criterion, k) && r.Seed == seed {
				rows[i].Value = value
			}
		}
	}
	set(metric.BIC, 5, 0, -20)
	set(metric.BIC, 10, 1, -30)
	set(metric.Modularity, 2, 0, 20)
	set(metric.Modularity, 2, 1, 20)
	for _, k := range l.Scale.Numbers {
		for i, r := range rows {
			if r.Metric == metric.Criterion(metric.Stability, k) && r.Variant == numbered {
				rows[i].Value, rows[i].Undefined = 0, "the halves are too small"
			}
		}
	}
	r, err := e.derive(rows, l.Setting)
	if err != nil {
		t.Fatal(err)
	}
	table := r.Tables[len(r.Tables)-1]
	if got, want := table.Show().Rows[0], []string{"tiny", "10", "2", "7.5 ± 3.5", "2.0 ± 0.0", "–"}; !slices.Equal(got, want) {
		t.Errorf("the first row of %q is %q, want %q", table.Title, got, want)
	}
}

// The numbers and verdicts of the comparison follow from the rows.
func TestPlantedComparison(t *testing.T) {
	l := planLab(t, t.TempDir())
	e, err := Named(Comparison)
	if err != nil {
		t.Fatal(err)
	}
	rows := plant(t, l, e)
	for i, r := range rows {
		if r.Metric == metric.Holes {
			rows[i].Value = map[string]float64{"ae": .25, "vae": .05}[r.Model] + float64(r.Seed)*.01
		}
		if r.Metric == metric.Silhouette {
			rows[i].Value, rows[i].Undefined = 0, "there is one class"
		}
	}
	r, err := e.derive(rows, l.Setting)
	if err != nil {
		t.Fatal(err)
	}
	paths, err := r.Tables[0].Group(GroupPaths)
	if err != nil {
		t.Fatal(err)
	}
	// The values are 0.25 and 0.26: the mean is 0.255, the standard deviation 0.01/sqrt(2).
	if got := paths.Show().Rows[0][:4]; !slices.Equal(got, []string{"AE", "2", "2", "0.255 ± 0.007"}) {
		t.Errorf("the row begins with %q", got)
	}
	structure, err := r.Tables[0].Group(GroupStructure)
	if err != nil {
		t.Fatal(err)
	}
	if s := structure.Show(); s.Note != structureNote+" A dash means undefined. silhouette: there is one class." {
		t.Errorf("note %q", s.Note)
	}
	// Variances of 5e-5 over two seeds each give t = -.2/sqrt(5e-5), two degrees of freedom, and a p that is 0.035
	// after the correction for 28 tests, from 0.0012.
	if verdict, details := r.Tables[1].Show().Rows[0], r.Tables[2].Show().Rows[0]; verdict[1] != "holds" || details[4] != "-0.200" || details[7] != "-28.28" || details[8] != "2.0" || details[9] != "0.0012" || details[10] != "0.035" {
		t.Errorf("verdict %q, test %q", verdict, details)
	}
	if !strings.HasPrefix(r.Note, "Data: tiny, images of 28 x 28 of 10 classes, checksum 55ff423a713a. ") {
		t.Errorf("the note does not name the data set: %s", r.Note)
	}
}

// Where the two feature extractors put models or sources into different orders, the table names the answers of both.
func TestClosest(t *testing.T) {
	l := planLab(t, t.TempDir())
	e, err := Named(Generation)
	if err != nil {
		t.Fatal(err)
	}
	rows := plant(t, l, e)
	for i, r := range rows {
		rows[i].Value = 2
		switch {
		case r.Model == "ae" && r.Latent == 16: // by both extractors, from every source
			rows[i].Value = 1
		case r.Model == "vae" && r.Latent == 2 && r.Metric == metric.Generated(metric.Prior, metric.FCD):
			rows[i].Value = 1
		case r.Model == "vae" && r.Latent == 1 && r.Metric == metric.Generated(metric.Prior, metric.FCDConvolutional):
			rows[i].Value, rows[i].Undefined = 0, "there is one class"
		}
	}
	r, err := e.derive(rows, l.Setting)
	if err != nil {
		t.Fatal(err)
	}
	found := r.Tables[1].Show()
	if want := []string{"models, source: prior", "–", "VAE by FCD only; AE by FCD (conv) only", "AE"}; !slices.Equal(found.Rows[0], want) {
		t.Errorf("models from the prior: %q, want %q", found.Rows[0], want)
	}
	if !strings.Contains(found.Note, "there is one class") {
		t.Errorf("the note is %q", found.Note)
	}
	if want := []string{"sources, model: AE", "prior", "prior", "prior"}; !slices.Equal(found.Rows[len(generationSources)], want) {
		t.Errorf("sources of the AE: %q, want %q", found.Rows[len(generationSources)], want)
	}
}

// The README's tables are made from the reports. A number that is changed by hand is named, and so is a table that is not there.
func TestReadmeTables(t *testing.T) {
	tables := filepath.Join(t.TempDir(), "results")
	l := planLab(t, t.TempDir())
	l.Scale.Name, l.Tables = lab.Full.Name, tables
	e, err := Named(Comparison)
	if err != nil {
		t.Fatal(err)
	}
	r := leave(t, l, e, plant(t, l, e))
	if err := WriteIndex(tables, l.Setting); err != nil {
		t.Fatal(err)
	}
	const old = "before\n<!-- table 2 of results/comparison -->\n| old |\n<!-- end of table -->\nafter\n"
	text, err := Readme(old, tables)
	if err != nil || !strings.HasPrefix(text, "before\n<!-- table 2 of results/comparison -->\n\n| claim about the VAE") || !strings.HasSuffix(text, "|\n\n<!-- end of table -->\nafter\n") {
		t.Fatalf("%v\n%s", err, text)
	}
	if again, err := Readme(text, tables); err != nil || again != text {
		t.Errorf("made again: %v\n%s", err, again)
	}
	readme := filepath.Join(filepath.Dir(tables), "README.md")
	for _, c := range []struct{ text, says string }{{text, ""}, {old, "README.md: line 3 is"}} {
		if err := os.WriteFile(readme, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		verified, err := Verify(t.Context(), tables, lab.Full.Name)
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, v := range verified {
			said = append(said, v.Problems...)
		}
		if text := strings.Join(said, "\n"); !strings.Contains(text, c.says) || (c.says == "") != (text == "") {
			t.Errorf("verify says %q, want %q", text, c.says)
		}
	}
	for _, c := range []struct{ text, says string }{
		{strings.Replace(old, "table 2", "table 9", 1), fmt.Sprintf("the report has %d tables", len(r.Tables))},
		{strings.Replace(old, "comparison", "surfing", 1), `"surfing"`},
	} {
		if _, err := Readme(c.text, tables); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("got %v, want it to say %q", err, c.says)
		}
	}
}

// With one seed nothing is tested, and the published verdicts are shown and called so.
func TestDocumentOfOneSeed(t *testing.T) {
	tables := t.TempDir()
	l := planLab(t, tables)
	l.Scale.Name, l.Scale.Seeds, l.Tables, l.About = lab.Full.Name, 1, tables, ""
	e, err := Named(Comparison)
	if err != nil {
		t.Fatal(err)
	}
	leave(t, l, e, plant(t, l, e))
	d, err := NewDocument(tables, lab.Full.Name)
	if err != nil {
		t.Fatal(err)
	}
	page := d.Markdown()
	for _, says := range []string{"The verdicts are the published ones, with 5 seeds.", "Verdicts (published comparison, 5 seeds)", "holds at d = 16; not decided at d = 2"} {
		if !strings.Contains(page, says) {
			t.Errorf("it does not say %q", says)
		}
	}
	if strings.Contains(page, "Verdicts (experiment comparison)") {
		t.Error("published verdicts are called the run's own")
	}
}

// The document's page has a verdict for each claim that is tested, and every table and figure that it names is in the
// reports. What is missing is named, and verification reports a number that is changed by hand.
func TestDocument(t *testing.T) {
	t.Parallel()
	if !slices.Equal(documentClasses, fashion.ClassNames) {
		t.Errorf("Table I has the classes %q, and the data set has %q", documentClasses, fashion.ClassNames)
	}
	tables := t.TempDir()
	l := planLab(t, tables)
	l.Scale.Name, l.Tables, l.About = lab.Full.Name, tables, ""
	reports := map[string]*report.Report{}
	for _, e := range All {
		reports[e.Name] = leave(t, l, e, plant(t, l, e))
	}
	for _, c := range documentClaims {
		for _, e := range c.excerpts {
			part := e.of(reports[e.experiment])
			if len(part.Columns) != len(e.columns) || len(part.Rows) == 0 {
				t.Errorf("%s: the part of the table of %s has %d columns, want %q, and %d rows", c.words, e.experiment, len(part.Columns), e.columns, len(part.Rows))
			}
		}
	}
	page := func() string {
		t.Helper()
		d, err := NewDocument(tables, lab.Full.Name)
		if err != nil {
			t.Fatal(err)
		}
		return d.Markdown()
	}
	whole := page()
	for _, says := range []string{"Not in the reports", "has not been run", "no report tests it", "Not run at scale", "before scores were kept"} {
		if strings.Contains(whole, says) {
			t.Errorf("of complete reports it says %q", says)
		}
	}
	for _, c := range claims {
		tested := slices.ContainsFunc(documentClaims, func(d documentClaim) bool { return slices.Contains(d.metrics, c.Metric) })
		ways := 0 // in which the claim is measured
		for _, other := range claims {
			if other.Words == c.Words {
				ways++
			}
		}
		if n := strings.Count(whole, "| "+show.Escape(c.Words)+" |"); !tested || n != 2*ways {
			t.Errorf("the claim %q, measured in %d ways, is there %d times, want each way once among all claims and once with its numbers", c.Words, ways, n)
		}
	}
	if err := WriteIndex(tables, l.Setting); err != nil {
		t.Fatal(err)
	}
	says := func() string {
		t.Helper()
		verified, err := Verify(t.Context(), tables, lab.Full.Name)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, v := range verified {
			all = append(all, v.Problems...)
		}
		return strings.Join(all, "\n")
	}
	if said := says(); said != "" {
		t.Errorf("verify says %s", said)
	}
	path := filepath.Join(tables, DocumentName)
	if err := os.WriteFile(path, []byte(strings.Replace(whole, "\n| AE | 2 |", "\n| AE | 3 |", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if said := says(); !strings.Contains(said, DocumentName+": line") {
		t.Errorf("a number was changed, and verify says %q", said)
	}
	for _, name := range []string{Loss, Comparison} {
		if err := os.RemoveAll(l.Folder(name)); err != nil {
			t.Fatal(err)
		}
	}
	part := page()
	for _, says := range []string{"Not run at scale full: comparison, loss.", "no report tests it yet", "The experiment loss has not been run: fashionlatent experiment loss -scale full.", "Not in the reports yet: comparison/manifold."} {
		if !strings.Contains(part, says) {
			t.Errorf("without two reports it does not say %q", says)
		}
	}
}

// A table that the report does not have is a problem, and so is a report whose scores are gone.
func TestVerifyFiles(t *testing.T) {
	l := planLab(t, t.TempDir())
	e, err := Named(Architecture)
	if err != nil {
		t.Fatal(err)
	}
	leave(t, l, e, plant(t, l, e))
	problems := func(want string) {
		t.Helper()
		verified, err := Verify(t.Context(), l.Tables, l.Scale.Name)
		if err != nil || len(verified) != 1 || !strings.Contains(strings.Join(verified[0].Problems, "\n"), want) || len(verified[0].Problems) > 1 || want == "" && len(verified[0].Problems) > 0 {
			t.Errorf("got %+v, %v; want a problem with %q", verified, err, want)
		}
	}
	problems("")
	if err := os.WriteFile(filepath.Join(l.Folder(e.Name), "table-9.csv"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	problems("table-9.csv is not of this report")
	if err := os.Remove(filepath.Join(l.Folder(e.Name), report.ScoresName)); err != nil {
		t.Fatal(err)
	}
	problems(report.ScoresName)
}

// A report whose setting is damaged is a problem, and does not end the verification.
func TestVerifyIncompleteSetting(t *testing.T) {
	l := planLab(t, t.TempDir())
	e, err := Named(Architecture)
	if err != nil {
		t.Fatal(err)
	}
	r := leave(t, l, e, plant(t, l, e))
	r.Setting = json.RawMessage(`{}`)
	if err := r.Rewrite(l.Folder(e.Name)); err != nil {
		t.Fatal(err)
	}
	verified, err := Verify(t.Context(), l.Tables, l.Scale.Name)
	if err != nil || len(verified) != 1 || !strings.Contains(strings.Join(verified[0].Problems, "\n"), "its setting is not complete") {
		t.Errorf("%+v, %v", verified, err)
	}
}

func TestSameScore(t *testing.T) {
	l := planLab(t, t.TempDir())
	e, err := Named(Comparison)
	if err != nil {
		t.Fatal(err)
	}
	rows := plant(t, l, e)
	r := rows[0]
	for _, c := range []struct {
		change func(r *score.Row)
		exact  bool
		says   string
	}{
		{func(*score.Row) {}, true, ""},
		{func(r *score.Row) { r.Value += 1e-12 }, true, "with the same backend, plugin, processor and number of threads"},
		{func(r *score.Row) { r.Value += 1e-12 }, false, ""},
		{func(r *score.Row) { r.Value += 1e3 }, false, "the spread of its 2 seeds allows"},
		{func(r *score.Row) { r.Version++ }, false, "has changed since"},
		{func(r *score.Row) { r.Undefined = "there is one class" }, false, "now it is undefined, because there is one class"},
		{func(r *score.Row) { r.Seed = 7 }, false, "no such row"},
	} {
		again := r
		c.change(&again)
		if got := sameScore(rows, again, c.exact); !strings.Contains(got, c.says) || (c.says == "") != (got == "") {
			t.Errorf("got %q, want %q", got, c.says)
		}
	}
}

// A score may differ as far as its row's seeds do, or those of other rows of its metric. Other metrics, and rows with one seed,
// give it no more room.
func TestReach(t *testing.T) {
	row := func(variant, metric string, values ...float64) (rows score.Rows) {
		for seed, v := range values {
			r := score.Row{Variant: variant, Seed: uint64(seed)}
			r.Metric, r.Value = metric, v
			rows = append(rows, r)
		}
		return rows
	}
	agree := row("agree", "ACC", .69, .691, .689, .69, .69)
	const t4, t8 = 8.610301581, 5.041305433 // quantiles of Student's distribution at .9995, by SciPy's t.ppf
	for _, c := range []struct {
		name   string
		of     score.Rows
		others score.Rows
		want   float64
	}{
		{"alone", agree, nil, t4 * math.Sqrt(2*5e-7)},
		{"another metric", agree, row("vary", "NMI", .6, .7, .6, .7, .6), t4 * math.Sqrt(2*5e-7)},
		{"one seed", agree, row("single", "ACC", .2), t4 * math.Sqrt(2*5e-7)},
		{"another row", agree, row("vary", "ACC", .6, .7, .6, .7, .6), t8 * math.Sqrt(5e-7+.003)},
		{"without spread", row("same", "ACC", .5, .5), agree, math.Inf(1)},
		{"not known", row("single", "ACC", .5), agree, math.Inf(1)},
	} {
		own, all := reach(slices.Concat(c.of, c.others), c.of)
		if got := max(own, all); got != c.want && !(math.Abs(got-c.want) < 1e-8) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// The study's own seeds are what a score from another machine is compared with. Each is compared with another seed of its
// row, by the spread of the rest. As reach promises, about one difference in a thousand is larger.
func TestReachOfPublished(t *testing.T) {
	var n, larger, largerThanOwn int
	for _, e := range All {
		rows, err := report.ReadScores(filepath.Join("..", "results", e.Name))
		if err != nil {
			t.Fatal(err)
		}
		of := map[[2]string]score.Rows{} // by metric and split
		for _, r := range rows {
			of[[2]string{r.Metric, r.Split}] = append(of[[2]string{r.Metric, r.Split}], r)
		}
		for _, rows := range of {
			for i, again := range rows {
				rest := slices.Concat(rows[:i], rows[i+1:])
				row := rest.Of(again.Variant, again.Metric, again.Split)
				own, all := reach(rest, row)
				if again.Undefined != "" || math.IsInf(own, 1) {
					continue
				}
				n++
				values := row.Summary().Values
				d := math.Abs(again.Value - values[i%len(values)])
				if d > own {
					largerThanOwn++
				}
				if d > max(own, all) {
					larger++
				}
			}
		}
	}
	t.Logf("%d of %d differences are larger, and %d by the row's seeds alone", larger, n, largerThanOwn)
	if share := float64(larger) / float64(n); n < 10_000 || share > .002 {
		t.Errorf("%d of %d", larger, n)
	}
}

// Texts are the same if their numbers differ by rounding alone.
func TestSameBut(t *testing.T) {
	for _, c := range []struct {
		have, want string
		same       bool
	}{
		{"ACC,0.8728200000000002,5", "ACC,0.8728199999999999,5", true},
		{"ACC,0.87282", "ACC,0.87283", false},
		{"1.5e-05", "1.5000000000000002e-05", true},
		{"-0.25", "0.25", false},
		{"1.0", "0.9999999999999999", true},
		{"| 0.50 |", "| 0.5 |", false}, // the same number in another form
		{"seed 2, 12345678901 images", "seed 2, 12345678902 images", false},
		{"run ae-d2-0e51", "run ae-d2-0e52", false},
		{"a 0.5", "b 0.5", false},
		{"0.5 0.25", "0.5", false},
		{"nothing", "nothing", true},
	} {
		if got := sameBut(c.have, c.want); got != c.same {
			t.Errorf("%q and %q: %v, want %v", c.have, c.want, got, c.same)
		}
	}
}

// A difference far into a line is said too, though the line is not shown to there.
func TestDifferentLine(t *testing.T) {
	long := strings.Repeat("word ", 60)
	for _, c := range []struct{ have, want, says string }{
		{"a\nb 0.5\n", "a\nb 0.5000000000000001\n", ""},
		{"a\nb\n", "a\nc\n", `line 2 is "b", and scores.csv gives "c"`},
		{"a\n" + long + "x", "a\n" + long + "y", "line 2 differs after its first 200 characters from what scores.csv gives"},
	} {
		if got := differentLine(c.have, c.want); got != c.says {
			t.Errorf("%q, want %q", got, c.says)
		}
	}
}
